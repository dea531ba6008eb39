"""The Cortex functions of the engine: arguments, shapes, errors, the log of what was asked."""

import json
from typing import Any

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException
from snowflake.snowpark.functions import ai_classify, ai_complete, col

from cortex_tickets import local

SCHEMA = (
    "{'type': 'json', 'schema': {'type': 'object', 'properties': {'Label': {'type': 'string', "
    "'enum': ['Lost phone', 'Slow data']}}, 'required': ['Label']}}"
)
LONG = "REPEAT('word ', 200000)"


def value(session: Any, sql: str, *params: Any) -> Any:
    return session.sql(sql, params=list(params) or None).collect()[0][0]


def refusal(session: Any, sql: str) -> SnowparkSQLException:
    with pytest.raises(SnowparkSQLException) as raised:
        session.sql(sql).collect()
    return raised.value


class TestComplete:
    @pytest.mark.works("SQL: Cortex functions", "`AI_COMPLETE`")
    def test_the_plain_call_gives_text(self, session: Any) -> None:
        assert isinstance(value(session, "SELECT AI_COMPLETE('llama3.1-8b', 'Say something.')"), str)
        assert value(session, "SELECT AI_COMPLETE('llama3.1-8b', NULL)") is None

    @pytest.mark.works(
        "SQL: Cortex functions", "`AI_COMPLETE` with `response_format`, `show_details`, `return_error_details`"
    )
    def test_details_and_errors_stand_in_the_documented_places(self, session: Any) -> None:
        found = json.loads(
            value(
                session,
                "SELECT AI_COMPLETE(model => 'claude-sonnet-4-6', prompt => ?, "
                f"model_parameters => {{'temperature': 0}}, response_format => {SCHEMA}, "
                "show_details => TRUE, return_error_details => TRUE)",
                "Label this ticket as Lost phone or Slow data: I lost my phone.",
            )
        )
        assert found["error"] is None
        assert found["value"]["structured_output"] == [{"raw_message": {"Label": "Lost phone"}, "type": "json"}]
        usage = found["value"]["usage"]
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
        assert found["value"]["model"] == "claude-sonnet-4-6"

    def test_details_without_a_schema_have_choices(self, session: Any) -> None:
        found = json.loads(value(session, "SELECT AI_COMPLETE('llama3.1-8b', 'Hi', NULL, NULL, TRUE)"))
        assert isinstance(found["choices"][0]["messages"], str)

    @pytest.mark.works("SQL: Cortex functions", "`AI_COMPLETE`", "`AI_COUNT_TOKENS`")
    def test_tokens_agree_with_the_counting_function(self, session: Any) -> None:
        text = "It's $90 for roaming in Japan!\nWhy?"
        asked = value(session, "SELECT AI_COMPLETE(model => 'llama3.1-8b', prompt => ?, show_details => TRUE)", text)
        counted = value(session, "SELECT AI_COUNT_TOKENS('ai_complete', 'llama3.1-8b', ?)", text)
        assert json.loads(asked)["usage"]["prompt_tokens"] == counted

    @pytest.mark.works("SQL: Cortex functions", "`AI_COMPLETE`", "`TRY_COMPLETE`")
    def test_an_error_of_a_row_is_null_or_stands_beside_it_and_raises_in_the_legacy_form(self, session: Any) -> None:
        assert value(session, f"SELECT AI_COMPLETE('llama3.1-8b', {LONG})") is None
        with_details = value(session, f"SELECT AI_COMPLETE('llama3.1-8b', {LONG}, return_error_details => TRUE)")
        assert json.loads(with_details) == {"value": None, "error": "max tokens of 128000 exceeded"}
        assert refusal(session, f"SELECT SNOWFLAKE.CORTEX.COMPLETE('llama3.1-8b', {LONG})").sql_error_code == 512513
        assert value(session, f"SELECT SNOWFLAKE.CORTEX.TRY_COMPLETE('llama3.1-8b', {LONG})") is None

    @pytest.mark.works("SQL: Cortex functions", "Models that are unknown, legacy or gone are refused")
    @pytest.mark.parametrize(
        ("model", "wording"),
        [
            ("no-such-model", 'unknown model "no-such-model"'),
            ("snowflake-arctic", 'unknown model "snowflake-arctic"'),
            ("mistral-7b", "The model mistral-7b has been in legacy state, please use other models."),
            ("mistral-large", "deprecated on July 8, 2026"),
        ],
    )
    def test_a_model_that_does_not_answer_fails_the_statement(self, session: Any, model: str, wording: str) -> None:
        error = refusal(session, f"SELECT AI_COMPLETE('{model}', 'x')")
        assert error.sql_error_code == 512513
        assert wording in str(error.raw_message)
        assert "remote service error: '400 '" in str(error.raw_message)

    @pytest.mark.works("SQL: Cortex functions", "`PROMPT`")
    def test_prompt_objects_are_filled_in(self, session: Any) -> None:
        found = session.sql("SELECT AI_COMPLETE('llama3.1-8b', PROMPT('Say {0} and {1}', X, 7)) FROM (SELECT 'a' AS X)")
        assert "Say a and 7" in found.collect()[0][0]
        assert "{2}" in str(refusal(session, "SELECT AI_COMPLETE('llama3.1-8b', PROMPT('{2}', 'a'))").raw_message)

    @pytest.mark.works("SQL: Cortex functions", "Prompt histories that are empty or have unknown roles are refused")
    @pytest.mark.parametrize(
        ("history", "wording"), [("[{'role': 'bogus', 'content': 'x'}]", "role of a message"), ("[]", "is empty")]
    )
    def test_a_history_that_is_none_is_refused(self, session: Any, history: str, wording: str) -> None:
        call = f"COMPLETE('llama3.1-8b', {history}, {{}})"
        error = refusal(session, f"SELECT SNOWFLAKE.CORTEX.{call}")
        assert f"invalid options object: the {'prompt history' if history == '[]' else ''}" in str(error.raw_message)
        assert wording in str(error.raw_message)
        assert value(session, f"SELECT SNOWFLAKE.CORTEX.TRY_{call}") is None

    @pytest.mark.works("SQL: Cortex functions", "`COMPLETE`")
    def test_the_legacy_form_with_options_takes_messages_and_gives_details(self, session: Any) -> None:
        sql = "SELECT SNOWFLAKE.CORTEX.COMPLETE('llama3.1-8b', [{'role': 'user', 'content': 'Hi'}], {})"
        assert json.loads(value(session, sql))["choices"]
        assert "options" in str(
            refusal(session, "SELECT SNOWFLAKE.CORTEX.COMPLETE('llama3.1-8b', 'Hi', {})").raw_message
        )

    @pytest.mark.parametrize(
        ("response_format", "wording"),
        [
            ("{'schema': {'type': 'object'}}", "please provide a type"),
            ("{'type': 'json'}", "please provide a schema"),
            ("{'type': 'json', 'schema': {'type': 'string', 'maxLength': 3}}", "input schema validation error"),
        ],
    )
    def test_a_bad_response_format_is_refused(self, session: Any, response_format: str, wording: str) -> None:
        error = refusal(session, f"SELECT AI_COMPLETE('llama3.1-8b', 'x', response_format => {response_format})")
        assert wording in str(error.raw_message)

    @pytest.mark.parametrize("arguments", ["'llama3.1-8b'", "'llama3.1-8b', 'x', wrong => 1", "'m', 'x', model => 'm'"])
    def test_wrong_arguments_do_not_compile(self, session: Any, arguments: str) -> None:
        assert refusal(session, f"SELECT AI_COMPLETE({arguments})").sql_error_code == 1044

    def test_snowparks_own_functions_work(self, session: Any) -> None:
        frame = session.create_dataframe([["I lost my phone"]], schema=["T"])
        assert isinstance(frame.select(ai_complete("llama3.1-8b", col("T"))).collect()[0][0], str)
        labels = frame.select(ai_classify(col("T"), ["Lost phone", "Slow data"])).collect()[0][0]
        assert json.loads(labels) == {"labels": ["Lost phone"]}

    def test_a_value_may_be_used_beside_its_name(self, session: Any) -> None:
        call = "AI_COMPLETE(model => 'llama3.1-8b', prompt => 'Hi', show_details => TRUE)"
        sql = f"SELECT {call} AS R, R:model::VARCHAR AS M"
        assert session.sql(sql).collect()[0]["M"] == "llama3.1-8b"


