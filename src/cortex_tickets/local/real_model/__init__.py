"""A real model behind the embedded engine: any server that speaks OpenAI's chat completions."""
