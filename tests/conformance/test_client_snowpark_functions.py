"""Snowpark's own AI functions on the engine: the statements that the real client writes, unchanged."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from snowflake.snowpark import functions as F  # noqa: N812 - Snowpark's own way of importing it
from snowflake.snowpark.functions import col, lit
from snowflake.snowpark.types import StructField, StructType, VectorType

CLIENT = "Snowpark: AI functions"
NEEDS_MODEL = (
    "Without `CORTEX_TICKETS_LLM_URL` each row is NULL, and its error says that translation needs a real model."
)
NO_FILES = "Its models read texts and no files."

LOST, THANKS = "I lost my phone on the train, terrible!", "Great service, thanks, Ann Miller helped me."
SCHEMA = {
    "type": "json",
    "schema": {
        "type": "object",
        "properties": {
            "CamelKey": {"type": "string", "enum": ["Lost phone", "it's slow"]},
            "lower_key": {"type": "string"},
        },
        "required": ["CamelKey", "lower_key"],
    },
}


@pytest.fixture
def tickets(session: Any) -> Any:
    return session.create_dataframe([[1, LOST], [2, THANKS]], schema=["ID", "T"])


def values(frame: Any, column: Any) -> list[Any]:
    """The column's value for each ticket, in order."""
    return [row["FOUND"] for row in frame.select(col("ID"), column.alias("FOUND")).sort("ID").collect()]


def parsed(frame: Any, column: Any) -> list[Any]:
    return [json.loads(text) for text in values(frame, column)]


