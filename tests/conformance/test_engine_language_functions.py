"""The task functions of the engine through SQL: shapes, limits, and what a row that fails becomes."""

import json
from typing import Any

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException

from cortex_tickets import local

LEGACY = "SNOWFLAKE.CORTEX"
NEEDS_MODEL = (
    "Translation on the embedded engine needs a real model: set CORTEX_TICKETS_LLM_URL to the address of an "
    "OpenAI-compatible server before the engine starts."
)


def value(session: Any, sql: str, *params: Any) -> Any:
    return session.sql(f"SELECT {sql}", params=list(params) or None).collect()[0][0]


def refusal(session: Any, sql: str, code: int = 512513) -> str:
    with pytest.raises(SnowparkSQLException) as raised:
        session.sql(f"SELECT {sql}").collect()
    assert raised.value.sql_error_code == code
    return str(raised.value.raw_message)


class TestTranslate:
    @pytest.mark.differs(
        "SQL: Cortex functions",
        "`AI_TRANSLATE`",
        how="Without `CORTEX_TICKETS_LLM_URL` each row's error says that translation needs a real model.",
    )
    @pytest.mark.differs(
        "SQL: Cortex functions",
        "`TRANSLATE`",
        how="Without `CORTEX_TICKETS_LLM_URL` it raises, saying that translation needs a real model.",
    )
    def test_without_a_real_model_each_row_says_what_it_needs(self, session: Any) -> None:
        assert value(session, "AI_TRANSLATE('Hello', '', 'de')") is None
        found = json.loads(value(session, "AI_TRANSLATE('Hello', 'en', 'de', TRUE)"))
        assert found == {"value": None, "error": NEEDS_MODEL}
        assert NEEDS_MODEL in refusal(session, f"{LEGACY}.TRANSLATE('Hello', 'en', 'de')")

    @pytest.mark.parametrize("codes", ["'en', 'xx'", "'xx', 'en'", "'xx', 'xx'"])
    def test_other_codes_are_invalid(self, session: Any, codes: str) -> None:
        found = json.loads(value(session, f"AI_TRANSLATE('Hello', {codes}, return_error_details => TRUE)"))
        assert found["error"] == 'Invalid language "xx"'

    def test_the_legacy_form_knows_fewer_languages(self, session: Any) -> None:
        assert "needs a real model" in json.loads(value(session, "AI_TRANSLATE('x', 'en', 'tr', TRUE)"))["error"]
        assert 'Invalid language "tr"' in refusal(session, f"{LEGACY}.TRANSLATE('x', 'en', 'tr')")
        assert value(session, f"{LEGACY}.TRANSLATE(NULL, 'en', 'tr')") is None
        assert value(session, "AI_TRANSLATE('x', 'en', NULL)") is None

    @pytest.mark.works("The quickstarts", "`de_DE` codes, on an engine of their day")
    def test_codes_with_a_country_belong_to_the_guides_day(self, session: Any) -> None:
        assert 'Invalid language "de_DE"' in refusal(session, f"{LEGACY}.TRANSLATE('x', 'en', 'de_DE')")
        with local.Engine(as_of="2024-08-01") as engine, engine.session() as guide:
            assert NEEDS_MODEL in refusal(guide, f"{LEGACY}.TRANSLATE('x', 'en_US', 'de_DE')", code=100351)


