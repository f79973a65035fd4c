"""How the workers are, of what they say of themselves."""
