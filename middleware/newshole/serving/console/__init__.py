"""The console as `newshole serve` runs it: its settings, its place, its process."""
