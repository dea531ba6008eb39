"""What the engine says of its account: roles, grants, account parameters, and plans of statements."""
