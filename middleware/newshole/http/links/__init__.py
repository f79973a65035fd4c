"""Signed links by which one reader sees what others do not: an arm of an experiment, the overlay."""
