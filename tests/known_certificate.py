"""A certificate with what a test says about it."""

from datetime import UTC, datetime
from typing import Any

from cortex_tickets.records.certificate import Certificate

STUDENT, TEACHER = "snowflake-arctic-embed-l-v2.0", "claude-sonnet-4-6"


def certificate(**changes: Any) -> Certificate:
    made: dict[str, Any] = {
        "reference": "gold",
        "target": 0.95,
        "delta": 0.05,
        "level": 0.05,
        "attempt": 1,
        "n_attempts": 1,
        "n_of_pair": 1,
        "n_refused": 0,
        "attempts_table": "DB.S.CASCADE_CERTIFICATES",
        "unit": "ticket",
        "n": 400,
        "n_texts": 390,
        "n_groups": 371,
        "n_errors": 12,
        "n_student_failed": 0,
        "n_teacher_failed": 0,
        "bound": 0.951846,
        "threshold": 0.519989341,
        "share_escalated": 0.17,
        "credits_per_1000": 0.4321,
        "teacher_credits_per_1000": 2.5,
        "student": STUDENT,
        "teacher": TEACHER,
        "student_hash": "a" * 64,
        "teacher_hash": "b" * 64,
        "sample_hash": "c" * 64,
        "training_set_id": "d" * 64,
        "tickets": "NEW_TICKETS",
        "gold_table": "TICKET_GOLD",
        "n_population": 12_000,
        "window_from": datetime(2026, 9, 1, tzinfo=UTC),
        "window_until": datetime(2026, 10, 31, tzinfo=UTC),
        "certified_at": datetime(2026, 11, 25, 14, 30, tzinfo=UTC),
        "content_hash": "e" * 64,
    }
    return Certificate(**{**made, **changes})
