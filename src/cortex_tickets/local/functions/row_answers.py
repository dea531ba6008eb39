"""Answers and errors of rows, and the forms in which the functions give them back."""

from __future__ import annotations

from collections.abc import Sequence
from json.encoder import encode_basestring

as_json_text = encode_basestring
"""A text as JSON, other alphabets kept as they are."""


def with_error_details(values: Sequence[str | None], errors: Sequence[str | None]) -> list[str]:
    """`{"value": .., "error": ..}` for each row.

    Args:
        values: JSON of each value; `None` is no value.
        errors: Text of each error; `None` is no error.
    """
    return [
        f'{{"value":{"null" if value is None else value},"error":{"null" if error is None else as_json_text(error)}}}'
        for value, error in zip(values, errors, strict=True)
    ]
