"""Changes to the parsed statement, one idea per file, made before fakesnow's own."""
