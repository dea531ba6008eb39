"""The built wheel where only its three requirements are installed, and the zip where only Snowflake's packages are."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from cortex_tickets import export_app, export_package, export_procedure, load_tickets, local, samples
from packaging_tools import RESOURCES, Distributions, MakeEnvironment, packages_in, run

pytestmark = pytest.mark.packaging
N_TICKETS = 151

CLASSIFY = """
import json, sys
import cortex_tickets
from cortex_tickets import *
from cortex_tickets.testing import FakeSession

missing = [name for name in cortex_tickets.__all__ if not hasattr(cortex_tickets, name)]
assert not missing, missing
session = FakeSession()
row = {"LABEL": "Lost phone", "OUTCOME": "valid", "ANSWER": "Lost phone", "ERROR": None, "REPAIR": None}
session.answer("AI_COMPLETE", [{**row, "INPUT_TOKENS": 1, "OUTPUT_TOKENS": 1}])
classifier = TicketClassifier(session, labels=["Lost phone", "Roaming fees"], model="claude-haiku-4-5")
print(json.dumps({"label": classifier.classify("Where is my phone?").label, "from": cortex_tickets.__file__}))
"""
WITHOUT_EXTRAS = """
import json
from datetime import UTC, datetime
from cortex_tickets import (
    ClassificationPrompt, EmbeddingStudent, MissingExtraError, TicketClassifier, TrainingSet, evaluate, leakage_sweep,
    local,
)
from cortex_tickets.testing import FakeSession

counts = {"n_tickets": 9, "n_texts": 9, "n_groups": 9, "largest_group": 1, "labels": (), "dropped": {}}
report = {**counts, "split_groups": {}, "missing_labels": (), "teacher_agreement": None, "n_gold": 0}
training_set = TrainingSet(
    id="a" * 64, table="DB.S.FT", prompt=ClassificationPrompt.short(["a", "b"]), seed=7, teacher_hash="t" * 64,
    teacher_model="m", labels_table="DB.S.L", gold_table=None, n_training=6, n_validation=1, n_test=4, report=report,
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)
classifier = TicketClassifier(FakeSession(), labels=["a", "b"], model="m")

told = {}
for name, call in {
    "local.connect": lambda: local.connect(),
    "local.Engine": lambda: local.Engine(),
    "EmbeddingStudent.train": lambda: EmbeddingStudent.train(FakeSession(), training_set),
    "evaluate": lambda: evaluate({"a": classifier}, on=training_set),
    "leakage_sweep": lambda: leakage_sweep(FakeSession(), training_set),
}.items():
    try:
        call()
    except MissingExtraError as error:
        told[name] = [error.extra, str(error)]
print(json.dumps(told))
"""
SNOWFLAKE_HAS = ("snowflake-snowpark-python", "pydantic")
"""What the procedure's PACKAGES name."""
HANDLER = """
import cortex_tickets, tenacity
from cortex_tickets import Budget, TicketClassifier

LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]


def main(session):
    assert ".zip" in cortex_tickets.__file__ and ".zip" in tenacity.__file__
    classifier = TicketClassifier(session, labels=LABELS, model=["claude-haiku-4-5"])
    return str(classifier.classify_table("SUPPORT_TICKETS", into="TICKET_LABELS", budget=Budget(ai_credits=2)))
"""
CALL = """
import json, sys
from snowflake.snowpark import Session

parameters, archive, body = json.loads(sys.stdin.read())
sys.path.insert(0, archive)  # as Snowflake does with IMPORTS
names = {}
exec(compile(body, "<procedure>", "exec"), names)
session = Session.builder.configs(parameters).create()
print(names["main"](session), names["main"](session), sep="\\n")
session.close()
"""
READ_RESOURCES = """
import sys

sys.path.insert(0, sys.argv[1])
from importlib import resources
import cortex_tickets
from cortex_tickets import Playbook, samples
from cortex_tickets._cortex.embedding import embedding_dimensions
from cortex_tickets._cortex.prices import packaged_prices
from cortex_tickets.evaluation import Report
from cortex_tickets.local.catalog import catalog_as_of

def files(folder):
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from files(entry)
        elif not entry.name.endswith((".py", ".pyc")):
            yield entry

assert ".zip" in cortex_tickets.__file__
assert Playbook.default().entries
assert catalog_as_of(None).listed() and embedding_dimensions() and packaged_prices()
assert "<style>" in Report("Labels").page()
assert samples.support_tickets().read_text(encoding="utf-8").startswith("TICKET_ID")
assert samples.gold_labels().is_file() and samples.call_transcripts().is_file()
print(*sorted(entry.name for entry in files(resources.files("cortex_tickets")) if entry.read_bytes() or True))
"""


@pytest.fixture(scope="module")
def bare(distributions: Distributions, make_environment: MakeEnvironment) -> Path:
    return make_environment(distributions.wheel)


@pytest.fixture(scope="module")
def snowflake_python(make_environment: MakeEnvironment) -> Path:
    """A Python as Snowflake's procedures have it."""
    interpreter = make_environment(*SNOWFLAKE_HAS)
    assert packages_in(interpreter).keys() & {"tenacity", "cortex-tickets"} == set()
    return interpreter


