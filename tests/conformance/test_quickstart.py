"""The statements of Snowflake's two quickstarts, as written, on an engine of their day and on today's.

The only change: a local folder stands in the bucket's place. Sources: the guides "Getting Started with Snowflake
Arctic and Snowflake Cortex" and "Fine-tuning LLMs using Snowflake Cortex AI", their notebooks and Streamlit pages
(github.com/Snowflake-Labs/sfguide-getting-started-with-snowflake-arctic-and-snowflake-cortex), read 2026-11-25.
"""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import snowflake.snowpark.functions as F  # noqa: N812 - the notebook's own name
from snowflake.snowpark.exceptions import SnowparkSQLException

from cortex_tickets import local, samples

TRANSCRIPTS = samples.call_transcripts()
CSV_FORMAT = """CREATE or REPLACE file format csvformat
  SKIP_HEADER = 1
  FIELD_OPTIONALLY_ENCLOSED_BY = '"'
  type = 'CSV';"""
CALL_TRANSCRIPTS = """CREATE or REPLACE table CALL_TRANSCRIPTS (
  date_created date,
  language varchar(60),
  country varchar(60),
  product varchar(60),
  category varchar(60),
  damage_type varchar(90),
  transcript varchar
) COMMENT = '{"origin":"sf_sit-is", "name":"aiml_notebooks_artic_cortex", "version":{"major":1, "minor":0}}';"""
SUPPORT_TICKETS = """CREATE or REPLACE TABLE SUPPORT_TICKETS (
  ticket_id VARCHAR(60),
  customer_name VARCHAR(60),
  customer_email VARCHAR(60),
  service_type VARCHAR(60),
  request VARCHAR,
  contact_preference VARCHAR(60)
);"""
TOO_SHORT = """CREATE or REPLACE table SUPPORT_TICKETS (
  ticket_id varchar(10),
  customer_name varchar(30),
  customer_email varchar(60),
  service_type varchar(60),
  request varchar(1000),
  contact_preference varchar(10)
);"""
SET_PROMPT = """SET prompt =
'###
Summarize this transcript in less than 200 words.
Put the product name, defect and summary in JSON format.
###';"""
PROMPT = """You are an agent that helps organize requests that come to our support team.

The request category is the reason why the customer reached out. These are the possible types of request categories:

Roaming fees
Slow data speed
Lost phone
Add new line
Closing account

Try doing it for this request and return only the request category only.
"""


def rows(session: Any, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.sql(sql).collect()]


def refused(session: Any, sql: str) -> SnowparkSQLException:
    with pytest.raises(SnowparkSQLException) as raised:
        session.sql(sql).collect()
    return raised.value


def stage(session: Any, name: str, url: str) -> None:
    session.sql(CSV_FORMAT).collect()
    session.sql(f"CREATE or REPLACE stage {name}\n  file_format = csvformat\n  url = '{url}';").collect()


@pytest.fixture(scope="module")
def buckets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("buckets")
    for name, file in (("transcripts", TRANSCRIPTS), ("tickets", samples.support_tickets())):
        (folder / name).mkdir()
        shutil.copy(file, folder / name)
    return folder


@pytest.fixture(scope="module")
def then(buckets: Path) -> Iterator[Any]:
    """The day of the guide, with its tables filled."""
    with local.connect(as_of="2024-08-01") as session:
        for sql in (
            "USE ROLE ACCOUNTADMIN;",
            "CREATE WAREHOUSE DASH_S WAREHOUSE_SIZE=SMALL;",
            "CREATE DATABASE DASH_DB;",
            "CREATE SCHEMA DASH_SCHEMA;",
            "USE DASH_DB.DASH_SCHEMA;",
            "USE WAREHOUSE DASH_S;",
        ):
            session.sql(sql).collect()
        stage(session, "call_transcripts_data_stage", f"{buckets.as_uri()}/transcripts/")
        stage(session, "support_tickets_data_stage", f"{buckets.as_uri()}/tickets/")
        for sql in (
            CALL_TRANSCRIPTS,
            "COPY into CALL_TRANSCRIPTS\n  from @call_transcripts_data_stage;",
            SUPPORT_TICKETS,
            "COPY into SUPPORT_TICKETS\n  from @support_tickets_data_stage;",
        ):
            session.sql(sql).collect()
        yield session


