"""Snowflake Scripting: blocks of statements with variables, IF and exception handlers, read and run."""
