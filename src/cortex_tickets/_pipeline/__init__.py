"""What only `pipeline_export` uses."""
