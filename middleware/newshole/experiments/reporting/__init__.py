"""A readout as people and programs get it: in words and tables, in pictures, as a page, as data."""
