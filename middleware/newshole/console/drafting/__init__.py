"""Rules that somebody is writing: drafts, what is wrong in them, and two people's made one."""