class TestSummaries:
    @pytest.mark.works("SQL: Cortex functions", "`AI_SUMMARIZE`", "`SUMMARIZE`")
    def test_a_short_text_is_its_own_summary(self, session: Any) -> None:
        assert value(session, "AI_SUMMARIZE(?)", "x" * 110) == "x" * 110
        long = " ".join(f"Sentence {n} tells that the phone of customer {n} broke." for n in range(30))
        summary = value(session, "AI_SUMMARIZE(?)", long)
        assert 0 < len(summary) < len(long)
        assert summary == value(session, f"{LEGACY}.SUMMARIZE(?)", long)
        assert json.loads(value(session, "AI_SUMMARIZE('a', return_error_details => TRUE)")) == {
            "value": "a",
            "error": None,
        }

    @pytest.mark.works("SQL: Cortex functions", "`AI_AGG`", "`AI_SUMMARIZE_AGG`")
    def test_aggregates_give_one_text_for_each_group(self, session: Any) -> None:
        rows = session.sql(
            "SELECT G, AI_SUMMARIZE_AGG(T) AS S, AI_AGG(T, 'Summarize the reviews') AS A FROM (SELECT COLUMN1 AS G, "
            "COLUMN2 AS T FROM VALUES (1, 'Great phone.'), (1, 'Bad battery.'), (2, NULL)) GROUP BY G ORDER BY G"
        ).collect()
        assert "Great phone." in rows[0]["S"]
        assert "Bad battery." in rows[0]["A"]
        assert (rows[1]["S"], rows[1]["A"]) == (None, None)

    def test_aggregates_raise(self, session: Any) -> None:
        assert "max tokens" in refusal(session, "AI_SUMMARIZE_AGG(REPEAT('word ', 130000))")
        assert "task description" in refusal(session, "AI_AGG('x', '')")


class TestExtract:
    @pytest.mark.works("SQL: Cortex functions", "`AI_EXTRACT`")
    @pytest.mark.parametrize(
        "response_format",
        [
            "{'name': 'What is the first name?', 'city': 'In which city?'}",
            "[['name', 'What is the first name?'], ['city', 'In which city?']]",
            "['name: What is the first name?', 'city: In which city?']",
            (
                "{'schema': {'type': 'object', 'properties': {'name': {'type': 'string', "
                "'description': 'the first name'}, 'city': {'type': 'string', 'description': 'the city'}}}}"
            ),
        ],
    )
    def test_every_form_of_questions_is_read(self, session: Any, response_format: str) -> None:
        text = "John Smith lives in San Francisco and works for Snowflake"
        found = json.loads(value(session, f"AI_EXTRACT(text => ?, responseFormat => {response_format})", text))
        assert found == {"error": None, "response": {"name": "John", "city": "San Francisco"}}

    @pytest.mark.works("SQL: Cortex functions", "`AI_EXTRACT` with tables and scores")
    def test_lists_tables_scores_and_nothing_found(self, session: Any) -> None:
        asked = (
            "{'schema': {'type': 'object', 'properties': {'skills': {'type': 'array', 'description': 'skills'}, "
            "'phone': {'type': 'string'}, 'sales': {'type': 'object', 'column_ordering': ['year'], 'properties': "
            "{'year': {'type': 'array', 'description': 'year'}}}}}}"
        )
        found = json.loads(value(session, f"AI_EXTRACT('Ann lists Python and SQL as skills', {asked}, scores => TRUE)"))
        assert found["response"]["skills"] == ["Python", "SQL"]
        assert found["response"]["phone"] is None
        assert set(found["response"]["sales"]) == {"year"}
        assert found["scoring"]["scores"]["phone"] == {"score": 0.0}

    def test_a_row_error_stands_in_its_own_field(self, session: Any) -> None:
        found = json.loads(value(session, "AI_EXTRACT(REPEAT('word ', 200000), ['Who?'])"))
        assert found == {"error": "max tokens of 128000 exceeded", "response": None}
        assert value(session, "AI_EXTRACT(NULL, ['Who?'])") is None

    @pytest.mark.parametrize(
        "rest",
        [
            "[]", "'Who?'", "[1]", "{'a': 1}", "{'schema': {'type': 'object', 'properties': {'a': {'type': 'date'}}}}",
            "{'schema': {'type': 'object', 'properties': {'a': 'x'}}}", "['a'], config => {'scale_factor': 2}",
            ("{'schema': {'type': 'object', 'properties': {'t': {'type': 'object', 'column_ordering': ['a', 'b'], "
            "'properties': {'a': {'type': 'array'}}}}}}"),
            "[['only a name']]", f"[{', '.join(repr(f'q{n}') for n in range(101))}]",
        ],
    )  # fmt: skip
    def test_bad_formats_are_refused(self, session: Any, rest: str) -> None:
        assert "invalid" in refusal(session, f"AI_EXTRACT('x', {rest})")

    @pytest.mark.works("SQL: Cortex functions", "`EXTRACT_ANSWER`")
    def test_the_legacy_form_gives_an_array(self, session: Any) -> None:
        found = json.loads(value(session, f"{LEGACY}.EXTRACT_ANSWER('I am John Smith', 'Who is it?')"))
        assert found == [{"answer": "John Smith", "score": 0.8}]
        assert "max tokens of 64" in refusal(session, f"{LEGACY}.EXTRACT_ANSWER('x', REPEAT('word ', 70))")
        assert "max tokens of 2048" in refusal(session, f"{LEGACY}.EXTRACT_ANSWER(REPEAT('word ', 3000), 'Who?')")
        assert "question" in refusal(session, f"{LEGACY}.EXTRACT_ANSWER('x', '')")


