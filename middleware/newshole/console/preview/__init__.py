"""Pages of the site as a reader would get them, with what decided them."""
