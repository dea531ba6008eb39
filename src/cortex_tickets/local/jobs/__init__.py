"""Fine-tune jobs of the engine: their rows, their threads, the models they leave."""
