"""Statements that fail by a fault profile, the seed that decides which, and the table that they are counted by."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from snowflake.snowpark.exceptions import SnowparkSQLException

from cortex_tickets import local
from cortex_tickets.local import Engine, Fault, Faults
from cortex_tickets.local.faults import fault_log

ASK = "SELECT AI_COMPLETE('llama3.1-8b', 'say hello') AS A"
COUNTED = "SELECT FAULT, COUNT(*) AS N FROM SNOWFLAKE.ENGINE.FAULTS GROUP BY FAULT ORDER BY FAULT"


def value(session: Any, sql: str, *params: Any) -> Any:
    return session.sql(sql, params=list(params) or None).collect()[0][0]


def refusal(session: Any, sql: str, *params: Any) -> SnowparkSQLException:
    with pytest.raises(SnowparkSQLException) as raised:
        session.sql(sql, params=list(params) or None).collect()
    return raised.value


def told(session: Any, sql: str, *params: Any) -> str:
    """What a statement is refused with."""
    return str(refusal(session, sql, *params).raw_message)


def counted(session: Any) -> dict[str, int]:
    return {row["FAULT"]: row["N"] for row in session.sql(COUNTED).collect()}


@pytest.mark.parametrize(
    ("kind", "wording"),
    [
        ("too_many_requests", "429 'too many requests'"),
        ("throttled", "400 'all requests were throttled by remote service'"),
        ("timeouts", "503 'inference timed out'"),
    ],
)
def test_a_statement_is_turned_away_in_snowflakes_words_and_passes_when_it_is_sent_again(
    kind: str, wording: str
) -> None:
    faults: dict[str, Any] = {kind: Fault(nth=1)}
    with local.connect(faults=Faults(**faults)) as session:
        error = refusal(session, ASK)
        assert error.sql_error_code == 512513
        assert (
            error.raw_message == "Request failed for external function COMPLETE with remote service error: "
            f"'{wording}'; requests batch-id: {error.sfqid}"
        )
        assert value(session, ASK) == "say hello"
        assert counted(session) == {kind: 1}
        # What was turned away was not asked.
        assert value(session, "SELECT COUNT(*) FROM SNOWFLAKE.ENGINE.ASKED") == 1


def test_server_errors_are_of_every_kind() -> None:
    with local.connect(faults=Faults(server_errors=1.0)) as session:
        said = {told(session, ASK, None).partition("error: '")[2].partition("';")[0] for _ in range(30)}
    assert said == {"500 'internal error'", "502 'bad gateway'", "503 'overloaded'", "504 'gateway timeout'"}


def test_every_function_that_asks_is_turned_away_and_nothing_else_is() -> None:
    calls = [
        "AI_CLASSIFY('no signal', ['a', 'b'])",
        "AI_SENTIMENT('bad')",
        "AI_EMBED('e5-base-v2', 'text')",
        "SNOWFLAKE.CORTEX.COMPLETE('llama3.1-8b', 'say hello')",
        "SNOWFLAKE.CORTEX.FINETUNE('SHOW')",
    ]
    with local.connect(faults=Faults(timeouts=1.0)) as session:
        said = [told(session, f"SELECT {call}") for call in calls]
        assert [message.partition("error: '")[2].partition("';")[0] for message in said] == [
            f"503 '{'embed' if 'EMBED' in call else 'inference'} timed out'" for call in calls
        ]
        assert value(session, "SELECT SNOWFLAKE.CORTEX.TRY_COMPLETE('llama3.1-8b', 'say hello')") is None
        assert value(session, "SELECT AI_COUNT_TOKENS('ai_complete', 'llama3.1-8b', 'one')") == 1
        session.sql("CREATE TABLE T (A VARCHAR)").collect()
        assert value(session, "INSERT INTO T SELECT 'AI_COMPLETE(x)'") == 1
        assert counted(session) == {"timeouts": len(calls) + 1}


def test_a_change_that_is_turned_away_changes_nothing() -> None:
    with local.connect(faults=Faults(throttled=Fault(nth=(1, 2)))) as session:
        session.sql("CREATE TABLE T (A VARCHAR)").collect()
        refusal(session, f"INSERT INTO T {ASK}")
        refusal(session, f"CREATE TABLE COPIED AS {ASK}")
        assert value(session, "SELECT COUNT(*) FROM T") == 0
        assert value(session, f"INSERT INTO T {ASK}") == 1


def test_a_view_that_asks_is_turned_away_too() -> None:
    with local.connect(faults=Faults(throttled=Fault(nth=1))) as session:
        session.sql(f"CREATE VIEW V AS {ASK}").collect()
        assert "throttled" in told(session, "SELECT * FROM V")


def test_only_what_matches_is_struck_and_no_more_often_than_said() -> None:
    faults = Faults(throttled=Fault(1.0, matching="-- mine", at_most=2))
    with local.connect(faults=faults) as session:
        assert value(session, ASK) == "say hello"
        for _ in range(2):
            refusal(session, f"{ASK} -- mine")
        assert value(session, f"{ASK} -- mine") == "say hello"


def turned_away(session: Any, number: int) -> bool:
    try:
        session.sql("SELECT AI_COMPLETE('llama3.1-8b', ?)", params=[f"text {number}"]).collect()
    except SnowparkSQLException:
        return True
    return False


def test_the_same_seed_turns_the_same_statements_away_whatever_threads_do() -> None:
    numbers = range(60)

    def struck(seed: int, n_threads: int) -> list[int]:
        with Engine(faults=Faults(seed=seed, throttled=0.3)) as engine:

            def struck_of(first: int) -> list[int]:
                # A session for each thread: several may not share one without taking turns.
                with engine.session() as session:
                    return [number for number in numbers[first::n_threads] if turned_away(session, number)]

            with ThreadPoolExecutor(n_threads) as threads:
                return sorted(number for found in threads.map(struck_of, range(n_threads)) for number in found)

    alone = struck(7, 1)
    assert 5 < len(alone) < 35
    assert struck(7, 4) == alone
    assert struck(8, 1) != alone


def test_a_request_that_is_sent_again_is_the_same_statement() -> None:
    with Engine(faults=Faults(throttled=0.5)) as engine, engine.session() as session:
        rest: Any = session.connection.rest

        def answer(request_id: str) -> dict[str, Any]:
            with requests.post(
                f"http://127.0.0.1:{engine.port}/queries/v1/query-request",
                params={"requestId": request_id},
                json={"sqlText": ASK},
                headers={"Authorization": f'Snowflake Token="{rest.token}"'},
                timeout=10,
            ) as response:
                found: dict[str, Any] = response.json()
            return found

        first = [answer(f"request {number}") for number in range(12)]
        again = [answer(f"request {number}") for number in range(12)]
        assert first == again
        assert len({found["success"] for found in first}) == 2
        assert counted(session) == {"throttled": sum(not found["success"] for found in first)}


def test_what_was_injected_can_be_read_with_the_statement_that_it_struck() -> None:
    with local.connect(faults=Faults(throttled=Fault(nth=1), null_rows=Fault(nth=1))) as session:
        with pytest.raises(SnowparkSQLException) as raised:
            session.sql(ASK).collect(statement_params={"QUERY_TAG": "mine"})
        assert value(session, ASK) is None
        statement, row = session.sql("SELECT * FROM SNOWFLAKE.ENGINE.FAULTS ORDER BY INJECTED_AT").collect()
        assert (statement["FAULT"], statement["QUERY_ID"]) == ("throttled", raised.value.sfqid)
        assert (statement["QUERY_TAG"], statement["FUNCTION"], statement["TEXT_HASH"]) == ("mine", "AI_COMPLETE", None)
        assert (row["FAULT"], row["FUNCTION"], row["MODEL"]) == ("null_rows", "AI_COMPLETE", "llama3.1-8b")
        asked = "SELECT TEXT FROM SNOWFLAKE.ENGINE.ASKED A JOIN SNOWFLAKE.ENGINE.FAULTS F ON F.TEXT_HASH = A.TEXT_HASH"
        assert value(session, asked) == "say hello"


def test_many_faults_are_written_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault_log, "_MOST_BUFFERED", 100)
    with local.connect(faults=Faults(null_rows=1.0)) as session:
        ask = "SELECT AI_COMPLETE('llama3.1-8b', 'text ' || SEQ4()) AS A FROM TABLE(GENERATOR(ROWCOUNT => 250))"
        assert {row["A"] for row in session.sql(ask).collect()} == {None}
        assert counted(session) == {"null_rows": 250}


@pytest.mark.parametrize("faults", [None, Faults(), Faults(seed=3, throttled=0.0, null_rows=Fault())])
def test_without_a_fault_nothing_is_changed(faults: Faults | None) -> None:
    with local.connect(faults=faults) as session:
        rows = session.sql(
            "SELECT AI_COMPLETE('llama3.1-8b', 'text ' || SEQ4()) AS A FROM TABLE(GENERATOR(ROWCOUNT => 3000))"
        ).collect()
        assert {row["A"] for row in rows} == {f"text {number}" for number in range(3000)}
        assert counted(session) == {}


def test_other_faults_on_the_same_path_are_another_setting(tmp_path: Any) -> None:
    faults = Faults(seed=1, throttled=0.5)
    with local.connect(tmp_path, faults=faults), local.connect(tmp_path, faults=Faults(seed=1, throttled=Fault(0.5))):
        for other in (None, Faults(seed=2, throttled=0.5)):
            with pytest.raises(ValueError, match=r"other faults.*It has 'seed=1; throttled=0\.5'"):
                local.connect(tmp_path, faults=other)
    with Engine(faults=faults) as engine:
        assert engine.faults == faults
        with pytest.raises(ValueError, match="brings its own path, as_of, seed and faults"):
            local.connect(engine=engine, faults=faults)
