"""The REST API of the pretend org."""
