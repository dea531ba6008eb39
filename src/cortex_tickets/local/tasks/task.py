"""A task: what it does, when, and with which settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Name = tuple[str, str, str]
"""Database, schema and name."""

_DEFAULT_TIMEOUT_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Task:
    """A task.

    Attributes:
        name: Its full name.
        body: The one statement that it runs.
        condition: The expression behind WHEN; empty where there is none.
        options: What its CREATE says, names in upper case.
        parameters: Session parameters that it runs with, names in upper case.
    """

    name: Name
    body: str
    condition: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def time_limit(self) -> int:
        """Seconds that a run may take; 0 is no limit."""
        milliseconds = int(self.options.get("USER_TASK_TIMEOUT_MS", _DEFAULT_TIMEOUT_MS))
        return -(-milliseconds // 1000)
