"""Who may come in: signing in and out, sessions, and what is believed of a request."""
