"""Checks an answer with the caller's own Pydantic model; what is wrong is told without the value."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError

Found = TypeVar("Found", bound=BaseModel)

NO_OBJECT = "the answer is no JSON object, or was cut off"


def validated(record: type[Found], value: str | None) -> tuple[Found | None, tuple[str, ...]]:
    """Return the record that the JSON text is, or `None` and what speaks against it, one sentence for each field.

    The messages of the model's own checks stand among them as they were written.
    """
    if value is None:
        return None, (NO_OBJECT,)
    try:
        return record.model_validate_json(value), ()
    except ValidationError as error:
        return None, tuple(_problems(error))
    except Exception as error:  # noqa: BLE001  whatever the caller's own code raises, what was paid for is kept
        return None, (f"a check of {record.__name__} itself failed with {type(error).__name__}",)


def _problems(error: ValidationError) -> list[str]:
    found = error.errors(include_input=False, include_context=False, include_url=False)
    return [
        ": ".join([_place(problem["loc"]), problem["msg"].removeprefix("Value error, ")])
        if problem["loc"]
        else problem["msg"].removeprefix("Value error, ")
        for problem in found
    ]


def _place(loc: tuple[int | str, ...]) -> str:
    return ".".join(map(str, loc))