class TestClassify:
    @pytest.mark.works("SQL: Cortex functions", "`AI_CLASSIFY`")
    @pytest.mark.parametrize(
        "rest",
        [
            "['Lost phone', 'Slow data']",
            "[{'label': 'Lost phone', 'description': 'the device is gone'}, {'label': 'Slow data'}]",
            "PARSE_JSON('[\"Lost phone\", \"Slow data\"]') :: ARRAY, {'task_description': 'Sort tickets'}",
            (
                "['Lost phone', 'Slow data'], {'output_mode': 'multi', "
                "'examples': [{'input': 'gone', 'labels': ['Lost phone'], 'explanation': 'it is gone'}]}"
            ),
        ],
    )
    def test_the_label_is_one_of_those_given(self, session: Any, rest: str) -> None:
        found = json.loads(value(session, f"SELECT AI_CLASSIFY('I lost my phone', {rest})"))
        assert found == {"labels": ["Lost phone"]}

    @pytest.mark.works("SQL: Cortex functions", "`AI_CLASSIFY`")
    def test_error_details_by_place_and_by_name(self, session: Any) -> None:
        for last in ("{'task_description': 'x'}, TRUE", "return_error_details => TRUE", "TRUE"):
            found = json.loads(value(session, f"SELECT AI_CLASSIFY('my lost phone', ['Lost phone', 'Other'], {last})"))
            assert found == {"value": {"labels": ["Lost phone"]}, "error": None}

    @pytest.mark.parametrize(
        "rest", ["['a']", "'a'", "['a', 1]", "['a', 'b'], {'wrong': 1}", "['a', 'b'], {'output_mode': 'some'}"]
    )
    def test_bad_arguments_are_refused(self, session: Any, rest: str) -> None:
        assert refusal(session, f"SELECT AI_CLASSIFY('x', {rest})").sql_error_code == 512513


