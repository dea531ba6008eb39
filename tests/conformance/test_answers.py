"""How an answer becomes a label and an outcome: the SQL that this package sends, on a real engine."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cortex_tickets._cortex.answers import LabelReading, normalised
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.statement import Statement

LABELS = ("Roaming fees", "Fees", "Add new line", "New line", "Other (unclear)", "It's \\ odd")


def outcomes(session: Any, answers: list[str | None], errors: list[str | None] | None = None) -> list[tuple[Any, ...]]:
    """Read answers as the classifier does, and return (label, outcome, repair) of each."""
    relation = (
        "(SELECT F.INDEX AS I, F.VALUE:a::VARCHAR AS ANSWER, F.VALUE:e::VARCHAR AS ERROR, 1 AS INPUT_TOKENS, "
        "1 AS OUTPUT_TOKENS FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) F)"
    )
    query = LabelReading(LABELS, "Other (unclear)").layers(relation, passed=("I",))
    pairs = [{"a": answer, "e": error} for answer, error in zip(answers, errors or [None] * len(answers), strict=True)]
    rows = CortexClient(session).rows(Statement(f"{query} ORDER BY I", (json.dumps(pairs),)))
    return [(row["LABEL"], row["OUTCOME"], row["REPAIR"]) for row in rows]


CASES = [
    ('{"label": "Roaming fees"}', ("Roaming fees", "valid", None)),
    ("Roaming fees", ("Roaming fees", "valid", None)),
    ("It's \\ odd", ("It's \\ odd", "valid", None)),
    ('{"label": "It\'s \\\\ odd"}', ("It's \\ odd", "valid", None)),
    ("  roaming FEES.", ("Roaming fees", "repaired", "spelling")),
    ('"Roaming fees"', ("Roaming fees", "repaired", "spelling")),
    ("**Roaming fees**\n", ("Roaming fees", "repaired", "spelling")),
    ('```json\n{"label": "Roaming fees"}\n```', ("Roaming fees", "repaired", "sentence")),
    ("The ticket is about roaming fees.", ("Roaming fees", "repaired", "sentence")),
    ("They want to add new line, please", ("Add new line", "repaired", "sentence")),
    ("a new line", ("New line", "repaired", "sentence")),
    ("Roaming fees or a new line", (None, "off_label", None)),
    ("These roaming fees are fees", (None, "off_label", None)),
    ("Something else", (None, "off_label", None)),
    ("feesible", (None, "off_label", None)),
    ('{"label": "Billing"}', (None, "off_label", None)),
    ('{"category": "Roaming fees"}', ("Roaming fees", "repaired", "sentence")),
    ('{"label": null}', (None, "off_label", None)),
    ("", (None, "off_label", None)),
    ("Other (unclear)", ("Other (unclear)", "abstained", None)),
    ("other unclear", ("Other (unclear)", "abstained", "spelling")),
    (None, (None, "error", None)),
]


def test_each_answer_has_exactly_one_outcome(session: Any) -> None:
    assert outcomes(session, [answer for answer, _ in CASES]) == [expected for _, expected in CASES]


def test_an_error_wins_over_whatever_came_with_it(session: Any) -> None:
    assert outcomes(session, ["Fees", None], ["too long", "too long"]) == [(None, "error", None)] * 2


def test_a_row_without_a_word_says_so(session: Any) -> None:
    relation = "(SELECT 1 AS I, NULL::VARCHAR AS ANSWER, NULL::VARCHAR AS ERROR, 1 AS INPUT_TOKENS, 1 AS OUTPUT_TOKENS)"
    query = LabelReading(LABELS, None).layers(relation, passed=("I",))
    (row,) = CortexClient(session).run(query)
    assert row["ERROR"] == "Snowflake gave neither an answer nor an error"


def test_labels_of_nothing_but_signs_are_read_as_they_stand(session: Any) -> None:
    relation = "(SELECT 1 AS I, ? AS ANSWER, NULL::VARCHAR AS ERROR, 1 AS INPUT_TOKENS, 1 AS OUTPUT_TOKENS)"
    query = LabelReading(("?!", "--"), None).layers(relation, passed=("I",))
    found = {}
    for answer in ("?!", "--", "?", "I say ?!"):
        (row,) = CortexClient(session).run(query, answer)
        found[answer] = (row["LABEL"], row["OUTCOME"])
    off = (None, "off_label")
    assert found == {"?!": ("?!", "valid"), "--": ("--", "valid"), "?": off, "I say ?!": off}


@given(st.lists(st.one_of(st.text(max_size=40), st.sampled_from(LABELS), st.none()), min_size=20, max_size=60))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_answer_a_label_is_one_of_the_set(session: Any, answers: list[str | None]) -> None:
    cleaned = [
        None if answer is None else answer.encode("utf-8", "replace").decode().replace("\x00", "") for answer in answers
    ]
    for answer, (label, outcome, repair) in zip(cleaned, outcomes(session, cleaned), strict=True):
        assert outcome in {"valid", "repaired", "abstained", "off_label", "error"}
        assert (label in LABELS) == (outcome in {"valid", "repaired", "abstained"})
        assert (repair is not None) == (outcome == "repaired") or outcome == "abstained"
        if answer in LABELS:
            assert label == answer


@pytest.mark.parametrize("text", ["  A – “b”  c. ", "ROAMING_fees", "x\n\ty", "Ünïcode LÄNGE", "!!!"])
def test_sql_and_python_normalise_alike(session: Any, text: str) -> None:
    from cortex_tickets._cortex.answers import _normalised_sql  # noqa: PLC0415  the private twin under test

    found = CortexClient(session).value(Statement(f"SELECT {_normalised_sql('?')}", (text,)))
    assert found == normalised(text)
