"""A real model behind the engine: completions, translations and summaries go to an OpenAI-compatible server."""

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException

from conformance.model_server import ModelServer, Reply, said
from cortex_tickets import local


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[ModelServer, Any]]:
    server = ModelServer()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORTEX_TICKETS_LLM_URL", server.url)
        patch.setenv("CORTEX_TICKETS_LLM_API_KEY", "a-key")
        patch.delenv("CORTEX_TICKETS_LLM_MODEL", raising=False)
        engine = local.Engine(as_of="2024-08-01")
    with engine, engine.session() as session:
        yield server, session
    server.close()


@pytest.fixture
def server(running: tuple[ModelServer, Any]) -> ModelServer:
    running[0].asked.clear()
    return running[0]


@pytest.fixture
def asking(running: tuple[ModelServer, Any], server: ModelServer) -> Any:
    del server
    return running[1]


def value(session: Any, sql: str) -> Any:
    return session.sql(f"SELECT {sql}").collect()[0][0]


def test_completions_come_from_the_server(server: ModelServer, asking: Any) -> None:
    server.reply = lambda body: said(f"You said {body['messages'][-1]['content']}.")
    assert value(asking, "AI_COMPLETE('llama3-8b', 'Hi', {'temperature': 0.5, 'max_tokens': 7})") == "You said Hi."
    assert server.asked == [
        {
            "path": "/v1/chat/completions",
            "model": "tiny-model",
            "messages": [{"role": "user", "content": "Hi"}],
            "temperature": 0.5,
            "max_tokens": 7,
        }
    ]
    assert server.headers[-1]["Authorization"] == "Bearer a-key"
    history = "[{'role': 'system', 'content': 'Be kind'}, {'role': 'user', 'content': 'Hello'}]"
    found = json.loads(value(asking, f"SNOWFLAKE.CORTEX.COMPLETE('llama3-8b', {history}, {{}})"))
    assert found["choices"] == [{"messages": "You said Hello."}]
    assert [message["role"] for message in server.asked[-1]["messages"]] == ["system", "user"]


def test_a_schema_is_sent_along_and_its_answer_is_json(server: ModelServer, asking: Any) -> None:
    server.reply = lambda _: said('{"label": "Lost phone"}')
    schema = (
        "{'type': 'object', 'properties': {'label': {'type': 'string'}}, 'required': ['label'], "
        "'additionalProperties': FALSE}"
    )
    call = (
        f"AI_COMPLETE(model => 'llama3-8b', prompt => 'x', response_format => {{'type': 'json', 'schema': {schema}}})"
    )
    assert json.loads(value(asking, call)) == {"label": "Lost phone"}
    sent = server.asked[0]["response_format"]
    assert sent["type"] == "json_schema"
    assert sent["json_schema"]["strict"] is True
    assert sent["json_schema"]["schema"]["required"] == ["label"]
    server.reply = lambda _: said("no JSON")
    assert value(asking, call) is None


TWO_LABELS = (
    "AI_COMPLETE(model => 'llama3-8b', prompt => 'x', response_format => {'type': 'json', 'schema': {'type': 'object', "
    "'properties': {'label': {'type': 'string', 'enum': ['X', 'B']}, 'sure': {'type': 'boolean'}}, "
    "'required': ['label'], 'additionalProperties': FALSE}}"
)


@pytest.mark.works("SQL: Cortex functions", "Answers of a real model that do not follow the schema are row errors")
@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ('{"label": "A"}', "$.label is none of the values allowed"),
        ('{"sure": true}', "$ lacks the required field label"),
        ('{"label": "B", "sure": 1}', "$.sure is not of type boolean"),
        ('{"label": "B", "why": "it says so"}', "$ has a field that the schema does not have"),
        ('["B"]', "$ is not of type object"),
        ("It is B.", "the answer is no JSON"),
    ],
)
def test_an_answer_that_does_not_follow_its_schema_is_an_error(
    server: ModelServer, asking: Any, answer: str, problem: str
) -> None:
    server.reply = lambda _: said(answer)
    assert value(asking, f"{TWO_LABELS})") is None
    found = json.loads(value(asking, f"{TWO_LABELS}, return_error_details => TRUE)"))
    assert found == {"value": None, "error": f"json mode output validation error: {problem}"}
    options = TWO_LABELS.partition("response_format => ")[2]
    history = "[{'role': 'user', 'content': 'x'}]"
    call = f"SNOWFLAKE.CORTEX.COMPLETE('llama3-8b', {history}, {{'response_format': {options}}})"
    with pytest.raises(SnowparkSQLException, match="error: 422 '\"json mode output validation error"):
        value(asking, call)


def test_an_answer_that_follows_its_schema_is_the_value(server: ModelServer, asking: Any) -> None:
    server.reply = lambda _: said(' {"label":"B", "sure": false}\n')
    assert json.loads(value(asking, f"{TWO_LABELS})")) == {"label": "B", "sure": False}


@pytest.mark.works("Snowpark", "`cancel` of a statement that waits for a real model")
def test_a_statement_that_waits_for_a_hung_server_ends_as_soon_as_it_is_cancelled(
    server: ModelServer, asking: Any
) -> None:
    arrived, goes_on = threading.Event(), threading.Event()

    def hang(_: dict[str, Any]) -> Reply:
        arrived.set()
        goes_on.wait(30)
        return said("too late")

    server.reply = hang
    job = asking.sql("SELECT AI_COMPLETE('llama3-8b', 'never answered')").collect_nowait()
    try:
        assert arrived.wait(20)
        begun = time.monotonic()
        job.cancel()
        with pytest.raises(Exception, match="SQL execution canceled"):
            job.result()
        assert time.monotonic() - begun < 5
        # Its requests hold no place: others are answered, and what it asked was asked.
        server.reply = lambda _: said("at once")
        rows = asking.sql(
            "SELECT AI_COMPLETE('llama3-8b', 'n ' || SEQ4()) AS A FROM TABLE(GENERATOR(ROWCOUNT => 20))"
        ).collect()
        assert {row["A"] for row in rows} == {"at once"}
        asked = "SELECT COUNT(*) FROM SNOWFLAKE.ENGINE.ASKED WHERE TEXT = 'never answered'"
        assert asking.sql(asked).collect()[0][0] == 1
    finally:
        goes_on.set()


