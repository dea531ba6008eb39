"""Rows that a fault profile strikes: no answer, half an answer, an answer that is no label."""

import json
from itertools import pairwise
from typing import Any

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException

from cortex_tickets import local
from cortex_tickets.local import Engine, Fault, Faults

LABELS = (
    "response_format => {'type': 'json', 'schema': {'type': 'object', 'properties': "
    "{'label': {'type': 'string', 'enum': ['Lost phone', 'Roaming']}, 'why': {'type': 'string'}}}}"
)
CALL = f"AI_COMPLETE(model => 'llama3.1-8b', prompt => 'Label: my phone is lost', {LABELS}"
FREE = "AI_COMPLETE(model => 'llama3.1-8b', prompt => 'say hello'"


def value(session: Any, sql: str, *params: Any) -> Any:
    return session.sql(sql, params=list(params) or None).collect()[0][0]


def test_a_row_without_an_answer_is_null_and_with_details_an_error() -> None:
    with local.connect(faults=Faults(null_rows=1.0)) as session:
        for call in (f"{FREE})", f"{CALL})", "AI_CLASSIFY('no signal', ['a', 'b'])", "AI_SENTIMENT('bad')"):
            assert value(session, f"SELECT {call}") is None
        for call in (f"{FREE}, ", f"{CALL}, show_details => TRUE, ", "AI_CLASSIFY('no signal', ['a', 'b'], "):
            told = json.loads(value(session, f"SELECT {call}return_error_details => TRUE)"))
            assert told == {"value": None, "error": "internal error"}
        assert json.loads(value(session, "SELECT AI_EXTRACT('my name is Ann', ['name'])")) == {
            "error": "internal error",
            "response": None,
        }


@pytest.mark.parametrize(
    "call",
    [
        "SNOWFLAKE.CORTEX.COMPLETE('llama3.1-8b', 'say hello')",
        "SNOWFLAKE.CORTEX.CLASSIFY_TEXT('no signal', ['a', 'b'])",
        "AI_EMBED('e5-base-v2', 'text')",
        "AI_REDACT('I am Ann')",
    ],
)
def test_functions_that_raise_fail_the_statement_for_a_row_without_an_answer(call: str) -> None:
    with local.connect(faults=Faults(null_rows=Fault(nth=1))) as session:
        with pytest.raises(SnowparkSQLException, match="internal error"):
            session.sql(f"SELECT {call}").collect()
        assert value(session, f"SELECT {call}") is not None


def test_a_failing_row_fails_the_statement_for_ever_and_the_others_pass_without_it() -> None:
    with local.connect(faults=Faults(failing_rows=Fault(1.0, matching="ticket 7$"))) as session:
        session.sql(
            "CREATE TABLE TICKETS AS SELECT 'ticket ' || SEQ4() AS T FROM TABLE(GENERATOR(ROWCOUNT => 10))"
        ).collect()
        session.sql("CREATE TABLE DONE (T VARCHAR)").collect()
        ask = "INSERT INTO DONE SELECT AI_COMPLETE('llama3.1-8b', T) FROM TICKETS"
        for _ in range(2):
            with pytest.raises(SnowparkSQLException, match="400 'max tokens of 128000 exceeded'"):
                session.sql(ask).collect()
        assert value(session, "SELECT COUNT(*) FROM DONE") == 0
        # The other rows had been asked all the same.
        assert value(session, "SELECT COUNT(DISTINCT TEXT) FROM SNOWFLAKE.ENGINE.ASKED") == 10
        assert value(session, f"{ask} WHERE T <> 'ticket 7'") == 9


def test_json_breaks_off_in_the_middle() -> None:
    with local.connect(faults=Faults(truncated_json=1.0)) as session:
        whole = '{"label": "Lost phone", "why": ""}'
        cut = json.loads(value(session, f"SELECT {CALL})"))
        assert 0 < len(cut) < len(whole)
        assert whole.startswith('{"label": "') == cut.startswith('{"label": "')
        with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
            json.loads(cut)
        told = json.loads(value(session, f"SELECT {CALL}, show_details => TRUE, return_error_details => TRUE)"))
        assert told["error"] is None
        assert told["value"]["structured_output"][0]["raw_message"] == cut
        path = "A:structured_output[0]:raw_message::VARCHAR"
        assert value(session, f"SELECT {path} FROM (SELECT {CALL}, show_details => TRUE) AS A)") == cut
        assert value(session, f"SELECT TRY_PARSE_JSON({path}) FROM (SELECT {CALL}, show_details => TRUE) AS A)") is None
        # What is no JSON is not struck.
        assert value(session, f"SELECT {FREE})") == "say hello"
        assert value(session, "SELECT AI_CLASSIFY('no signal', ['a', 'b'])") is not None


def test_legacy_complete_breaks_off_too() -> None:
    schema = (
        "{'response_format': {'type': 'json', 'schema': {'type': 'object', 'properties': {'a': {'type': 'string'}}}}}"
    )
    messages = "[{'role': 'user', 'content': 'hello'}]"
    with local.connect(faults=Faults(truncated_json=1.0)) as session:
        told = json.loads(value(session, f"SELECT SNOWFLAKE.CORTEX.COMPLETE('llama3.1-8b', {messages}, {schema})"))
    assert isinstance(told["structured_output"][0]["raw_message"], str)


def test_an_answer_names_a_label_that_nobody_listed() -> None:
    off = "a label that nobody listed"
    with local.connect(faults=Faults(off_label=1.0)) as session:
        answer = json.loads(value(session, f"SELECT {CALL})"))
        assert answer["label"] == off
        assert answer["why"] != off
        assert value(session, f"SELECT {FREE})") == off
        assert json.loads(value(session, "SELECT AI_CLASSIFY('no signal', ['a', 'b'])")) == {"labels": [off]}
        label = value(session, "SELECT SNOWFLAKE.CORTEX.CLASSIFY_TEXT('no signal', ['a', 'b']):label::VARCHAR")
        assert label == off
        # A schema without labels is not struck, nor is what is no answer of a model.
        without = CALL.replace(", 'enum': ['Lost phone', 'Roaming']", "")
        assert off not in value(session, f"SELECT {without})")
        assert off not in value(session, "SELECT AI_SENTIMENT('bad')")


def unanswered(session: Any, condition: str = "TRUE") -> set[str]:
    rows = session.sql(
        "SELECT T FROM (SELECT T, AI_COMPLETE('llama3.1-8b', T) AS A FROM "
        f"(SELECT 'ticket ' || SEQ4() AS T, SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 5000))) WHERE {condition}) "
        "WHERE A IS NULL"
    ).collect()
    return {row["T"] for row in rows}


def test_the_same_seed_strikes_the_same_rows_however_they_are_asked() -> None:
    def struck(seed: int, *conditions: str) -> set[str]:
        with Engine(faults=Faults(seed=seed, null_rows=0.02)) as engine, engine.session() as session:
            return set().union(*(unanswered(session, condition) for condition in conditions))

    at_once = struck(7, "TRUE")
    assert 60 < len(at_once) < 140
    assert struck(7, "N % 2 = 1", "N % 2 = 0") == at_once
    assert struck(8, "TRUE") != at_once


def test_a_row_that_was_struck_may_pass_when_it_is_asked_again_and_no_other_is_struck() -> None:
    with local.connect(faults=Faults(seed=7, null_rows=0.3)) as session:
        rounds = [unanswered(session, "N < 200") for _ in range(6)]
    assert all(later < earlier or later == set() for earlier, later in pairwise(rounds))
    assert len(rounds[0]) > 30
    assert len(rounds[-1]) < 5
