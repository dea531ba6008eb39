"""The demonstration through the real command line: what it leaves behind, and that it says the same twice."""

import csv
import io
import re
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from cortex_tickets.cli import main

FILES = ("labels.csv", "training_set.csv", "replies.csv", "report.html")


def demo(*options: str) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("cortex-tickets")
    return subprocess.run([command, "demo", *options], capture_output=True, text=True, check=False, timeout=180)


def figures(stdout: str) -> list[str]:
    """Return all that is printed but for the time it took and the place it went to."""
    return [re.sub(r"\b\d+\.\d s\b", "", line) for line in stdout.splitlines() if "report.html" not in line]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def demo_here(*options: str) -> subprocess.CompletedProcess[str]:
    """Run it in this process, as its entry point does."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patched, redirect_stdout(out), redirect_stderr(err):
        patched.setattr(sys, "argv", ["cortex-tickets", "demo", *options])
        with pytest.raises(SystemExit) as left:
            main()
    return subprocess.CompletedProcess(options, int(left.value.code or 0), out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def demonstrations(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, subprocess.CompletedProcess[str]]]:
    parent = tmp_path_factory.mktemp("demo")
    first, second = parent / "first", parent / "second"
    return [(first, demo("--output", str(first))), (second, demo_here("--output", str(second)))]


def test_it_runs_to_its_end_and_is_quiet_about_it(
    demonstrations: list[tuple[Path, subprocess.CompletedProcess[str]]],
) -> None:
    for folder, done in demonstrations:
        assert done.returncode == 0, done.stderr
        assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
        # Standard error has the bars, and nothing that a reader would have to wonder about.
        bar = re.compile(r"(labelling|fine-tuning|writing replies)  \d+%.*  \d+:\d\d")
        assert [line for line in done.stderr.splitlines() if not bar.match(line)] == []
        assert "Traceback" not in done.stdout
        # It speaks as the other commands do, not as Python's calls.
        assert 'prices."' in done.stdout
        assert "ModelPrice" not in done.stdout
        assert "Warning" not in done.stdout


def test_every_ticket_is_in_the_tables(demonstrations: list[tuple[Path, subprocess.CompletedProcess[str]]]) -> None:
    folder = demonstrations[0][0]
    labels, training, replies = (rows(folder / name) for name in FILES[:3])
    assert (len(labels), len(training)) == (302, 151)
    assert {row["ANSWERED_BY"] for row in labels} == {"claude-sonnet-4-6", "llama3.1-8b"}
    tested = [(row["TICKET_ID"], row["TEXT_HASH"]) for row in training if row["SPLIT"] == "test"]
    assert sorted((row["TICKET_ID"], row["TEXT_HASH"]) for row in replies) == sorted(tested)
    assert all(row["BODY"].strip() for row in replies)


def test_twice_the_same_numbers(demonstrations: list[tuple[Path, subprocess.CompletedProcess[str]]]) -> None:
    (first, one), (second, other) = demonstrations
    for name in FILES[:3]:
        assert (first / name).read_bytes() == (second / name).read_bytes()
    assert figures(one.stdout) == figures(other.stdout)


def test_the_summary_says_what_this_was_and_where_it_is(
    demonstrations: list[tuple[Path, subprocess.CompletedProcess[str]]],
) -> None:
    folder, done = demonstrations[0]
    assert "151 tickets, 130 distinct texts asked once each" in done.stdout
    assert "stand-in of the embedded engine" in done.stdout
    assert f"Open {folder / 'report.html'}" in done.stdout
    report = (folder / "report.html").read_text(encoding="utf-8")
    assert "http" not in "".join(re.findall(r'(?:src|href)="([^"]*)"', report))


def test_a_folder_that_is_a_file_is_one_sentence_and_exit_code_two(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("")
    done = demo("--output", str(taken))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        f"cortex-tickets: {taken} cannot be used as the output folder (File exists). Give another with --output.\n"
    )