class TestEmbeddings:
    @pytest.mark.works("SQL: Cortex functions", "`AI_EMBED`", "`EMBED_TEXT_768`", "`EMBED_TEXT_1024`")
    @pytest.mark.parametrize(
        ("model", "dimension"),
        [("snowflake-arctic-embed-l-v2.0-8k", 1024), ("snowflake-arctic-embed-m-v1.5", 768), ("e5-base-v2", 768)],
    )
    def test_a_vector_has_the_models_length_and_length_one(self, session: Any, model: str, dimension: int) -> None:
        found = value(session, f"AI_EMBED('{model}', ?)", "I lost my phone")
        assert len(found) == dimension
        assert sum(number * number for number in found) == pytest.approx(1, abs=1e-5)
        assert found == value(session, f"{LEGACY}.EMBED_TEXT_{dimension}('{model}', ?)", "I lost my phone")
        assert value(session, f"AI_EMBED('{model}', NULL)") is None

    def test_what_fails_raises(self, session: Any) -> None:
        assert 'unknown model "none"' in refusal(session, "AI_EMBED('none', 'x')")
        assert "unknown model" in refusal(session, f"{LEGACY}.EMBED_TEXT_1024('e5-base-v2', 'x')")
        assert "does not support given modality" in refusal(session, "AI_EMBED('voyage-multimodal-3', 'x')")

    @pytest.mark.works("SQL: Cortex functions", "`AI_SIMILARITY`")
    def test_alike_is_what_shares_words(self, session: Any) -> None:
        near = value(session, "AI_SIMILARITY('I lost my phone', 'my phone was lost')")
        far = value(session, "AI_SIMILARITY('I lost my phone', 'roaming fees in Japan', {'model': 'e5-base-v2'})")
        assert -1 <= far < 0.2
        assert 0.7 < near <= 1
        assert value(session, "AI_SIMILARITY('x', NULL)") is None
        for config in ("{'model': 'none'}", "{'model': 'voyage-multimodal-3'}", "{'wrong': 1}"):
            refusal(session, f"AI_SIMILARITY('x', 'y', {config})")

    @pytest.mark.works(
        "SQL: statements",
        "`VECTOR` columns",
        "`VECTOR_COSINE_SIMILARITY`, `VECTOR_L2_DISTANCE`, `VECTOR_INNER_PRODUCT`",
    )
    def test_vectors_are_stored_and_compared(self, session: Any) -> None:
        session.sql("CREATE TABLE V (T VARCHAR, E VECTOR(FLOAT, 768), I VECTOR(INT, 2))").collect()
        session.sql("INSERT INTO V SELECT 'a', AI_EMBED('e5-base-v2', 'lost phone'), [1, 2]::VECTOR(INT, 2)").collect()
        session.sql("INSERT INTO V SELECT 'b', NULL, NULL").collect()
        near = "VECTOR_COSINE_SIMILARITY(E, AI_EMBED('e5-base-v2', 'phone lost'))"
        far = "VECTOR_L2_DISTANCE(I, [1, 4]::VECTOR(INT, 2)), VECTOR_INNER_PRODUCT(I, I)"
        rows = session.sql(f"SELECT {near}, {far}, I FROM V ORDER BY T").collect()
        assert rows[0][0] == pytest.approx(1, abs=0.4)
        assert tuple(rows[0])[1:] == (2.0, 5.0, [1, 2])
        assert tuple(rows[1]) == (None, None, None, None)


