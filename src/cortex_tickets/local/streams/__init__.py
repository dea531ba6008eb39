"""Streams on tables: what has changed since an offset, which moves when the changes are used in DML."""
