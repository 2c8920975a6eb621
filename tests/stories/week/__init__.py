"""A week in the life of a programme, and its numbers recomputed from the CRMs alone."""
