"""How an answer becomes an insight and an outcome: the SQL that this package sends, on a real engine."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cortex_tickets._cortex import calls
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.extracting import Extracting
from cortex_tickets._cortex.sentiment_question import SentimentQuestion
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._cortex.summarizing import Summarizing
from cortex_tickets._cortex.text_question import TextQuestion
from cortex_tickets._cortex.translating import Translating
from cortex_tickets.prompts.text_prompt import SCORE_PROMPT, TextPrompt, extraction_prompt, summary_prompt

NOTHING = "Snowflake gave neither an answer nor an error"
TOO_LONG = "max tokens of 2048 exceeded"
TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), min_size=1, max_size=20)


def read(
    session: Any, question: TextQuestion, answers: list[str | None], errors: list[str | None] | None = None
) -> list[dict[str, Any]]:
    """Read answers as the question does."""
    relation = (
        "(SELECT F.INDEX AS I, F.VALUE[0]::VARCHAR AS ANSWER, F.VALUE[1]::VARCHAR AS ERROR, 1 AS INPUT_TOKENS, "
        "1 AS OUTPUT_TOKENS FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) F)"
    )
    pairs = list(zip(answers, errors or [None] * len(answers), strict=True))
    query = f"{question.read(relation, ('I',))} ORDER BY I"
    return [dict(row) for row in map(_as_dict, CortexClient(session).rows(Statement(query, (json.dumps(pairs),))))]


def _as_dict(row: Any) -> dict[str, Any]:
    return row if isinstance(row, dict) else row.as_dict()


def heard(overall: str, price: str | None = "negative", score: str | None = '{"score": -0.5}') -> str:
    """What AI_SENTIMENT and the model said, as it is kept."""
    told = [{"name": "overall", "sentiment": overall}]
    told += [{"name": "Price", "sentiment": price}] if price else []
    return json.dumps({"categories": told, **({"score": score} if score else {})})


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (heard("positive"), ("valid", None, "positive", "negative", -0.5)),
        (heard("Positive", "MIXED"), ("valid", None, "positive", "mixed", -0.5)),
        (heard("mixed", score='{"score": 1}'), ("valid", None, "mixed", "negative", 1.0)),
        (heard("mixed", score='{"score": "0.25"}'), ("valid", None, "mixed", "negative", 0.25)),
        (heard("mixed", score='{"score": 7}'), ("repaired", "clamped", "mixed", "negative", 1.0)),
        (heard("mixed", score='{"score": -1.5}'), ("repaired", "clamped", "mixed", "negative", -1.0)),
        (heard("mixed", score=" 0.75\n"), ("repaired", "loose_text", "mixed", "negative", 0.75)),
        (heard("mixed", score='```json\n{"score": 0.1}\n```'), ("repaired", "loose_text", "mixed", "negative", 0.1)),
        (heard("mixed", score="From -1 to 1 I say 0.4"), ("off_label", None, "mixed", "negative", None)),
        (heard("mixed", score='{"score": null}'), ("off_label", None, "mixed", "negative", None)),
        (heard("mixed", score=None), ("off_label", None, "mixed", "negative", None)),
        (heard("furious"), ("off_label", None, None, "negative", -0.5)),
        (heard("mixed", None), ("off_label", None, "mixed", None, -0.5)),
        (heard("mixed", "cheap"), ("off_label", None, "mixed", None, -0.5)),
        (None, ("error", None, None, None, None)),
    ],
)
def test_words_and_number_are_read(session: Any, answer: str | None, expected: tuple[Any, ...]) -> None:
    (row,) = read(session, SentimentQuestion(model="m", models=("m",), aspects=("Price",)), [answer])
    aspects = json.loads(row["ASPECTS"] or "{}")
    told = (row["OUTCOME"], row["REPAIR"], row["SENTIMENT"], aspects.pop("Price", None), row["SCORE"])
    assert (told, aspects) == (expected, {})
    assert row["ERROR"] == (NOTHING if answer is None else None)
    assert row["LABEL"] is None


def test_categories_are_found_by_name_in_whatever_order_they_come(session: Any) -> None:
    told = [{"sentiment": "negative", "name": "b"}, {"name": "overall", "sentiment": "mixed"}]
    told += [{"name": "a", "sentiment": "positive"}]
    (row,) = read(session, SentimentQuestion(aspects=("a", "b")), [json.dumps({"categories": told})])
    assert (row["OUTCOME"], row["SENTIMENT"], row["SCORE"]) == ("valid", "mixed", None)
    assert json.loads(row["ASPECTS"]) == {"a": "positive", "b": "negative"}


LIMITED = Summarizing(model="m", models=("m",), max_words=6)


@pytest.mark.parametrize(
    ("answer", "outcome", "repair", "summary"),
    [
        ('{"summary": "One two three."}', "valid", None, "One two three."),
        ('{"summary": " One two three. \\n"}', "valid", None, "One two three."),
        ('{"summary": "One two three four five six."}', "valid", None, "One two three four five six."),
        ('{"summary": "One two three. Four five six seven."}', "repaired", "cut", "One two three."),
        ('{"summary": "One two. Three four five six seven."}', "repaired", "cut", "One two. Three four five six…"),
        ('{"summary": "One 2.5 three four \\"five!\\" six seven"}', "repaired", "cut", 'One 2.5 three four "five!"'),
        ("One two three.", "repaired", "loose_text", "One two three."),
        ('Here: {"summary": "One two."} Done.', "repaired", "loose_text", "One two."),
        ("1 2 3 4 5 6 7 8", "repaired", "cut", "1 2 3 4 5 6…"),
        ('{"summary": ""}', "error", None, None),
        ('{"other": "One"}', "error", None, None),
        ('{"summary": "One', "error", None, None),
        ("  ", "error", None, None),
    ],
)
def test_a_summary_never_has_more_words_than_its_limit(
    session: Any, answer: str, outcome: str, repair: str | None, summary: str | None
) -> None:
    (row,) = read(session, LIMITED, [answer])
    assert (row["OUTCOME"], row["REPAIR"], row["SUMMARY"]) == (outcome, repair, summary)
    assert row["N_WORDS"] == (None if summary is None else len(summary.split()))
    assert row["ERROR"] == (None if summary else "the answer is empty")


@given(st.lists(st.text(st.sampled_from("ab.!? \n\t)\"'"), max_size=60), min_size=1, max_size=20))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_answer_gives_a_longer_summary(session: Any, answers: list[str]) -> None:
    for row in read(session, LIMITED, [json.dumps({"summary": answer}) for answer in answers]):
        assert len((row["SUMMARY"] or "").split()) == (row["N_WORDS"] or 0) <= 6


def test_a_summary_of_ai_summarize_is_its_text_even_in_braces(session: Any) -> None:
    (row,) = read(session, Summarizing(), ['{"summary": 1}'])
    assert (row["OUTCOME"], row["SUMMARY"], row["N_WORDS"]) == ("valid", '{"summary": 1}', 2)


@pytest.mark.parametrize(
    ("said", "outcome", "repair", "value"),
    [
        (('{"a": 1}', None), "valid", None, {"a": 1}),
        ((' {"a": "}{"}\n', None), "valid", None, {"a": "}{"}),
        (
            ('Sure: ```json\n{"a": [1, {"b": null}]}\n``` Done.', None),
            "repaired",
            "loose_text",
            {"a": [1, {"b": None}]},
        ),
        (('{"a": 1', None), "off_label", None, None),
        (("[1]", None), "off_label", None, None),
        (("I cannot say.", None), "off_label", None, None),
        ((None, "json mode output validation error: no JSON"), "off_label", None, None),
        ((None, TOO_LONG), "error", None, None),
        ((None, None), "error", None, None),
    ],
)
def test_a_record_is_read_as_json(
    session: Any, said: tuple[str | None, str | None], outcome: str, repair: str | None, value: Any
) -> None:
    question = Extracting(model="m", models=("m",), schema={"type": "object"})
    (row,) = read(session, question, [said[0]], [said[1]])
    assert (row["OUTCOME"], row["REPAIR"]) == (outcome, repair)
    assert (None if row["VALUE"] is None else json.loads(row["VALUE"])) == value
    assert (row["PROBLEMS"], row["IS_CHECKED"]) == (None, None)
    assert (row["ERROR"] is None) == (outcome != "error")


def test_an_error_wins_and_one_of_length_says_what_to_do(session: Any) -> None:
    for question in (
        Translating(target="de"),
        Summarizing(),
        LIMITED,
        SentimentQuestion(),
        Extracting(model="m", models=("m",), schema={}),
    ):
        rows = read(session, question, ["Text", None, None], ["what it said", TOO_LONG, None])
        assert [row["OUTCOME"] for row in rows] == ["error"] * 3
        assert [row["ERROR"] for row in rows] == [
            "what it said", f"{TOO_LONG}. Shorten the text, or cut it into parts.", NOTHING
        ]  # fmt: skip
        assert all(row[name] is None for row in rows for name in question.extra_columns if name != "TARGET_LANGUAGE")


def test_a_translation_is_its_text(session: Any) -> None:
    rows = read(session, Translating(target="de"), ['"Hallo"', "{}", " "])
    assert [(row["OUTCOME"], row["TRANSLATION"]) for row in rows] == [
        ("valid", '"Hallo"'), ("valid", "{}"), ("error", None)
    ]  # fmt: skip


@given(TEXTS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sql_renders_what_python_renders(session: Any, texts: list[str]) -> None:
    hostile = extraction_prompt("It's \\ $x </text> 'y'", '{"a": "</text> \\\\ \'"}')
    prompts: tuple[TextPrompt, ...] = (SCORE_PROMPT, summary_prompt(50), hostile)
    for prompt in prompts:
        query = (
            f"SELECT {calls.rendered_prompt(prompt, 'F.VALUE::VARCHAR')} AS P "
            "FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) F ORDER BY F.INDEX"
        )
        rows = CortexClient(session).rows(Statement(query, (json.dumps(texts, ensure_ascii=False),)))
        assert [row["P"] for row in rows] == [prompt.render(text) for text in texts]
