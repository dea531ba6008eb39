"""Labels that people give: what is checked before anything is written, and what is sent."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from cortex_tickets import Corrections, GoldSource, InvalidInputError, LabelSample, SampledTicket, TicketLabel
from cortex_tickets.records.gold_label import GOLD_COLUMNS
from cortex_tickets.testing import FakeSession, SentStatement, snowflake_error

LABELS = ["Lost phone", "Roaming fees"]
HASH = sha256(b"a secret text").hexdigest()
Corrected = Callable[..., tuple[FakeSession, Corrections]]


@pytest.fixture
def corrected() -> Corrected:
    """Return a maker of a session with the tickets T and, unless left out, the gold table G."""

    def make(*, unknown: list[int] | None = None, gold: Any = GOLD_COLUMNS, **options: Any) -> Any:
        session = FakeSession()
        session.answer("^CREATE", [])
        session.answer("^DESCRIBE TABLE", snowflake_error("Object does not exist or not authorized.", 2003))
        session.answer('^DESCRIBE TABLE "T"$', [{"name": "TICKET_ID"}, {"name": "REQUEST"}])
        if gold:
            session.answer('^DESCRIBE TABLE .*"G"$', [{"name": name} for name in gold])
        session.answer("CURRENT_DATABASE", [{"DATABASE_NAME": "DB", "SCHEMA_NAME": "S"}])
        session.answer("AS N_WITHOUT_ID", [{"N_ROWS": 5, "N_WITHOUT_ID": 0}])
        session.answer("^SELECT G.POSITION", [{"POSITION": position} for position in unknown or []])
        session.answer("^INSERT", lambda sent: [{"number of rows inserted": len(json.loads(sent.values[1]))}])
        return session, Corrections(session, **{"table": "G", "tickets": "T", "labels": LABELS, **options})

    return make


def label(number: int = 1, **changes: Any) -> TicketLabel:
    return TicketLabel(**{"ticket_id": f"TR{number}", "text": "a secret text", "label": "Lost phone", **changes})


def a_sample(*numbers: int, table: str = "DB.S.G") -> LabelSample:
    tickets = tuple(SampledTicket(ticket_id=f"TR{n}", text_hash=HASH, text="a secret text") for n in numbers)
    return LabelSample(table=table, seed=7, n_population=9, tickets=tickets)


def inserted(session: FakeSession) -> SentStatement:
    (statement,) = (sent for sent in session.sent if sent.text.startswith("INSERT"))
    return statement


def test_the_constructor_sends_nothing_and_tells_every_problem() -> None:
    session = FakeSession()
    assert Corrections(session, table="G", tickets="T", labels=LABELS).labels.names == tuple(LABELS)
    with pytest.raises(InvalidInputError) as caught:
        Corrections(session, table="no name", tickets=5, labels=["one"])
    assert len(caught.value.problems) == 3
    assert not session.sent


def test_nothing_to_add_sends_nothing(corrected: Corrected) -> None:
    session, corrections = corrected()
    assert corrections.add([], annotator="Ann") == 0
    assert corrections.add((), annotator="Ann") == 0
    assert not session.sent


def test_a_correction_is_written_with_its_source_its_annotator_and_the_servers_time(corrected: Corrected) -> None:
    session, corrections = corrected()
    assert corrections.add([label(1), label(2, text=None, text_hash=HASH.upper())], annotator=" Ann ") == 2
    statement = inserted(session)
    assert "'correction', ?, CURRENT_TIMESTAMP()" in statement.text
    annotator, bound, again = statement.values
    assert annotator == again == "Ann"
    assert json.loads(bound) == [["TR1", HASH, "Lost phone"], ["TR2", HASH, "Lost phone"]]


def test_labels_of_a_sample_are_written_as_a_random_sample(corrected: Corrected) -> None:
    session, corrections = corrected()
    assert corrections.add([label(1)], annotator="Ann", sample=a_sample(1, 2)) == 1
    assert "'random_sample', ?, CURRENT_TIMESTAMP()" in inserted(session).text
    assert "WHERE SOURCE = 'random_sample'" in inserted(session).text


def test_a_label_that_was_not_drawn_is_no_label_of_a_random_sample(corrected: Corrected) -> None:
    session, corrections = corrected()
    for given, sample, told in [
        (label(3), a_sample(1, 2), "labels[0] (ticket TR3) is not in the sample"),
        (label(1, text="another text"), a_sample(1), "is not in the sample"),
        (label(1), a_sample(), "is not in the sample"),
        (label(1), a_sample(1, table="DB.S.OTHER"), "was drawn for the gold table DB.S.OTHER"),
        (label(1), "a sample", "must be what label_sample(...) returned"),
    ]:
        with pytest.raises(InvalidInputError) as caught:
            corrections.add([given], annotator="Ann", sample=sample)  # type: ignore[arg-type] # one is none, on purpose
        assert told in str(caught.value)
    assert not any(text.startswith("INSERT") for text in session.texts())


def test_every_problem_is_told_at_once_by_id_and_never_with_the_text(
    corrected: Corrected, caplog: pytest.LogCaptureFixture
) -> None:
    session, corrections = corrected()
    given: Any = [label(1, label="lost phone"), label(2), label(2, label="Roaming fees"), "Lost phone", label(4)]
    with caplog.at_level(logging.DEBUG), pytest.raises(InvalidInputError) as caught:
        corrections.add(given, annotator="")
    assert caught.value.problems == (
        "annotator='' must name the person who gave the labels.",
        (
            "labels[0] (ticket TR1): 'lost phone' is none of the labels (Lost phone, Roaming fees). "
            "Did you mean 'Lost phone'?"
        ),
        "labels[2] (ticket TR2) contradicts labels[1], which is about the same ticket; give one label.",
        "labels[3] is a str, not a TicketLabel.",
    )  # fmt: skip
    assert "secret" not in caplog.text + " ".join(session.texts())
    assert "secret" not in repr(given)
    assert not any(text.startswith(("INSERT", "CREATE")) for text in session.texts())


def test_a_ticket_that_the_source_does_not_have_with_this_text_is_refused(corrected: Corrected) -> None:
    session, corrections = corrected(unknown=[1])
    with pytest.raises(InvalidInputError) as caught:
        corrections.add([label(1), label(2)], annotator="Ann")
    assert str(caught.value).startswith("labels[1] (ticket TR2): T has no ticket of this id with this text.")
    assert "secret" not in str(caught.value)
    assert not any(text.startswith(("INSERT", "CREATE")) for text in session.texts())


def test_the_same_label_twice_is_one(corrected: Corrected) -> None:
    _, corrections = corrected()
    assert corrections.add([label(1), label(1)], annotator="Ann") == 1


def test_many_problems_are_shortened_and_too_many_labels_refused(corrected: Corrected) -> None:
    _, corrections = corrected()
    with pytest.raises(InvalidInputError) as caught:
        corrections.add([label(n, label="x" * 100) for n in range(60)], annotator="Ann")
    assert len(caught.value.problems) == 51
    assert caught.value.problems[-1] == "10 more labels like these."
    assert "x" * 61 not in str(caught.value)
    with pytest.raises(InvalidInputError, match="There are 10,001 labels; give at most 10,000"):
        corrections.add([label()] * 10_001, annotator="Ann")
    for none in (5, "labels", None):
        with pytest.raises(InvalidInputError, match="must be a list of TicketLabel"):
            corrections.add(none, annotator="Ann")  # type: ignore[arg-type] # that is the test


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"ticket_id": "1", "label": "A"}, "either text= or text_hash="),
        ({"ticket_id": "1", "label": "A", "text": "secret", "text_hash": HASH}, "either text= or text_hash="),
        ({"ticket_id": "1", "label": "A", "text_hash": "abc"}, "no SHA-256"),
        ({"ticket_id": "", "label": "A", "text": "secret"}, "ticket_id"),
    ],
)
def test_a_label_names_one_ticket(given: dict[str, str], told: str) -> None:
    with pytest.raises(InvalidInputError, match=told) as caught:
        TicketLabel(**given)
    assert "secret" not in str(caught.value)


def test_a_gold_table_of_another_form_is_refused_by_every_verb(corrected: Corrected, tmp_path: Path) -> None:
    session, corrections = corrected(gold=["TICKET_ID", "LABEL"])
    for call in (
        lambda: corrections.add([label()], annotator="Ann"),
        lambda: corrections.label_sample(1, seed=7),
        corrections.list,
        lambda: corrections.export(tmp_path / "gold.csv"),
    ):
        with pytest.raises(InvalidInputError, match="lacks TEXT_HASH, SOURCE, ANNOTATOR, LABELLED_AT"):
            call()
    assert not any(text.startswith("INSERT") for text in session.texts())


@pytest.mark.parametrize("options", [{"n": 0}, {"n": 10_001}, {"n": "5"}, {"n": True}, {"seed": 1.5}, {"seed": None}])
def test_a_sample_has_a_size_and_a_seed(corrected: Corrected, options: dict[str, Any]) -> None:
    _, corrections = corrected()
    with pytest.raises(InvalidInputError, match=f"{next(iter(options))}="):
        corrections.label_sample(**{"n": 5, "seed": 7, **options})


def test_a_sample_is_drawn_blind(corrected: Corrected) -> None:
    session, corrections = corrected()
    row = {"TICKET_ID": "TR1", "TEXT_HASH": HASH, "TEXT": "a secret text", "N_POPULATION": 4}
    session.answer("AS N_POPULATION", [row])
    sample = corrections.label_sample(3, seed=7)
    assert sample == LabelSample(
        table="DB.S.G",
        seed=7,
        n_population=4,
        tickets=(SampledTicket(ticket_id="TR1", text_hash=HASH, text="a secret text"),),
    )
    assert "secret" not in repr(sample)
    assert "LABEL" not in session.texts()[-1].replace("LABELLED", "").replace("'random_sample'", "")
    assert LabelSample.model_validate_json(sample.model_dump_json()) == sample


def test_an_empty_population_gives_an_empty_sample(corrected: Corrected) -> None:
    session, corrections = corrected(gold=None)
    session.answer("AS N_POPULATION", [])
    sample = corrections.label_sample(3, seed=7)
    assert (sample.n_population, sample.tickets) == (0, ())
    assert '"G"' not in session.texts()[-1]


def gold_row(labelled_at: datetime | None, source: str = "correction") -> dict[str, Any]:
    values = {"TICKET_ID": "TR1", "TEXT_HASH": HASH, "LABEL": "Lost phone", "SOURCE": source, "ANNOTATOR": None}
    return {**values, "LABELLED_AT": labelled_at}


def test_labels_are_listed_with_their_times_in_utc(corrected: Corrected) -> None:
    session, corrections = corrected()
    noon = datetime(2026, 11, 22, 12, tzinfo=timezone(timedelta(hours=2)))
    bare = datetime(2026, 11, 22, 10)  # noqa: DTZ001  as a column without a zone gives it
    session.answer("^SELECT TICKET_ID", [gold_row(noon), gold_row(bare), gold_row(None)])
    first, second, third = corrections.list(source=GoldSource.CORRECTION)
    assert first.labelled_at == second.labelled_at == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert (first.source, first.annotator, third.labelled_at) == (GoldSource.CORRECTION, None, None)
    assert "WHERE SOURCE = 'correction'" in session.texts()[-1]


def test_what_is_listed_is_bounded_and_nothing_is_listed_of_a_table_that_is_not_there(corrected: Corrected) -> None:
    assert corrected(gold=None)[1].list() == []
    _, corrections = corrected()
    with pytest.raises(InvalidInputError) as caught:
        corrections.list(limit=10_001, source="teacher")
    assert "limit=10001 must be 1 to 10,000" in caught.value.problems[0]
    assert "source='teacher' is no source of gold" in caught.value.problems[1]


def test_an_export_is_whole_or_not_at_all(
    corrected: Corrected, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, corrections = corrected()
    session.answer("^SELECT TICKET_ID", [gold_row(datetime(2026, 11, 22, 10, tzinfo=UTC)), gold_row(None)])
    path = tmp_path / "gold.csv"
    assert corrections.export(str(path)) == 2
    assert "QUALIFY" in session.texts()[-1]
    assert path.read_text(encoding="utf-8").splitlines() == [
        "TICKET_ID,TEXT_HASH,LABEL,SOURCE,ANNOTATOR,LABELLED_AT",
        f"TR1,{HASH},Lost phone,correction,,2026-11-22T10:00:00+00:00",
        f"TR1,{HASH},Lost phone,correction,,",
    ]
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(InvalidInputError, match="does not exist; make it first"):
        corrections.export(tmp_path / "no such folder" / "gold.csv")
    with pytest.raises(InvalidInputError, match=r"expected \.csv"):
        corrections.export(tmp_path / "gold")
    with pytest.raises(InvalidInputError, match="path= is a int"):
        corrections.export(5)  # type: ignore[arg-type] # that is the test
    with pytest.raises(InvalidInputError, match="is not there yet"):
        corrected(gold=None)[1].export(path)
    monkeypatch.setattr("cortex_tickets.corrections.MAX_EXPORTED", 1)
    with pytest.raises(InvalidInputError, match="more than 1 labels"):
        corrections.export(path)


def test_a_timeout_is_a_number_of_seconds(corrected: Corrected) -> None:
    with pytest.raises(InvalidInputError, match="timeout=0"):
        corrected()[1].list(timeout=0)
