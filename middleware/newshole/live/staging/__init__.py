"""A version in stages: which pages it serves, what becomes of them, and what follows by itself."""
