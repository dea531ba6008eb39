"""The Cortex functions, one file each, and how a call of one becomes rows answered."""
