"""What only `corrections` uses."""
