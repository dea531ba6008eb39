"""The commands one after another on one engine folder with the real tickets, in this process."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cortex_tickets import Evaluation, TableRun, TrainingSet, local, samples
from cortex_tickets.cli.commands import app
from cortex_tickets.cli.settings_file import settable_keys, variable_name
from cortex_tickets.local.shared_engines import engine_for

SETTINGS = """
path = "engine"

[[labels]]
name = "Roaming fees"
description = "Charges and data use abroad."
[[labels]]
name = "Slow data speed"
[[labels]]
name = "Lost phone"
[[labels]]
name = "Add new line"
[[labels]]
name = "Closing account"

[models]
teacher = "claude-sonnet-4-6"
student = "heads:TICKETS_FT_HEADS@1"

[tables]
gold = "TICKET_GOLD"

[training]
student = "embedding"
seed = 7
"""

PYTHONS_WORDS = re.compile(r"\b(?:True|None)\b|\w\(|\b[a-z_]+=(?!CASE_NO)|=\{")
"""What a sentence about Python's arguments and calls would have, and one about options has not."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with settings, on whose engine tickets are loaded and labelled, and a student is trained."""
    made = tmp_path_factory.mktemp("project")
    (made / "cortex_tickets.toml").write_text(SETTINGS, encoding="utf-8")
    (made / "semicolons.csv").write_text("CASE_NO;BODY\n1;My phone is gone\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(made)
        for keys, _ in settable_keys():
            patched.delenv(variable_name(keys), raising=False)
        for command in (["load", "--sample"], ["classify", "--yes"], ["train", "--yes"]):
            done = run(*command)
            assert done.exit_code == 0, done.output
    yield made
    engine_for(made / "engine", as_of=None, seed=0, faults=None).close()


@pytest.fixture(autouse=True)
def _in_the_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def run(*command: str) -> Any:
    return CliRunner().invoke(app, command)


def told(*command: str) -> Any:
    """Return the one JSON object that a command prints."""
    done = run(*command, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_what_was_loaded_is_told_again_and_not_written_again() -> None:
    tickets, gold = told("load", "--sample")["loaded"]
    assert (tickets["n_rows"], tickets["was_written"]) == (151, False)
    assert gold["n_by_label"]["Roaming fees"] == 77


def test_a_file_with_columns_of_its_own_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "cases.csv"
    file.write_text("CASE_NO;BODY\n1;My phone is gone\n", encoding="utf-8")
    (report,) = told(
        "load", str(file), "--table", "CASES", "--delimiter", ";", "--column", "id=CASE_NO", "--column", "text=BODY"
    )["loaded"]
    assert report["n_rows"] == 1
    gold = tmp_path / "gold.csv"
    gold.write_text("TICKET_ID,TEXT,LABEL,SOURCE\n1,My phone is gone,Lost phone,random_sample\n", encoding="utf-8")
    assert told("load", str(gold), "--gold", "--table", "CASES_GOLD")["loaded"][0]["n_by_label"] == {"Lost phone": 1}


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["load"], "load needs a CSV file, or --sample"),
        (["load", "x.csv", "--sample"], "leave FILE, --table and --gold out"),
        (["load", "x.csv", "--column", "id"], "--column 'id' must be ROLE=COLUMN"),
        (["train", "--training-set", "A", "--into", "B"], "leave one of them out"),
        (["train", "--labels", "NOWHERE"], "NOWHERE is no ledger"),
        (["reply", "--labelled-by", "another"], "has no run of 'another'"),
        (["reply", "--playbook", "gone.toml"], "gone.toml cannot be read as a playbook"),
        (["classify", "--table", "NOWHERE"], "NOWHERE"),
        (["classify", "--model", "heads:TICKETS_FT_HEADS@two"], "must end with a version's number"),
        (["classify", "--model", "tuned:X"], "'tuned:X' is no model. There are: claude-sonnet-4-6, AI_CLASSIFY"),
        (["classify", "--model", "cascade:student"], "must name two models with + between them"),
        (["classify", "--model", "cascade:student+teacher"], "CASCADE_CERTIFICATES"),
        (["classify", "--model", "scored:teacher+teacher"], "must be of a model and of an embedding student"),
        (["evaluate", "--training-set", "SUPPORT_TICKETS"], "SUPPORT_TICKETS has no manifest"),
        (["job", "start"], "give --wait"),
        (["job", "status", "ft_none"], "`cortex-tickets job list` shows what there is"),
        (["classify", "--table", "TICKET_GOLD", "--into", "X"], "Name the right one in the settings, as columns.text"),
        (["load", "semicolons.csv"], "Its cells seem to be separated by ';': give --delimiter ';'"),
        (["load", "semicolons.csv", "--delimiter", ";"], "Name the right ones with --column ROLE=COLUMN"),
        (
            ["evaluate", "--model", "teacher", "--yes", "--allow-incomplete", "--timeout", "nan"],
            "--timeout nan must be",
        ),
    ],
)
def test_what_is_refused_is_one_message_and_exit_code_two(command: list[str], words: str) -> None:
    done = run(*command)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("cortex-tickets: ")
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert PYTHONS_WORDS.findall(done.stderr) == []


