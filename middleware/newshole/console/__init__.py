"""The console: where a newsroom's people see what is placed and why, tune it, publish it, and stop it."""
