"""Arguments of the Cortex functions: other names, flags, parameters, response formats; and tokens that agree."""

import json
from typing import Any
from uuid import uuid4

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException

TEXT = "I lost my phone on the train, and Ann Miller helped me."
ASK = "AI_COMPLETE(model => 'claude-sonnet-4-6', prompt => 'Which label? I lost my phone', response_format => {})"

DESCRIBED = (
    "[{'label': 'Lost', 'description': 'it is gone'}, {'label': 'Other'}], {'task_description': 'Sort them', "
    "'examples': [{'input': 'gone', 'labels': ['Lost'], 'explanation': 'it is away'}]}"
)


def value(session: Any, sql: str, *params: Any) -> Any:
    return session.sql(f"SELECT {sql}", params=list(params) or None).collect()[0][0]


def refused(session: Any, sql: str) -> tuple[int | None, str]:
    with pytest.raises(SnowparkSQLException) as raised:
        session.sql(f"SELECT {sql}").collect()
    return raised.value.sql_error_code, str(raised.value.raw_message)


@pytest.mark.works("SQL: Cortex functions", "Arguments by name and by position")
@pytest.mark.parametrize(
    ("named", "positional"),
    [
        ("AI_FILTER(predicate => ?)", "AI_FILTER(?)"),
        ("AI_REDACT(input => ?, categories => ['NAME'])", "AI_REDACT(?, ['NAME'])"),
        ("AI_EMBED(model => 'e5-base-v2', input => ?)", "AI_EMBED('e5-base-v2', ?)"),
        ("AI_EXTRACT(text => ?, responseFormat => ['Who?'])", "AI_EXTRACT(?, ['Who?'])"),
        ("AI_COMPLETE(prompt => ?, model => 'llama3.1-8b')", "AI_COMPLETE('llama3.1-8b', ?)"),
        ("AI_SENTIMENT(text => ?)", "AI_SENTIMENT(?)"),
        ("AI_SUMMARIZE(text => ?)", "AI_SUMMARIZE(?)"),
        ("SNOWFLAKE.CORTEX.SUMMARIZE(text => ?)", "SNOWFLAKE.CORTEX.SUMMARIZE(?)"),
        (
            "AI_CLASSIFY(input => ?, categories => ['Lost phone', 'Other'], config_object => {'output_mode': 'multi'})",
            "AI_CLASSIFY(?, ['Lost phone', 'Other'], {'output_mode': 'multi'})",
        ),
        ("AI_SUMMARIZE_AGG(expr => ?)", "AI_SUMMARIZE_AGG(?)"),
        ("AI_AGG(expr => ?, instruction => 'Who helped?')", "AI_AGG(?, 'Who helped?')"),
        (
            "AI_TRANSLATE(text => ?, source_language => 'en', target_language => 'xx', return_error_details => TRUE)",
            "AI_TRANSLATE(?, 'en', 'xx', TRUE)",
        ),
        (
            "AI_SIMILARITY(input1 => ?, input2 => 'lost phone', config_object => {'model': 'e5-base-v2'})",
            "AI_SIMILARITY(?, 'lost phone', {'model': 'e5-base-v2'})",
        ),
        (
            "AI_COUNT_TOKENS(function_name => 'ai_complete', model_name => 'llama3.1-8b', input_text => ?)",
            "AI_COUNT_TOKENS('ai_complete', 'llama3.1-8b', ?)",
        ),
        (
            "AI_COUNT_TOKENS(function_name => 'ai_classify', input_text => ?, categories => ['Lost phone', 'Other'])",
            "AI_COUNT_TOKENS('ai_classify', ?, ['Lost phone', 'Other'])",
        ),
        (
            "AI_COUNT_TOKENS(function_name => 'ai_similarity', input_text_1 => ?, input_text_2 => 'lost phone')",
            "AI_COUNT_TOKENS('ai_similarity', ?, 'lost phone')",
        ),
    ],
)
def test_a_named_call_gives_what_the_positional_one_gives(session: Any, named: str, positional: str) -> None:
    found = value(session, named, TEXT)
    assert found == value(session, positional, TEXT)
    assert found is not None


