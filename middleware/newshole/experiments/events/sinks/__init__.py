"""Where rows are kept for good, and asked."""
