"""Deal registration: complete, eligible, first, and for how long."""
