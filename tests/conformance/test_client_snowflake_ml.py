"""Snowflake's own machine learning package on the engine: its calls as they are."""

import json
import time
import warnings
from collections.abc import Callable, Iterator
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


@pytest.mark.works("snowflake-ml-python", "`complete`")
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


@pytest.mark.works("snowflake-ml-python", "`sentiment`")
def test_sentiment_is_a_number_from_minus_one_to_one(cortex: Any, session: Any, tickets: Any) -> None:
    # The package asks AI_COMPLETE for a score now; the engine's stand-in scores what is asked about.
    assert -1 <= value(tickets, cortex.sentiment(col("T"))) < 0
    assert 0 < cortex.sentiment("I love it!", session=session) <= 1


@pytest.mark.works("snowflake-ml-python", "`summarize`")
def test_summarize(cortex: Any, session: Any, tickets: Any) -> None:
    assert value(tickets, cortex.summarize(col("T"))) == TEXT
    assert cortex.summarize(TEXT, session=session) == TEXT


@pytest.mark.differs("snowflake-ml-python", "`translate`", how="Without `CORTEX_TICKETS_LLM_URL` it gives NULL.")
def test_translate_gives_null_where_no_real_model_is(cortex: Any, session: Any, tickets: Any) -> None:
    assert value(tickets, cortex.translate(col("T"), "en", "de")) is None
    assert cortex.translate(TEXT, "en", "de", session=session) is None


@pytest.mark.works("snowflake-ml-python", "`extract_answer`")
def test_extract_answer(cortex: Any, session: Any, tickets: Any) -> None:
    expected = [{"answer": "Paris", "score": 0.8}]
    assert json.loads(value(tickets, cortex.extract_answer(col("T"), "Where was it lost?"))) == expected
    assert json.loads(cortex.extract_answer(TEXT, "Where was it lost?", session=session)) == expected
    asking = tickets.with_column("Q", lit("Where was it lost?"))
    assert json.loads(value(asking, cortex.extract_answer(col("T"), col("Q")))) == expected


@pytest.mark.works("snowflake-ml-python", "`classify_text`")
def test_classify_text(cortex: Any, session: Any, tickets: Any) -> None:
    labels = ["Lost phone", "Slow data"]
    found = value(tickets, cortex.classify_text(col("T"), F.array_construct(*[lit(label) for label in labels])))
    assert json.loads(found) == {"label": "Lost phone"}
    assert json.loads(cortex.classify_text(TEXT, labels, session=session)) == {"label": "Lost phone"}


@pytest.mark.works("snowflake-ml-python", "`embed_text_768`", "`embed_text_1024`")
def test_embeddings(cortex: Any, session: Any, tickets: Any) -> None:
    assert len(value(tickets, cortex.embed_text_768("snowflake-arctic-embed-m-v1.5", col("T")))) == 768
    found = cortex.embed_text_1024("multilingual-e5-large", TEXT, session=session)
    assert len(found) == 1024
    assert isinstance(found[0], float)


@pytest.mark.refuses(
    "snowflake-ml-python",
    "`complete` of a text and not of a column",
    words="/api/v2/cortex/inference:complete",
    why="It is sent by REST to the account's host, without the port on which the engine listens.",
)
def test_complete_by_rest(cortex: Any, session: Any, is_refused: Callable[[Callable[[], object]], None]) -> None:
    is_refused(lambda: cortex.complete("llama3.1-8b", TEXT, session=session, timeout=5))


class TestFineTuning:
    @pytest.fixture
    def tuning(self, cortex: Any, session: Any) -> Any:
        session.sql(
            "CREATE TABLE TRAIN AS SELECT IFF(MOD(SEQ4(), 2) = 0, 'roaming fees ', 'slow data ') || SEQ4() AS PROMPT, "
            "IFF(MOD(SEQ4(), 2) = 0, 'Roaming', 'Slow data') AS COMPLETION FROM TABLE(GENERATOR(ROWCOUNT => 60))"
        ).collect()
        return cortex.Finetune(session)

    @pytest.fixture
    def job(self, tuning: Any, session: Any) -> Any:
        # A query that takes a while keeps the job from ending before it is cancelled.
        slow = (
            "SELECT A.PROMPT, A.COMPLETION FROM TRAIN A, RANGE(3000000) B WHERE SHA2(B.RANGE::VARCHAR) = 'x' "
            "UNION ALL SELECT PROMPT, COMPLETION FROM TRAIN"
        )
        options = {"max_epochs": 2}
        return tuning.create("FROM_THE_PACKAGE", "llama3.1-8b", slow, session.table("TRAIN"), options=options)

    @pytest.mark.works("snowflake-ml-python", "`Finetune.create`", "`Finetune.list_jobs`", "`FinetuneJob.cancel`")
    def test_a_job_is_created_listed_and_cancelled(self, tuning: Any, job: Any) -> None:
        listed = {other.status.id: other.status for other in tuning.list_jobs()}
        assert listed[job.status.id].base_model == "llama3.1-8b"
        assert job.cancel() is True
        with pytest.raises(SnowparkSQLException, match="CANCELLED"):
            job.cancel()

    @pytest.mark.refuses(
        "snowflake-ml-python",
        "`FinetuneJob.describe`",
        words="unexpected keyword argument 'options'",
        why="A fault of that package, with TypeError: its record does not know `options`, which Snowflake's documented "
        "answer holds. `list_jobs`, or `FINETUNE('DESCRIBE', ..)` in SQL, tell the state.",
    )
    def test_a_job_cannot_be_described(self, job: Any, is_refused: Callable[[Callable[[], object]], None]) -> None:
        is_refused(job.describe)
        job.cancel()

    @pytest.mark.works("snowflake-ml-python", "`Finetune.create` with queries as texts")
    def test_a_job_of_two_queries_succeeds_and_is_listed_so(self, tuning: Any) -> None:
        query = "SELECT PROMPT, COMPLETION FROM TRAIN"
        job = tuning.create("OF_TEXTS", "llama3.1-8b", query, query)
        deadline = time.monotonic() + 30
        while (found := {it.status.id: it.status.status for it in tuning.list_jobs()}[job.status.id]) != "SUCCESS":
            assert found in {"PENDING", "IN_PROGRESS"}
            assert time.monotonic() < deadline