class TestFunctions:
    @pytest.mark.works(CLIENT, "`ai_complete`", "`prompt`")
    def test_complete_positional_and_named(self, tickets: Any) -> None:
        assert values(tickets, F.ai_complete("llama3.1-8b", F.prompt("Say {0} twice", col("T"))))[0].startswith("Say I")
        done = F.ai_complete(
            model="claude-sonnet-4-6",
            prompt=F.concat(lit("Which label fits the ticket? Ticket: "), col("T")),
            model_parameters={"temperature": 0, "max_tokens": 50},
            response_format=SCHEMA,
            show_details=True,
            return_error_details=True,
        )
        first = parsed(tickets, done)[0]
        assert first["error"] is None
        message = first["value"]["structured_output"][0]["raw_message"]
        assert list(message) == ["CamelKey", "lower_key"]
        assert message["CamelKey"] == "Lost phone"

    @pytest.mark.works(CLIENT, "`ai_classify`")
    def test_classify_with_its_options(self, tickets: Any) -> None:
        labels = ["Lost phone", "it's a thank-you"]
        assert parsed(tickets, F.ai_classify(col("T"), labels))[0] == {"labels": ["Lost phone"]}
        examples = [{"input": "thanks", "labels": ["it's a thank-you"], "explanation": "it's polite"}]
        done = F.ai_classify(
            col("T"),
            labels,
            task_description="it's a ticket",
            output_mode="multi",
            examples=examples,
            return_error_details=True,
        )
        assert parsed(tickets, done)[1] == {"value": {"labels": ["it's a thank-you"]}, "error": None}
        described = F.sql_expr("[{'label': 'Lost phone', 'description': 'gone'}, {'label': 'Other'}]")
        assert parsed(tickets, F.ai_classify(col("T"), described)) == [
            {"labels": ["Lost phone"]},
            {"labels": ["Other"]},
        ]

    @pytest.mark.works(CLIENT, "`ai_filter`")
    def test_filter_as_a_column_and_in_where(self, tickets: Any) -> None:
        lost = F.prompt("The customer lost a phone: {0}", col("T"))
        assert values(tickets, F.ai_filter(lost)) == [True, False]
        assert parsed(tickets, F.ai_filter(lost, return_error_details=True))[0] == {"value": True, "error": None}
        assert [row["ID"] for row in tickets.filter(F.ai_filter(lost)).collect()] == [1]

    @pytest.mark.works(CLIENT, "`ai_sentiment`")
    def test_sentiment(self, tickets: Any) -> None:
        found = parsed(tickets, F.ai_sentiment(col("T"), ["phone", "service"]))
        assert [[part["sentiment"] for part in row["categories"]] for row in found] == [
            ["negative", "negative", "unknown"],
            ["positive", "unknown", "positive"],
        ]
        assert parsed(tickets, F.ai_sentiment(col("T"), return_error_details=True))[0]["error"] is None

    @pytest.mark.differs(CLIENT, "`ai_translate`", how=NEEDS_MODEL)
    def test_translate(self, tickets: Any) -> None:
        assert values(tickets, F.ai_translate(col("T"), "en", "de")) == [None, None]
        found = parsed(tickets, F.ai_translate(col("T"), "", lit("xx"), return_error_details=True))
        assert found[0]["error"] == 'Invalid language "xx"'

    @pytest.mark.works(CLIENT, "`ai_extract`")
    def test_extract(self, tickets: Any) -> None:
        found = parsed(tickets, F.ai_extract(col("T"), {"HelperName": "Who helped, isn't it?"}, scores=True))
        assert found[1]["response"] == {"HelperName": "Ann Miller"}
        assert found[1]["scoring"]["scores"]["HelperName"]["score"] > 0.5
        found = parsed(tickets, F.ai_extract(col("T"), [["a", "List: What was lost?"], ["b", "Who?"]]))
        assert list(found[0]["response"]) == ["a", "b"]

    @pytest.mark.works(CLIENT, "`ai_embed`")
    def test_embeddings_arrive_as_vectors(self, tickets: Any) -> None:
        frame = tickets.select(F.ai_embed("e5-base-v2", col("T")).alias("E"))
        assert frame.schema == StructType([StructField("E", VectorType(float, 768), nullable=True)])
        assert len(frame.collect()[0]["E"]) == 768
        assert len(frame.to_pandas()["E"][0]) == 768
        near = F.vector_cosine_distance(F.ai_embed("e5-base-v2", col("T")), F.ai_embed("e5-base-v2", lit("lost phone")))
        first, second = values(tickets, near)
        assert first > second

    @pytest.mark.works(
        "Snowpark", "`VECTOR`", "`vector_cosine_distance`", "`vector_l2_distance`", "`vector_inner_product`"
    )
    def test_vector_columns_and_functions(self, session: Any) -> None:
        frame = session.sql("SELECT [1,2,3]::VECTOR(INT,3) AS A, [2,3,4]::VECTOR(INT,3) AS B")
        near, far, product = frame.select(
            F.vector_cosine_distance("A", "B"), F.vector_l2_distance("A", "B"), F.vector_inner_product("A", "B")
        ).collect()[0]
        assert near == pytest.approx(0.9925833339709303)
        assert far == pytest.approx(3**0.5)
        assert product == 20
        session.sql("SELECT PARSE_JSON('[1,2,3]')::ARRAY::VECTOR(INT,3) AS A").write.save_as_table("VECTORS")
        assert session.table("VECTORS").collect()[0]["A"] == [1, 2, 3]
        assert session.table("VECTORS").schema == StructType([StructField("A", VectorType(int, 3), nullable=True)])

    @pytest.mark.works(CLIENT, "`ai_similarity`")
    def test_similarity(self, tickets: Any) -> None:
        first, second = values(tickets, F.ai_similarity(col("T"), lit("lost phone")))
        assert first > second
        assert values(tickets, F.ai_similarity(col("T"), col("T"), model="e5-base-v2")) == pytest.approx([1, 1])

    @pytest.mark.works(CLIENT, "`ai_count_tokens`")
    def test_count_tokens(self, tickets: Any) -> None:
        alone = values(tickets, F.ai_count_tokens("ai_sentiment", col("T")))
        assert values(tickets, F.ai_count_tokens("ai_complete", col("T"), model="llama3.1-8b")) == alone
        options = {"categories": ["good", "bad"]}
        done = F.ai_count_tokens("ai_classify", col("T"), options=options, return_error_details=True)
        assert [row["value"] for row in parsed(tickets, done)] == [tokens + 2 for tokens in alone]
        done = F.ai_count_tokens("ai_complete", col("T"), model="llama3.1-8b", options={"temperature": 0})
        assert values(tickets, done) == alone

    @pytest.mark.works(CLIENT, "`ai_redact`")
    def test_redact(self, tickets: Any) -> None:
        assert values(tickets, F.ai_redact(col("T")))[1] == "Great service, thanks, [NAME] helped me."
        assert values(tickets, F.ai_redact(col("T"), ["EMAIL"]))[1] == THANKS
        done = F.ai_redact(col("T"), ["NAME"], mode="detect", return_error_details=True)
        assert parsed(tickets, done)[1]["value"]["spans"][0]["text"] == "Ann Miller"

    @pytest.mark.works(CLIENT, "`ai_agg`", "`ai_summarize_agg`")
    def test_aggregates_over_all_rows_and_by_group(self, tickets: Any) -> None:
        summary = tickets.select(F.ai_summarize_agg(col("T"))).collect()[0][0]
        assert "lost my phone" in summary
        rows = (
            tickets.group_by("ID")
            .agg(F.ai_agg(col("T"), "Summarize the tickets, it's urgent").alias("A"))
            .sort("ID")
            .collect()
        )
        assert ["phone" in row["A"] for row in rows] == [True, False]


