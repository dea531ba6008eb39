"""Snowflake's wire protocol on localhost: logins, statements, results; nothing here reads SQL."""
