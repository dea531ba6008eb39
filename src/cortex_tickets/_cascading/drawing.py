"""The statements over a calibration sample: which tickets it has, and what they were drawn from."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cortex_tickets._cascading.sample_shape import balance_problem, deduplication_problem, duplication_problem
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.text_sql import TICKETS, is_blank, text_hash
from cortex_tickets.calibration_sample import MOST_DRAWN, CalibrationSample
from cortex_tickets.ledger.schema import described_columns, form_problems
from cortex_tickets.records.gold_label import GOLD_COLUMNS, GoldSource
from cortex_tickets.records.table_name import TableName, column_sql
from cortex_tickets.records.ticket_source import TicketSource

_OWN = "SHA2(CONCAT(T.TICKET_ID, ':', T.TEXT_HASH), 256)"
"""What chooses the ticket of a group."""


@dataclass(frozen=True, slots=True)
class DrawnTicket:
    """One ticket of the sample, without its text."""

    ticket_id: str
    text_hash: str
    gold: str | None
    """The label that people gave; `None` where the teacher is the reference."""
    created_at: datetime | None

    @property
    def key(self) -> tuple[str, str]:
        """What names the ticket."""
        return self.ticket_id, self.text_hash


@dataclass(frozen=True, slots=True)
class Drawn:
    """The sample as it stands in the warehouse now."""

    tickets: Sequence[DrawnTicket]
    n_population: int
    """Tickets with a text that it was drawn from; groups of them where it has one of each."""

    @property
    def n_texts(self) -> int:
        """Distinct texts among the tickets."""
        return len({ticket.text_hash for ticket in self.tickets})

    @property
    def hash(self) -> str:
        """SHA-256, in hexadecimal: the same tickets with the same gold labels have the same."""
        rows = sorted([ticket.ticket_id, ticket.text_hash, ticket.gold or ""] for ticket in self.tickets)
        return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()

    @property
    def window(self) -> tuple[datetime, datetime] | None:
        """When the oldest and the newest ticket were opened; `None` if that is not known of all."""
        moments = [ticket.created_at for ticket in self.tickets if ticket.created_at is not None]
        return (min(moments), max(moments)) if moments and len(moments) == len(self.tickets) else None


def sample_query(sample: CalibrationSample) -> str:
    """Return a SELECT of the sample: TICKET_ID, TEXT_HASH, TEXT, CREATED_AT, GOLD_LABEL, N_POPULATION.

    Tickets equal in id and text are one; those without a text are nobody's to answer and not among them. Where groups
    are sampled, one ticket stands for each. Which one is settled by its own hash, before labels are looked at, so that
    a large group is not taken the oftener for having more labels; and without the seed, so that another seed does not
    pass off the same groups as fresh ones.
    """
    source = sample.source
    text, created = source.column("text"), source.column("created_at")
    created_at = "NULL::TIMESTAMP_NTZ" if created == "NULL" else f"MIN({created})"
    group = "" if sample.group is None else f", MIN({column_sql(sample.group)}) AS GROUP_ID"
    one_of_each = (
        "" if sample.group is None else f" QUALIFY ROW_NUMBER() OVER (PARTITION BY GROUP_ID ORDER BY {_OWN}) = 1"
    )
    tickets = (
        "(SELECT U.*, COUNT(*) OVER () AS N_POPULATION FROM (SELECT T.* FROM ("
        f"SELECT {source.column('id')}::VARCHAR AS TICKET_ID, "
        f"{text_hash(text)} AS TEXT_HASH, MIN({text}) AS TEXT, {created_at} AS CREATED_AT{group} "
        f"FROM {source.relation} GROUP BY 1, 2) T WHERE NOT ({is_blank('T.TEXT')}){one_of_each}) U)"
    )
    shown = "T.TICKET_ID, T.TEXT_HASH, T.TEXT, T.CREATED_AT"
    if sample.gold is None:
        chosen = f"SHA2(CONCAT({literal(f'{sample.seed}:')}, T.TICKET_ID, ':', T.TEXT_HASH), 256)"
        return (
            f"SELECT {shown}, NULL::VARCHAR AS GOLD_LABEL, T.N_POPULATION FROM {tickets} T "
            f"ORDER BY {chosen} LIMIT {sample.n}"
        )
    gold = _gold(sample.gold, sample.labelled_from)
    return (
        f"SELECT {shown}, G.LABEL AS GOLD_LABEL, T.N_POPULATION FROM {tickets} T JOIN {gold} G "
        "ON G.TICKET_ID = T.TICKET_ID AND G.TEXT_HASH = T.TEXT_HASH "
        # One more than there may be, so that too many are noticed.
        f"ORDER BY T.TICKET_ID, T.TEXT_HASH LIMIT {MOST_DRAWN + 1}"
    )


def sample_source(sample: CalibrationSample) -> TicketSource:
    """Return the sample as the source that both models are asked about."""
    return TicketSource(query=f"SELECT TICKET_ID, TEXT FROM ({sample_query(sample)})", id="TICKET_ID", text="TEXT")


def read_sample(client: CortexClient, sample: CalibrationSample) -> Drawn:
    """Return the sample, without its texts. One statement."""
    columns = "TICKET_ID, TEXT_HASH, CREATED_AT, GOLD_LABEL, N_POPULATION"
    rows = client.run(f"SELECT {columns} FROM ({sample_query(sample)}) ORDER BY TICKET_ID, TEXT_HASH")
    tickets = [
        DrawnTicket(row["TICKET_ID"], row["TEXT_HASH"], row["GOLD_LABEL"], _moment(row["CREATED_AT"])) for row in rows
    ]
    return Drawn(tickets, int(rows[0]["N_POPULATION"]) if rows else 0)


def gold_table_problems(client: CortexClient, gold: str | None) -> list[str]:
    """Return what speaks against reading the gold table."""
    if gold is None:
        return []
    if described_columns(client, TableName.parse(gold)) is None:
        problem = (
            f"There is no gold table {gold}, or this role may not see it. Give the table that load_gold or Corrections "
            "wrote."
        )
        return [problem]
    columns = {name: kind for name, kind in GOLD_COLUMNS.items() if name != "ANNOTATOR"}
    return form_problems(client, TableName.parse(gold), columns, f"The gold table {gold}")


def size_problems(sample: CalibrationSample, drawn: Drawn, *, least: int, target: float, level: float) -> list[str]:
    """Return why there are too few tickets, or too many, for a certificate."""
    n = len(drawn.tickets)
    if n > MOST_DRAWN:
        return [f"More than {MOST_DRAWN:,} tickets of {sample.name} have a label; give fewer, with labelled_from=."]
    if n == 0 and sample.gold is not None:
        return [
            (
                f"No ticket of {sample.name} has a label of a random sample in {sample.gold}: what a cascade agrees "
                f"with is measured with labels of the source '{GoldSource.RANDOM_SAMPLE.value}' only, since "
                "corrections were chosen because something was wrong. Draw tickets with "
                "Corrections.label_sample(...), and label them blind."
            )
        ]
    if sample.n is not None and n < sample.n:
        return [
            (
                f"{sample.n} tickets were to be drawn from {sample.name}, and it has {n}. Draw at most so many, or "
                "from more tickets."
            )
        ]
    if n < least:
        each = "," if sample.group is None else ", one of each group of near-copies,"
        return [
            (
                f"The calibration sample has {n} tickets{each} and that is too small: even without a single error, a "
                f"target of {target:g} at a level of {level:.4g} takes {least}. Label more, or choose a lower target."
            )
        ]
    return []


def label_problems(drawn: Drawn, labels: Sequence[str]) -> list[str]:
    """Return the gold labels that the cascade cannot give."""
    unknown = Counter(ticket.gold for ticket in drawn.tickets if ticket.gold is not None and ticket.gold not in labels)
    return [
        f"The gold label {label!r} of {count} tickets of the sample is none of the cascade's. Correct the gold table, "
        "or train and ask with all labels."
        for label, count in sorted(unknown.items())
    ]


def shape_problems(
    client: CortexClient, sample: CalibrationSample, drawn: Drawn, natural: Mapping[str, int]
) -> list[str]:
    """Return the signs that the sample is not random: at most one statement."""
    if not drawn.tickets:
        return []
    whole = _whole_problems(sample, drawn)
    if sample.gold is None:
        return whole  # it was drawn here
    n_distinct = drawn.n_texts
    # Of groups each is there once: without repeats, as it should be.
    may_repeat = sample.group is None and n_distinct == len(drawn.tickets)
    multiplicities = _multiplicities(client, sample.source) if may_repeat else []
    found = (
        balance_problem(Counter(ticket.gold for ticket in drawn.tickets if ticket.gold is not None), natural),
        deduplication_problem(len(drawn.tickets), n_distinct, multiplicities),
        duplication_problem(list(Counter(ticket.text_hash for ticket in drawn.tickets).values())),
    )
    return whole + [
        f"The calibration sample is no simple random sample: {problem}. What is measured on it is not what happens in "
        "use. Label tickets as Corrections.label_sample(...) draws them: not balanced, not deduplicated, not copied."
        for problem in found
        if problem is not None
    ]


def _whole_problems(sample: CalibrationSample, drawn: Drawn) -> list[str]:
    """Return why what the sample has of its source is no sample of it. A split is one, of groups."""
    n = len(drawn.tickets)
    if sample.group is not None or n < drawn.n_population:
        return []
    return [
        (
            f"The calibration sample is all {n:,} tickets of {sample.name}, so it was not drawn from them: nobody can "
            "say what it stands for. Give the table that it was drawn from, with the tickets that were not chosen, or "
            "draw fewer."
        )
    ]


def _multiplicities(client: CortexClient, source: TicketSource) -> list[tuple[int, int]]:
    text = source.column("text")
    rows = client.run(
        f"WITH {TICKETS} AS (SELECT DISTINCT {source.column('id')}::VARCHAR AS TICKET_ID, "
        f"{text_hash(text)} AS TEXT_HASH FROM {source.relation} WHERE NOT ({is_blank(text)})) "
        f"SELECT N_TICKETS, COUNT(*) AS N_TEXTS FROM (SELECT COUNT(*) AS N_TICKETS FROM {TICKETS} GROUP BY TEXT_HASH) "
        "GROUP BY N_TICKETS ORDER BY N_TICKETS"
    )
    return [(int(row["N_TICKETS"]), int(row["N_TEXTS"])) for row in rows]


def _gold(gold: str, labelled_from: datetime | None) -> str:
    since = (
        ""
        if labelled_from is None
        else f" AND LABELLED_AT >= {literal(labelled_from.astimezone(UTC).isoformat())}::TIMESTAMP_TZ"
    )
    return (
        f"(SELECT TICKET_ID, TEXT_HASH, LABEL FROM {TableName.parse(gold).sql} "
        f"WHERE SOURCE = {literal(GoldSource.RANDOM_SAMPLE.value)}{since} QUALIFY ROW_NUMBER() OVER "
        "(PARTITION BY TICKET_ID, TEXT_HASH ORDER BY LABELLED_AT DESC NULLS LAST, LABEL) = 1)"
    )


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