def test_rows_are_asked_at_the_same_time_and_keep_their_order(server: ModelServer, asking: Any) -> None:
    together = threading.Barrier(4, timeout=20)

    def reply(body: dict[str, Any]) -> Reply:
        together.wait()  # breaks unless four requests are under way at once
        return said(body["messages"][-1]["content"].upper())

    server.reply = reply
    rows = asking.sql(
        "SELECT COLUMN1 AS T, AI_COMPLETE('llama3-8b', COLUMN1) AS A FROM VALUES ('a'), ('b'), ('c'), ('d'), (NULL)"
    ).collect()
    assert [(row["T"], row["A"]) for row in rows] == [("a", "A"), ("b", "B"), ("c", "C"), ("d", "D"), (None, None)]


def test_what_passes_is_tried_again_and_what_does_not_is_the_rows_error(server: ModelServer, asking: Any) -> None:
    call = "AI_COMPLETE(model => 'llama3-8b', prompt => 'x', return_error_details => TRUE)"
    server.reply = lambda _: said("done") if len(server.asked) > 2 else (503, {})
    assert json.loads(value(asking, call)) == {"value": "done", "error": None}
    assert len(server.asked) == 3
    for status, wording in ((400, "status 400"), (429, "status 429, after 3 attempts")):
        server.reply = lambda _, status=status: (status, {})  # type: ignore[misc] # the default binds the loop's value
        found = json.loads(value(asking, call))
        assert found["value"] is None
        assert wording in found["error"]
    server.reply = lambda _: (200, {"choices": []})
    assert "holds no message" in json.loads(value(asking, call))["error"]
    with pytest.raises(SnowparkSQLException, match="holds no message"):
        value(asking, "SNOWFLAKE.CORTEX.COMPLETE('llama3-8b', 'x')")


def test_one_rows_error_leaves_the_others(server: ModelServer, asking: Any) -> None:
    server.reply = lambda body: (400, {}) if body["messages"][-1]["content"] == "bad" else said("good")
    rows = asking.sql("SELECT AI_COMPLETE('llama3-8b', COLUMN1) AS A FROM VALUES ('bad'), ('fine')").collect()
    assert [row["A"] for row in rows] == [None, "good"]


@pytest.mark.works("SQL: Cortex functions", "`AI_TRANSLATE`, `TRANSLATE`, `AI_SUMMARIZE` with `CORTEX_TICKETS_LLM_URL`")
def test_translations_and_summaries_are_the_models(server: ModelServer, asking: Any) -> None:
    server.reply = lambda body: said(f"{body['messages'][0]['content']} | {body['messages'][1]['content']}")
    told = value(asking, "SNOWFLAKE.CORTEX.TRANSLATE('Hallo', 'de_DE', 'en_US')")
    assert told == "Translate the text from German into English. Answer with the translation alone. | Hallo"
    assert "into French" in value(asking, "AI_TRANSLATE('Hallo', '', 'fr')")
    assert value(asking, "SNOWFLAKE.CORTEX.SUMMARIZE('A text.')").endswith("| A text.")
    assert value(asking, "AI_SUMMARIZE('short')") == "short"
    assert value(asking, "AI_SUMMARIZE(REPEAT('long ', 30))").startswith("Summarize")
    assert value(asking, "AI_AGG('A text.', 'Count the texts')") == "Count the texts | A text."


@pytest.mark.works("The quickstarts", "`translate` as written, with `CORTEX_TICKETS_LLM_URL`")
def test_the_guides_translations_as_written(server: ModelServer, asking: Any) -> None:
    said_in_english = {"wie geht es dir heute?": "How are you today?", "Guten Tag": "Good day", "Danke": "Thank you"}
    server.reply = lambda body: said(said_in_english[body["messages"][-1]["content"]])
    asked = "snowflake.cortex.translate('wie geht es dir heute?','de_DE','en_XX');"
    assert value(asking, asked) == "How are you today?"
    assert "from German into English" in server.asked[0]["messages"][0]["content"]
    asking.sql(
        "create or replace table call_transcripts as select column1 as language, column2 as transcript "
        "from values ('German', 'Guten Tag'), ('German', 'Danke'), ('French', 'Merci'), ('German', null)"
    ).collect()
    batch = (
        "select transcript,snowflake.cortex.translate(transcript,'de_DE','en_XX') from call_transcripts "
        "where language = 'German';"
    )
    assert {tuple(row) for row in asking.sql(batch).collect()} == {
        ("Guten Tag", "Good day"),
        ("Danke", "Thank you"),
        (None, None),
    }
    page = "select snowflake.cortex.translate('Danke','de','en') as response"
    assert asking.sql(page).to_pandas().iloc[0]["RESPONSE"] == "Thank you"


def test_an_address_that_is_none_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORTEX_TICKETS_LLM_URL", "localhost:11434")
    with pytest.raises(ValueError, match="CORTEX_TICKETS_LLM_URL must be an http or https address"):
        local.Engine()