def test_models_that_name_each_other_are_refused(tmp_path: Path) -> None:
    settings = tmp_path / "circle.toml"
    circle = '[models]\na = "cascade:b+c"\nb = "cascade:a+c"\nc = "m"\n'
    settings.write_text(f'{circle}[[labels]]\nname = "x"\n[[labels]]\nname = "y"\n', encoding="utf-8")
    done = run("classify", "--config", str(settings), "--model", "a")
    assert (done.exit_code, done.stderr) == (
        2,
        "cortex-tickets: The models a -> b -> a name each other in a circle.\n",
    )


def test_a_price_is_shown_and_without_a_terminal_refused() -> None:
    done = run("classify", "--model", "llama3.1-8b", "--into", "ELSEWHERE")
    assert done.exit_code == 2
    assert "estimate: 151 tickets, 130 distinct texts to ask llama3.1-8b: " in done.stderr
    assert "Give --yes, and --budget for a hard stop." in done.stderr
    refused = run("reply", "--labels", "ELSEWHERE")
    assert "ELSEWHERE is no ledger" in refused.stderr  # nothing was asked, so nothing was written


def test_what_is_answered_already_needs_no_yes() -> None:
    record = TableRun.model_validate(told("classify"))
    assert (record.is_complete, record.n_texts_asked, record.n_by_outcome) == (True, 0, {"valid": 151})


def test_a_budget_that_runs_out_exits_with_three_and_the_same_command_goes_on() -> None:
    command = ["classify", "--model", "llama3.1-8b", "--into", "SMALL_LABELS", "--yes", "--chunk-rows", "26"]
    stopped = run(*command, "--budget", "0.0012", "--json")
    assert stopped.exit_code == 3
    assert json.loads(stopped.stdout)["state"] == "INCOMPLETE"
    assert "cortex-tickets: not all is done (the budget of 0.0012 AI credits would be crossed" in stopped.stderr
    refused = run("train", "--labels", "SMALL_LABELS", "--into", "SMALL_FT")
    assert refused.exit_code == 3
    assert "is incomplete" in refused.stderr
    assert run(*command).exit_code == 0


@pytest.mark.parametrize(
    "command",
    [
        ["classify", "--into", "LATE"],
        ["reply", "--into", "LATE_REPLIES"],
        ["evaluate", "--no-baseline"],
        ["train", "--into", "LATE_FT", "--seed", "8"],
        ["load", "semicolons.csv", "--delimiter", ";", "--column", "id=CASE_NO", "--column", "text=BODY"],
    ],
)
def test_time_that_runs_out_exits_with_three_before_anything_was_asked_too(command: list[str]) -> None:
    limit = ["--timeout", "0.000001", *([] if command[0] == "load" else ["--yes"])]
    done = run(*command, *limit, *(["--table", "LATE_CASES"] if command[0] == "load" else []))
    assert (done.exit_code, done.stdout) == (3, ""), done.output
    assert PYTHONS_WORDS.findall(done.stderr.partition("cortex-tickets: ")[2]) == []