class TestTokens:
    @pytest.mark.works("SQL: Cortex functions", "`AI_COUNT_TOKENS`")
    @pytest.mark.parametrize(
        ("arguments", "tokens"),
        [
            ("'ai_sentiment', 'I love it'", 3),
            ("'ai_complete', 'llama3.1-8b', 'I love it'", 3),
            ("'ai_complete', 'llama3.1-8b', 'I love it', {'response_format': {'type': 'json'}}", 4),
            ("'ai_embed', 'e5-base-v2', 'I love it'", 3),
            ("'ai_similarity', 'e5-base-v2', 'I love it'", 3),
            ("'ai_classify', 'I love it', ['good', 'bad']", 5),
            ("'ai_classify', 'I love it', [{'label': 'good', 'description': 'very'}], {'task_description': 'sort'}", 6),
            ("'ai_extract', 'I love it', {'what': 'What is it?'}", 7),
        ],
    )
    def test_every_form_counts_what_is_sent(self, session: Any, arguments: str, tokens: int) -> None:
        assert value(session, f"AI_COUNT_TOKENS({arguments})") == tokens
        found = json.loads(value(session, f"AI_COUNT_TOKENS({arguments}, return_error_details => TRUE)"))
        assert found == {"value": tokens, "error": None}

    @pytest.mark.works("SQL: Cortex functions", "`COUNT_TOKENS`")
    def test_unknown_functions_and_models_are_refused(self, session: Any) -> None:
        for arguments in ("'complete', 'x'", "'ai_complete', 'none', 'x'", "'ai_embed', 'llama3.1-8b', 'x'"):
            assert "unknown" in refusal(session, f"AI_COUNT_TOKENS({arguments})")
        assert "unknown model" in refusal(session, f"{LEGACY}.COUNT_TOKENS('none', 'x')")
        assert value(session, f"{LEGACY}.COUNT_TOKENS('llama3.1-8b', 'I love it')") == 3
        assert value(session, f"{LEGACY}.COUNT_TOKENS('sentiment', 'I love it')") == 3


class TestClassify:
    @pytest.mark.parametrize(
        ("rest", "wording"),
        [
            ("['a']", "at least two unique categories"),
            ("['a', {'label': 'b'}]", "all must be strings"),
            (f"[{{'label': 'a', 'description': '{'w ' * 26}'}}, {{'label': 'b'}}]", "at most 25 words"),
            (f"['a', 'b'], {{'task_description': '{'w ' * 51}'}}", "at most 50 words"),
        ],
    )
    def test_limits(self, session: Any, rest: str, wording: str) -> None:
        assert wording in refusal(session, f"AI_CLASSIFY('x', {rest})")

    @pytest.mark.works("SQL: Cortex functions", "`CLASSIFY_TEXT`")
    def test_the_legacy_form_gives_one_label_and_raises(self, session: Any) -> None:
        labels = "['Lost phone', 'Other']"
        assert json.loads(value(session, f"{LEGACY}.CLASSIFY_TEXT('my lost phone', {labels})")) == {
            "label": "Lost phone"
        }
        assert value(session, f"{LEGACY}.CLASSIFY_TEXT(NULL, {labels})") is None
        assert "max tokens" in refusal(session, f"{LEGACY}.CLASSIFY_TEXT(REPEAT('word ', 200000), {labels})")


