"""Stand-ins for language models on the embedded engine: lexical and extractive, seeing only the prompt."""
