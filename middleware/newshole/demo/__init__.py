"""A small fictional newspaper: what `newshole demo` shows, and what the browser tests read."""