@pytest.mark.parametrize(
    "call",
    [
        "AI_COMPLETE(model => 'llama3.1-8b', prompt => 'x', show_details => 'yes')",
        "AI_COMPLETE(model => 'llama3.1-8b', prompt => 'x', return_error_details => 1)",
        "AI_CLASSIFY('x', ['a', 'b'], {}, 'yes')",
        "AI_FILTER('x', 'yes')",
        "AI_EXTRACT(text => 'x', responseFormat => ['Who?'], scores => 'yes')",
        "AI_SENTIMENT('x', ['a'], 1)",
        "AI_TRANSLATE('x', 'en', 'de', 'yes')",
        "AI_SUMMARIZE('x', 'yes')",
        "AI_REDACT('x', ['NAME'], 'yes')",
        "AI_COUNT_TOKENS('ai_sentiment', 'x', return_error_details => 'yes')",
    ],
)
def test_a_flag_is_true_or_false(session: Any, call: str) -> None:
    code, words = refused(session, call)
    assert code == 1044
    assert "must be TRUE or FALSE" in words


@pytest.mark.works("SQL: Cortex functions", "`model_parameters`: `temperature`, `top_p`, `max_tokens`, `guardrails`")
@pytest.mark.parametrize(
    ("parameters", "wording"),
    [
        ("{'temperature': 1.5}", "temperature must be a number from 0 to 1"),
        ("{'temperature': 'warm'}", "temperature must be a number from 0 to 1"),
        ("{'top_p': -0.1}", "top_p must be a number from 0 to 1"),
        ("{'max_tokens': 0}", "max_tokens must be a whole number from 1 on"),
        ("{'max_tokens': 1.5}", "max_tokens must be a whole number from 1 on"),
        ("{'guardrails': 'yes'}", "guardrails must be TRUE or FALSE"),
        ("'temperature'", "invalid options object"),
    ],
)
def test_parameters_out_of_their_range_are_refused(session: Any, parameters: str, wording: str) -> None:
    for call in (
        f"AI_COMPLETE('llama3.1-8b', 'x', {parameters})",
        f"SNOWFLAKE.CORTEX.COMPLETE('llama3.1-8b', [{{'role': 'user', 'content': 'x'}}], {parameters})",
    ):
        code, words = refused(session, call)
        assert code == 512513
        assert wording in words


def test_parameters_in_their_range_are_taken(session: Any) -> None:
    every = "{'temperature': 1, 'top_p': 0.5, 'max_tokens': 16384, 'guardrails': TRUE}"
    assert value(session, f"AI_COMPLETE('claude-sonnet-4-6', 'Say it', {every})")
    history = "[{'role': 'user', 'content': 'x'}]"
    legacy = f"SNOWFLAKE.CORTEX.COMPLETE('llama3.1-8b', {history}, {{'max_tokens': %d}})"
    assert json.loads(value(session, legacy % 8192))["choices"]
    assert "max_tokens must be at most 8192" in refused(session, legacy % 8193)[1]


@pytest.mark.works("SQL: Cortex functions", "Limits of a `response_format`")
@pytest.mark.parametrize(
    ("schema", "wording"),
    [
        ("{'type': 'object', 'properties': {'two words': {'type': 'string'}}}", "key 'two words' does not match"),
        ("{'type': 'object', 'properties': {'%s': {'type': 'string'}}}" % ("k" * 65), "does not match"),
        ("{'type': 'object', 'properties': {'a': {'$ref': 'other.json'}}}", "$ref must name one of the schema's own"),
        ("{'type': 'object', 'properties': {'a': {'$ref': '#/$defs/b'}}}", "$ref must name one of the schema's own"),
        ("{'type': 'object', 'properties': {'a': {'$ref': 'b'}}, '$defs': {'b': {'type': 'null'}}}", "$ref must name"),
        ("{'type': 'array', 'items': {'type': 'object', 'properties': {'a': {'minimum': 1}}}}", "keyword minimum"),
    ],
)  # fmt: skip
def test_schemas_outside_the_documented_ones_are_refused(session: Any, schema: str, wording: str) -> None:
    _, words = refused(session, ASK.format(f"{{'type': 'json', 'schema': {schema}}}"))
    assert "input schema validation error" in words
    assert wording in words


def test_a_reference_to_the_schemas_own_definition_is_followed(session: Any) -> None:
    schema = (
        "{'type': 'object', 'properties': {'label': {'$ref': '#/$defs/one'}}, 'required': ['label'], "
        "'$defs': {'one': {'type': 'string', 'enum': ['Lost phone', 'Slow data']}}}"
    )
    assert json.loads(value(session, ASK.format(f"{{'type': 'json', 'schema': {schema}}}"))) == {"label": "Lost phone"}