@pytest.mark.works("SQL: Cortex functions", "`AI_NULL_IF_ERROR`", "`AI_THROW_IF_ERROR`")
def test_errors_beside_values_become_null_or_raise(session: Any) -> None:
    done = "AI_SUMMARIZE('I love it', return_error_details => TRUE)"
    assert json.loads(value(session, f"AI_NULL_IF_ERROR({done})")) == json.loads(
        value(session, f"AI_THROW_IF_ERROR({done})")
    )
    failed = "AI_TRANSLATE('Hello', 'en', 'de', TRUE)"
    assert value(session, f"AI_NULL_IF_ERROR({failed})") is None
    assert NEEDS_MODEL in refusal(session, f"AI_THROW_IF_ERROR({failed})")


@pytest.mark.works("SQL: Cortex functions", "Texts inside a VARIANT")
def test_texts_inside_a_variant_are_texts(session: Any) -> None:
    given = 'SELECT PARSE_JSON(\'{"t": "I am John Smith"}\') AS V'
    assert session.sql(f"SELECT AI_SUMMARIZE(V:t) FROM ({given})").collect()[0][0] == "I am John Smith"
    found = session.sql(f"SELECT {LEGACY}.EXTRACT_ANSWER(V:t, 'Who is it?') FROM ({given})").collect()[0][0]
    assert json.loads(found)[0]["answer"] == "John Smith"


def test_every_text_asked_is_in_the_log(session: Any) -> None:
    session.sql("SELECT AI_SUMMARIZE(COLUMN1), AI_EMBED('e5-base-v2', COLUMN1) FROM VALUES ('one'), (NULL)").collect(
        statement_params={"QUERY_TAG": "the log of the task functions"}
    )
    rows = session.sql(
        'SELECT "FUNCTION", MODEL, TEXT FROM SNOWFLAKE.ENGINE.ASKED '
        "WHERE QUERY_TAG = 'the log of the task functions' ORDER BY 1"
    ).collect()
    assert [tuple(row) for row in rows] == [("AI_EMBED", "e5-base-v2", "one"), ("AI_SUMMARIZE", "", "one")]


class TestSplitting:
    @pytest.mark.works("SQL: Cortex functions", "`SPLIT_TEXT_RECURSIVE_CHARACTER`")
    def test_a_text_is_split_where_its_form_allows_it(self, session: Any) -> None:
        call = f"{LEGACY}.SPLIT_TEXT_RECURSIVE_CHARACTER"
        assert json.loads(value(session, f"{call}('hello world here', 'none', 15, 10)")) == [
            "hello world",
            "world here",
        ]
        assert json.loads(value(session, f"{call}('a|b', 'none', 1, 0, ['|', ''])")) == ["a", "|", "b"]
        assert value(session, f"{call}(NULL, 'none', 15)") is None

    @pytest.mark.works("SQL: Cortex functions", "`SPLIT_TEXT_MARKDOWN_HEADER`")
    def test_markdown_is_split_at_its_headers(self, session: Any) -> None:
        found = json.loads(value(session, f"{LEGACY}.SPLIT_TEXT_MARKDOWN_HEADER('# A\\nb', {{'#': 'h'}}, 12)"))
        assert found == [{"chunk": "b", "headers": {"h": "A"}}]

    @pytest.mark.parametrize(
        "call",
        [
            "SPLIT_TEXT_RECURSIVE_CHARACTER('x', 'none', 0)",
            "SPLIT_TEXT_RECURSIVE_CHARACTER('x', 'none', 5, 5)",
            "SPLIT_TEXT_RECURSIVE_CHARACTER('x', 'html', 5)",
            "SPLIT_TEXT_RECURSIVE_CHARACTER('x', 'none', 5, 0, [1])",
            "SPLIT_TEXT_MARKDOWN_HEADER('x', {'h': 'x'}, 5)",
            "SPLIT_TEXT_MARKDOWN_HEADER('x', ['#'], 5)",
        ],
    )
    def test_bad_arguments_are_refused(self, session: Any, call: str) -> None:
        assert "invalid" in refusal(session, f"{LEGACY}.{call}")
