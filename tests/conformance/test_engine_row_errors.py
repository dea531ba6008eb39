"""What a row that fails becomes in each Cortex function: NULL, an error beside NULL, or an error of the statement."""

import datetime as dt
import json
from typing import Any

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException

CLIENT = "SQL: Cortex functions"
LEGACY = "SNOWFLAKE.CORTEX"
LONG = "IFF(ID = 2, REPEAT('word ', 200000), 'I lost my phone')"
TWO_ROWS = "(SELECT 1 AS ID UNION ALL SELECT 2) ORDER BY ID"
LABELS = "['Lost phone', 'Other']"
GIVES_NULL = {
    "AI_COMPLETE": f"AI_COMPLETE(model => 'llama3.1-8b', prompt => {LONG}",
    "AI_CLASSIFY": f"AI_CLASSIFY({LONG}, {LABELS}",
    "AI_FILTER": f"AI_FILTER({LONG}",
    "AI_SENTIMENT": f"AI_SENTIMENT({LONG}",
    "AI_TRANSLATE": f"AI_TRANSLATE({LONG}, 'en', 'de'",
}
RAISES = [
    f"{LEGACY}.COMPLETE('llama3.1-8b', {LONG})",
    f"{LEGACY}.CLASSIFY_TEXT({LONG}, {LABELS})",
    f"{LEGACY}.SENTIMENT({LONG})",
    f"{LEGACY}.ENTITY_SENTIMENT({LONG})",
    f"{LEGACY}.SUMMARIZE({LONG})",
    f"{LEGACY}.TRANSLATE(REPEAT('word ', 200000), 'en', 'de')",
    f"{LEGACY}.EXTRACT_ANSWER({LONG}, 'Who?')",
    f"AI_REDACT({LONG})",
    f"AI_THROW_IF_ERROR(AI_SENTIMENT({LONG}, TRUE))",
]


def column(session: Any, expression: str) -> list[Any]:
    return [row[0] for row in session.sql(f"SELECT {expression} FROM {TWO_ROWS}").collect()]


@pytest.mark.works(CLIENT, "A row that fails is NULL, or `{value, error}` with `return_error_details`")
@pytest.mark.parametrize("name", GIVES_NULL)
def test_a_row_that_fails_is_null_and_leaves_the_others(session: Any, name: str) -> None:
    good, bad = column(session, f"{GIVES_NULL[name]})")
    assert bad is None
    good_beside, bad_beside = column(session, f"{GIVES_NULL[name]}, return_error_details => TRUE)")
    assert json.loads(bad_beside) == {"value": None, "error": json.loads(bad_beside)["error"]}
    assert "max tokens of" in json.loads(bad_beside)["error"]
    beside = json.loads(good_beside)
    if name == "AI_TRANSLATE":  # without a real model the other row fails, too, for a reason of its own
        assert (good, beside["value"]) == (None, None)
        assert "needs a real model" in beside["error"]
    else:
        assert beside["error"] is None
        assert json.loads(good) == beside["value"] if name.endswith(("IFY", "MENT")) else good == beside["value"]


@pytest.mark.works(CLIENT, "Legacy functions raise for a row that fails, with 512513")
@pytest.mark.parametrize("call", RAISES)
def test_a_row_that_fails_fails_the_statement(session: Any, call: str) -> None:
    with pytest.raises(SnowparkSQLException) as raised:
        column(session, call)
    assert raised.value.sql_error_code == 512513
    assert "remote service error: '400 '" in str(raised.value.raw_message)
    assert "max " in str(raised.value.raw_message)


def test_no_row_is_asked_of_a_text_that_is_not_there(session: Any) -> None:
    begun = dt.datetime.now(dt.UTC)
    tag = "nothing to ask"
    calls = ", ".join(
        [
            "AI_COMPLETE('llama3.1-8b', NULL)",
            f"AI_CLASSIFY(NULL, {LABELS})",
            "AI_FILTER(NULL)",
            "AI_SENTIMENT(NULL)",
            "AI_SUMMARIZE(NULL)",
            "AI_REDACT(NULL)",
            "AI_EXTRACT(NULL, ['Who?'])",
            "AI_EMBED('e5-base-v2', NULL)",
            "AI_SIMILARITY(NULL, 'x')",
            f"{LEGACY}.SENTIMENT(NULL)",
            f"{LEGACY}.EXTRACT_ANSWER(NULL, 'Who?')",
        ]
    )
    row = session.sql(f"SELECT {calls}").collect(statement_params={"QUERY_TAG": tag})[0]
    assert set(row) == {None}
    logged = "SELECT COUNT(*) FROM SNOWFLAKE.ENGINE.ASKED WHERE QUERY_TAG = ? AND ASKED_AT >= ?"
    assert session.sql(logged, params=[tag, begun]).collect()[0][0] == 0


def test_the_log_says_who_asked_what_and_when(engine: Any) -> None:
    with engine.session(user="ann") as session:
        begun = session.sql("SELECT CURRENT_TIMESTAMP()").collect()[0][0]
        job = session.sql("SELECT AI_COMPLETE('llama3.1-8b', 'say when it was')").collect_nowait()
        job.result()
        row = session.sql("SELECT * FROM SNOWFLAKE.ENGINE.ASKED WHERE QUERY_ID = ?", params=[job.query_id]).collect()[0]
        assert (row["USER_NAME"], row["FUNCTION"], row["MODEL"]) == ("ANN", "AI_COMPLETE", "llama3.1-8b")
        assert (row["TEXT"], row["INPUT_TOKENS"] > 0, row["OUTPUT_TOKENS"] > 0) == ("say when it was", True, True)
        assert row["SESSION_ID"] == session.connection.session_id
        assert begun <= row["ASKED_AT"] <= session.sql("SELECT CURRENT_TIMESTAMP()").collect()[0][0]
