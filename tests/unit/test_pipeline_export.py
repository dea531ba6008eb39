"""What `export_pipeline` writes, what it refuses, and that it sends nothing that bills or writes."""

import itertools
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from cortex_tickets import InvalidInputError, Pipeline, TicketClassifier, TicketSource, export_pipeline
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._pipeline.layout import indented, laid_out, visible
from cortex_tickets.fine_tuned_model import FineTunedModel
from cortex_tickets.ledger.schema import LEDGER_COLUMNS, RUN_COLUMNS
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.records.label_set import Label, LabelSet
from cortex_tickets.sql_comments import comment
from cortex_tickets.testing import FakeClock, FakeSession

LABELS = LabelSet(
    labels=(
        Label(name="Roaming fees", description="Charges abroad", examples=("I was charged $90 in Japan.",)),
        Label(name="Customer's \\ other"),
    ),
    abstain="Customer's \\ other",
)
LedgerSession = Callable[..., FakeSession]


@pytest.fixture
def session(ledger_session: LedgerSession) -> FakeSession:
    return answering(ledger_session)


def answering(ledger_session: LedgerSession, *, table: str = '"T"', kind: str | None = "BASE TABLE") -> FakeSession:
    session = ledger_session()
    session.answer(f'^DESCRIBE TABLE "DB"."S".{table}$', [{"name": name} for name in ("TICKET_ID", "REQUEST")])
    session.answer("INFORMATION_SCHEMA.TABLES", [] if kind is None else [{"TABLE_TYPE": kind}])
    return session


def classifier(session: FakeSession, **options: Any) -> TicketClassifier:
    return TicketClassifier(
        session, **{"labels": LABELS, "model": "claude-sonnet-4-6", "clock": FakeClock(), **options}
    )


def exported(session: FakeSession, **options: Any) -> Pipeline:
    return export_pipeline(classifier(session), "T", **{"into": "L", "warehouse": "WH", **options})


def test_a_pipeline_on_a_warehouse(session: FakeSession, snapshot: SnapshotAssertion) -> None:
    assert exported(session).sql == snapshot


def test_a_pipeline_without_a_warehouse_that_leaves_errors_alone(
    session: FakeSession, snapshot: SnapshotAssertion
) -> None:
    managed = classifier(session, model=None, function="AI_CLASSIFY")
    made = export_pipeline(
        managed,
        TicketSource(table="t", id='"TICKET_ID"'),
        into='other.s."my ""ledger"""',
        name="labelling",
        max_texts=500,
        seconds_between_runs=600,
        timeout=1800,
        retry_errors_after=None,
        suspend_after_failures=10,
    )
    assert made.sql == snapshot


def test_a_fine_tuned_model_is_asked_for_the_bare_label_and_has_to_be_granted(session: FakeSession) -> None:
    prompt = ClassificationPrompt.short(LABELS)
    model = FineTunedModel(name="DB.S.M", base_model="llama3.1-8b", job_id="j", prompt=prompt, training_set_id=None)
    student = TicketClassifier.from_model(session, model, clock=FakeClock())
    made = export_pipeline(student, "T", into="L", warehouse="WH")
    assert "response_format" not in made.sql
    assert 'GRANT USAGE ON MODEL "DB"."S"."M" TO ROLE <role>' in made.privileges
    assert not any("SHOW CORTEX BASE MODELS" in text for text in session.texts())


def test_of_several_models_the_first_one_that_the_account_has_is_asked(session: FakeSession) -> None:
    several = classifier(session, model=["gone", "claude-sonnet-4-6"])
    made = export_pipeline(several, "T", into="L", warehouse="WH")
    assert made.model == "claude-sonnet-4-6"
    assert made.classifier_hash == several.classifier_hash
    assert "AI_COMPLETE(model => 'claude-sonnet-4-6'" in made.statements[-1]
    assert "THEN 'claude-sonnet-4-6' END AS \"ANSWERED_BY\"" in made.statements[-1]
    assert "model => 'gone'" not in made.sql


def test_a_ledger_whose_name_leaves_no_room_for_its_view_is_refused(session: FakeSession) -> None:
    assert exported(session, into="L" * 239, name="P").into == f"DB.S.{'L' * 239}"
    with pytest.raises(InvalidInputError, match="has 240 letters, too many to add _BY_"):
        exported(session, into="L" * 240, name="P")


