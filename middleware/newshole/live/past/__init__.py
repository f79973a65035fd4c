"""What readers got: the journal that workers write, and what is told of it later."""
