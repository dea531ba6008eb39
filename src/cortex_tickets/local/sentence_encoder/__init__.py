"""A sentence encoder on this machine, in a folder that CORTEX_TICKETS_ENCODER names: AI_EMBED's vectors are its."""