def test_nothing_is_sent_that_bills_or_writes(session: FakeSession) -> None:
    exported(session)
    assert len(session.texts()) == 10
    assert all(text.startswith(("DESCRIBE TABLE ", "SHOW ", "SELECT ")) for text in session.texts())
    assert not any("AI_" in text or '"T"' in text for text in session.texts() if text.startswith("SELECT"))


def test_the_same_pipeline_has_the_same_text_and_another_one_other_names(session: FakeSession) -> None:
    assert exported(session) == exported(session)
    names = {
        exported(session).stream,
        exported(session, into="L2").stream,
        export_pipeline(classifier(session, labels=["A", "B"]), "T", into="L", warehouse="WH").stream,
    }
    assert len(names) == 3
    assert all(re.fullmatch(r"DB\.S\.L2?_[0-9A-F]{8}_STREAM", name) for name in names)


def test_a_name_of_the_caller_stands_in_the_ledger_s_schema_unless_it_says_another(session: FakeSession) -> None:
    assert exported(session, name='"my labels"').task == 'DB.S."my labels_TASK"'
    assert re.fullmatch(r"X\.Y\.P_[0-9A-F]{8}_STREAM", exported(session, name="X.Y.P").stream)


def test_another_table_under_the_same_name_has_another_stream(ledger_session: LedgerSession) -> None:
    first, second = (
        export_pipeline(classifier(answering(ledger_session, table=f'"{table}"')), table, into="L", name="P")
        for table in ("T", "T2")
    )
    assert first.task == second.task
    assert first.stream != second.stream


def test_a_view_has_a_stream_too(ledger_session: LedgerSession) -> None:
    made = exported(answering(ledger_session, kind="VIEW"))
    assert '  ON VIEW "DB"."S"."T"' in made.statements[-2]
    assert 'GRANT SELECT ON VIEW "DB"."S"."T" TO ROLE <role>' in made.privileges


def test_where_snowflake_does_not_tell_what_it_is_it_is_taken_for_a_table(ledger_session: LedgerSession) -> None:
    assert '  ON TABLE "DB"."S"."T"' in exported(answering(ledger_session, kind=None)).statements[-2]


def test_a_ledger_that_was_made_before_is_taken(session: FakeSession) -> None:
    session.answer('^DESCRIBE TABLE .*"L"$', [{"name": name} for name in LEDGER_COLUMNS])
    session.answer('^DESCRIBE TABLE .*"L_RUNS"$', [{"name": name} for name in RUN_COLUMNS])
    assert exported(session).into == "DB.S.L"


# The synopsis of the documentation (CREATE TASK, CREATE STREAM), in its order, as far as a pipeline uses it.
NAME = r'"(?:[^"]|"")+"(?:\."(?:[^"]|"")+")*'
TEXT = r"'(?:[^'\\]|''|\\.)*'"
CREATE_STREAM = rf"CREATE STREAM IF NOT EXISTS {NAME}\s+ON (?:TABLE|VIEW) {NAME}\s+COMMENT = {TEXT}"
CREATE_TASK = (
    rf"CREATE OR REPLACE TASK {NAME}\s+(?:WAREHOUSE = {NAME}\s+)?OVERLAP_POLICY = NO_OVERLAP\s+QUERY_TAG = {TEXT}\s+"
    rf"USER_TASK_TIMEOUT_MS = \d+\s+SUSPEND_TASK_AFTER_NUM_FAILURES = \d+\s+COMMENT = {TEXT}\s+"
    r"TASK_AUTO_RETRY_ATTEMPTS = \d+\s+USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS = \d+\s+"
    rf"(?:TARGET_COMPLETION_INTERVAL = '\d+ MINUTES'\s+)?WHEN SYSTEM\$STREAM_HAS_DATA\({TEXT}\)\s+AS\s+"
    r"EXECUTE IMMEDIATE \$\$(?:(?!\$\$).)*\$\$"
)


@pytest.mark.parametrize("warehouse", ["WH", None])
def test_stream_and_task_have_the_documented_form(session: FakeSession, warehouse: str | None) -> None:
    *_, stream, task = exported(session, warehouse=warehouse).statements
    assert re.fullmatch(CREATE_STREAM, stream, re.DOTALL)
    assert re.fullmatch(CREATE_TASK, task, re.DOTALL)
    assert ("WAREHOUSE = " in task, "TARGET_COMPLETION_INTERVAL = " in task) == (
        warehouse is not None,
        warehouse is None,
    )
    assert "SCHEDULE" not in task


