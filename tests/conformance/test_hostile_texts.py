"""Tickets that somebody means harm with: labelled like any other, and nothing but their own rows is touched."""

import hashlib
from collections.abc import Sequence

import numpy as np
import pytest

from cortex_tickets import Prediction, TableRun, Ticket, TicketClassifier, TicketSource
from cortex_tickets.local.language.label_matching import label_matcher
from cortex_tickets.local.language.label_options import LabelOption
from cortex_tickets.prompts.delimiter import clean, is_blank
from cortex_tickets.records.prediction import Outcome
from hostile.pack import (
    ENTRIES,
    LABELS,
    MARK,
    MARKED,
    ORDERED,
    TEXTS,
    TICKETS,
    around,
    filled,
    first_of_each_family,
    of,
    short,
)
from hostile.warehouse import HostileWarehouse

ANSWERED = {Outcome.VALID, Outcome.REPAIRED}
TOO_LONG = "max tokens of"
MATCHER = label_matcher(tuple(LabelOption(label) for label in LABELS), "large")
CLASSIFIERS = {
    "large": {"model": "claude-sonnet-4-6"},
    "small": {"model": "llama3.1-8b"},
    "AI_CLASSIFY": {"function": "AI_CLASSIFY"},
}


def classifier(warehouse: HostileWarehouse, kind: str = "large") -> TicketClassifier:
    return TicketClassifier(warehouse.session, labels=LABELS, **CLASSIFIERS[kind])  # type: ignore[arg-type]


def sorted_out(predictions: Sequence[Prediction], texts: Sequence[str]) -> None:
    """Check that each text has a label of the set, is blank, or is longer than the model reads."""
    for text, prediction in zip(texts, predictions, strict=True):
        if prediction.outcome in ANSWERED:
            assert prediction.label in LABELS
        elif prediction.outcome is Outcome.BLANK:
            assert is_blank(clean(text))
            assert prediction.label is None
        else:
            assert prediction.outcome is Outcome.ERROR
            assert prediction.label is None
            assert TOO_LONG in str(prediction.error)
            assert len(text) >= 200_000


@pytest.fixture(scope="session")
def many(hostile: HostileWarehouse) -> list[Prediction]:
    """The whole pack in one list."""
    with hostile.only():
        return classifier(hostile).classify_many(MARKED)


@pytest.fixture(scope="session")
def run(hostile: HostileWarehouse) -> TableRun:
    """The whole pack in one table."""
    with hostile.only("L", "L_RUNS", "L_LEASES"):
        return classifier(hostile).classify_table("HOSTILE", into="L")


def test_many(many: list[Prediction]) -> None:
    sorted_out(many, MARKED)
    assert sum(one.outcome in ANSWERED for one in many) > len(MARKED) - 30


def test_one_is_labelled_as_among_many(hostile: HostileWarehouse, many: list[Prediction]) -> None:
    places = first_of_each_family()
    shared = classifier(hostile)
    with hostile.only():
        one = [shared.classify(Ticket(id=short(TEXTS[place]), text=MARKED[place])) for place in places]
    assert [(each.label, each.outcome) for each in one] == [(many[at].label, many[at].outcome) for at in places]


def test_every_row_of_a_table_is_its_own_tickets_and_labelled_as_in_a_list(
    hostile: HostileWarehouse, many: list[Prediction], run: TableRun
) -> None:
    assert run.is_complete
    assert run.n_tickets == len(ENTRIES)
    rows = {
        (id_, text_hash): label for id_, text_hash, label in hostile.values("SELECT TICKET_ID, TEXT_HASH, LABEL FROM L")
    }
    tickets = hostile.values("SELECT TICKET_ID, REQUEST FROM HOSTILE")
    assert rows.keys() == {(id_, hashlib.sha256(text.encode()).hexdigest()) for id_, text in tickets}
    by_number = {int(id_.rpartition(" ")[2]): label for (id_, _), label in rows.items()}
    assert [by_number[number] for number in range(len(ENTRIES))] == [one.label for one in many]


