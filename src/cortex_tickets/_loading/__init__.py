"""From a CSV file to a table; only `ticket_loading` uses it."""
