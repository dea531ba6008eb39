"""Tasks: kept as they were made, and run when EXECUTE TASK says so. The engine starts none by itself."""
