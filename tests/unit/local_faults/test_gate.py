"""The gate of a profile: what it decides of statements, rows, jobs, models and answers, and what it writes down."""

import json
from dataclasses import replace
from typing import Any

import pytest

from cortex_tickets.local import Fault, Faults, RetiredModel
from cortex_tickets.local.faults import fault_gate
from cortex_tickets.local.faults.fault_gate import FaultGate
from cortex_tickets.local.faults.gate import AnsweredRows, Delivery, JobFate, OpenGate
from cortex_tickets.local.functions.signature import Asker
from cortex_tickets.local.sql.errors import StatementError

ENUM = {"type": "object", "properties": {"label": {"type": "string", "enum": ["a", "b"]}, "why": {"type": "string"}}}
FREE = {"type": "object", "properties": {"why": {"type": "string"}}}


class Written(list[str]):
    """A log that keeps the kinds."""

    def add(self, fault: str, asker: Asker, **rest: Any) -> None:
        del asker, rest
        self.append(fault)


def gate(log: Written | None = None, **faults: Any) -> FaultGate:
    return FaultGate(Faults(**faults), Written() if log is None else log, lambda *_: None)


def asker(query_id: str = "1") -> Asker:
    return Asker(query_id=query_id)


def rows(*answers: str | None, **options: Any) -> AnsweredRows:
    given: dict[str, Any] = {"function": "AI_COMPLETE", "model": "m", "are_completions": True, **options}
    return AnsweredRows(
        asker=given.pop("asker", asker()),
        texts=[f"text {number}" for number in range(len(answers))],
        answers=list(answers),
        errors=given.pop("errors", [None] * len(answers)),
        **given,
    )


def test_one_decision_holds_for_all_blocks_of_a_statement() -> None:
    log = Written()
    struck = gate(log, throttled=Fault(nth=1))
    struck.arrived(asker(), "SELECT AI_COMPLETE(x)", [])
    for _ in range(3):
        with pytest.raises(StatementError, match="throttled"):
            struck.called("AI_COMPLETE", asker())
    struck.arrived(asker("2"), "SELECT AI_COMPLETE(x)", [])
    struck.called("AI_COMPLETE", asker("2"))
    assert log == ["throttled"]


def test_what_the_engine_asks_for_itself_is_never_struck() -> None:
    struck = gate(throttled=1.0, null_rows=1.0, lost_answers=1.0, orphaned_statements=1.0)
    struck.called("AI_COMPLETE", Asker())
    own = rows("an answer", asker=Asker())
    assert struck.answered(own) is None
    assert own.answers == ["an answer"]
    assert struck.delivery("never came") is Delivery.WHOLE
    for text in ("SELECT * FROM SNOWFLAKE.ENGINE.ASKED", "select system$cancel_all_queries(1)"):
        assert struck.arrived(asker(text), text, []) is None
        assert struck.delivery(text) is Delivery.WHOLE


def test_the_first_kind_that_strikes_is_the_one() -> None:
    log = Written()
    struck = gate(log, too_many_requests=1.0, throttled=1.0, failing_rows=1.0, null_rows=1.0)
    struck.arrived(asker(), "SELECT 1", [])
    with pytest.raises(StatementError, match="429"):
        struck.called("AI_COMPLETE", asker())
    assert isinstance(struck.answered(rows("x")), StatementError)
    assert log == ["too_many_requests", "failing_rows"]


def test_only_rows_that_were_answered_are_struck() -> None:
    log = Written()
    found = rows("an answer", None, "another", errors=[None, None, "too long"])
    assert gate(log, null_rows=1.0).answered(found) is None
    assert found.answers == [None, None, "another"]
    assert found.errors == ["internal error", None, "too long"]
    assert log == ["null_rows"]


@pytest.mark.parametrize("schema", [None, ENUM])
def test_json_is_cut_and_stays_a_value_where_a_schema_promised_one(schema: Any) -> None:
    log = Written()
    found = rows('{"label": "a"}', "no json", "[1, 2]", "{", schema=schema)
    gate(log, truncated_json=1.0).answered(found)
    cut = ['{"label', "no json", "[1,", "{"]
    if schema is None:
        assert found.answers == cut
    else:
        assert [json.loads(answer or "") for answer in (found.answers[0], found.answers[2])] == [cut[0], cut[2]]
    assert log == ["truncated_json"] * 3
    other = rows('{"labels": ["a"]}', function="AI_CLASSIFY", are_completions=False)
    gate(truncated_json=1.0).answered(other)
    assert other.answers == ['{"labels": ["a"]}']