@pytest.mark.parametrize(
    ("command", "epochs"), [(["train", "--student", "fine-tune"], "8"), (["job", "start", "--wait"], "9")]
)
def test_a_job_that_ends_with_the_engine_is_not_said_to_go_on(
    command: list[str], epochs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORTEX_TICKETS_TRAINING_MAX_EPOCHS", epochs)  # each a job of its own
    done = run(*command, "--training-set", "TICKETS_FT", "--name", "ENDED", "--timeout", "0.01", "--yes")
    assert done.exit_code == 3, done.output
    assert "The embedded engine ends with this command, and the job with it" in done.stderr
    assert "goes on" not in done.stderr
    assert PYTHONS_WORDS.findall(done.stderr.partition("cortex-tickets: ")[2]) == []


def test_the_training_set_and_the_student_are_told() -> None:
    found = told("train")
    training_set = TrainingSet.model_validate(found["training_set"])
    assert (training_set.n_training, training_set.n_test, training_set.gold_table is None) == (92, 25, False)
    assert found["student"]["model"] == "heads:CORTEX_TICKETS.PUBLIC.TICKETS_FT_HEADS@1"
    again = told("train", "--training-set", "TICKETS_FT")
    assert (again["training_set"]["id"], again["student"]) == (training_set.id, found["student"])


def test_gates_decide_the_exit_code() -> None:
    options = ["evaluate", "--yes", "--no-baseline", "--report", "evaluation.json"]
    met = run(*options, "--require", "accuracy:student=0.5")
    assert met.exit_code == 0, met.output
    assert met.stdout.rstrip().endswith("gate met: accuracy:student=0.5")
    assert Evaluation.model_validate_json(Path("evaluation.json").read_bytes()).n_tickets == 25
    failed = run(
        *options, "--json", "--require", "accuracy:student=0.99", "--no-worse-than",
        "student:teacher=0.02",
    )  # fmt: skip
    assert failed.exit_code == 1
    found = json.loads(failed.stdout)
    assert [gate["is_met"] for gate in found["gates"]] == [False, False]
    assert "accuracy of student of at least 99.0%: measured " in found["gates"][0]["failure"]
    assert failed.stderr.endswith("cortex-tickets: 2 of 2 gates not met.\n")


def test_a_job_is_started_once_found_again_and_told() -> None:
    first = told("job", "start", "--wait", "--yes", "--name", "TICKETS_LLAMA")
    job_id, model = first["job"]["job_id"], first["student"]["model"]
    assert (first["is_reused"], model) == (False, "fine-tuned:CORTEX_TICKETS.PUBLIC.TICKETS_LLAMA")
    assert told("job", "start", "--wait", "--yes", "--name", "TICKETS_LLAMA")["job"]["job_id"] == job_id
    assert told("job", "status", job_id)["job"]["state"] == "SUCCESS"
    assert told("job", "wait", job_id)["student"]["job_id"] == job_id
    assert told("job", "cancel", job_id)["job"]["state"] == "SUCCESS"
    assert job_id in [job["job_id"] for job in told("job", "list")["jobs"]]
    shown = run("job", "list").stdout + run("job", "status", job_id).stdout
    assert f"{job_id}  SUCCESS" in shown
    assert "training loss: " in shown
    trained = told("train", "--student", "fine-tune", "--yes", "--name", "TICKETS_LLAMA")["student"]
    assert (trained["job_id"], trained["kind"]) == (job_id, "fine-tune")
    scores = told("evaluate", "--yes", "--model", f"tuned={model}", "--model", "student", "--no-baseline")
    assert {score["name"] for score in scores["evaluation"]["scores"]} == {"teacher (stored)", "tuned", "student"}


def test_a_job_that_is_found_under_another_name_says_which_was_not_used() -> None:
    told("job", "start", "--wait", "--yes", "--name", "TICKETS_LLAMA")
    done = run("job", "start", "--wait", "--yes", "--name", "OTHER")
    assert (
        "OTHER was not used as a name: the job that was found has the model CORTEX_TICKETS.PUBLIC.TICKETS_LLAMA."
    ) in done.stdout
    assert "(found, not started again)" in done.stdout
    assert "was not used" not in run("job", "start", "--wait", "--yes", "--name", "public.tickets_llama").stdout


def test_a_column_of_gold_is_refused_in_the_words_of_the_command(tmp_path: Path) -> None:
    gold = tmp_path / "g.csv"
    gold.write_text("TICKET_ID,REQUEST,LABEL\n1,Hi,A\n", encoding="utf-8")
    done = run("load", str(gold), "--gold", "--column", "sauce=HOW")
    assert (done.exit_code, PYTHONS_WORDS.findall(done.stderr)) == (2, [])
    assert "--column has the unknown role sauce; it knows ticket_id, " in done.stderr
    assert "SOURCE says how the ticket was chosen: random_sample if it was drawn blind, correction if" in done.stderr


def test_auto_takes_a_tuned_model_where_the_account_can_have_one() -> None:
    found = told("train", "--student", "auto", "--yes", "--training-set", "TICKETS_FT")["student"]
    assert (found["kind"], found["job_id"] is None) == ("fine-tune", False)
    other = told("train", "--student", "auto", "--yes", "--base-model", "claude-sonnet-4-6")["student"]
    assert other["kind"] == "embedding"
    assert "cannot be fine-tuned here" in other["reason"]


def test_snowflakes_own_classifier_and_a_scored_student_label_too() -> None:
    record = told("classify", "--model", "AI_CLASSIFY", "--into", "MANAGED", "--yes")
    assert (record["model"], record["n_rows"]) == ("AI_CLASSIFY", 151)
    tuned = told("job", "start", "--wait", "--yes", "--name", "TICKETS_LLAMA")["student"]["model"]
    models = ["--model", f"t={tuned}", "--model", "scored=scored:t+student"]
    found = told("evaluate", "--yes", "--no-baseline", *models)["evaluation"]
    scored = next(score for score in found["scores"] if score["name"] == "scored")
    assert scored["accuracy"]["n_tickets"] == 25


def test_replies_are_written_for_the_ledgers_labels(tmp_path: Path) -> None:
    file = tmp_path / "three.csv"
    header = "TICKET_ID,CUSTOMER_NAME,CUSTOMER_EMAIL,SERVICE_TYPE,REQUEST,CONTACT_PREFERENCE\n"
    rows = "".join(f"{n},Ann,a@b.c,Cellular,I was charged ${n} for roaming.,Email\n" for n in (10, 20, 30))
    file.write_text(header + rows, encoding="utf-8")
    told("load", str(file), "--table", "THREE")
    told("classify", "--table", "THREE", "--into", "THREE_LABELS", "--yes")
    command = ["reply", "--table", "THREE", "--labels", "THREE_LABELS", "--yes"]
    record = told(*command, "--campaign", "promote a plan that saves costs")
    assert (record["n_rows"], sum(record["n_by_status"].values())) == (3, 3)
    file.write_text(header + rows + "40,Ann,a@b.c,Cellular,My phone is gone.,Email\n", encoding="utf-8")
    told("load", str(file), "--table", "THREE", "--replace")
    refused = run(*command)
    assert (refused.exit_code, "1 of 4 tickets of THREE are not in the run" in refused.stderr) == (2, True)


def test_a_table_of_id_and_text_alone_is_worked_on_from_load_to_replies(tmp_path: Path) -> None:
    """Optional columns that nobody named are looked up, as `classify_table("E")` does; one that was named is missed."""
    file = tmp_path / "t.csv"
    with samples.support_tickets().open(encoding="utf-8", newline="") as given, file.open("w", newline="") as written:
        rows = [(row["TICKET_ID"], row["REQUEST"]) for row in csv.DictReader(given)]
        csv.writer(written).writerows([("CASE_NO", "BODY"), *rows])
    told("load", str(file), "--table", "PLAIN", "--column", "id=CASE_NO", "--column", "text=BODY")
    tickets = ["--table", "PLAIN"]
    assert told("classify", *tickets, "--into", "PLAIN_LABELS", "--yes")["n_rows"] == 151
    made = ["--labels", "PLAIN_LABELS", "--into", "PLAIN_FT", "--yes"]
    assert told("train", *tickets, *made)["training_set"]["n_training"] > 0
    models = ["--model", "student=heads:PLAIN_FT_HEADS", "--no-baseline"]
    assert told("evaluate", "--training-set", "PLAIN_FT", *models, "--yes")["evaluation"]["n_tickets"] > 0
    replied = told("reply", *tickets, "--labels", "PLAIN_LABELS", "--into", "PLAIN_REPLIES", "--yes")
    assert replied["n_rows"] == 151


@pytest.mark.parametrize("command", [["classify"], ["train"], ["reply"]])
def test_a_column_that_was_named_and_is_not_there_says_how_to_say_that_there_is_none(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORTEX_TICKETS_COLUMNS_CUSTOMER_NAME", "WHO")
    done = run(*command, "--yes")
    assert done.exit_code == 2
    assert "has no column WHO (columns.customer_name of the settings)" in done.stderr
    assert 'columns.customer_name = "" says that there is none' in done.stderr


def test_the_folder_is_an_engine_like_any_other(folder: Path) -> None:
    with local.connect(folder / "engine") as session:
        assert session.table("TICKET_LABELS").count() >= 151
