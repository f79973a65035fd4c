"""Reading pages and splicing into them."""
