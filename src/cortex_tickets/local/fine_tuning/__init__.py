"""Fine-tuning on the embedded engine: a linear text model learnt from pairs of prompt and completion."""
