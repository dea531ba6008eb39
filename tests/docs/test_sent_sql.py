"""The pages of the SQL that is sent are made of the snapshots of the unit tests, each statement once on a page."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SNAPSHOTS = ROOT / "tests" / "unit" / "__snapshots__"
PAGES = ROOT / "docs" / "reference" / "sql"
BEGIN = (
    "<!-- generated: from the snapshots of the unit tests; `pytest tests/docs --update-examples` writes it anew -->\n"
)
END = "<!-- end of generated -->\n"
_STARTS = re.compile(
    r"(?:ALTER|CREATE|DELETE|DESCRIBE|DROP|EXECUTE|EXPLAIN|INSERT|MERGE|SELECT|SHOW|TRUNCATE|UPDATE|WITH)\b"
)
_STRING = re.compile(r"'(?:[^'\\]|''|\\.)*'", re.DOTALL)
_BOUND = "\n-- bound: "
LONGEST_VALUE = 60
"""Characters of a bound value that are shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One verb on a page, and the snapshots that show it."""

    verb: str
    what: str
    snapshots: Sequence[str]


CONTENTS: dict[str, Sequence[Shown]] = {
    "ticket-classifier": (
        Shown("classify", "One ticket, with a constrained answer.", ["test_sent_statements:one_ticket"]),
        Shown(
            "classify, with AI_CLASSIFY",
            "The same with Snowflake's own classifier.",
            ["test_sent_statements:one_ticket_with_ai_classify"],
        ),
        Shown(
            "classify, with a fine-tuned model",
            "The short prompt that it was trained on, and a bare label as the answer.",
            ["test_sent_statements:one_ticket_with_a_fine_tuned_model"],
        ),
        Shown("classify_many", "A list is one bind value.", ["test_sent_statements:many_tickets"]),
        Shown(
            "classify_table",
            "A table with repeated, blank and known texts, asked in two chunks.",
            ["test_sent_statements:a_table_with_repeated_blank_and_known_texts_in_chunks"],
        ),
        Shown(
            "classify_table, where every text is distinct",
            "",
            ["test_sent_statements:a_table_whose_texts_are_distinct"],
        ),
        Shown(
            "classify_table, with a budget that stops it",
            "",
            ["test_sent_statements:a_table_with_a_budget_that_stops_it"],
        ),
        Shown(
            "classify_table, with errors that are asked again",
            "",
            ["test_sent_statements:a_table_whose_errors_are_replaced"],
        ),
        Shown("classify_table, with a DataFrame as its source", "", ["test_sent_statements:a_query_as_the_source"]),
        Shown(
            "estimate",
            "Without a ledger, then with one.",
            ["test_sent_statements:an_estimate[None]", "test_sent_statements:an_estimate[L]"],
        ),
        Shown(
            "to_sql",
            "With AI_COMPLETE, then with AI_CLASSIFY. `to_sql` sends nothing: this is its result.",
            [
                "test_sent_statements:a_select_for_a_task[AI_COMPLETE]",
                "test_sent_statements:a_select_for_a_task[AI_CLASSIFY]",
            ],
        ),
    ),
    "training-sets": (
        Shown("TrainingSetBuilder.build", "", ["test_sent_statements:building_a_training_set"]),
        Shown(
            "TrainingSet.training_query, validation_query, rows_query",
            "What they return, in this order. The first two are what FINETUNE is given.",
            [
                "test_sent_statements:building_a_training_set[training query]",
                "test_sent_statements:building_a_training_set[validation query]",
                "test_sent_statements:building_a_training_set[rows query]",
            ],
        ),
        Shown(
            "TrainingSet.load", "The newest set, and one by its id.", ["test_sent_statements:loading_a_training_set"]
        ),
    ),
    "fine-tune-job": (
        Shown("FineTuneJob.estimate", "", ["test_sent_fine_tune_statements:an_estimate"]),
        Shown(
            "FineTuneJob.start",
            "The intent stands in the jobs table before CREATE is sent.",
            ["test_sent_fine_tune_statements:a_start"],
        ),
        Shown(
            "FineTuneJob.start, once more",
            "A live twin is found, and nothing is created.",
            ["test_sent_fine_tune_statements:a_second_start"],
        ),
        Shown("wait", "A job that is looked at three times.", ["test_sent_fine_tune_statements:a_wait"]),
        Shown("cancel", "", ["test_sent_fine_tune_statements:a_cancellation"]),
    ),
    "embedding-student": (
        Shown("EmbeddingStudent.train", "", ["test_embedding_student:training"]),
        Shown("classify, classify_many", "", ["test_embedding_student:one_ticket_and_many"]),
        Shown("classify_table", "", ["test_embedding_student:a_table"]),
        Shown(
            "to_sql",
            "It sends nothing: this is its result.",
            ["test_embedding_student:a_select_for_a_task"],
        ),
        Shown(
            "ScoredStudent.to_sql",
            "A fine-tuned model gives the label, the head its probability.",
            ["test_embedding_student:a_select_with_another_models_labels"],
        ),
    ),
    "ticket-insights": (
        Shown("translate_many", "", ["test_sent_insight_statements:translations"]),
        Shown(
            "sentiment_many",
            "With a score and without, and with a long text, whose tokens are counted first.",
            [
                "test_sent_insight_statements:sentiments_with_and_without_a_score",
                "test_sent_insight_statements:a_text_whose_tokens_are_counted_first",
            ],
        ),
        Shown(
            "summarize_many",
            "With a limit of words and without.",
            ["test_sent_insight_statements:summaries_with_and_without_a_limit"],
        ),
        Shown(
            "extract_many",
            "With an answer that does not fit and is asked for again.",
            ["test_sent_insight_statements:records_that_are_asked_for_again"],
        ),
        Shown("translate_table", "", ["test_sent_insight_statements:a_table_of_translations"]),
        Shown("sentiment_table", "", ["test_sent_insight_statements:a_table_of_sentiments"]),
        Shown("summarize_table", "", ["test_sent_insight_statements:a_table_of_summaries"]),
        Shown(
            "extract_table",
            "With answers that do not fit.",
            ["test_sent_insight_statements:a_table_of_records_of_which_some_do_not_fit"],
        ),
        Shown(
            "extractions",
            "Reads back what a table operation wrote.",
            ["test_sent_insight_statements:what_is_read_back"],
        ),
        Shown(
            "estimate_sentiment",
            "Without a ledger, with one, and without a score.",
            [
                "test_sent_insight_statements:an_estimate[None]",
                "test_sent_insight_statements:an_estimate[DB.S.L]",
                "test_sent_insight_statements:an_estimate_without_a_score",
            ],
        ),
    ),
    "response-generator": (
        Shown("reply_many", "", ["test_sent_reply_statements:many_replies"]),
        Shown(
            "reply_table",
            "With replies that fail their checks and are asked about once more.",
            ["test_sent_reply_statements:a_table_whose_replies_fail_and_are_asked_about_again"],
        ),
        Shown(
            "import_review",
            "What people decided comes back.",
            ["test_sent_reply_statements:a_review_that_comes_back"],
        ),
    ),
    "corrections": (Shown("add, label_sample, list", "", ["test_sent_insight_statements:corrections"]),),
    "pipelines": (
        Shown(
            "export_pipeline",
            "The file that it writes. It sends free statements only.",
            ["test_pipeline_export:a_pipeline_on_a_warehouse"],
        ),
        Shown(
            "export_pipeline, without a warehouse and leaving errors alone",
            "",
            ["test_pipeline_export:a_pipeline_without_a_warehouse_that_leaves_errors_alone"],
        ),
    ),
    "preflight": (Shown("preflight", "", ["test_sent_statements:a_preflight"]),),
}
"""Which snapshots each page shows, by verb: file, colon, test."""


def snapshots() -> dict[str, str]:
    """Return each snapshot's text by file and test."""
    found = {}
    for file in sorted(SNAPSHOTS.glob("*.ambr")):
        for name, body in re.findall(
            r"^# name: test_(.+?)\n(.*?)^# ---$", file.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
        ):
            lines = body.split("\n")
            assert lines[0].strip() == "'''", name
            text = "\n".join(line.removeprefix("  ") for line in lines[1:-2])
            found[f"{file.stem}:{name}"] = text
    return found