def test_nothing_comes_along_but_what_the_three_requirements_need(bare: Path) -> None:
    installed = packages_in(bare)
    assert {"cortex-tickets", "pydantic", "snowflake-snowpark-python", "tenacity"} <= installed.keys()
    assert installed.keys() & {"duckdb", "fakesnow", "scikit-learn", "numpy", "pandas", "typer", "streamlit"} == set()


def test_every_public_name_is_there_and_a_ticket_is_labelled(bare: Path, tmp_path: Path) -> None:
    said = json.loads(run(bare, "-W", "error", "-c", CLASSIFY, cwd=tmp_path).stdout)
    assert said["label"] == "Lost phone"
    assert Path(said["from"]).is_relative_to(bare.parents[1])


def test_each_feature_of_an_extra_names_it(bare: Path) -> None:
    told = json.loads(run(bare, "-W", "error", "-c", WITHOUT_EXTRAS).stdout)
    assert {name: extra for name, (extra, _) in told.items()} == {
        "local.connect": "local",
        "local.Engine": "local",
        "EmbeddingStudent.train": "train",
        "evaluate": "evaluate",
        "leakage_sweep": "evaluate",
    }
    assert {text for _, text in told.values()} == {
        f"This needs the extra '{extra}', which is not installed. Install it from where the package came from: "
        f"pip install '.[{extra}]' in a checkout, or 'FILE.whl[{extra}]' for a wheel."
        for extra in ("local", "train", "evaluate")
    }


def test_the_command_names_its_extra(bare: Path) -> None:
    done = subprocess.run([bare.with_name("cortex-tickets")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "cortex-tickets: This needs the extra 'cli', which is not installed. Install it from where the package came "
        "from: pip install '.[cli]' in a checkout, or 'FILE.whl[cli]' for a wheel.\n"
    )


class TestTheZip:
    """What Snowflake does with a procedure: its packages, the archive on the path, `main(session)`."""

    def test_every_public_name_is_there_and_a_ticket_is_labelled(self, snowflake_python: Path, tmp_path: Path) -> None:
        archive = export_package(tmp_path)
        code = f"import sys; sys.path.insert(0, {str(archive)!r})\n{CLASSIFY}"
        said = json.loads(run(snowflake_python, "-W", "error", "-c", code).stdout)
        assert said["label"] == "Lost phone"
        assert Path(said["from"]).is_relative_to(archive)

    def test_its_resources_are_read_out_of_it(self, snowflake_python: Path, tmp_path: Path) -> None:
        archive = export_package(tmp_path)
        said = run(snowflake_python, "-W", "error", "-c", READ_RESOURCES, str(archive)).stdout.split()
        assert set(said) == {Path(name).name for name in RESOURCES}

    def test_the_procedures_handler_labels_on_a_session_of_the_engine_and_comes_further_each_time(
        self, snowflake_python: Path, tmp_path: Path
    ) -> None:
        file = tmp_path / "label_tickets.py"
        file.write_text(HANDLER, encoding="utf-8")
        made = export_procedure(file, folder=tmp_path, schema="CORTEX_TICKETS.PUBLIC", schedule="60 MINUTES")
        with local.Engine() as engine, engine.session() as session:
            load_tickets(session, samples.support_tickets(), table="SUPPORT_TICKETS")
            stage, put, procedure, task = made.statements
            session.sql(stage).collect()
            assert session.sql(put).collect()[0]["status"] == "UPLOADED"
            session.sql(task).collect()
            (staged,) = session.file.get(imported_by(procedure), str(tmp_path / "got"))
            archive = tmp_path / "got" / staged.file
            assert archive.read_bytes() == made.files[0].read_bytes()
            given = json.dumps([engine.connection_parameters, str(archive), body_of(procedure)])
            first, second = run(snowflake_python, "-c", CALL, given=given).stdout.splitlines()
            n_labelled = session.sql("SELECT COUNT(*) AS N FROM TICKET_LABELS WHERE OUTCOME = 'valid'").collect()[0][
                "N"
            ]
        assert "COMPLETE" in first
        assert "130" in first
        assert "COMPLETE" in second
        assert "130" not in second
        assert n_labelled == N_TICKETS


def test_the_apps_requirements_install_the_wheel_by_its_path_in_the_folder(
    make_environment: MakeEnvironment, tmp_path: Path
) -> None:
    made = export_app(tmp_path, schema="SUPPORT.PUBLIC", compute_pool="POOL", warehouse="WH")
    interpreter = make_environment("--no-deps", "-r", "requirements.txt", cwd=made.files[0].parent)
    assert packages_in(interpreter).keys() == {"cortex-tickets"}
    found = "from importlib.util import find_spec as f; print(f('cortex_tickets.records.record').origin)"
    assert Path(run(interpreter, "-c", found).stdout.strip()).is_relative_to(interpreter.parents[1])


def imported_by(procedure: str) -> str:
    (found,) = re.findall(r"IMPORTS = \('(.*)'\)", procedure)
    return str(found)


def body_of(procedure: str) -> str:
    return procedure.split("AS $$\n")[1].removesuffix("\n$$")