@pytest.mark.works(CLIENT, "Arguments by name and by position")
@pytest.mark.parametrize(
    ("positional", "named"),
    [
        (F.ai_complete("llama3.1-8b", col("T")), F.ai_complete(model="llama3.1-8b", prompt=col("T"))),
        (
            F.ai_classify(col("T"), ["Lost phone", "Other"]),
            F.ai_classify(expr=col("T"), list_of_categories=["Lost phone", "Other"]),
        ),
        (F.ai_filter(col("T")), F.ai_filter(predicate=col("T"))),
        (F.ai_sentiment(col("T"), ["phone"]), F.ai_sentiment(text=col("T"), categories=["phone"])),
        (
            F.ai_translate(col("T"), "en", "xx", True),  # noqa: FBT003 - by position is what is tried
            F.ai_translate(text=col("T"), source_language="en", target_language="xx", return_error_details=True),
        ),
        (F.ai_extract(col("T"), ["Who?"]), F.ai_extract(input=col("T"), response_format=["Who?"])),
        (F.ai_embed("e5-base-v2", col("T")), F.ai_embed(model="e5-base-v2", input=col("T"))),
        (F.ai_similarity(col("T"), lit("phone")), F.ai_similarity(input1=col("T"), input2=lit("phone"))),
        (
            F.ai_count_tokens("ai_sentiment", col("T")),
            F.ai_count_tokens(function_name="ai_sentiment", input_text=col("T")),
        ),
        (F.ai_redact(col("T"), ["NAME"]), F.ai_redact(input=col("T"), categories=["NAME"])),
    ],
    ids=[
        "complete",
        "classify",
        "filter",
        "sentiment",
        "translate",
        "extract",
        "embed",
        "similarity",
        "count",
        "redact",
    ],
)
def test_arguments_by_name_give_what_those_by_position_give(tickets: Any, positional: Any, named: Any) -> None:
    found = values(tickets, named)
    assert found == values(tickets, positional)
    assert None not in found


