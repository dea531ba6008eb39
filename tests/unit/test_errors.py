"""The error tree: complete, documented, never silent."""

import inspect
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from cortex_tickets import errors
from cortex_tickets.errors import CortexTicketsError, InvalidInputError, PromptMismatchError

ALL = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, CortexTicketsError)]

SINCE = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
MADE: dict[str, Callable[[], CortexTicketsError]] = {
    "PromptMismatchError": lambda: PromptMismatchError(model="m", expected="a" * 64, given="b" * 64),
    "MissingExtraError": lambda: errors.MissingExtraError("local"),
    "IncompleteRunError": lambda: errors.IncompleteRunError(run_id="r", n_left=3, reason="the budget"),
    "LedgerInUseError": lambda: errors.LedgerInUseError(into="DB.S.L", holder="r", since=SINCE, until=SINCE),
    "RequirementError": lambda: errors.RequirementError(["accuracy of student: 0.8 < 0.9"]),
    "NotCertifiedError": lambda: errors.NotCertifiedError(
        "not proved", n=400, n_errors=16, n_allowed=12, n_needed=1_169, target_possible=0.939
    ),
    "UnexpectedAnswerError": lambda: errors.UnexpectedAnswerError("no id came", answer={"x": 1}),
    "FineTuneFailedError": lambda: errors.FineTuneFailedError("it failed", job_id="ft_1", detail=None),
}


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_error_stands_in_the_drawing_has_a_docstring_and_says_something(kind: type[CortexTicketsError]) -> None:
    assert kind.__name__ in (errors.__doc__ or "")
    assert kind.__doc__
    made = MADE[kind.__name__]() if kind.__name__ in MADE else kind("something was wrong")
    assert str(made).strip()


def test_the_drawing_shows_the_real_parents() -> None:
    # The drawing indents a child below its parent by four columns.
    drawing = [line for line in (errors.__doc__ or "").splitlines() if "─ " in line or line == "CortexTicketsError"]
    path: list[str] = []
    for line in drawing:
        name = line.split("─ ")[-1].split()[0]
        depth = (len(line) - len(line.split("─ ")[-1]) + 1) // 4 if "─ " in line else 0
        path = [*path[:depth], name]
        if depth:
            assert getattr(errors, path[-2]) in getattr(errors, name).__mro__


def test_an_input_error_lists_every_problem_and_survives_pickling() -> None:
    error = InvalidInputError(["first", "second"])
    assert str(error) == "2 problems:\n- first\n- second"
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  our own bytes
    assert again.problems == ("first", "second")


def test_a_prompt_mismatch_survives_pickling() -> None:
    error = PromptMismatchError(model="m", expected="a" * 64, given="b" * 64)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  our own bytes
    assert (again.model, again.expected, str(again)) == ("m", "a" * 64, str(error))


def test_a_ledger_in_use_says_by_whom_since_when_and_until_when_and_survives_pickling() -> None:
    error = errors.LedgerInUseError(into="DB.S.L", holder="r7", since=SINCE, until=SINCE + timedelta(hours=1))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  our own bytes
    assert (again.holder, again.since, str(again)) == ("r7", SINCE, str(error))
    assert "run r7 since 2026-11-23 02:30:00 UTC" in str(error)
    assert "until 2026-11-23 03:30:00 UTC" in str(error)
    unknown = errors.LedgerInUseError(into="DB.S.L", holder=None, since=None, until=None)
    assert "other runs, one after the other" in str(unknown)
    assert "None" not in str(unknown)


def test_a_cortex_error_tells_code_and_query() -> None:
    error = errors.TransientCortexError("too many requests", query_id="01ab", code=100351, statement="SELECT 1")
    assert "code 100351" in str(error)
    assert "query 01ab" in str(error)
    assert "SELECT" not in str(error)
