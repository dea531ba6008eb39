"""What only `ticket_insights` uses."""
