"""Reads what FINETUNE answers: every documented form, old and new, and what is not documented without breaking.

Snowflake's own Python client breaks on any new field; here a field that is missing or unreadable becomes `None`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cortex_tickets.errors import UnexpectedAnswerError
from cortex_tickets.records.fine_tune_status import FineTuneState, FineTuneStatus

_STATES = {
    "PENDING": FineTuneState.PENDING,
    "IN_PROGRESS": FineTuneState.RUNNING,  # the SQL pages
    "RUNNING": FineTuneState.RUNNING,  # the Python client
    "SUCCESS": FineTuneState.SUCCESS,
    "ERROR": FineTuneState.ERROR,
    "CANCELLED": FineTuneState.CANCELLED,
    "CANCELED": FineTuneState.CANCELLED,  # the spelling of CANCEL's own answer
}


def read_status(payload: object, *, job_id: str | None = None) -> FineTuneStatus:
    """Return DESCRIBE's answer, JSON text or object, as a record.

    Raises:
        UnexpectedAnswerError: If it is no object, or names no job and `job_id` is not given.
    """
    content = _json(payload)
    if not isinstance(content, Mapping):
        raise UnexpectedAnswerError("FINETUNE's DESCRIBE did not answer with an object", answer=payload)
    fields = {str(key).lower(): value for key, value in content.items()}
    found_id = _text(fields.get("id")) or job_id
    if found_id is None:
        raise UnexpectedAnswerError("FINETUNE named no job in its answer", answer=payload)
    return FineTuneStatus(job_id=found_id, **_state(fields), **_facts(fields), **_results(fields))


def read_listing(payload: object) -> list[FineTuneStatus]:
    """Return SHOW's answer as records; entries without an id are left out.

    Raises:
        UnexpectedAnswerError: If it is no array.
    """
    content = _json(payload)
    if content is None:
        return []
    if not isinstance(content, Sequence) or isinstance(content, str):
        raise UnexpectedAnswerError("FINETUNE's SHOW did not answer with an array", answer=payload)
    entries = [_json(entry) for entry in content]
    return [read_status(entry) for entry in entries if isinstance(entry, Mapping) and _has_id(entry)]


def read_job_id(payload: object) -> str:
    """Return the job id that CREATE answered with.

    Raises:
        UnexpectedAnswerError: If there is none; whether a job was made is then unknown.
    """
    found = (_text(payload) or "").strip('"')
    if not found:
        raise UnexpectedAnswerError("FINETUNE's CREATE answered without a job id", answer=payload)
    return found


def _has_id(entry: Mapping[Any, Any]) -> bool:
    return any(str(key).lower() == "id" and _text(value) for key, value in entry.items())


def _state(fields: Mapping[str, Any]) -> dict[str, Any]:
    word = _text(fields.get("status")) or ""
    return {"status": word, "state": _STATES.get(word.upper().replace(" ", "_"), FineTuneState.UNKNOWN)}


def _facts(fields: Mapping[str, Any]) -> dict[str, Any]:
    options = _json(fields.get("options"))
    return {
        "base_model": _text(fields.get("base_model")),
        "training_query": _text(fields.get("training_data")),
        # An empty text says that no validation query was sent, which is not the same as not saying.
        "validation_query": _raw_text(fields.get("validation_data")),
        "options": options if isinstance(options, Mapping) else None,
        "created_at": _moment(fields.get("created_on")),
    }


def _results(fields: Mapping[str, Any]) -> dict[str, Any]:
    progress, tokens = _number(fields.get("progress")), _number(fields.get("trained_tokens"))
    result = _json(fields.get("training_result"))
    return {
        "progress": None if progress is None else min(1.0, max(0.0, progress)),
        "model": _text(fields.get("model")),
        "finished_at": _moment(fields.get("finished_on")),
        "trained_tokens": None if tokens is None else int(tokens),
        "training_loss": _last_loss(result, "training_loss"),
        "validation_loss": _last_loss(result, "validation_loss"),
        "error": _error(fields.get("error")),
    }


def _last_loss(result: object, key: str) -> float | None:
    """Return the loss at the end: the SQL pages show one object, the Python client types it as a list of them."""
    steps = result if isinstance(result, list) else [result]
    losses = [_number(step.get(key)) for step in steps if isinstance(step, Mapping)]
    return next((loss for loss in reversed(losses) if loss is not None), None)


def _error(value: object) -> str | Mapping[str, Any] | None:
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items()} or None
    if value is None or isinstance(value, str):
        return _text(value)
    return json.dumps(value, default=str)


def _json(value: object) -> object:
    """Return what the JSON text says; anything that is no JSON text stays as it is."""
    if not isinstance(value, str):
        return value
    try:
        found = json.loads(value)
    except ValueError:
        return value
    # A VARIANT that holds a text of JSON arrives as text of a text.
    return _json(found) if isinstance(found, str) and found != value else found


def _raw_text(value: object) -> str | None:
    return value.strip() if isinstance(value, str) else None


def _text(value: object) -> str | None:
    return _raw_text(value) or None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _moment(value: object) -> datetime | None:
    """Return milliseconds since 1970 as a UTC moment."""
    milliseconds = _number(value)
    if milliseconds is None:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000.0, UTC)
    except (ValueError, OverflowError, OSError):
        return None
