"""Whether a certificate is as `certify` wrote it: its content's hash, and what its figures say of each other.

That finds what was edited, by hand or by an UPDATE. Whoever recomputes the hash as well can write what they like, as
whoever may write a table can: who may, is what grants are for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cortex_tickets._cascading.thresholds import THRESHOLDS
from cortex_tickets.binomial import upper_bound
from cortex_tickets.records.certificate import Certificate

_ROUNDING = 1e-9
_COLUMNS: Mapping[str, str] = {
    "N_ATTEMPTS": "n_attempts",
    "STUDENT_HASH": "student_hash",
    "TEACHER_HASH": "teacher_hash",
    "REFERENCE": "reference",
    "TARGET": "target",
    "DELTA": "delta",
    "LEVEL": "level",
    "SAMPLE_HASH": "sample_hash",
    "CONTENT_HASH": "content_hash",
}
"""Columns of the certificates table that say what the certificate says, too."""


def content_hash(certificate: Certificate) -> str:
    """Return the SHA-256, in hexadecimal, of all that the certificate says."""
    content = certificate.model_dump(mode="json", exclude={"content_hash"})
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def sealed(certificate: Certificate) -> Certificate:
    """Return the certificate with the hash of its content."""
    return certificate.model_copy(update={"content_hash": content_hash(certificate)})


def seal_problems(certificate: Certificate, row: Mapping[str, Any] | None = None) -> list[str]:
    """Return why the certificate is not the one that was written; nothing if it is.

    Args:
        certificate: What is about to be used.
        row: The table's row that it was read from; `None` for one that was given.
    """
    fields = _contradictions(certificate)
    fields += [
        name
        for column, name in _COLUMNS.items()
        if row is not None and row[column] != getattr(certificate, name) and name not in fields
    ]
    if not fields and certificate.content_hash == content_hash(certificate):
        return []
    which = f" ({', '.join(fields)})" if fields else ""
    return [
        (
            f"The certificate of {certificate.certified_at:%Y-%m-%d} is not as it was written: what it says{which} "
            "does not agree with its hash or with itself. It was changed after it was certified, or is none of "
            "certify's. Certify again, or load the certificate from its table."
        )
    ]


def _contradictions(certificate: Certificate) -> list[str]:
    """Return the fields that cannot be as they are, given the others."""
    is_level = 0 < certificate.level <= certificate.delta / max(certificate.n_attempts, 1) * (1 + _ROUNDING) < 1
    counts = 0 <= certificate.n_errors < certificate.n
    checks = {
        "delta": is_level,
        "n_errors": counts,
        "bound": not (is_level and counts)
        or abs(certificate.bound - 1 + upper_bound(certificate.n_errors, certificate.n, certificate.level)) < _ROUNDING,
        "target": 0 < certificate.target <= certificate.bound + _ROUNDING,
        "threshold": certificate.threshold in THRESHOLDS,
    }
    return [name for name, is_so in checks.items() if not is_so]