class TestDataFrameFunctions:
    @pytest.fixture
    def ai(self, tickets: Any) -> Any:
        return tickets.sort("ID").ai

    @pytest.mark.works(CLIENT, "`DataFrame.ai.complete`")
    def test_complete(self, ai: Any) -> None:
        named = ai.complete(prompt="Say {t}", input_columns={"t": col("T")}, output_column="O", model="llama3.1-8b")
        assert named.collect()[0]["O"] == f"Say {LOST}"
        placed = ai.complete(prompt="Say {0}", input_columns=[col("T")], model="llama3.1-8b")
        assert placed.collect()[0]["AI_COMPLETE_OUTPUT"] == f"Say {LOST}"

    @pytest.mark.works(CLIENT, "`DataFrame.ai.classify`")
    def test_classify(self, ai: Any) -> None:
        done = ai.classify(input_column="T", categories=["Lost phone", "Other"], output_column="O")
        assert json.loads(done.collect()[0]["O"]) == {"labels": ["Lost phone"]}

    @pytest.mark.works(CLIENT, "`DataFrame.ai.filter`")
    def test_filter(self, ai: Any) -> None:
        kept = ai.filter(predicate="The customer lost a phone: {0}", input_columns=[col("T")])
        assert [row["ID"] for row in kept.collect()] == [1]

    @pytest.mark.works(CLIENT, "`DataFrame.ai.sentiment`")
    def test_sentiment(self, ai: Any) -> None:
        done = ai.sentiment(input_column="T", categories=["phone"], output_column="O")
        assert json.loads(done.collect()[0]["O"])["categories"][1] == {"name": "phone", "sentiment": "negative"}

    @pytest.mark.differs(CLIENT, "`DataFrame.ai.translate`", how=NEEDS_MODEL)
    def test_translate(self, ai: Any) -> None:
        done = ai.translate(input_column="T", source_language="en", target_language="de", output_column="O")
        assert done.collect()[0]["O"] is None

    @pytest.mark.works(CLIENT, "`DataFrame.ai.extract`")
    def test_extract(self, ai: Any) -> None:
        done = ai.extract(input_column="T", response_format={"who": "Who helped?"}, output_column="O")
        assert json.loads(done.collect()[1]["O"])["response"] == {"who": "Ann Miller"}

    @pytest.mark.works(CLIENT, "`DataFrame.ai.embed`")
    def test_embed(self, ai: Any) -> None:
        assert len(ai.embed(input_column="T", model="e5-base-v2", output_column="O").collect()[0]["O"]) == 768

    @pytest.mark.works(CLIENT, "`DataFrame.ai.similarity`")
    def test_similarity(self, ai: Any) -> None:
        done = ai.similarity(input1=col("T"), input2=col("T"), output_column="O").collect()
        assert done[0]["O"] == pytest.approx(1)

    @pytest.mark.works(CLIENT, "`DataFrame.ai.count_tokens`")
    def test_count_tokens(self, ai: Any) -> None:
        done = ai.count_tokens(function_name="ai_complete", prompt="T", model="llama3.1-8b", output_column="O")
        assert done.collect()[0]["O"] > 5

    @pytest.mark.works(CLIENT, "`DataFrame.ai.redact`")
    def test_redact(self, ai: Any) -> None:
        assert ai.redact(input_column="T", output_column="O").collect()[1]["O"].count("[NAME]") == 1

    @pytest.mark.works(CLIENT, "`DataFrame.ai.agg`", "`DataFrame.ai.summarize_agg`")
    def test_aggregates(self, tickets: Any) -> None:
        done = tickets.ai.agg(task_description="Summarize", input_column="T", output_column="O")
        assert "phone" in done.collect()[0]["O"]
        assert "phone" in tickets.ai.summarize_agg(input_column="T", output_column="O").collect()[0]["O"]

    @pytest.mark.works(CLIENT, "`DataFrame.ai.split_text_recursive_character`")
    def test_texts_are_split(self, session: Any) -> None:
        text = "This is a long document. It has multiple sentences.\n\nAnd multiple paragraphs."
        frame = session.create_dataframe([[text, 30, 5]], schema=["T", "SIZE", "O"])
        parts = ["This is a long document. It", "It has multiple sentences.", "And multiple paragraphs."]
        done = frame.ai.split_text_recursive_character("T", "none", 30, overlap=5, output_column="C")
        assert json.loads(done.collect()[0]["C"]) == parts
        by_column = frame.ai.split_text_recursive_character(
            col("T"), "none", col("SIZE"), overlap=col("O"), separators=["\n\n", " "], output_column="C"
        )
        assert json.loads(by_column.collect()[0]["C"]) == parts

    @pytest.mark.works(CLIENT, "`DataFrame.ai.split_text_markdown_header`")
    def test_markdown_is_split_at_its_headers(self, session: Any) -> None:
        text = "# Introduction\nThis is the intro.\n## Background\nSome background info."
        frame = session.create_dataframe([[text]], schema=["T"])
        headers = {"#": "section", "##": "subsection"}
        done = frame.ai.split_text_markdown_header("T", headers, 20, overlap=5, output_column="C")
        below = {"section": "Introduction", "subsection": "Background"}
        assert json.loads(done.collect()[0]["C"]) == [
            {"chunk": "This is the intro.", "headers": {"section": "Introduction"}},
            {"chunk": "Some background", "headers": below},
            {"chunk": "info.", "headers": below},
        ]


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(
            lambda frame: frame.select(F.ai_parse_document(F.to_file("@~/a.pdf"))),
            id="a document",
            marks=pytest.mark.refuses(CLIENT, "`ai_parse_document`", code=2, words="AI_PARSE_DOCUMENT", why=NO_FILES),
        ),
        pytest.param(
            lambda frame: frame.ai.parse_document(input_column=F.to_file("@~/a.pdf")),
            id="a frame's document",
            marks=pytest.mark.refuses(
                CLIENT, "`DataFrame.ai.parse_document`", code=2, words="AI_PARSE_DOCUMENT", why=NO_FILES
            ),
        ),
        pytest.param(
            lambda frame: frame.select(F.ai_transcribe(F.to_file("@~/a.mp3"))),
            id="a recording",
            marks=pytest.mark.refuses(CLIENT, "`ai_transcribe`", code=2, words="AI_TRANSCRIBE", why=NO_FILES),
        ),
        pytest.param(
            lambda frame: frame.ai.transcribe(input_column=F.to_file("@~/a.mp3")),
            id="a frame's recording",
            marks=pytest.mark.refuses(CLIENT, "`DataFrame.ai.transcribe`", code=2, words="AI_TRANSCRIBE", why=NO_FILES),
        ),
        pytest.param(
            lambda frame: frame.select(F.ai_multi_embed("twelvelabs-marengo-embed-3-0", col("T"))),
            id="many embeddings",
            marks=pytest.mark.refuses(
                CLIENT, "`ai_multi_embed`", code=2, words="AI_MULTI_EMBED", why="It has no model of images and sounds."
            ),
        ),
        pytest.param(
            lambda frame: frame.ai.multi_embed("T", "twelvelabs-marengo-embed-3-0"),
            id="a frame's many embeddings",
            marks=pytest.mark.refuses(
                CLIENT,
                "`DataFrame.ai.multi_embed`",
                code=2,
                words="AI_MULTI_EMBED",
                why="It has no model of images and sounds.",
            ),
        ),
        pytest.param(
            lambda frame: frame.select(F.ai_complete("claude-sonnet-4-6", "What is it?", F.to_file("@~/a.png"))),
            id="completing",
            marks=pytest.mark.refuses(CLIENT, "`ai_complete` of a file", code=2, words="TO_FILE", why=NO_FILES),
        ),
        pytest.param(
            lambda frame: frame.select(F.ai_filter("Is it a cat?", F.to_file("@~/a.png"))),
            id="filtering",
            marks=pytest.mark.refuses(CLIENT, "`ai_filter` of a file", code=2, words="TO_FILE", why=NO_FILES),
        ),
        pytest.param(
            lambda frame: frame.select(F.ai_classify(F.to_file("@~/a.png"), ["cat", "dog"])),
            id="classifying",
            marks=pytest.mark.refuses(CLIENT, "`ai_classify` of a file", code=2, words="TO_FILE", why=NO_FILES),
        ),
        pytest.param(
            lambda frame: frame.select(F.ai_extract(F.to_file("@~/a.pdf"), ["Who?"])),
            id="extracting",
            marks=pytest.mark.refuses(CLIENT, "`ai_extract` of a file", code=2, words="TO_FILE", why=NO_FILES),
        ),
        pytest.param(
            lambda frame: frame.select(F.ai_embed("voyage-multimodal-3", F.to_file("@~/a.png"))),
            id="embedding",
            marks=pytest.mark.refuses(CLIENT, "`ai_embed` of a file", code=2, words="TO_FILE", why=NO_FILES),
        ),
        pytest.param(
            lambda frame: frame.select(F.ai_similarity(F.to_file("@~/a.png"), F.to_file("@~/b.png"))),
            id="comparing",
            marks=pytest.mark.refuses(CLIENT, "`ai_similarity` of files", code=2, words="TO_FILE", why=NO_FILES),
        ),
    ],
)
def test_what_reads_files_is_refused(
    tickets: Any, call: Callable[[Any], Any], is_refused: Callable[[Callable[[], object]], None]
) -> None:
    is_refused(lambda: call(tickets).collect())
