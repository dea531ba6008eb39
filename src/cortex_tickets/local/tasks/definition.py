"""Reads CREATE TASK by its documented grammar, and refuses what that refuses.

Source:
    docs.snowflake.com/en/sql-reference/sql/create-task and /user-guide/tasks-triggered, read 2026-11-25.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from snowflake.connector.errors import ProgrammingError

from cortex_tickets.local.scripting.tokens import Token, tokens
from cortex_tickets.local.stages.names import full_name
from cortex_tickets.local.stages.words import unexpected, unquoted
from cortex_tickets.local.tasks.task import Task

_RANGES = {
    "USER_TASK_TIMEOUT_MS": (0, 604_800_000),
    "SUSPEND_TASK_AFTER_NUM_FAILURES": (0, None),
    "TASK_AUTO_RETRY_ATTEMPTS": (0, 30),
    "USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS": (10, 604_800),
}
_TEXTS = frozenset(
    {"CONFIG", "COMMENT", "ERROR_INTEGRATION", "LOG_LEVEL", "OVERLAP_POLICY", "SCHEDULE", "SUCCESS_INTEGRATION",
     "SERVERLESS_TASK_MAX_STATEMENT_SIZE", "SERVERLESS_TASK_MIN_STATEMENT_SIZE", "TARGET_COMPLETION_INTERVAL",
     "USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE", "WAREHOUSE"}
)  # fmt: skip
_PARAMETERS = frozenset(
    {"QUERY_TAG", "STATEMENT_TIMEOUT_IN_SECONDS", "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS", "TIMEZONE"}
)
"""Session parameters that the engine knows."""
_OVERLAPS = frozenset({"NO_OVERLAP", "ALLOW_CHILD_OVERLAP", "ALLOW_ALL_OVERLAP"})
_INTERVAL = re.compile(r"(\d+) *(H|HOURS?|M|MINUTES?|S|SECONDS?)", re.IGNORECASE)
_MOST = {"H": 24, "M": 1440, "S": 86_400}
_FEWEST_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Definition:
    """What a CREATE TASK says."""

    task: Task
    replaces: bool
    exists_is_fine: bool


def read_definition(sql: str, database: str | None, schema: str | None) -> Definition:
    """What a CREATE TASK says.

    Raises:
        ProgrammingError: 001003 for what cannot be read, 001008 for a value that is not allowed.
        NotImplementedError: For task graphs, tags and users, which the engine has not.
    """
    reader = _Reader(sql)
    reader.expect("CREATE")
    replaces = reader.accept("OR", "REPLACE")
    reader.expect("TASK")
    exists_is_fine = reader.accept("IF", "NOT", "EXISTS")
    if replaces and exists_is_fine:
        raise unexpected("IF")
    name = full_name(reader.name(), database, schema)
    options: dict[str, str] = {}
    parameters: dict[str, str] = {}
    while reader.peek() not in {"WHEN", "AS", ""}:
        key, value = reader.option()
        if key in options or key in parameters:
            raise unexpected(key)
        (parameters if key in _PARAMETERS else options)[key] = value
    condition = reader.to("AS") if reader.accept("WHEN") else ""
    reader.expect("AS")
    body = reader.rest()
    if not body:
        raise unexpected("<EOF>")
    _check(options, condition)
    return Definition(Task(name, body, condition, options, parameters), replaces, exists_is_fine)


class _Reader:
    def __init__(self, sql: str) -> None:
        self._sql = sql
        self._tokens = list(tokens(sql))
        self._next = 0

    def peek(self, ahead: int = 0) -> str:
        place = self._next + ahead
        return self._tokens[place].text if place < len(self._tokens) else ""

    def accept(self, *words: str) -> bool:
        if [self.peek(i) for i in range(len(words))] != list(words):
            return False
        self._next += len(words)
        return True

    def expect(self, word: str) -> None:
        if not self.accept(word):
            raise unexpected(self.peek() or "<EOF>")

    def name(self) -> str:
        start = self._take()
        end = start
        while self.accept("."):
            end = self._take()
        return self._sql[start.start : end.end]

    def option(self) -> tuple[str, str]:
        """One `KEY = value`."""
        key = self._take().text
        if key in {"WITH", "TAG", "AFTER", "FINALIZE", "EXECUTE"}:
            raise NotImplementedError(f"a task with {key}")
        if key not in _TEXTS | _PARAMETERS | set(_RANGES):
            raise unexpected(key)
        self.expect("=")
        value = self._take()
        self.accept(",")
        text = self._sql[value.start : value.end]
        if text.startswith("'"):
            return key, unquoted(text)
        return key, text[2:-2] if text.startswith("$$") else text

    def to(self, end: str) -> str:
        """The text up to the word `end`, which is then next."""
        start = self._tokens[self._next].start if self.peek() else len(self._sql)
        while self.peek() != end:
            self._take()
        text = self._sql[start : self._tokens[self._next].start].strip()
        if not text:
            raise unexpected(end)
        return text

    def rest(self) -> str:
        """What is left, without the semicolon of the whole; that of a block is its own."""
        if not self.peek():
            return ""
        text = self._sql[self._tokens[self._next].start :].strip()
        is_block = self.peek() in {"BEGIN", "DECLARE"}
        return text if is_block else text.rstrip("; \n\t")

    def _take(self) -> Token:
        if not self.peek():
            raise unexpected("<EOF>")
        self._next += 1
        return self._tokens[self._next - 1]


def _check(options: Mapping[str, str], condition: str) -> None:
    for key, (least, most) in _RANGES.items():
        value = options.get(key)
        if value is not None and not (value.isdigit() and int(value) >= least and (most is None or int(value) <= most)):
            raise _invalid(key, value)
    overlap = options.get("OVERLAP_POLICY", "NO_OVERLAP")
    if overlap.upper() not in _OVERLAPS:
        raise _invalid("OVERLAP_POLICY", overlap)
    has_warehouse = "WAREHOUSE" in options
    serverless = {"USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE", "TARGET_COMPLETION_INTERVAL"} & set(options)
    if has_warehouse and serverless:
        raise _invalid(min(serverless), f"beside WAREHOUSE = {options['WAREHOUSE']}")
    interval = options.get("TARGET_COMPLETION_INTERVAL")
    if interval is not None and not _is_interval(interval):
        raise _invalid("TARGET_COMPLETION_INTERVAL", interval)
    if condition and not has_warehouse and interval is None and "SCHEDULE" not in options:
        raise ProgrammingError(
            msg="SQL compilation error:\nA serverless triggered task needs TARGET_COMPLETION_INTERVAL.",
            errno=1008,
            sqlstate="22023",
        )


def _is_interval(text: str) -> bool:
    found = _INTERVAL.fullmatch(text.strip())
    if found is None:
        return False
    number, unit = int(found[1]), found[2][0].upper()
    return (_FEWEST_SECONDS if unit == "S" else 1) <= number <= _MOST[unit]


def _invalid(key: str, value: str) -> ProgrammingError:
    return ProgrammingError(
        msg=f"SQL compilation error:\ninvalid value [{value}] for parameter '{key}'", errno=1008, sqlstate="22023"
    )