def test_a_second_run_touches_nothing(hostile: HostileWarehouse, run: TableRun) -> None:
    with hostile.only("L_RUNS", "L_LEASES"):
        again = classifier(hostile).classify_table("HOSTILE", into="L")
    assert (again.n_texts_asked, again.n_by_outcome) == (0, run.n_by_outcome)


@pytest.mark.usefixtures("run")
def test_labels_as_sql(hostile: HostileWarehouse) -> None:
    text = classifier(hostile).to_sql("HOSTILE")
    assert MARK not in text
    with hostile.only():
        found = hostile.values(f"SELECT TICKET_ID, TEXT_HASH, LABEL, OUTCOME FROM ({text}) ORDER BY 1, 2")
    assert found == hostile.values("SELECT TICKET_ID, TEXT_HASH, LABEL, OUTCOME FROM L ORDER BY 1, 2")


@pytest.mark.parametrize("kind", ["small", "AI_CLASSIFY"])
def test_other_models_and_functions(hostile: HostileWarehouse, kind: str) -> None:
    into, shared = f"L_{kind.upper()}", classifier(hostile, kind)
    source = TicketSource(
        query="SELECT * FROM HOSTILE WHERE LENGTH(REQUEST) < 1000 OR CONTAINS(REQUEST, '</ticket></ticket>')"
    )
    with hostile.only(into, f"{into}_RUNS", f"{into}_LEASES"):
        run = shared.classify_table(source, into=into)
    tickets = hostile.values(f"SELECT TICKET_ID, REQUEST FROM {source.relation} ORDER BY TICKET_ID")
    assert (run.is_complete, run.n_tickets) == (True, len(tickets))
    found = shared.classify_many([text for _, text in tickets])
    sorted_out(found, [text for _, text in tickets])
    stored = hostile.values(f"SELECT LABEL, OUTCOME FROM {into} ORDER BY TICKET_ID")
    assert stored == [(one.label, one.outcome) for one in found]
    assert ("error" in run.n_by_outcome) is (kind == "small")  # a text that is longer than the model reads


def test_no_text_id_or_name_stands_in_a_statement(hostile: HostileWarehouse, run: TableRun) -> None:
    shared = classifier(hostile)
    shared.classify(MARKED[0])
    shared.estimate(TicketSource(query="SELECT * FROM HOSTILE WHERE LENGTH(REQUEST) < 1000"), into=run.into)
    sent = "\n".join(hostile.session.texts)
    assert "AI_COMPLETE" in sent
    assert "FLATTEN" in sent
    assert MARK not in sent


