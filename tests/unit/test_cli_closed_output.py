"""Standard output whose reader has closed it, of a command that goes on."""

import io
import os
import sys
from pathlib import Path

import pytest

from cortex_tickets.cli.closed_output import drop_output, output_dropped_when_closed


def test_what_is_printed_is_read_until_the_reader_closes_and_is_dropped_then(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "w", encoding="utf-8") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        with output_dropped_when_closed():
            sys.stdout.write("réad\n")
            assert os.read(reader, 100) == "réad\n".encode()
            os.close(reader)
            for _ in range(2):
                sys.stdout.write("dropped\n")
        assert sys.stdout is stdout
        stdout.write("and so is what is printed after it\n")


def test_an_output_in_memory_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = io.StringIO()
    monkeypatch.setattr(sys, "stdout", memory)
    with output_dropped_when_closed():
        sys.stdout.write("kept")
    assert memory.getvalue() == "kept"


def test_what_cannot_be_written_is_dropped_and_the_next_is_tried(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "log"
    with path.open("w", encoding="utf-8") as stdout, path.open(encoding="utf-8") as read_only:
        monkeypatch.setattr(sys, "stdout", stdout)
        kept = os.dup(stdout.fileno())
        with output_dropped_when_closed():
            os.dup2(read_only.fileno(), stdout.fileno())
            sys.stdout.write("lost\n")
            os.dup2(kept, stdout.fileno())
            sys.stdout.write("there\n")
        os.close(kept)
    assert path.read_text(encoding="utf-8") == "there\n"


def test_a_command_that_has_no_output_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with output_dropped_when_closed():
        print("nowhere")  # noqa: T201  what is printed is what is tested
    assert sys.stdout is None


def test_a_reader_who_has_closed_before_is_told_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    stdout = os.fdopen(writer, "w", encoding="utf-8")
    stdout.write("already buffered")
    monkeypatch.setattr(sys, "stdout", stdout)
    with pytest.raises(BrokenPipeError), output_dropped_when_closed():
        pytest.fail("it began")
    os.dup2(os.open(os.devnull, os.O_WRONLY), writer)
    stdout.close()


def test_standard_output_is_dropped(tmp_path: Path) -> None:
    kept = os.dup(1)
    try:
        drop_output()
        assert os.fstat(1).st_rdev == tmp_path.joinpath(os.devnull).stat().st_rdev
    finally:
        os.dup2(kept, 1)
        os.close(kept)
