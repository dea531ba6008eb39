"""What only the classifiers use: `ticket_classifier` and the students."""
