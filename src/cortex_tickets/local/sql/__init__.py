"""Snowflake's SQL on DuckDB: parsing, rewriting, running; nothing here knows HTTP or a Cortex function."""
