"""What rules that nobody sees yet would do to the pages of the live site."""
