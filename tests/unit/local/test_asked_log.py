"""The log of what was asked holds the newest texts and never more than its bound, over restarts too."""

from pathlib import Path

import pytest

from cortex_tickets.local import asked_log
from cortex_tickets.local.asked_log import TABLE, AskedLog
from cortex_tickets.local.functions.signature import Asker
from cortex_tickets.local.sql.instance import Instance

BOUND = 20_000


def ask(log: AskedLog, first: int, n_texts: int = 10) -> None:
    texts = [f"{number:06d} {'x' * 100}" for number in range(first, first + n_texts)]
    ones = [1] * n_texts
    log.add(Asker(), function="AI_COMPLETE", model="m", texts=texts, input_tokens=ones, output_tokens=ones)
    log.write_out()


def kept(instance: Instance) -> tuple[int, int]:
    """How many letters are there, and the number of the newest text."""
    row = instance.root.execute(f"SELECT SUM(LENGTH(TEXT)), MAX(TEXT[:6]) FROM {TABLE}").fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


@pytest.fixture
def bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked_log, "_MOST_KEPT_BYTES", BOUND)


@pytest.mark.usefixtures("bound")
def test_the_oldest_texts_go_when_the_bound_is_passed() -> None:
    instance = Instance(None)
    log = AskedLog(instance)
    for first in range(0, 1_000, 10):
        ask(log, first)
        letters, newest = kept(instance)
        assert newest == first + 9
        assert letters <= BOUND
    instance.close()


@pytest.mark.usefixtures("bound")
def test_a_restart_does_not_begin_to_count_anew(tmp_path: Path) -> None:
    for run in range(10):
        instance = Instance(tmp_path)
        log = AskedLog(instance)
        for first in range(0, 80, 10):
            ask(log, 1_000 * run + first)
        letters, newest = kept(instance)
        assert newest == 1_000 * run + 79
        assert letters <= BOUND
        instance.close()
