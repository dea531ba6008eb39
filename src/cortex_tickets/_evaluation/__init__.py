"""How models are measured side by side: statistics, the baseline, the verdict, the report."""
