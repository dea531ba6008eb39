"""The example runs as it is: from its file, in a fresh process, with nothing defined around it."""

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


def run_alone(name: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run an example to its good end, in an empty folder."""
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", str(EXAMPLES / name)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


def test_the_example_runs_from_its_file(tmp_path: Path) -> None:
    done = run_alone("fine_tune_tickets.py", tmp_path)
    first, *others = done.stdout.splitlines()
    assert first == "Roaming fees"
    assert any(line.startswith("151 tickets, 130 distinct texts to ask") for line in others)
    assert others[-1].startswith("Ann, ")
    assert "Traceback" not in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "http://" not in page
    assert 'src="http' not in page


def test_the_insights_run_from_their_file(tmp_path: Path) -> None:
    done = run_alone("insights.py", tmp_path)
    *translated, one, two, three, summary, defect = done.stdout.splitlines()
    # Without a real model the engine says that it cannot translate.
    assert len(translated) == 3
    assert all(line.startswith("error Translation on the embedded engine needs a real model") for line in translated)
    # The word and the number are of the same calls, and speak of them alike.
    for line in (one, two, three):
        word, score = line.split()
        assert word == "mixed"
        assert abs(float(score)) < 0.6
    assert len(summary.split()) <= 25
    assert defect.startswith("XtremeX")
    assert "buckles" in defect


def test_the_certified_cascade_runs_from_its_file(tmp_path: Path) -> None:
    done = run_alone("certified_cascade.py", tmp_path)
    *certificate, served, sure, unsure = done.stdout.splitlines()
    assert certificate[0].startswith("With a confidence of 95 %, this cascade answers at least 95 % of tickets")
    assert served.startswith("COMPLETE: 151 rows (151 valid); ")
    label, probability = sure.removesuffix(" snowflake-arctic-embed-l-v2.0").rsplit(" ", 1)
    assert label == "Roaming fees"
    assert float(probability) > 0.9
    # No ticket that was trained on is about a lost phone, so the teacher is asked.
    assert unsure == "Lost phone None claude-sonnet-4-6"
    assert list(tmp_path.iterdir()) == []
