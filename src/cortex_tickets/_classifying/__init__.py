"""What only `ticket_classifier` uses."""