@pytest.mark.works("SQL: Cortex functions", "`TYPE OBJECT(..)` as a `response_format`")
class TestTypeLiterals:
    def test_a_type_is_the_schema_that_it_stands_for(self, session: Any) -> None:
        literal = (
            "TYPE OBJECT(label STRING, n INT, share FLOAT, price NUMBER(10, 2), sure BOOLEAN, "
            "words ARRAY(STRING), inner_one OBJECT(a VARCHAR(10)))"
        )
        found = json.loads(value(session, ASK.format(literal)))
        assert list(found) == ["label", "n", "share", "price", "sure", "words", "inner_one"]
        assert isinstance(found["words"], list)
        assert isinstance(found["sure"], bool)
        assert list(found["inner_one"]) == ["a"]

    def test_it_stands_by_position_and_over_a_table_too(self, session: Any) -> None:
        sql = (
            "AI_COMPLETE('claude-sonnet-4-6', 'Summarize: ' || T, {'temperature': 0}, type object(summary string)) "
            "FROM (SELECT 'I lost my phone.' AS T)"
        )
        assert list(json.loads(value(session, sql))) == ["summary"]

    @pytest.mark.parametrize(
        "literal", ["OBJECT()", "OBJECT(a VARIANT)", "OBJECT(a DATE)", "OBJECT(a MAP(VARCHAR, INT))", "OBJECT(a ARRAY)"]
    )
    def test_what_has_no_mapping_does_not_compile(self, session: Any, literal: str) -> None:
        assert refused(session, ASK.format(f"TYPE {literal}"))[0] == 1044

    def test_a_column_may_be_called_type(self, session: Any) -> None:
        session.sql("CREATE TABLE TYPED (TYPE OBJECT, NAME VARCHAR DEFAULT 'TYPE OBJECT(')").collect()
        session.sql("INSERT INTO TYPED (TYPE) SELECT {'a': 1}").collect()
        assert session.sql("SELECT TYPE:a::INT, NAME FROM TYPED").collect()[0].as_dict() == {
            "TYPE:A::INT": 1,
            "NAME": "TYPE OBJECT(",
        }


def test_a_prompt_object_takes_no_response_format(session: Any) -> None:
    prompt = "PROMPT('Which label? {0}', 'I lost my phone')"
    call = f"AI_COMPLETE('claude-sonnet-4-6', {prompt}, {{'temperature': 0}}, TYPE OBJECT(label STRING))"
    assert "a prompt object takes no response_format" in refused(session, call)[1]
    assert value(session, f"AI_COMPLETE('claude-sonnet-4-6', {prompt}, {{'temperature': 0}})")


class TestRedactionThatFails:
    def test_the_sessions_parameter_makes_it_null(self, session: Any) -> None:
        long = "AI_REDACT(REPEAT('word ', 5000))"
        assert refused(session, long)[0] == 512513
        session.sql("ALTER SESSION SET AI_SQL_ERROR_HANDLING_USE_FAIL_ON_ERROR = FALSE").collect()
        assert value(session, long) is None
        session.sql("ALTER SESSION UNSET AI_SQL_ERROR_HANDLING_USE_FAIL_ON_ERROR").collect()
        assert refused(session, long)[0] == 512513

    def test_null_in_the_place_of_the_categories_fails(self, session: Any) -> None:
        assert "invalid categories" in refused(session, "AI_REDACT('x', NULL, mode => 'detect')")[1]