def statements(text: str) -> Iterator[str]:
    """Yield each statement with its bound values; an empty line inside a constant ends none."""
    collected = ""
    for part in text.split("\n\n"):
        if collected and is_whole(collected) and _STARTS.match(part):
            yield collected
            collected = part
        else:
            collected = f"{collected}\n\n{part}" if collected else part
    yield collected


def is_whole(statement: str) -> bool:
    return "'" not in _STRING.sub("", statement.split(_BOUND, maxsplit=1)[0])


def as_shown(statement: str) -> str:
    """Return a statement as the page has it: hashes and long values shortened, what cannot be seen written out."""
    text, *bound = statement.split(_BOUND)
    if bound:
        values = re.sub(r"'((?:[^'\\]|\\.)*)'", shortened, bound[0])
        text += f"{_BOUND}{values}"
    text = re.sub(r"\b([0-9a-f]{12})[0-9a-f]{52}\b", r"\1…", text)
    return "".join(
        character if character == "\n" or character.isprintable() else escaped(character) for character in text
    )


def shortened(value: re.Match[str]) -> str:
    text = value[1]
    return f"'{text}'" if len(text) <= LONGEST_VALUE else f"'{text[:LONGEST_VALUE]}…'"


def escaped(character: str) -> str:
    return "\\t" if character == "\t" else f"\\u{ord(character):04x}"


