"""What the console makes of what workers, logs and caches tell, ready to be shown."""
