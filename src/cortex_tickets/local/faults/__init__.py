"""The bad day, rehearsed: which faults, when, and where in the engine they strike; no fault happens by itself."""
