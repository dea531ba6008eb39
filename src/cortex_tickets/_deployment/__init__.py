"""Puts this package into Snowflake: as a zip on a stage, as a stored procedure with a task, as a Streamlit app."""