@pytest.mark.parametrize(
    ("options", "answer", "struck"),
    [
        ({}, "a", "a label that nobody listed"),
        ({"schema": ENUM}, '{"label": "a", "why": "w"}', '{"label": "a label that nobody listed", "why": "w"}'),
        ({"schema": ENUM}, "broken off by a real model", '{"label": "a label that nobody listed"}'),
        ({"schema": FREE}, '{"why": "w"}', '{"why": "w"}'),
        ({"schema": {"type": "object"}}, "{}", "{}"),
        ({"function": "AI_CLASSIFY", "are_completions": False}, '{"labels": ["a"]}', None),
        ({"function": "AI_SENTIMENT", "are_completions": False}, '{"categories": []}', '{"categories": []}'),
    ],
)
def test_an_answer_that_is_a_label_becomes_none(options: dict[str, Any], answer: str, struck: str | None) -> None:
    log = Written()
    found = rows(answer, **options)
    gate(log, off_label=Fault(nth=1)).answered(found)
    assert found.answers == [struck or '{"labels": ["a label that nobody listed"]}']
    # Rows that cannot be struck are no occasions.
    assert log == ([] if found.answers == [answer] else ["off_label"])


def test_each_sending_of_an_answer_is_an_occasion() -> None:
    struck = gate(dropped_connections=Fault(nth=(1, 2)), withheld_answers=Fault(nth=1), lost_answers=Fault(nth=2))
    struck.arrived(asker(), "SELECT 1", [])
    sent = [struck.delivery("1") for _ in range(6)]
    assert sent == [
        Delivery.DROPPED,
        Delivery.DROPPED,
        Delivery.WITHHELD,
        Delivery.CUT_OFF,
        Delivery.WHOLE,
        Delivery.WHOLE,
    ]


def test_a_job_fails_or_hangs_and_its_create_is_lost_once() -> None:
    log = Written()
    struck = gate(log, failed_jobs=1.0, hung_jobs=1.0, unknown_statuses=1.0, lost_creates=1.0)
    struck.arrived(asker(), "SELECT FINETUNE('CREATE')", [])
    assert struck.job_created("SELECT 1", ["llama3.1-8b"], "ft_1", asker()) == JobFate(fails=True, n_unknown=3)
    assert [struck.delivery("1") for _ in range(2)] == [Delivery.CUT_OFF, Delivery.WHOLE]
    assert sorted(log) == ["failed_jobs", "lost_creates", "unknown_statuses"]
    plain = gate(hung_jobs=Fault(1.0, matching="NOT THIS"))
    assert plain.job_created("SELECT 1", [], "ft_2", asker()) == JobFate()


def test_a_model_is_retired_for_statements_and_not_for_blocks() -> None:
    shown: list[tuple[str, str]] = []
    log = Written()
    faults = Faults(retired=RetiredModel("llama3.1-8b", 2, "LEGACY"))
    struck = FaultGate(faults, log, lambda model, status: shown.append((model, status)))
    asked = [struck.retired("llama3.1-8b", asker(query_id)) for query_id in ("1", "1", "2", "1", "2", "3")]
    assert asked == [None, None, "LEGACY", None, "LEGACY", "LEGACY"]
    assert struck.retired("llama3.3-70b", asker("4")) is None
    # What the engine does for itself sees the model as it is by now, and is not counted.
    assert struck.retired("llama3.1-8b", Asker()) == "LEGACY"
    assert shown == [("llama3.1-8b", "LEGACY")]
    assert log == ["retired"]


def test_what_is_remembered_of_statements_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault_gate, "_MOST_KEPT", 3)
    struck = gate(lost_answers=1.0, retired=RetiredModel("m", 100))
    for number in range(5):
        struck.arrived(asker(str(number)), "SELECT 1", [])
        struck.retired("m", asker(str(number)))
    assert [struck.delivery(str(number)) for number in range(5)] == [Delivery.WHOLE] * 2 + [Delivery.CUT_OFF] * 3


def test_the_open_gate_lets_everything_pass() -> None:
    gate_, found = OpenGate(), rows("x")
    before = replace(found, answers=list(found.answers), errors=list(found.errors))
    seconds: object = gate_.arrived(asker(), "SELECT 1", [])
    failure: object = gate_.answered(found)
    status: object = gate_.retired("m", asker())
    gate_.called("AI_COMPLETE", asker())
    assert (seconds, failure, status) == (None, None, None)
    assert found == before
    assert gate_.job_created("SELECT 1", [], "ft_1", asker()) == JobFate()
    assert gate_.delivery("1") is Delivery.WHOLE
