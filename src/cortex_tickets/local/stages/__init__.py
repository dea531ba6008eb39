"""Stages and files: PUT, GET, LIST, REMOVE, file formats, COPY INTO, and queries over staged files."""
