"""What exists: leads, partners, decisions, assignments, commands, as frozen values."""