class TestLog:
    @pytest.mark.works("Sessions and state", "A log of every text asked: `SNOWFLAKE.ENGINE.ASKED`")
    def test_every_row_asked_is_written_down_once_equal_rows_included(self, session: Any) -> None:
        session.sql("CREATE TABLE ASKING AS SELECT COLUMN1 AS T FROM VALUES ('a'), ('a'), ('b'), (NULL)").collect()
        asking = "SELECT T, AI_COMPLETE('llama3.1-8b', T) AS R FROM ASKING"
        session.sql(f"CREATE TABLE DONE AS SELECT * FROM ({asking}) WHERE R IS NOT NULL").collect(
            statement_params={"QUERY_TAG": "tag of this test"}
        )
        logged = session.sql(
            'SELECT TEXT, COUNT(*), MIN("FUNCTION"), MIN(MODEL), MIN(USER_NAME), MIN(TEXT_HASH), MIN(INPUT_TOKENS) '
            "FROM SNOWFLAKE.ENGINE.ASKED WHERE QUERY_TAG = 'tag of this test' GROUP BY TEXT ORDER BY TEXT"
        ).collect()
        assert [tuple(row)[:5] for row in logged] == [
            ("a", 2, "AI_COMPLETE", "llama3.1-8b", "ENGINE"),
            ("b", 1, "AI_COMPLETE", "llama3.1-8b", "ENGINE"),
        ]
        assert logged[0][5] == value(session, "SELECT SHA2('a', 256)")
        assert logged[0][6] == 1


