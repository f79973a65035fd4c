"""What is published or switched: before, while and after it is."""
