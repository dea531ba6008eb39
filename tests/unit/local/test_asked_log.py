"""The log of what was asked: bounded in memory, whole on disk, and found again after an engine was killed."""

import datetime as dt
from pathlib import Path

import pytest

from cortex_tickets.local import asked_log
from cortex_tickets.local.asked_log import REMOVED, TABLE, AskedLog
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
def test_what_was_removed_is_told(caplog: pytest.LogCaptureFixture) -> None:
    instance = Instance(None)
    log = AskedLog(instance)
    for first in range(0, 1_000, 10):
        ask(log, first)
    there = instance.root.execute(f"SELECT COUNT(*) FROM {TABLE}").fetchone()
    removed = instance.root.execute(f"SELECT SUM(N_ROWS), MIN(NEWEST - OLDEST) FROM {REMOVED}").fetchone()
    assert there is not None
    assert removed is not None
    assert removed[0] + there[0] == 1_000
    assert removed[1] >= dt.timedelta(0)
    assert "its oldest half was removed" in caplog.text
    instance.close()


@pytest.mark.usefixtures("bound")
def test_an_engine_with_a_path_keeps_all(tmp_path: Path) -> None:
    for run in range(3):
        instance = Instance(tmp_path)
        log = AskedLog(instance)
        for first in range(0, 80, 10):
            ask(log, 1_000 * run + first)
        log.close()
        instance.close()
    instance = Instance(tmp_path)
    assert instance.root.execute(f"SELECT COUNT(*) FROM {TABLE}").fetchone() == (240,)
    assert instance.root.execute(f"SELECT COUNT(*) FROM {REMOVED}").fetchone() == (0,)
    instance.close()


def left_behind(tmp_path: Path, *, write_out: bool = False) -> None:
    """An engine that asks three blocks, of which one is never answered, and is gone."""
    instance = Instance(tmp_path)
    log = AskedLog(instance)
    log.begin(Asker(), function="AI_COMPLETE", model="m", texts=["never answered"], input_tokens=[2])
    for text in ("one", "two"):
        log.add(Asker(), function="AI_COMPLETE", model="m", texts=[text], input_tokens=[1], output_tokens=[5])
        if write_out:
            log.write_out()
    instance.root.close()


def found(tmp_path: Path) -> list[tuple[str, int, int]]:
    instance = Instance(tmp_path)
    AskedLog(instance)
    rows = instance.root.execute(f"SELECT TEXT, INPUT_TOKENS, OUTPUT_TOKENS FROM {TABLE} ORDER BY 1").fetchall()
    instance.close()
    return [(str(row[0]), int(row[1]), int(row[2])) for row in rows]


@pytest.mark.parametrize("write_out", [False, True])
def test_what_an_engine_left_is_found_once_and_what_came_of_it(tmp_path: Path, write_out: bool) -> None:  # noqa: FBT001 - a parameter of the test
    left_behind(tmp_path, write_out=write_out)
    asked = [("never answered", 2, 0), ("one", 1, 5), ("two", 1, 5)]
    assert found(tmp_path) == asked
    assert found(tmp_path) == asked
    assert len(list(tmp_path.glob("asked-*.arrows"))) == 1


def test_a_block_that_was_cut_is_left_out(tmp_path: Path) -> None:
    left_behind(tmp_path)
    (journal,) = tmp_path.glob("asked-*.arrows")
    whole = journal.read_bytes()
    journal.write_bytes(whole[: len(whole) - 200])
    assert ("one", 1, 5) in found(tmp_path)


def test_a_file_that_is_no_journal_stops_nobody(tmp_path: Path) -> None:
    Instance(tmp_path).close()
    (tmp_path / "asked-000000000009.arrows").write_bytes(b"something else")
    assert found(tmp_path) == []
