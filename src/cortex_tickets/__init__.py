"""Support tickets to labels, a training set, a fine-tuned model, a measured comparison and replies."""