def completed(session: Any, model: str, name: str) -> Any:
    """The notebook's own statement."""
    return session.sql(
        f""" select ticket_id, request,
trim(snowflake.cortex.complete('{model}',concat('{PROMPT}',request)),'\\n') as {name}
from support_tickets"""
    )


class TestArctic:
    @pytest.mark.works(
        "The quickstarts", "File format, stage, tables and `COPY INTO`, with a local folder in the place of the bucket"
    )
    def test_the_transcripts_are_loaded_whole(self, then: Any) -> None:
        found = rows(then, "select language, count(*) from call_transcripts group by 1 order by 1")
        assert found == [("English", 40), ("French", 70), ("German", 90)]
        assert rows(then, "select count(*) from call_transcripts where transcript like '%\\n%'")[0][0] > 0

    def test_the_bucket_itself_is_out_of_reach_and_the_engine_says_what_to_do(self, session: Any) -> None:
        stage(session, "call_transcripts_data_stage", "s3://sfquickstarts/misc/call_transcripts/")
        session.sql(CALL_TRANSCRIPTS).collect()
        error = refused(session, "COPY into CALL_TRANSCRIPTS\n  from @call_transcripts_data_stage;")
        assert "URL = 'file:///that/folder/'" in str(error.raw_message)

    @pytest.mark.works("The quickstarts", "`sentiment`")
    def test_sentiment_is_a_number_from_minus_one_to_one(self, then: Any) -> None:
        sql = (
            "select transcript, snowflake.cortex.sentiment(transcript) from call_transcripts "
            "where language = 'English';"
        )
        scores = [row[1] for row in rows(then, sql)]
        assert len(scores) == 40
        assert all(isinstance(score, float) and -1 <= score <= 1 for score in scores)

    @pytest.mark.works("The quickstarts", "`summarize`", "`count_tokens`")
    def test_summaries_and_their_tokens(self, then: Any) -> None:
        ending = "from call_transcripts where language = 'English' limit 1;"
        alone = rows(then, f"select transcript,snowflake.cortex.summarize(transcript) as summary {ending}")[0][1]
        sql = (
            "select transcript,snowflake.cortex.summarize(transcript) as summary,"
            f"snowflake.cortex.count_tokens('summarize',transcript) as number_of_tokens {ending}"
        )
        transcript, summary, tokens = rows(then, sql)[0]
        assert summary == alone
        assert 0 < len(summary) < len(transcript)
        assert tokens > 0

    @pytest.mark.works("The quickstarts", "`classify_text`")
    def test_transcripts_are_classified(self, then: Any) -> None:
        sql = (
            "select transcript,snowflake.cortex.classify_text(transcript,['Refund','Exchange']) as classification "
            "from call_transcripts where language = 'English';"
        )
        labels = [json.loads(row[1])["label"] for row in rows(then, sql)]
        assert len(labels) == 40
        assert set(labels) == {"Refund", "Exchange"}

    @pytest.mark.works(
        "The quickstarts", "`SET prompt` and `complete` with `concat('[INST]', $prompt, transcript, '[/INST]')`"
    )
    def test_a_prompt_in_a_variable_is_completed(self, then: Any) -> None:
        then.sql(SET_PROMPT).collect()
        for parts in ("$prompt,transcript", "'[INST]',$prompt,transcript,'[/INST]'"):
            sql = (
                f"select snowflake.cortex.complete('snowflake-arctic',concat({parts})) as summary\n"
                "from call_transcripts where language = 'English' limit 1;"
            )
            assert set(json.loads(rows(then, sql)[0][0])) == {"product_name", "defect", "summary"}

    @pytest.mark.differs(
        "The quickstarts",
        "`translate`",
        how="With the codes of its day; without `CORTEX_TICKETS_LLM_URL` it raises, saying that it needs a real model.",
    )
    @pytest.mark.parametrize(
        "sql",
        [
            "select snowflake.cortex.translate('wie geht es dir heute?','de_DE','en_XX');",
            "select snowflake.cortex.translate('wie geht es dir heute?','de','en');",
            (
                "select transcript,snowflake.cortex.translate(transcript,'de_DE','en_XX') from call_transcripts "
                "where language = 'German';"
            ),
        ],
    )
    def test_translation_takes_the_codes_of_its_day_and_says_what_it_needs(self, then: Any, sql: str) -> None:
        assert "CORTEX_TICKETS_LLM_URL" in str(refused(then, sql).raw_message)