class TestTokens:
    """What a function writes into its log and its details is what AI_COUNT_TOKENS counts."""

    @pytest.mark.works("SQL: Cortex functions", "`AI_COUNT_TOKENS`")
    @pytest.mark.parametrize(
        ("call", "counted"),
        [
            ("AI_COMPLETE('llama3.1-8b', ?)", "'ai_complete', 'llama3.1-8b', ?"),
            (
                "AI_COMPLETE('llama3.1-8b', ?, {'temperature': 0, 'max_tokens': 10})",
                "'ai_complete', 'llama3.1-8b', ?, {'temperature': 0, 'max_tokens': 10}",
            ),
            ("AI_CLASSIFY(?, ['Lost phone', 'Other'])", "'ai_classify', ?, ['Lost phone', 'Other']"),
            (f"AI_CLASSIFY(?, {DESCRIBED})", f"'ai_classify', ?, {DESCRIBED}"),
            ("AI_FILTER(?)", "'ai_filter', ?"),
            ("AI_SENTIMENT(?)", "'ai_sentiment', ?"),
            ("AI_SENTIMENT(?, ['phone', 'train'])", "'ai_sentiment', ?, ['phone', 'train']"),
            ("AI_EXTRACT(?, {'who': 'Who helped?'})", "'ai_extract', ?, {'who': 'Who helped?'}"),
            ("AI_EXTRACT(?, ['Who helped?'])", "'ai_extract', ?, ['Who helped?']"),
            ("AI_SUMMARIZE(?)", "'ai_summarize', ?"),
            ("AI_SUMMARIZE_AGG(?)", "'ai_summarize_agg', ?"),
            ("AI_AGG(?, 'Who helped?')", "'ai_agg', ?, 'Who helped?'"),
            ("AI_EMBED('e5-base-v2', ?)", "'ai_embed', 'e5-base-v2', ?"),
            ("AI_SIMILARITY(?, 'lost phone')", "'ai_similarity', ?, 'lost phone'"),
            (
                "AI_SIMILARITY(?, 'lost phone', {'model': 'e5-base-v2'})",
                "'ai_similarity', ?, 'lost phone', {'model': 'e5-base-v2'}",
            ),
            ("AI_REDACT(?)", "'ai_redact', ?"),
            ("AI_REDACT(?, ['NAME', 'EMAIL'])", "'ai_redact', ?, ['NAME', 'EMAIL']"),
        ],
    )
    def test_a_call_costs_what_was_counted(self, session: Any, call: str, counted: str) -> None:
        tag = f"tokens {uuid4().hex}"
        session.sql(f"SELECT {call}", params=[TEXT]).collect(statement_params={"QUERY_TAG": tag})
        asked = session.sql("SELECT INPUT_TOKENS FROM SNOWFLAKE.ENGINE.ASKED WHERE QUERY_TAG = ?", params=[tag])
        assert [row[0] for row in asked.collect()] == [value(session, f"AI_COUNT_TOKENS({counted})", TEXT)]

    @pytest.mark.differs(
        "SQL: Cortex functions",
        "`AI_COUNT_TOKENS` with a `response_format`",
        how="It counts the texts of the format, too; the usage that AI_COMPLETE tells is that of the prompt alone.",
    )
    def test_a_response_format_is_counted_and_not_in_the_usage(self, session: Any) -> None:
        schema = "{'type': 'json', 'schema': {'type': 'object', 'properties': {'a': {'type': 'string'}}}}"
        call = (
            f"AI_COMPLETE(model => 'claude-sonnet-4-6', prompt => ?, response_format => {schema}, show_details => TRUE)"
        )
        alone = value(session, "AI_COUNT_TOKENS('ai_complete', 'claude-sonnet-4-6', ?)", TEXT)
        assert json.loads(value(session, call, TEXT))["usage"]["prompt_tokens"] == alone
        options = f"{{'response_format': {schema}}}"
        assert value(session, f"AI_COUNT_TOKENS('ai_complete', 'claude-sonnet-4-6', ?, {options})", TEXT) == alone + 3

    def test_the_languages_of_a_translation_count_nothing(self, session: Any) -> None:
        assert value(session, "AI_COUNT_TOKENS('ai_translate', 'I love it', 'en')") == 3
        assert value(session, "AI_COUNT_TOKENS('ai_translate', 'I love it')") == 3

    @pytest.mark.parametrize("call", ["'ai_sentiment', 'x', TRUE", "'ai_complete', 'llama3.1-8b', 'x', TRUE"])
    def test_the_flag_by_its_place_gives_null(self, session: Any, call: str) -> None:
        assert value(session, f"AI_COUNT_TOKENS({call})") is None

    def test_a_null_text_has_no_count(self, session: Any) -> None:
        assert value(session, "AI_COUNT_TOKENS('ai_sentiment', NULL)") is None

    def test_each_rows_own_categories_count(self, session: Any) -> None:
        rows = session.sql(
            "SELECT AI_COUNT_TOKENS('ai_classify', 'I love it', C) AS N FROM (SELECT ['a', 'b'] AS C "
            "UNION ALL SELECT ['a', 'b', 'c']) ORDER BY N"
        ).collect()
        assert [row["N"] for row in rows] == [5, 6]


@pytest.mark.works(
    "SQL: Cortex functions", "`AI_CLASSIFY` takes its config as a constant object, as Snowpark writes it"
)
@pytest.mark.parametrize(
    "config",
    [
        'PARSE_JSON(\'{"task_description": "x"}\') :: OBJECT',
        "OBJECT_CONSTRUCT('task_description', 'x')",
        "{'task_description': T}",
        "C",
    ],
)
def test_a_config_that_is_not_spelt_out_is_refused(session: Any, config: str) -> None:
    source = "(SELECT 'x' AS T, {'task_description': 'x'} AS C)"
    with pytest.raises(SnowparkSQLException, match="'CONFIG' is not a constant"):
        session.sql(f"SELECT AI_CLASSIFY(T, ['a', 'b'], {config}) FROM {source}").collect()
