"""The only code that knows Snowflake: statements, answers, failures, retries, models, prices."""
