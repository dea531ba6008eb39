"""Snowflake's own machine learning package on the engine: its calls as they are."""

import json
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from snowflake.snowpark import functions as F  # noqa: N812 - Snowpark's own way of importing it
from snowflake.snowpark.exceptions import SnowparkSQLException
from snowflake.snowpark.functions import col, lit

TEXT = "I lost my phone on the train to Paris. It is terrible, please help me!"


@pytest.fixture
def cortex() -> Iterator[Any]:
    # The package says of most of its functions that they are deprecated, and Finetune that it is experimental.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from snowflake import cortex  # noqa: PLC0415 - its import warns too

        yield cortex


@pytest.fixture
def tickets(session: Any) -> Any:
    return session.create_dataframe([[TEXT]], schema=["T"])


def value(frame: Any, column: Any) -> Any:
    return frame.select(column).collect()[0][0]


def test_complete_on_a_column(cortex: Any, tickets: Any) -> None:
    assert "lost my phone" in value(tickets, cortex.complete("llama3.1-8b", col("T")))
    answer_format = {
        "type": "json",
        "schema": {
            "type": "object",
            "properties": {"Kind": {"type": "string", "enum": ["Lost phone", "Other"]}},
            "required": ["Kind"],
        },
    }
    options = {"temperature": 0, "max_tokens": 100, "response_format": answer_format}
    assert json.loads(value(tickets, cortex.complete("claude-sonnet-4-6", col("T"), options=options))) == {
        "Kind": "Lost phone"
    }


def test_sentiment_is_a_number_from_minus_one_to_one(cortex: Any, session: Any, tickets: Any) -> None:
    # The package asks AI_COMPLETE for a score now; the engine's stand-in scores what is asked about.
    assert -1 <= value(tickets, cortex.sentiment(col("T"))) < 0
    assert 0 < cortex.sentiment("I love it!", session=session) <= 1


def test_summarize(cortex: Any, session: Any, tickets: Any) -> None:
    assert value(tickets, cortex.summarize(col("T"))) == TEXT
    assert cortex.summarize(TEXT, session=session) == TEXT


def test_translate_gives_null_where_no_real_model_is(cortex: Any, session: Any, tickets: Any) -> None:
    assert value(tickets, cortex.translate(col("T"), "en", "de")) is None
    assert cortex.translate(TEXT, "en", "de", session=session) is None


def test_extract_answer(cortex: Any, session: Any, tickets: Any) -> None:
    expected = [{"answer": "Paris", "score": 0.8}]
    assert json.loads(value(tickets, cortex.extract_answer(col("T"), "Where was it lost?"))) == expected
    assert json.loads(cortex.extract_answer(TEXT, "Where was it lost?", session=session)) == expected
    asking = tickets.with_column("Q", lit("Where was it lost?"))
    assert json.loads(value(asking, cortex.extract_answer(col("T"), col("Q")))) == expected


def test_classify_text(cortex: Any, session: Any, tickets: Any) -> None:
    labels = ["Lost phone", "Slow data"]
    found = value(tickets, cortex.classify_text(col("T"), F.array_construct(*[lit(label) for label in labels])))
    assert json.loads(found) == {"label": "Lost phone"}
    assert json.loads(cortex.classify_text(TEXT, labels, session=session)) == {"label": "Lost phone"}


def test_embeddings(cortex: Any, session: Any, tickets: Any) -> None:
    assert len(value(tickets, cortex.embed_text_768("snowflake-arctic-embed-m-v1.5", col("T")))) == 768
    found = cortex.embed_text_1024("multilingual-e5-large", TEXT, session=session)
    assert len(found) == 1024
    assert isinstance(found[0], float)


def test_fine_tuning_is_created_listed_and_cancelled(cortex: Any, session: Any) -> None:
    session.sql(
        "CREATE TABLE TRAIN AS SELECT IFF(MOD(SEQ4(), 2) = 0, 'roaming fees ', 'slow data ') || SEQ4() AS PROMPT, "
        "IFF(MOD(SEQ4(), 2) = 0, 'Roaming', 'Slow data') AS COMPLETION FROM TABLE(GENERATOR(ROWCOUNT => 60))"
    ).collect()
    tuning = cortex.Finetune(session)
    # A query that takes a while keeps the job from ending before it is cancelled.
    slow = (
        "SELECT A.PROMPT, A.COMPLETION FROM TRAIN A, RANGE(3000000) B WHERE SHA2(B.RANGE::VARCHAR) = 'x' "
        "UNION ALL SELECT PROMPT, COMPLETION FROM TRAIN"
    )
    job = tuning.create("FROM_THE_PACKAGE", "llama3.1-8b", slow, session.table("TRAIN"), options={"max_epochs": 2})
    listed = {other.status.id: other.status for other in tuning.list_jobs()}
    assert listed[job.status.id].base_model == "llama3.1-8b"
    # A fault of that package: its record knows no `options`, which Snowflake's documented payload holds.
    with pytest.raises(TypeError, match="unexpected keyword argument 'options'"):
        job.describe()
    assert job.cancel() is True
    with pytest.raises(SnowparkSQLException, match="CANCELLED"):
        job.cancel()
