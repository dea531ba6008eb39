"""Which of several certificates a cascade is loaded with."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from cortex_tickets._cascading.members import Member
from cortex_tickets._cascading.sealing import seal_problems
from cortex_tickets.errors import CertificateMismatchError, InvalidInputError
from cortex_tickets.records.certificate import Certificate


def stored_certificate(row: Mapping[str, Any]) -> Certificate:
    """Return the certificate that stands in a row.

    Raises:
        CertificateMismatchError: If it is not as it was written.
    """
    certificate = Certificate.model_validate(json.loads(row["RESULT"]))
    if problems := seal_problems(certificate, row):
        raise CertificateMismatchError(problems)
    return certificate


def chosen_certificate(
    rows: Sequence[Mapping[str, Any]], members: tuple[Member, Member], table: str, wanted: Mapping[str, object]
) -> Certificate:
    """Return the newest of the certificates that say what is wanted.

    Args:
        rows: All of this student and teacher, the newest first.
        members: Student and teacher.
        table: Its name, for messages.
        wanted: Target, delta and reference; `None` for one that does not matter.

    Raises:
        CertificateMismatchError: If there is none, or it is not as it was written.
        InvalidInputError: If several differ in what was not asked for.
    """
    student, teacher = members
    if not rows:
        raise CertificateMismatchError(
            f"{table} has no certificate of the student {student.model} ({student.classifier_hash[:12]}) with the "
            f"teacher {teacher.model} ({teacher.classifier_hash[:12]}): another prompt, label, head or model is "
            "another cascade. Certify this one."
        )
    asked = {name: value for name, value in wanted.items() if value is not None}
    fitting = [row for row in rows if all(_is_same(row[name.upper()], value) for name, value in asked.items())]
    if not fitting:
        raise CertificateMismatchError(
            f"{table} has no certificate of these two with {_told(asked)}. There are: {_listed(rows)}."
        )
    if len({_said(row) for row in fitting}) > 1:
        raise InvalidInputError(
            f"{table} has several certificates of these two, which do not say the same: {_listed(fitting)}. Say which "
            "one is meant, with target=, delta= or reference=: the newest need not be the strongest."
        )
    return stored_certificate(fitting[0])


def wanted_problems(wanted: Mapping[str, object]) -> list[str]:
    """Return what is wrong with what is wanted."""
    problems = [
        f"{name}={wanted[name]!r} must be a number between 0 and 1, both excluded, or None."
        for name in ("target", "delta")
        if wanted[name] is not None and not _is_share(wanted[name])
    ]
    if wanted["reference"] not in {None, "gold", "teacher"}:
        problems.append(f"reference={wanted['reference']!r} must be 'gold', 'teacher' or None.")
    return problems


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1


def _is_same(stored: Any, value: object) -> bool:
    return math.isclose(stored, value) if isinstance(value, float) else bool(stored == value)


def _said(row: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    return row["TARGET"], row["DELTA"], row["REFERENCE"]


def _told(said: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in said.items())


def _listed(rows: Sequence[Mapping[str, Any]]) -> str:
    names = ("target", "delta", "reference")
    return "; ".join(dict.fromkeys(_told(dict(zip(names, _said(row), strict=True))) for row in rows))
