"""The pages: thin, one function each; what they ask for stands in `asking`, how it looks in `drawing`."""
