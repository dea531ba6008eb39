"""Building a training set on a scripted session: what is refused, what is written, and in which order."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cortex_tickets import (
    Budget,
    BuildProgress,
    BuildStep,
    IncompleteRunError,
    InvalidInputError,
    InvalidTrainingSetError,
    RunProgress,
    TicketSource,
    TrainingSet,
    TrainingSetBuilder,
)
from cortex_tickets.errors import ObjectNotFoundError, StatementTimeoutError
from cortex_tickets.progress import RowListener
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.records.label_set import LabelSet
from cortex_tickets.table_run import RunState, TableRun
from cortex_tickets.testing import FakeClock, FakeSession, SentStatement, snowflake_error

BuilderSession = Callable[..., FakeSession]
TOPICS = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet", "kilo", "lima"]


def ticket(text: str, label: str | None, **changes: Any) -> dict[str, Any]:
    hashed = hashlib.sha256(text.encode()).hexdigest()
    row = {
        "TICKET_ID": f"id of {text}",
        "TEXT_HASH": hashed,
        "TEXT": text,
        "CREATED_AT": None,
        "LABEL": label,
        "OUTCOME": "valid" if label else "off_label",
        "GOLD_LABEL": None,
        "CORRECTION": None,
    }
    return {**row, **changes}


def tickets(**changes: Any) -> list[dict[str, Any]]:
    """Return 24 tickets, twelve of each label, no two alike."""
    return [ticket(f"{topic} {label}", label, **changes) for topic in TOPICS for label in ("A", "B")]


def build(session: FakeSession, run: TableRun | None, **options: Any) -> TrainingSet:
    settings = {name: options.pop(name) for name in ("prompt", "split", "max_per_label", "clock") if name in options}
    builder = TrainingSetBuilder(session, seed=7, **{"clock": FakeClock(), **settings})
    return builder.build(options.pop("source", "T"), **{"into": "FT", "labels": run, **options})


def decisions(session: FakeSession) -> list[Mapping[str, Any]]:
    """Return what was sent of each ticket."""
    (sent,) = [sent for sent in session.sent if re.match("INSERT INTO [^(]*_FREEZE_", sent.text)]
    found: list[Mapping[str, Any]] = json.loads(sent.values[0])
    return found


def test_making_a_builder_sends_nothing_and_lists_every_bad_setting() -> None:
    session = FakeSession()
    TrainingSetBuilder(session)
    assert session.sent == []
    wrong: Any = "random"
    with pytest.raises(InvalidInputError) as raised:
        TrainingSetBuilder(session, max_per_label=0, max_texts=-1, split=wrong)
    assert len(raised.value.problems) == 3


def test_rows_are_written_before_the_manifest_and_the_work_table_goes(
    builder_session: BuilderSession, label_run: TableRun
) -> None:
    session = builder_session(tickets())
    built = build(session, label_run)
    written = [
        text.split(" (")[0].replace('"', "")
        for text in session.texts()
        if text.startswith(("INSERT", "DELETE", "DROP"))
    ]
    assert [line.split(" _")[0].split("_FREEZE")[0] for line in written] == [
        "DELETE FROM DB.S.FT WHERE TRAINING_SET_ID = ?",
        "INSERT INTO DB.S.FT",
        "INSERT INTO DB.S.FT",
        "DROP TABLE IF EXISTS DB.S.FT",
        "INSERT INTO DB.S.FT_MANIFEST",
    ]
    assert (built.table, built.n_training + built.n_validation + built.n_test) == ("DB.S.FT", 24)
    assert len(decisions(session)) == 24
    assert built.created_at == FakeClock().now()


def test_no_text_of_a_ticket_stands_in_a_statement(builder_session: BuilderSession, label_run: TableRun) -> None:
    session = builder_session(tickets())
    build(session, label_run)
    assert not any("foxtrot" in text for text in session.texts())


def test_of_a_set_that_is_there_already_only_the_manifest_is_renewed(
    builder_session: BuilderSession, label_run: TableRun
) -> None:
    session = builder_session(tickets(), frozen=1)
    built = build(session, label_run)
    assert not any(text.startswith(("INSERT", "DELETE")) for text in session.texts())
    (renewed,) = [sent for sent in session.sent if sent.text.startswith("UPDATE")]
    assert renewed.values == (built.model_dump_json(), built.schema_version, built.id)


@pytest.mark.parametrize(
    ("source", "said"), [("T", "DB.S.T"), (TicketSource(query='SELECT * FROM "T"'), None)], ids=["table", "query"]
)
def test_the_set_says_which_table_its_tickets_came_from(
    builder_session: BuilderSession, label_run: TableRun, source: Any, said: str | None
) -> None:
    session = builder_session(tickets())
    session.answer("LIMIT 0$", [])
    assert build(session, label_run, source=source).source == said


def test_a_listener_is_told_of_each_step_and_the_share_only_grows(
    builder_session: BuilderSession, label_run: TableRun
) -> None:
    told: list[BuildProgress] = []
    build(builder_session(tickets()), label_run, progress=told.append)
    steps = [BuildStep.READING, BuildStep.GROUPING, BuildStep.GROUPING, BuildStep.WRITING, BuildStep.WRITING]
    assert [progress.step for progress in told] == steps
    assert [(progress.n_done, progress.n_all) for progress in told] == [(0, 0), (0, 24), (24, 24), (0, 24), (24, 24)]
    assert {(progress.step_number, progress.n_steps) for progress in told} == {(1, 3), (2, 3), (3, 3)}
    shares = [progress.share_done for progress in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


@pytest.mark.parametrize("place", range(5))
def test_a_build_that_its_listener_stops_writes_no_row_and_no_manifest(
    builder_session: BuilderSession, label_run: TableRun, place: int
) -> None:
    told: list[BuildProgress] = []

    def stop(progress: BuildProgress) -> None:
        told.append(progress)
        if len(told) > place:
            raise KeyboardInterrupt

    session = builder_session(tickets())
    with pytest.raises(KeyboardInterrupt):
        build(session, label_run, progress=stop)
    written = [text for text in session.texts() if text.startswith("INSERT") and "_FREEZE_" not in text.split(" (")[0]]
    assert written == []
    made, dropped = (len([text for text in session.texts() if text.startswith(verb)]) for verb in ("CREATE OR", "DROP"))
    assert made <= dropped


def test_a_bar_shows_the_steps_and_ends_its_line(
    builder_session: BuilderSession, label_run: TableRun, capsys: pytest.CaptureFixture[str]
) -> None:
    build(builder_session(tickets()), label_run, progress=True)
    assert [line.split("  ")[1:4] for line in capsys.readouterr().err.splitlines()] == [
        ["0%", "reading", "0:00"],
        ["33%", "grouping", "0 of 24"],
        ["67%", "grouping", "24 of 24"],
        ["67%", "writing", "0 of 24"],
        ["100%", "writing", "24 of 24"],
    ]


def test_the_same_rows_have_the_same_id_and_other_rows_another(
    builder_session: BuilderSession, label_run: TableRun
) -> None:
    one = build(builder_session(tickets()), label_run)
    assert build(builder_session(tickets()[::-1]), label_run).id == one.id
    assert build(builder_session([*tickets(), ticket("one more", "A")]), label_run).id != one.id
    other = ClassificationPrompt.short(["A", "B"], instructions="Choose.")
    assert build(builder_session(tickets()), label_run, prompt=other).id != one.id


def test_tickets_that_change_meanwhile_spoil_the_set_and_leave_nothing(
    builder_session: BuilderSession, label_run: TableRun
) -> None:
    session = builder_session(tickets())
    session.answer(r'^SELECT COUNT\(\*\) AS N FROM "DB"."S"."FT"', [{"N": 23}])
    with pytest.raises(InvalidInputError, match="24 were read and 23 are there now"):
        build(session, label_run)
    assert session.texts()[-2].startswith("DELETE")
    assert session.texts()[-1].startswith("DROP")


def test_a_failure_while_writing_is_what_is_told_though_the_clean_up_fails(
    builder_session: BuilderSession, label_run: TableRun
) -> None:
    session = builder_session(tickets())
    session.answer("^INSERT .*_FREEZE_", snowflake_error("Object 'X' does not exist", 2003))
    session.answer("^DROP", snowflake_error("Insufficient privileges", 3001))
    with pytest.raises(ObjectNotFoundError):
        build(session, label_run)


def test_every_problem_is_told_before_anything_is_written(builder_session: BuilderSession, label_run: TableRun) -> None:
    session = builder_session(tickets(), columns=["TICKET_ID"], gold=["TICKET_ID"])
    session.answer("FT", [{"name": "OTHER"}])
    with pytest.raises(InvalidInputError) as raised:
        build(session, label_run, gold="G")
    said = str(raised.value)
    for problem in ("into='DB.S.FT' is a table of another form", "FT_MANIFEST, where", "no column REQUEST", "G lacks"):
        assert problem in said
    assert len(raised.value.problems) == 4
    assert all(text.startswith(("DESCRIBE", "SELECT")) for text in session.texts())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"labels": None}, "either labels= "),
        ({"timeout": 0}, "must be more than 0 seconds"),
        ({"progress": "yes"}, "progress='yes' must be True for a bar, False, or a function that takes a BuildProgress"),
        ({"gold": "NO_GOLD"}, "gold table DB.S.NO_GOLD does not exist"),
        ({"into": "no name"}, "is not a training set table name"),
        ({"split": "time"}, "needs the column of dates"),
    ],
)
def test_bad_input_is_refused(
    builder_session: BuilderSession, label_run: TableRun, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidInputError, match=said):
        build(builder_session(tickets()), label_run, **options)


def test_an_incomplete_run_must_be_asked_for(builder_session: BuilderSession, label_run: TableRun) -> None:
    stopped = label_run.model_copy(update={"state": RunState.INCOMPLETE, "n_left": 3, "reason": "no time"})
    session = builder_session(tickets())
    with pytest.raises(IncompleteRunError, match="allow_incomplete=True"):
        build(session, stopped)
    assert all(text.startswith(("DESCRIBE", "SELECT")) for text in session.texts())
    assert build(session, stopped, allow_incomplete=True).n_training > 0


def test_tickets_that_the_run_does_not_know_must_be_asked_for(
    builder_session: BuilderSession, label_run: TableRun
) -> None:
    session = builder_session(tickets(), unknown=3)
    with pytest.raises(InvalidInputError, match=r"3 of \d+ tickets of T are not in the run labels=r1.*classify_table"):
        build(session, label_run)
    assert not any(text.startswith(("CREATE", "INSERT")) for text in session.texts())
    assert build(session, label_run, allow_incomplete=True).n_training > 0


def test_wrong_types_are_told_together(builder_session: BuilderSession) -> None:
    wrong: Any = {"labels": "TL", "into": None, "timeout": "3", "budget": 2}
    with pytest.raises(InvalidInputError) as raised:
        TrainingSetBuilder(builder_session(tickets())).build("T", **wrong)
    assert len(raised.value.problems) == 4
    seed: Any = "x"
    with pytest.raises(InvalidInputError, match="seed='x' must be a whole number"):
        TrainingSetBuilder(FakeSession(), seed=seed)


class Teacher:
    """A teacher that has labelled already."""

    labels = LabelSet.of(["A", "B"])

    def __init__(self, run: TableRun) -> None:
        self.run = run
        self.asked: dict[str, Any] = {}

    def classify_table(
        self,
        source: Any,
        *,
        into: str,
        budget: Budget | None = None,
        timeout: float | None = None,
        progress: bool | RowListener = False,
    ) -> TableRun:
        self.asked = {"source": source, "into": into, "budget": budget, "timeout": timeout, "progress": progress}
        if callable(progress):
            progress(RUN_PROGRESS)
        return self.run


RUN_PROGRESS = RunProgress(
    run_id="r1",
    operation="classify",
    n_done=6,
    n_all=24,
    n_errors=0,
    model="m",
    input_tokens=0,
    output_tokens=0,
    ai_credits=None,
    seconds=1.0,
    texts_per_second=None,
    seconds_left=None,
)


def test_labelling_by_a_teacher_is_a_step_of_its_own(builder_session: BuilderSession, label_run: TableRun) -> None:
    told: list[BuildProgress] = []
    build(builder_session(tickets()), None, teacher=Teacher(label_run), progress=told.append)
    assert (told[0].step, told[0].n_done, told[0].n_all) == (BuildStep.LABELLING, 6, 24)
    assert [progress.step_number for progress in told] == [1, 2, 3, 3, 4, 4]
    assert told[0].share_done == 1 / 16
    teacher = Teacher(label_run)
    build(builder_session(tickets()), None, teacher=teacher)
    assert teacher.asked["progress"] is False


def test_a_teacher_labels_beside_the_set_within_the_budget_and_the_time(
    builder_session: BuilderSession, label_run: TableRun
) -> None:
    teacher = Teacher(label_run)
    built = build(builder_session(tickets()), None, teacher=teacher, budget=Budget(ai_credits=1), timeout=90)
    asked = teacher.asked
    assert (asked["into"], asked["budget"], asked["timeout"]) == ("DB.S.FT_LABELS", Budget(ai_credits=1), 90)
    assert (built.teacher_model, built.labels_table) == ("claude-sonnet-4-6", "DB.S.L")
    stopped = Teacher(label_run.model_copy(update={"state": RunState.INCOMPLETE, "n_left": 3}))
    with pytest.raises(IncompleteRunError):
        build(builder_session(tickets()), None, teacher=stopped)
    assert build(builder_session(tickets()), None, teacher=stopped, allow_incomplete=True).id == built.id


def test_a_teacher_is_not_paid_for_a_set_that_cannot_be_built(
    builder_session: BuilderSession, label_run: TableRun
) -> None:
    teacher = Teacher(label_run)
    session = builder_session(tickets())
    session.answer("^SELECT LABEL, COUNT", [{"LABEL": "Z", "N": 1}])
    with pytest.raises(InvalidTrainingSetError, match="'Z' on 1 tickets"):
        build(session, None, teacher=teacher, gold="G")
    with pytest.raises(InvalidTrainingSetError, match="does not offer the label 'B'"):
        build(session, None, teacher=teacher, prompt=ClassificationPrompt.short(["A", "C"]))
    assert teacher.asked == {}


def test_when_the_time_is_over_the_manifest_is_not_written(
    builder_session: BuilderSession, label_run: TableRun
) -> None:
    clock = FakeClock()

    def slowly(_: SentStatement) -> list[Any]:
        clock.sleep(60)
        return []

    session = builder_session(tickets())
    session.answer("^INSERT .*_FREEZE_", slowly)
    with pytest.raises(StatementTimeoutError):
        build(session, label_run, clock=clock, timeout=60)
    assert session.texts()[-1].startswith("DROP")


def test_a_run_of_another_ledger_is_refused(builder_session: BuilderSession, label_run: TableRun) -> None:
    session = builder_session(tickets())
    session.answer("^SELECT SPECIFICATION", [])
    with pytest.raises(InvalidInputError, match=r"DB\.S\.L_RUNS does not know the run r1"):
        build(session, label_run)


def test_a_prompt_must_offer_all_labels_of_the_run(builder_session: BuilderSession, label_run: TableRun) -> None:
    session = builder_session(tickets(), labels=["A", "B", "C"])
    with pytest.raises(InvalidTrainingSetError, match="does not offer the label 'C'"):
        build(session, label_run, prompt=ClassificationPrompt.short(["A", "B"]))
    wider = ClassificationPrompt.short(["A", "B", "C", "D"])
    assert build(session, label_run, prompt=wider).report.missing_labels == ("C", "D")


def test_a_gold_label_that_is_none_of_the_labels_is_told_for_each(
    builder_session: BuilderSession, label_run: TableRun
) -> None:
    session = builder_session(tickets())
    session.answer("^SELECT LABEL, COUNT", [{"LABEL": None, "N": 2}, {"LABEL": "Z", "N": 1}])
    with pytest.raises(InvalidTrainingSetError) as raised:
        build(session, label_run, gold="G")
    assert len(raised.value.problems) == 2
