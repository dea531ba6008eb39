"""The progress line: written over on a terminal, few plain lines elsewhere."""

import io
from typing import Any

import pytest

from cortex_tickets.progress import ProgressBar, duration, run_listener
from cortex_tickets.records.run_progress import RunProgress
from cortex_tickets.testing import FakeClock


def progress(n_done: int, n_all: int, **figures: Any) -> RunProgress:
    nothing = {"n_errors": 0, "input_tokens": 0, "output_tokens": 0, "ai_credits": None, "seconds": 0.0}
    rates = {"texts_per_second": None, "seconds_left": None}
    told = {"run_id": "r", "operation": "classify", "model": "m", "n_done": n_done, "n_all": n_all}
    return RunProgress(**{**told, **nothing, **rates, **figures})


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_share_status_figures_and_times_on_one_line() -> None:
    stream, clock = Terminal(), FakeClock()
    bar = ProgressBar("fine-tuning", clock=clock, stream=stream)
    clock.sleep(30)
    bar.show(0.25, note="RUNNING", detail="1 of 4")
    assert stream.getvalue() == "\rfine-tuning  [######------------------]  25%  RUNNING  1 of 4  0:30, about 1:30 left"


def test_a_shorter_line_wipes_the_longer_one_before() -> None:
    stream = Terminal()
    bar = ProgressBar("t", clock=FakeClock(), stream=stream)
    bar.show(0.5, note="A LONG NOTE")
    bar.show(0.5)
    first, second = stream.getvalue().split("\r")[1:]
    assert len(first) == len(second)
    assert second.endswith("  ")


def test_closing_ends_the_line_once() -> None:
    stream = Terminal()
    bar = ProgressBar("t", clock=FakeClock(), stream=stream)
    bar.close()
    assert stream.getvalue() == ""
    bar.show(None)
    bar.close()
    bar.close()
    assert stream.getvalue() == "\rt  [------------------------]  0:00\n"


def test_elsewhere_a_line_is_printed_for_each_quarter_and_each_new_note() -> None:
    stream, clock = io.StringIO(), FakeClock()
    bar = ProgressBar("labelling", clock=clock, stream=stream)
    bar.show(None, note="PENDING")
    for step in range(101):
        clock.sleep(1)
        bar.show(step / 100, note="RUNNING")
    bar.close()
    assert stream.getvalue().splitlines() == [
        "labelling  PENDING  0:00",
        "labelling  0%  RUNNING  0:01",
        "labelling  25%  RUNNING  0:26, about 1:18 left",
        "labelling  50%  RUNNING  0:51, about 0:51 left",
        "labelling  75%  RUNNING  1:16, about 0:25 left",
        "labelling  100%  RUNNING  1:41",
    ]


def test_a_notebooks_line_is_written_over_too() -> None:
    class OutStream(io.StringIO):
        """As Jupyter's kernel has it: no terminal, and a carriage return works."""

    OutStream.__module__ = "ipykernel.iostream"
    stream = OutStream()
    bar = ProgressBar("labelling", clock=FakeClock(), stream=stream)
    bar.show(0.1)
    bar.show(0.2)
    assert stream.getvalue().count("\r") == 2


def test_without_a_stream_it_is_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    listener = run_listener(progress=True, title="labelling", clock=FakeClock())
    assert listener is not None
    listener(progress(5, 10, ai_credits=0.25))
    listener(progress(10, 10, texts_per_second=1234.5, n_errors=2))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "labelling  50%  5 of 10, 0.2500 AI credits  0:00, about 0:00 left\n"
        "labelling  100%  10 of 10, 1,234/s, 2 errors, AI credits unknown  0:00\n"
    )


def test_the_time_left_is_the_runs_own_reckoning() -> None:
    stream, clock = io.StringIO(), FakeClock()
    listener = run_listener(progress=True, title="labelling", clock=clock, stream=stream)
    assert listener is not None
    clock.sleep(600)  # spent on the work list, not on texts
    listener(progress(1, 10, seconds_left=540.0))
    assert "10:00, about 9:00 left" in stream.getvalue()


def test_a_run_of_no_rows_is_done() -> None:
    stream = Terminal()
    listener = run_listener(progress=True, title="labelling", clock=FakeClock(), stream=stream)
    assert listener is not None
    listener(progress(0, 0))
    assert "100%" in stream.getvalue()
    assert stream.getvalue().endswith("\n")


def test_an_unfinished_run_leaves_its_line_open() -> None:
    stream = Terminal()
    listener = run_listener(progress=True, title="labelling", clock=FakeClock(), stream=stream)
    assert listener is not None
    listener(progress(1, 2))
    assert not stream.getvalue().endswith("\n")


def test_the_callers_function_is_told_itself_and_false_tells_nobody() -> None:
    def told(_progress: RunProgress) -> None: ...

    assert run_listener(told, "labelling") is told
    assert run_listener(progress=False, title="labelling") is None


@pytest.mark.parametrize(
    ("seconds", "text"), [(-1, "0:00"), (0.4, "0:00"), (59.6, "1:00"), (754, "12:34"), (3723, "1:02:03")]
)
def test_durations_read_as_clocks(seconds: float, text: str) -> None:
    assert duration(seconds) == text
