"""Experiments: what runs, what an arm changes on a page, and starting and stopping them."""
