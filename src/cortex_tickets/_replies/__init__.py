"""From a ticket to a checked reply; only `response_generator` uses it."""