class TestPages:
    """What the guide's Streamlit pages do with a text that somebody enters: here the calls' own transcripts."""

    @pytest.fixture(params=["English", "German", "French"])
    def entered_text(self, then: Any, request: pytest.FixtureRequest) -> str:
        sql = f"select transcript from call_transcripts where language = '{request.param}'"
        texts = [str(row[0]) for row in rows(then, sql)]
        text = max(texts, key=lambda item: item.count("'"))
        return text.replace("'", "\\'")  # as the pages do

    @pytest.mark.works("The quickstarts", "The Streamlit pages on transcripts")
    def test_the_summary_is_json(self, then: Any, entered_text: str) -> None:
        prompt = (
            "Summarize this transcript in less than 200 words. Put the product name, defect if any, and summary "
            f"in JSON format: {entered_text}"
        )
        cortex_prompt = "'[INST] " + prompt + " [/INST]'"
        for model in ("snowflake-arctic", "llama3.1-70b"):
            sql = f"select snowflake.cortex.complete('{model}', {cortex_prompt}) as response"
            found = json.loads(then.sql(sql).to_pandas().iloc[0]["RESPONSE"])
            assert list(found) == ["product_name", "defect_if_any", "summary"]
            assert found["summary"]

    def test_the_sentiment_is_a_number(self, then: Any, entered_text: str) -> None:
        sql = f"select snowflake.cortex.sentiment('{entered_text}') as sentiment"
        assert -1 <= then.sql(sql).to_pandas().iloc[0]["SENTIMENT"] <= 1

    @pytest.mark.parametrize("codes", ["'de','en'", "'ko','pt'", "'ja','pl'"])
    def test_the_translation_says_what_it_needs(self, then: Any, entered_text: str, codes: str) -> None:
        error = refused(then, f"select snowflake.cortex.translate('{entered_text}',{codes}) as response")
        assert "CORTEX_TICKETS_LLM_URL" in str(error.raw_message)


def letters_by(model: str) -> str:
    """The statement of the page that writes letters, with the page's own prompt."""
    entered_prompt = (
        "Please write an email or text promoting a new plan that will save customers total costs. If the customer "
        "requested to be contacted by text message, write text message response in less than 25 words, otherwise "
        "write email response in maximum 100 words."
    )
    return f"""select s.ticket_id, s.customer_name, concat(IFF(s.contact_preference = 'Email', '📩', '📲'), ' ',
        s.contact_preference) as contact_preference, snowflake.cortex.complete('{model}',
        concat('{entered_prompt}','Here is the customer information: Name: ',customer_name,', Contact preference: ',
        contact_preference))
        as llm_response from support_tickets as s join support_tickets_train as t on s.ticket_id = t.ticket_id
        where t.mistral_large_response = 'Roaming fees' limit 10"""


