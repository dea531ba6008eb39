"""The real process: commands joined by a shell, exit codes, Ctrl-C, a terminal, and a pipe that closes."""

import os
import pty
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMAND = Path(sys.executable).with_name("cortex-tickets")
LABELS = ("Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account")
CLASSIFY = ["classify", *(part for label in LABELS for part in ("--label", label))]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An engine folder in the environment, and the sample tickets loaded into it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CORTEX_TICKETS_")}
    made = {**kept, "CORTEX_TICKETS_PATH": str(tmp_path_factory.mktemp("engine"))}
    done = subprocess.run([COMMAND, "load", "--sample"], env=made, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return made


def start(environment: dict[str, str], *command: str, **streams: Any) -> subprocess.Popen[str]:
    chosen = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    return subprocess.Popen([COMMAND, *command], env=environment, text=True, **chosen)


def test_one_command_after_another_from_tickets_to_a_gate(environment: dict[str, str], tmp_path: Path) -> None:
    steps = [
        [*CLASSIFY, "--yes"],
        ["train", "--gold", "TICKET_GOLD", "--student", "embedding", "--yes"],
        [
            "evaluate",
            "--model",
            "student=heads:TICKETS_FT_HEADS",
            "--require",
            "accuracy:student=0.99",
            "--no-baseline",
            "--yes",
        ],
    ]
    script = " && ".join(" ".join(f"'{part}'" for part in [str(COMMAND), *step]) for step in steps)
    done = subprocess.run(  # noqa: S602  a shell joins the commands, as a person's does
        script, shell=True, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 1, done.stderr
    assert "gate not met: accuracy:student=0.99: accuracy of student" in done.stdout
    assert done.stderr.endswith("cortex-tickets: 1 of 1 gates not met.\n")
    # Standard error is no terminal here: prices and sentences, and no bar.
    assert "%" not in done.stderr


def test_ctrl_c_says_how_to_go_on(environment: dict[str, str]) -> None:
    process = start(environment, *CLASSIFY, "--into", "SLOWLY", "--model", "llama3.1-8b", "--chunk-rows", "1", "--yes")
    assert process.stderr is not None
    while "bills nothing" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1] == (
        "cortex-tickets: Interrupted. What was answered and written stands; the same command goes on from there."
    )
    assert "Traceback" not in err


def test_a_terminal_is_asked_and_shows_a_bar(environment: dict[str, str]) -> None:
    ours, theirs = pty.openpty()
    streams = {"stdin": theirs, "stderr": theirs, "close_fds": True}
    process = start(environment, *CLASSIFY, "--into", "ASKED", "--model", "llama3.1-8b", **streams)
    os.close(theirs)
    shown = read_until(ours, "Go on? [y/N]: ")
    assert "estimate: 151 tickets" in shown
    os.write(ours, b"y\n")
    shown = read_until(ours, "100%")
    assert "labelling  [" in shown
    out, _ = process.communicate(timeout=120)
    os.close(ours)
    assert (process.returncode, out.startswith("COMPLETE: 151 rows")) == (0, True)


def test_a_pipe_that_closes_ends_it_quietly(environment: dict[str, str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = start(environment, "job", "list", stdout=writer)
    os.close(writer)
    err = process.communicate(timeout=120)[1]
    assert (process.returncode, err) == (141, "")


@pytest.mark.parametrize("option", ["--help", "--version", "--show-completion=bash"])
def test_a_pipe_that_closes_before_a_command_began_ends_it_alike(environment: dict[str, str], option: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    option, _, shell = option.partition("=")
    # The option takes no shell's name but where the shell that runs it is not looked for.
    chosen = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"} if shell else {}
    process = start({**environment, **chosen}, option, *([shell] if shell else []), stdout=writer)
    os.close(writer)
    err = process.communicate(timeout=120)[1]
    assert (process.returncode, err) == (141, "")


def test_a_standard_output_that_cannot_be_written_is_one_sentence(environment: dict[str, str]) -> None:
    with Path(os.devnull).open(encoding="utf-8") as read_only:
        process = start(environment, "job", "list", "--json", stdout=read_only)
        err = process.communicate(timeout=120)[1]
    told = (
        "cortex-tickets: standard output cannot be written: Bad file descriptor. What was answered and written is "
        "kept.\n"
    )
    assert (process.returncode, err) == (2, told)


def read_until(terminal: int, words: str) -> str:
    shown = ""
    while words not in shown:
        assert select.select([terminal], [], [], 120.0)[0], shown
        shown += os.read(terminal, 4096).decode()
    return shown