@pytest.mark.parametrize("seconds", [60, 3540, 604_800])
def test_the_run_is_stopped_a_minute_before_its_lease_is_over(session: FakeSession, seconds: int) -> None:
    task = exported(session, timeout=seconds, warehouse=None).statements[-1]
    assert f"USER_TASK_TIMEOUT_MS = {seconds * 1000}\n" in task
    assert f"EXPIRES_AT = DATEADD(second, {seconds + 60}, CURRENT_TIMESTAMP())" in task
    minutes = re.search(r"TARGET_COMPLETION_INTERVAL = '(\d+) MINUTES'", task)
    assert minutes is not None
    assert 1 <= int(minutes[1]) <= 1440


def test_every_problem_is_told_at_once(ledger_session: LedgerSession, tmp_path: Path) -> None:
    session = ledger_session()
    session.answer("^DESCRIBE", [{"name": "OTHER"}])
    session.answer("INFORMATION_SCHEMA.TABLES", [{"TABLE_TYPE": "BASE TABLE"}])
    (tmp_path / "taken.sql").touch()
    with pytest.raises(InvalidInputError) as raised:
        export_pipeline(
            classifier(session, model="gone"),
            "T",
            into="L",
            warehouse="A.B",
            name="x" * 250,
            max_texts=0,
            seconds_between_runs=9,
            timeout=604_801,
            retry_errors_after=-1,
            suspend_after_failures=0,
            path=tmp_path / "taken.sql",
        )
    said = str(raised.value)
    for problem in (
        "max_texts=0 must be at least 1",
        "seconds_between_runs=9 must be at least 10",
        "timeout=604801 must be at most 604800",
        "suspend_after_failures=0 must be at least 1",
        "retry_errors_after=-1 must be at least 0",
        "warehouse='A.B' has 2 parts",
        "taken.sql' is there already",
        "into='DB.S.L' is a table of another form",
        "DB.S.L_RUNS, where the runs",
        "DB.S.L_LEASES, where the leases",
        "no column TICKET_ID",
        "no column REQUEST",
        "has 250 letters, too many",
        "'gone' is not one that this account lists",
    ):
        assert problem in said
    assert len(raised.value.problems) == 14


QUERY = TicketSource(query="SELECT 1 AS TICKET_ID, 'x' AS REQUEST")
BAD: list[tuple[Mapping[str, Any], str]] = [
    ({"source": QUERY}, "a stream cannot be made on a query or a DataFrame"),
    ({"source": 5}, "cannot be read from a int"),
    ({"source": "no table"}, "'no table' is not a table name"),
    ({"source": "DB.S.MISSING"}, "The table DB.S.MISSING does not exist"),
    ({"into": "1L"}, "'1L' is not a ledger table name"),
    ({"into": '"L$$"'}, "A name with $$ in it"),
    ({"warehouse": "my wh"}, "'my wh' is not a warehouse name"),
    ({"warehouse": 3}, "The warehouse name is a int"),
    ({"name": ""}, "'' is not a pipeline name"),
    ({"max_texts": True}, "max_texts=True must be a whole number"),
    ({"timeout": 59}, "timeout=59 must be at least 60"),
    ({"timeout": 100.5}, "timeout=100.5 must be a whole number"),
    ({"retry_errors_after": "1h"}, "retry_errors_after='1h' must be a whole number"),
    ({"path": "pipeline.txt"}, "ends in '.txt'; expected .sql"),
    ({"path": "nowhere/pipeline.sql"}, "The folder 'nowhere' does not exist"),
]


@pytest.mark.parametrize(("options", "said"), BAD)
def test_a_bad_value_is_one_clear_problem(session: FakeSession, options: Mapping[str, Any], said: str) -> None:
    given_ = {"source": "T", "into": "L", "warehouse": "WH", **options}
    with pytest.raises(InvalidInputError) as raised:
        export_pipeline(classifier(session), **given_)
    assert said in str(raised.value)
    assert len(raised.value.problems) == 1


@pytest.mark.parametrize("kind", ["TEMPORARY TABLE", "EXTERNAL TABLE", "MATERIALIZED VIEW"])
def test_what_a_stream_or_a_task_cannot_read_is_refused(ledger_session: LedgerSession, kind: str) -> None:
    with pytest.raises(InvalidInputError, match=f"DB.S.T is a {kind.lower()}, and a pipeline needs"):
        exported(answering(ledger_session, kind=kind))


def test_what_is_no_classifier_is_refused() -> None:
    wrong: Any = "claude-sonnet-4-6"
    with pytest.raises(InvalidInputError, match="must be a TicketClassifier, not a str"):
        export_pipeline(wrong, "T", into="L")