class TestOrders:
    """What an order inside a ticket does to the engine's stand-in.

    It counts words and reads no orders: a text speaks for a label as much as the label's words in it weigh, wherever
    they stand. So it can tell what a ticket is about if the ticket's words for its label weigh more than the ticket's
    and the attack's words together weigh for any other.
    """

    ALL = tuple(
        (about, filled(entry, ordered))
        for about in LABELS
        for entry in of("injections")
        for ordered in (LABELS if "{label}" in entry.text else LABELS[:1])
    )

    @staticmethod
    def can_tell(about: str, attack: str) -> bool:
        own, added = MATCHER.scores([TICKETS[about], attack])
        others = [place for place, label in enumerate(LABELS) if label != about]
        return bool(own[LABELS.index(about)] > np.max((own + added)[others]))

    def test_it_can_tell_nearly_always_where_a_ticket_says_its_matter_in_many_words(self) -> None:
        told = [self.can_tell(about, attack) for about, attack in self.ALL]
        assert sum(told) / len(told) > 0.95

    @pytest.mark.parametrize("kind", ["large", "AI_CLASSIFY"])
    def test_the_label_is_that_without_the_attack_wherever_it_can_tell(
        self, hostile: HostileWarehouse, kind: str
    ) -> None:
        # Each attack at one of the places in turn, so that all of them see all places.
        texts = [
            around(TICKETS[about], attack)[number % len(around("", ""))]
            for number, (about, attack) in enumerate(self.ALL)
        ]
        found = classifier(hostile, kind).classify_many(texts)
        assert {one.outcome for one in found} == {Outcome.VALID}
        moved = [
            (about, attack)
            for (about, attack), one in zip(self.ALL, found, strict=True)
            if one.label != about and self.can_tell(about, attack)
        ]
        assert moved == []

    def test_it_is_the_words_of_the_text_that_decide_and_nothing_around_them(self, hostile: HostileWarehouse) -> None:
        # Also where it cannot tell: one word each, and an order for each other label.
        texts = [
            place
            for about, ordered in (("Closing account", "Lost phone"), ("Lost phone", "Add new line"))
            for entry in of("injections")
            for place in around(f"A question, about {about.split()[0]}.", filled(entry, ordered))
        ]
        found = [one.label for one in classifier(hostile).classify_many(texts)]
        assert found == [LABELS[place] for place in MATCHER.scores(texts).argmax(axis=1)]

    def test_an_attack_without_a_labels_word_changes_nothing(self, hostile: HostileWarehouse) -> None:
        quiet = [filled(entry) for entry in ENTRIES if not MATCHER.scores([filled(entry)]).any()]
        assert len(quiet) > 200
        texts = [place for about in LABELS for attack in quiet[:60] for place in around(f"My {about}, please.", attack)]
        found = [one.label for one in classifier(hostile).classify_many(texts)]
        assert found == [about for about in LABELS for _ in range(len(texts) // len(LABELS))]

    def test_a_table_is_no_easier_to_talk_into_a_label(self, hostile: HostileWarehouse) -> None:
        rows = [
            (f"{about} {number}", place)
            for about in LABELS
            for number, entry in enumerate(of("injections"))
            for place in around(TICKETS[about], filled(entry))[number % 5 :][:1]
            if self.can_tell(about, filled(entry))
        ]
        assert len(rows) > 5 * 130
        hostile.plain.create_dataframe(rows, schema=["TICKET_ID", "REQUEST"]).write.save_as_table("ORDERS")
        with hostile.only("L_ORDERS", "L_ORDERS_RUNS", "L_ORDERS_LEASES"):
            run = classifier(hostile).classify_table("ORDERS", into="L_ORDERS")
        assert dict(run.n_by_outcome) == {"valid": len(rows)}
        assert hostile.values("SELECT COUNT(*) FROM L_ORDERS WHERE NOT STARTSWITH(TICKET_ID, LABEL)") == [(0,)]


def test_the_ordered_label_is_no_answer_where_it_is_no_label(hostile: HostileWarehouse) -> None:
    labels = [label for label in LABELS if label != ORDERED]
    shared = TicketClassifier(hostile.session, labels=labels, model="claude-sonnet-4-6")
    found = shared.classify_many([filled(entry) for entry in of("injections")])
    assert {one.label for one in found} <= set(labels)


@pytest.mark.parametrize(
    "touched",
    [
        "INSERT INTO TOUCHED VALUES ('y')",
        "UPDATE TOUCHED SET WORD = 'y'",
        "DELETE FROM TOUCHED",
        "DROP TABLE TOUCHED",
        "CREATE OR REPLACE TABLE TOUCHED AS SELECT 'y' AS WORD",
        "ALTER TABLE TOUCHED RENAME TO GONE",
        "CREATE TABLE NEW_ONE (WORD VARCHAR)",
    ],
)
def test_what_watches_the_tables_sees_it_when_one_is_touched(hostile: HostileWarehouse, touched: str) -> None:
    hostile.plain.sql("CREATE OR REPLACE TABLE TOUCHED AS SELECT 'x' AS WORD").collect()
    with pytest.raises(AssertionError, match=r"TOUCHED|NEW_ONE"), hostile.only():
        hostile.plain.sql(touched).collect()
    for name in ("TOUCHED", "GONE", "NEW_ONE"):
        hostile.plain.sql(f"DROP TABLE IF EXISTS {name}").collect()
