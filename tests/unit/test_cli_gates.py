"""Gates on the command line: how they are written, and what an evaluation's figures make of them."""

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_mock import MockerFixture
from typer.testing import CliRunner

from cortex_tickets import Evaluation, InvalidInputError, RequirementError
from cortex_tickets._evaluation.models import STORED_TEACHER
from cortex_tickets.cli import commands, evaluate_command, opening
from cortex_tickets.cli.gates import parse_gates, require_models


def test_gates_are_a_metric_or_a_pair_of_models_and_a_number() -> None:
    accuracy, margin = parse_gates(["accuracy:my student=0.90"], ["student:teacher (stored)=0.02"])
    assert (accuracy.model, accuracy.other, accuracy.value) == ("my student", None, 0.9)
    assert (margin.model, margin.other, margin.value) == ("student", "teacher (stored)", 0.02)


@pytest.mark.parametrize(
    "text", ["student=0.9", "f1:student=0.9", "accuracy:student", "accuracy:student=2", "", "a:=1"]
)
def test_what_is_no_gate_is_told_with_what_one_looks_like(text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"must be accuracy:MODEL=SHARE, such as accuracy:student=0\.90"):
        parse_gates([text], [])


def test_the_labels_that_a_set_holds_are_called_as_the_evaluation_calls_them() -> None:
    assert evaluate_command.STORED_TEACHER == STORED_TEACHER


def test_every_gate_that_is_none_is_told_at_once() -> None:
    with pytest.raises(InvalidInputError) as raised:
        parse_gates(["x"], ["student=0.1", "a:a=0.1", "a:b=-1", "a:b=nan"])
    assert len(raised.value.problems) == 5


def test_a_gate_of_a_model_that_is_not_measured_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"'student:teacher=0\.1' is of 'teacher', which is none of the models"):
        require_models(parse_gates([], ["student:teacher=0.1"]), ["student"])


@pytest.fixture
def measured(mocker: MockerFixture) -> Any:
    """An evaluation that meets accuracies up to 0.8, and no margin; the session, set and classifiers are doubles."""
    evaluation = mocker.MagicMock(spec=Evaluation)

    def require(*, accuracy: dict[str, float] | None = None, no_worse_than: Any = None) -> None:
        if no_worse_than or max((accuracy or {}).values()) > 0.8:
            raise RequirementError(["measured 85.0% [80.0%, 90.0%]"])

    evaluation.require.side_effect = require
    evaluation.__str__.return_value = "the table"
    evaluation.model_dump.return_value = {"n_tickets": 3}
    mocker.patch.object(opening, "connect", autospec=True)
    mocker.patch.object(evaluate_command, "TrainingSet", autospec=True)
    specs = mocker.patch.object(evaluate_command, "ModelSpecs", autospec=True)
    specs.return_value.classifier.return_value.estimate.return_value.n_texts = 0
    mocker.patch.object(evaluate_command, "TicketSource", autospec=True)
    return mocker.patch.object(evaluate_command, "measure", autospec=True, return_value=evaluation)


def run(*options: str) -> Any:
    return CliRunner().invoke(commands.app, ["evaluate", "--connection", "c", "--model", "student=m", *options])


def test_a_gate_that_is_met_exits_with_zero(measured: Any) -> None:
    done = run("--require", "accuracy:student=0.8")
    assert (done.exit_code, done.stdout) == (0, "the table\ngate met: accuracy:student=0.8\n")
    measured.assert_called_once()


def test_a_gate_that_is_not_met_exits_with_one_and_shows_the_figures(measured: Any) -> None:
    done = run("--require", "accuracy:student=0.81", "--no-worse-than", "student:linear baseline=0.02")
    assert done.exit_code == 1
    assert "gate not met: accuracy:student=0.81: measured 85.0% [80.0%, 90.0%]" in done.stdout
    assert "gate not met: student:linear baseline=0.02: measured 85.0% [80.0%, 90.0%]" in done.stdout
    assert done.stderr == "cortex-tickets: 2 of 2 gates not met.\n"
    measured.assert_called_once()


def test_the_gates_stand_in_the_json_object(measured: Any) -> None:
    done = run("--require", "accuracy:student=0.9", "--require", "accuracy:student=0.5", "--json")
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert found["gates"] == [
        {"gate": "accuracy:student=0.9", "is_met": False, "failure": "measured 85.0% [80.0%, 90.0%]"},
        {"gate": "accuracy:student=0.5", "is_met": True, "failure": None},
    ]
    assert (found["is_met"], found["evaluation"]) == (False, {"n_tickets": 3})
    measured.assert_called_once()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--require", "accuracy:other=0.9"], "is of 'other', which is none of the models: student, "),
        (["--no-baseline", "--require", "accuracy:linear baseline=0.9"], "which is none of the models"),
        (["--model", "student=n"], "--model names 'student' twice"),
        (["--model", "=n"], "--model '=n' must be NAME=MODEL"),
        (["--report", "r.pdf"], "r.pdf must end with .html or .json."),
        (["--report", "nowhere/r.html"], "The folder of nowhere/r.html is not there."),
    ],
)
def test_what_cannot_be_measured_is_refused_before_anything_is_opened(
    measured: Any, options: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(*options)
    assert done.exit_code == 2
    assert words in done.stderr
    measured.assert_not_called()