def test_the_file_is_written_whole_and_not_over_another(session: FakeSession, tmp_path: Path) -> None:
    path = tmp_path / "pipeline.sql"
    made = exported(session, path=path)
    assert path.read_text(encoding="utf-8") == made.sql
    with pytest.raises(InvalidInputError, match="is there already"):
        exported(session, path=path, max_texts=7)
    with pytest.raises(InvalidInputError, match="overwrite=True"):
        made.save(path)
    assert path.read_text(encoding="utf-8") == made.sql
    other = exported(session, path=path, max_texts=7, overwrite=True)
    assert other.sql != made.sql
    assert path.read_text(encoding="utf-8") == other.sql
    assert [entry.name for entry in tmp_path.iterdir()] == ["pipeline.sql"]


def test_a_file_that_comes_while_it_is_written_is_not_lost(
    session: FakeSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pipeline.sql"
    made = exported(session)

    def too_late(target: Path, _source: Path) -> None:
        target.write_text("theirs", encoding="utf-8")
        raise FileExistsError

    monkeypatch.setattr(Path, "hardlink_to", too_late)
    with pytest.raises(InvalidInputError, match="is there already"):
        made.save(path)
    assert path.read_text(encoding="utf-8") == "theirs"
    assert [entry.name for entry in tmp_path.iterdir()] == ["pipeline.sql"]


def test_no_name_ends_a_comment(ledger_session: LedgerSession) -> None:
    session = answering(ledger_session, table='"T\nDROP TABLE T; --"')
    made = export_pipeline(
        classifier(session, model="claude-sonnet-4-6"),
        TicketSource(table='"T\nDROP TABLE T; --"'),
        into='"L\r\nDROP TABLE L; --"',
        warehouse='"W\nDROP"',
        name='"P\u2028DROP"',
    )
    outside = "".join(made.sql[start:end] for start, end in _outside_of_quotes_and_comments(made.sql))
    assert "DROP" not in outside
    assert next(line for line in made.sql.split("\n") if "DROP TASK" in line).startswith("-- DROP TASK")


def _outside_of_quotes_and_comments(sql: str) -> list[tuple[int, int]]:
    pieces = [found.span() for found in re.finditer(rf"--[^\n]*|{TEXT}|\"(?:[^\"]|\"\")*\"", sql, re.DOTALL)]
    ends = [0, *itertools.chain.from_iterable(pieces), len(sql)]
    return list(zip(ends[::2], ends[1::2], strict=True))


@given(st.text(), st.text())
def test_laying_out_changes_nothing_in_quotes(constant: str, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    query = f"SELECT {literal(constant)} AS {quoted} FROM (SELECT {quoted} FROM {quoted} WHERE X = {literal(constant)})"
    for made in (laid_out(query), indented(query), indented(laid_out(query), 3)):
        assert made.count(literal(constant)) >= query.count(literal(constant))
        assert made.count(quoted) >= query.count(quoted)


@given(st.text())
def test_what_is_made_visible_means_the_same(text: str) -> None:
    made = visible(f'SELECT {literal(text)}, "a\tb" -- it\'s $$')
    assert made.endswith(', "a\tb" -- it\'s $$')
    constant = made.removeprefix("SELECT '").removesuffix("', \"a\tb\" -- it's $$")
    assert "$$" not in constant
    assert not re.search(r"[\x00-\x1f\u2028\u2029\u200b]", constant)
    assert _meaning(constant) == _meaning(literal(text)[1:-1])


def _meaning(constant: str) -> str:
    """What Snowflake reads between the quotes of a constant, by its documented escapes."""
    known = {"n": "\n", "r": "\r", "t": "\t"}

    def one(found: re.Match[str]) -> str:
        if found["quote"]:
            return "'"
        code = found["hex"] or found["unicode"]
        return chr(int(code, 16)) if code else known.get(found["other"], found["other"])

    pattern = r"(?P<quote>'')|\\(?:x(?P<hex>[0-9a-f]{2})|u(?P<unicode>[0-9a-f]{4})|(?P<other>.))"
    return re.sub(pattern, one, constant, flags=re.DOTALL)


@given(st.text())
def test_a_comment_stays_a_comment(text: str) -> None:
    made = comment(text)
    assert all(line.startswith("-- ") for line in made.splitlines())
    assert "$$" not in made
    assert [word for line in made.splitlines() for word in line[3:].split()] == text.replace("$$", "$ $").split()
