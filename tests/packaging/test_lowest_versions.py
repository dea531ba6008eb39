"""The lowest versions that the project states are true: the main job runs on them, and so do the tests of the core."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from packaging_tools import PAGE_READER, ROOT, Distributions, MakeEnvironment, install, packages_in, run

pytestmark = pytest.mark.packaging
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = ("app", "cli", "evaluate", "local", "train")
"""Extras whose stated minima are tried; those of `docs`, `dev`, `encoder` and `notebook` are not."""
TEST_TOOLS = ("pytest>=9", "syrupy>=5", "hypothesis>=6.140", "pytest-mock>=3.15")
CORE_TESTS = (
    "test_client.py",
    "test_failures.py",
    "test_ledger_chunks.py",
    "test_ledger_run.py",
    "test_pipeline_export.py",
    "test_records.py",
    "test_sent_statements.py",
    "test_ticket_classifier.py",
)
"""Records, statements and retries: what pydantic, tenacity and Snowpark's exceptions have a hand in."""
TITLES = ("Overview", "Triage", "Fine-tune", "Compare", "Replies", "Playground")
MAIN_JOB = """
from cortex_tickets import (
    EmbeddingStudent, FineTuneJob, TicketClassifier, TrainingSetBuilder, load_gold, load_tickets, local, samples,
)

LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]
with local.connect() as session:
    load_tickets(session, samples.support_tickets(), table="T")
    load_gold(session, samples.gold_labels(), table="G")
    run = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6").classify_table("T", into="L")
    built = TrainingSetBuilder(session, seed=7).build("T", into="FT", labels=run, gold="G")
    job = FineTuneJob.start(session, name="M", base_model="llama3.1-8b", training_set=built)
    model = job.wait(timeout=600)
    students = [TicketClassifier.from_model(session, model), EmbeddingStudent.train(session, built)]
    print(run.n_texts_asked, *(student.classify("Please close my account.").label for student in students), sep="|")
"""
# A lowest scikit-learn or typer meets the newest of what they need themselves, which warns of things to come.
IGNORE_OTHERS_WARNINGS = ("-W", "ignore::DeprecationWarning")


def requirements() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"]
    stated = [*PROJECT["dependencies"], *(text for extra in EXTRAS for text in extras[extra])]
    return [each for each in map(Requirement, stated) if each.name != PROJECT["name"]]


@pytest.fixture(scope="module")
def lowest(distributions: Distributions, make_environment: MakeEnvironment) -> Path:
    extras = [option for extra in EXTRAS for option in ("--extra", extra)]
    interpreter = make_environment("--resolution", "lowest-direct", "-r", ROOT / "pyproject.toml", *extras)
    install(interpreter, "--no-deps", distributions.wheel)
    return interpreter


def test_what_is_installed_is_the_lowest_that_is_stated(lowest: Path) -> None:
    installed = packages_in(lowest)
    for requirement in requirements():
        (least,) = [bound.version for bound in requirement.specifier if bound.operator == ">="]
        assert re.fullmatch(rf"{re.escape(least)}(\.\d+)*", installed[requirement.name.lower()]), requirement.name


def test_the_main_job_runs_on_them(lowest: Path, tmp_path: Path) -> None:
    assert run(lowest, "-c", MAIN_JOB, cwd=tmp_path).stdout == "130|Closing account|Closing account\n"


def test_the_command_line_runs_on_them(lowest: Path) -> None:
    assert "cortex-tickets demo --output" in run(lowest.with_name("cortex-tickets"), "demo", "--help").stdout


def test_each_page_of_the_app_opens_on_them(lowest: Path, tmp_path: Path) -> None:
    app = run(lowest, "-c", "import cortex_tickets.app as app; print(app.__path__[0])", cwd=tmp_path).stdout.strip()
    said = json.loads(run(lowest, PAGE_READER, Path(app) / "streamlit_app.py", cwd=tmp_path).stdout)
    assert said["start"] == {"headings": ["Overview"], "errors": []}
    assert [line.partition(":")[0] for line in said["work"]] == ["done"] * 4, said["work"]
    assert said["pages"] == {title: {"headings": [title], "errors": []} for title in TITLES}


def test_the_tests_of_the_core_pass_on_them(lowest: Path, tmp_path: Path) -> None:
    before = packages_in(lowest)
    held = tmp_path / "held.txt"
    held.write_text("".join(f"{name}=={version}\n" for name, version in before.items()), encoding="utf-8")
    install(lowest, "--constraint", held, *TEST_TOOLS)
    tests = [ROOT / "tests" / "unit" / name for name in CORE_TESTS]
    options = ("-q", "-p", "no:cacheprovider", *IGNORE_OTHERS_WARNINGS)
    said = run(lowest, "-m", "pytest", *options, *tests, cwd=ROOT, PYTHONDONTWRITEBYTECODE="1").stdout
    assert re.search(r"^\d{3,} passed in", said, flags=re.MULTILINE), said
    assert before.items() <= packages_in(lowest).items()
