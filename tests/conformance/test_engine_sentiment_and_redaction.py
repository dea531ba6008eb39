"""Sentiment, filtering and redaction through SQL: shapes, limits, and what a row that fails becomes."""

import json
from typing import Any

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException

LEGACY = "SNOWFLAKE.CORTEX"


def value(session: Any, sql: str, *params: Any) -> Any:
    return session.sql(f"SELECT {sql}", params=list(params) or None).collect()[0][0]


def refusal(session: Any, sql: str) -> str:
    with pytest.raises(SnowparkSQLException) as raised:
        session.sql(f"SELECT {sql}").collect()
    assert raised.value.sql_error_code == 512513
    return str(raised.value.raw_message)


class TestSentiment:
    @pytest.mark.works("SQL: Cortex functions", "`AI_SENTIMENT`")
    def test_overall_stands_first_and_each_category_has_a_label(self, session: Any) -> None:
        text = "The movie was great, but the acting was terrible."
        found = json.loads(value(session, "AI_SENTIMENT(?, ['acting', 'plot'])", text))
        assert found["categories"] == [
            {"name": "overall", "sentiment": "mixed"},
            {"name": "acting", "sentiment": "negative"},
            {"name": "plot", "sentiment": "unknown"},
        ]

    def test_too_long_a_text_is_null_or_an_error_beside_it(self, session: Any) -> None:
        long = "REPEAT('word ', 3000)"
        assert value(session, f"AI_SENTIMENT({long})") is None
        for last in ("TRUE", "['price'], TRUE", "return_error_details => TRUE"):
            found = json.loads(value(session, f"AI_SENTIMENT({long}, {last})"))
            assert found == {"value": None, "error": "max tokens of 2048 exceeded"}
        assert "max tokens of 2048" in refusal(session, f"{LEGACY}.ENTITY_SENTIMENT({long})")
        assert "max tokens of 512" in refusal(session, f"{LEGACY}.SENTIMENT({long})")

    @pytest.mark.parametrize(
        "categories", ["[1]", f"[{', '.join(repr(str(n)) for n in range(11))}]", f"['{'x' * 31}']", "'no array'"]
    )
    def test_bad_categories_are_refused(self, session: Any, categories: str) -> None:
        assert "invalid categories" in refusal(session, f"AI_SENTIMENT('x', {categories})")

    @pytest.mark.works("SQL: Cortex functions", "`SENTIMENT`", "`ENTITY_SENTIMENT`")
    def test_the_legacy_form_is_a_number(self, session: Any) -> None:
        good, bad = (value(session, f"{LEGACY}.SENTIMENT(?)", text) for text in ("I love it!", "I hate it!"))
        assert isinstance(good, float)
        assert -1 <= bad < 0 < good <= 1
        found = json.loads(value(session, f"{LEGACY}.ENTITY_SENTIMENT('I love the price', ['price'])"))
        assert found["categories"][1] == {"name": "price", "sentiment": "positive"}


class TestFilter:
    @pytest.mark.works("SQL: Cortex functions", "`AI_FILTER`")
    def test_a_prompt_object_and_a_text_are_judged(self, session: Any) -> None:
        asked = "AI_FILTER(PROMPT('The customer lost a phone: {0}', ?))"
        assert value(session, asked, "I lost my phone") is True
        assert value(session, asked, "My data is slow") is False
        assert value(session, "AI_FILTER('The customer is angry: this is terrible')") is True
        assert value(session, "AI_FILTER(NULL)") is None
        assert json.loads(value(session, "AI_FILTER('x', TRUE)")) == {"value": False, "error": None}

    @pytest.mark.works("SQL: Cortex functions", "`AI_FILTER`")
    def test_it_stands_in_where(self, session: Any) -> None:
        rows = session.sql(
            "SELECT COLUMN1 AS T FROM VALUES ('I lost my phone'), ('Slow data') "
            "WHERE AI_FILTER(PROMPT('a phone was lost {0}', COLUMN1))"
        )
        assert [row["T"] for row in rows.collect()] == ["I lost my phone"]


class TestRedact:
    @pytest.mark.works("SQL: Cortex functions", "`AI_REDACT`")
    def test_personal_data_becomes_its_category(self, session: Any) -> None:
        text = "My name is John Smith, mail a@b.com or call 555-1234."
        assert value(session, "AI_REDACT(?)", text) == "My name is [NAME], mail [EMAIL] or call [PHONE_NUMBER]."
        assert (
            value(session, "AI_REDACT(?, ['email'])", text) == "My name is John Smith, mail [EMAIL] or call 555-1234."
        )
        found = json.loads(value(session, "AI_REDACT(?, mode => 'detect')", text))
        assert found["spans"][0] == {"category": "NAME", "start": 11, "end": 21, "text": "John Smith"}
        found = json.loads(value(session, "AI_REDACT(?, return_error_details => TRUE)", "Hi"))
        assert found == {"value": "Hi", "error": None}

    @pytest.mark.works("SQL: Cortex functions", "`AI_REDACT`")
    def test_what_fails_raises_or_stands_beside(self, session: Any) -> None:
        for size, wording in ((5000, "max tokens of 4096"), (1100, "max output tokens of 1024"), (1030, "max output")):
            assert wording in refusal(session, f"AI_REDACT(REPEAT('word ', {size}))")
        found = json.loads(value(session, "AI_REDACT(REPEAT('word ', 5000), return_error_details => TRUE)"))
        assert found["value"] is None
        for rest in ("['WRONG']", "'NAME'", "mode => 'hide'"):
            assert "invalid" in refusal(session, f"AI_REDACT('x', {rest})")