class TestCatalog:
    @pytest.mark.works("SQL: statements", "`SHOW CORTEX BASE MODELS`")
    def test_base_models_are_shown_with_their_lifecycle(self, session: Any) -> None:
        shown = {
            row["name"]: row.as_dict()
            for row in session.sql("SHOW CORTEX BASE MODELS IN SCHEMA SNOWFLAKE.MODELS").collect()
        }
        assert list(shown["llama3.1-8b"]) == [
            *("created_on", "name", "model_type", "database_name", "schema_name", "owner", "lifecycle_status"),
            *("in_region_availability", "legacy_date", "eol_date", "cross_region_availability"),
        ]
        assert {
            name: tuple(shown[name][key] for key in ("lifecycle_status", "legacy_date", "eol_date"))
            for name in ("llama3.1-8b", "grok-4.6", "mistral-7b", "mistral-large")
        } == {
            "llama3.1-8b": ("GA", None, None),
            "grok-4.6": ("PUPR", None, None),
            "mistral-7b": ("LEGACY", "2026-08-12", "No sooner than 2026/10/14"),
            "mistral-large": ("EOL", "2026-05-01", "2026-07-08"),
        }
        assert shown["llama3.1-8b"]["in_region_availability"] == '["EMBEDDED_ENGINE"]'
        assert shown["mistral-large"]["in_region_availability"] == "[]"
        assert shown["mistral-large"]["cross_region_availability"] is None

    @pytest.mark.works("SQL: statements", "`SHOW CORTEX BASE MODELS`")
    @pytest.mark.parametrize(
        ("clauses", "n_models"),
        [
            ("IN SNOWFLAKE.MODELS LIKE 'LLAMA3.1-8_'", 1),
            ("LIKE 'LLAMA3.1-8_' IN SCHEMA SNOWFLAKE.MODELS", 1),
            ("IN SCHEMA SNOWFLAKE.MODELS STARTS WITH 'llama3.1-8'", 1),
            ("IN SCHEMA SNOWFLAKE.MODELS STARTS WITH 'LLAMA3.1-8'", 0),
            ("IN ACCOUNT LIMIT 2", 2),
            ("IN DATABASE SNOWFLAKE LIMIT 2", 2),
            ("IN SCHEMA CORTEX_TICKETS.PUBLIC", 0),
            ("LIKE '%it''s%' IN ACCOUNT", 0),
            ("", 0),
            ("LIKE '%'", 0),
        ],
    )
    def test_models_are_chosen_and_without_the_schema_there_are_none(
        self, session: Any, clauses: str, n_models: int
    ) -> None:
        assert len(session.sql(f"SHOW CORTEX BASE MODELS {clauses}").collect()) == n_models

    def test_the_database_of_the_models_shows_them_without_naming_it(self, engine: local.Engine) -> None:
        with engine.session() as session:
            session.sql("USE DATABASE SNOWFLAKE").collect()
            assert len(session.sql("SHOW CORTEX BASE MODELS LIMIT 2").collect()) == 2

    def test_the_list_can_be_refreshed_and_wrong_clauses_are_refused(self, session: Any) -> None:
        assert len(session.sql("CALL SNOWFLAKE.MODELS.CORTEX_BASE_MODELS_REFRESH()").collect()) == 1
        assert refusal(session, "SHOW CORTEX BASE MODELS DANCING").sql_error_code == 1003

    @pytest.mark.works("Sessions and state", "The models of an earlier day: `as_of`")
    def test_an_engine_of_the_guides_day_has_the_guides_models(self) -> None:
        with local.Engine(as_of="2024-08-01") as engine, engine.session() as session:
            assert isinstance(value(session, "SELECT SNOWFLAKE.CORTEX.COMPLETE('mistral-large', 'Hi')"), str)
            assert isinstance(value(session, "SELECT SNOWFLAKE.CORTEX.COMPLETE('reka-flash', 'Hi')"), str)
            assert "unknown model" in str(refusal(session, "SELECT AI_COMPLETE('claude-sonnet-4-6', 'Hi')").raw_message)
            shown = {row["name"] for row in session.sql("SHOW CORTEX BASE MODELS IN SCHEMA SNOWFLAKE.MODELS").collect()}
            assert "snowflake-arctic" in shown
            assert "claude-sonnet-4-6" not in shown
