"""The two kinds of record: what the user builds, and what Snowflake sends."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from cortex_tickets.errors import InvalidInputError


class Record(BaseModel):
    """A frozen record that the user builds; it refuses unknown fields.

    Raises:
        InvalidInputError: On construction, listing every field that is wrong.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    def __init__(self, /, **data: Any) -> None:
        try:
            super().__init__(**data)
        except ValidationError as error:
            raise InvalidInputError(_problems(type(self).__name__, error)) from None


class Received(BaseModel):
    """A frozen record of what Snowflake sent; it ignores fields that are new to us."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)


def _problems(name: str, error: ValidationError) -> list[str]:
    # The value itself is left out: it may be a ticket's text.
    return [
        f"{'.'.join([name, *map(str, problem['loc'])])}: {problem['msg'].removeprefix('Value error, ')}"
        for problem in error.errors(include_input=False, include_url=False)
    ]