class TestFineTuning:
    @pytest.mark.works(
        "The quickstarts",
        "The notebook: two `complete` calls, their join of 157 rows, `random_split`, `finetune`, inference",
        "`finetune('CREATE', ..)`, `finetune('DESCRIBE', ..)`",
        "The Streamlit page of letters",
    )
    def test_the_notebook_from_end_to_end(self, then: Any) -> None:
        large = completed(then, "mistral-large", "mistral_large_response")
        small_sql = f""" select ticket_id,
trim(snowflake.cortex.complete('mistral-7b',concat('{PROMPT}',request)),'\\n') as mistral_7b_response
from support_tickets"""
        joined = large.join(then.sql(small_sql), "ticket_id")
        assert joined.count() == 157  # three ids stand twice

        tuning = large.with_column("prompt", F.concat(F.lit(PROMPT), F.lit(" "), F.col("request"))).select(
            "ticket_id", "prompt", "mistral_large_response"
        )
        tuning.write.mode("overwrite").save_as_table("support_tickets_finetune")
        train, held_out = then.table("support_tickets_finetune").random_split(weights=[0.8, 0.2], seed=42)
        train.write.mode("overwrite").save_as_table("support_tickets_train")
        held_out.write.mode("overwrite").save_as_table("support_tickets_eval")

        queries = [
            f"select prompt, mistral_large_response as completion from DASH_DB.DASH_SCHEMA.support_tickets_{part}"
            for part in ("train", "eval")
        ]
        name = "support_tickets_finetuned_mistral_7b"
        created = then.sql(
            f"select snowflake.cortex.finetune(\n'create',\n'{name}',\n'mistral-7b', \n"
            f"'{queries[0]}', \n'{queries[1]}')"
        ).collect()[0][0]
        deadline = time.monotonic() + 60
        while True:
            described = json.loads(
                rows(then, f"select snowflake.cortex.finetune('DESCRIBE','{created}') as status")[0][0]
            )
            if described["status"] not in {"PENDING", "IN_PROGRESS"}:
                break
            assert time.monotonic() < deadline, described
        assert described["status"] == "SUCCESS", described

        answered = completed(then, described["model"], "fine_tuned_mistral_7b_model_response")
        per_label = answered.group_by("fine_tuned_mistral_7b_model_response").agg(F.count("*").as_("COUNT")).to_pandas()
        assert per_label["COUNT"].sum() == 151
        for model in ("snowflake-arctic", "llama3-8b", "mistral-large", "reka-flash"):
            letters = then.sql(letters_by(model)).to_pandas()
            assert 0 < len(letters) <= 10
            assert all(letters["LLM_RESPONSE"].str.len() > 0)

    @pytest.mark.works("The quickstarts", "The guide's slips fail with Snowflake's errors")
    def test_the_guides_slips_fail_as_they_do_there(self, engine: local.Engine, buckets: Path) -> None:
        with engine.session(schema="SLIPS") as session:
            stage(session, "support_tickets_data_stage", f"{buckets.as_uri()}/tickets/")
            session.sql(TOO_SHORT).collect()
            other = refused(session, "COPY into CALL_TRANSCRIPTS\n  from @support_tickets_data_stage;")
            assert other.sql_error_code == 2003
            error = refused(session, "COPY into SUPPORT_TICKETS\n  from @support_tickets_data_stage;")
            assert error.sql_error_code == 100074
            assert "User character length limit (10) exceeded by string 'Text Message'" in str(error.raw_message)
            assert '"SUPPORT_TICKETS"["CONTACT_PREFERENCE":6]' in str(error.raw_message)


@pytest.mark.works("The quickstarts", "On an engine of today the same statements are refused as documented")
@pytest.mark.parametrize(
    ("sql", "wording"),
    [
        ("select snowflake.cortex.complete('snowflake-arctic', 'x')", 'unknown model "snowflake-arctic"'),
        ("select snowflake.cortex.complete('reka-flash', 'x')", 'unknown model "reka-flash"'),
        ("select snowflake.cortex.complete('mistral-large', 'x')", "deprecated on July 8, 2026"),
        ("select snowflake.cortex.complete('mistral-7b', 'x')", "legacy state"),
        ("select snowflake.cortex.complete('llama3-8b', 'x')", "legacy state"),
        ("select snowflake.cortex.complete('llama3.1-70b', 'x')", "legacy state"),
        ("select snowflake.cortex.translate('wie geht es dir heute?','de_DE','en_XX');", 'language "de_DE"'),
        ("select snowflake.cortex.translate('wie geht es dir heute?','de','en');", "CORTEX_TICKETS_LLM_URL"),
        ("select snowflake.cortex.finetune('create', 'X', 'mistral-7b', 'select 1', 'select 1')", "mistral-7b"),
        ("select snowflake.cortex.finetune('DESCRIBE', 'CortexFineTuningWorkflow_f4016e33')", "does not exist"),
    ],
)
def test_today_they_refuse_as_documented(session: Any, sql: str, wording: str) -> None:
    error = refused(session, sql)
    assert error.sql_error_code == 512513
    assert wording in str(error.raw_message)
