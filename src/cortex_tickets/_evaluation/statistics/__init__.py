"""Pure functions on counts: no session, no record, no NumPy."""