def page(name: str) -> str:
    found, seen, parts = snapshots(), set[str](), []
    for shown in CONTENTS[name]:
        fresh, n_again = [], 0
        for snapshot in shown.snapshots:
            text = found[snapshot]
            for statement in [text] if name == "pipelines" else statements(text):
                block = as_shown(statement)
                if block in seen:
                    n_again += 1
                else:
                    fresh.append(block)
                    seen.add(block)
        parts.append(f"\n## {shown.verb}\n")
        said = [shown.what] if shown.what else []
        if n_again:
            said.append(f"Sent once more, and shown once on this page: {n_again} of its statements.")
        if said:
            parts.append(f"\n{' '.join(said)}\n")
        parts += [f"\n```sql\n{block}\n```\n" for block in fresh]
    return "".join(parts) + "\n"


@pytest.mark.parametrize("name", CONTENTS)
def test_a_page_shows_the_statements_of_its_snapshots(name: str, request: pytest.FixtureRequest) -> None:
    file = PAGES / f"{name}.md"
    text = file.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    generated = before + BEGIN + page(name) + END + rest.split(END)[1]
    if request.config.getoption("update_examples"):
        file.write_text(generated, encoding="utf-8")
        return
    assert text == generated, "run: pytest tests/docs --update-examples"


def test_every_snapshot_stands_on_one_page() -> None:
    shown = [snapshot for verbs in CONTENTS.values() for verb in verbs for snapshot in verb.snapshots]
    assert sorted(shown) == sorted(snapshots())
    assert sorted(CONTENTS) == sorted(path.stem for path in PAGES.glob("*.md") if path.stem != "index")


def test_a_statement_ends_where_the_next_one_begins_and_not_inside_a_constant() -> None:
    text = "SELECT 'a\n\nSELECT'\n-- bound: 'x'\n\nDROP TABLE T"
    assert list(statements(text)) == ["SELECT 'a\n\nSELECT'\n-- bound: 'x'", "DROP TABLE T"]


def test_what_cannot_be_seen_is_written_out_and_long_values_are_cut() -> None:
    assert as_shown("SELECT '\t\u200b'\n-- bound: '" + "x" * 99 + "', 3") == (
        "SELECT '\\t\\u200b'\n-- bound: '" + "x" * LONGEST_VALUE + "…', 3"
    )
