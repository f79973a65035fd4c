"""Rules in production: published, watched, swapped while pages are served, and switched off at once."""
