"""A page that stands alone: no script, no outside resource, every value escaped."""
