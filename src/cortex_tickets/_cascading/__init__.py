"""What only `cascade` uses."""
