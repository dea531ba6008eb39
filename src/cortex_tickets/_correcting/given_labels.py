"""Looks at labels that a person gives, before anything is sent."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cortex_tickets.errors import InvalidInputError
from cortex_tickets.prompts.delimiter import is_blank
from cortex_tickets.records.label_sample import LabelSample
from cortex_tickets.records.label_set import LabelSet
from cortex_tickets.records.ticket_label import TicketLabel

MAX_LABELS = 10_000
"""Labels in one call, at most: they are bound to one statement."""
_SHOWN_LETTERS = 60
SHOWN = 50
"""Problems that an error names one by one; the rest are counted."""


@dataclass(frozen=True, slots=True)
class GivenLabel:
    """A label that can be sent, with where the caller gave it."""

    position: int
    ticket_id: str
    text_hash: str
    label: str

    @property
    def key(self) -> tuple[str, str]:
        """The ticket."""
        return self.ticket_id, self.text_hash

    @property
    def place(self) -> str:
        """How a message calls it; never with the text."""
        return f"labels[{self.position}] (ticket {self.ticket_id[:_SHOWN_LETTERS]})"


def given_labels(
    labels: Sequence[TicketLabel], label_set: LabelSet, sample: LabelSample | None, *, table: str
) -> list[GivenLabel]:
    """Return the labels, one for each ticket.

    Raises:
        InvalidInputError: With every problem: no label of the set, two labels for one ticket, a ticket that is not in
            the sample.
    """
    given: object = labels
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise InvalidInputError(f"labels must be a list of TicketLabel, not a {type(given).__name__}.")
    if len(labels) > MAX_LABELS:
        raise InvalidInputError(f"There are {len(labels):,} labels; give at most {MAX_LABELS:,} in one call.")
    problems = _sample_problems(sample, table)
    found: dict[tuple[str, str], GivenLabel] = {}
    drawn = None if problems or sample is None else {(ticket.ticket_id, ticket.text_hash) for ticket in sample.tickets}
    elements: Sequence[object] = labels
    for position, label in enumerate(elements):
        if not isinstance(label, TicketLabel):
            problems.append(f"labels[{position}] is a {type(label).__name__}, not a TicketLabel.")
            continue
        made = GivenLabel(position, label.ticket_id, _hash(label), label.label)
        if label.label not in label_set.names:
            problems.append(f"{made.place}: {_unknown(label.label, label_set)}")
        if drawn is not None and made.key not in drawn:
            problems.append(
                f"{made.place} is not in the sample, so its label is none of a random sample. Give it without sample=, "
                "as a correction."
            )
        first = found.setdefault(made.key, made)
        if first.label != made.label:
            problems.append(
                f"{made.place} contradicts labels[{first.position}], which is about the same ticket; give one label."
            )
    if problems:
        raise InvalidInputError(shortened(problems))
    return list(found.values())


def annotator_problems(annotator: object) -> list[str]:
    """Return what is wrong with an annotator's name."""
    if isinstance(annotator, str) and not is_blank(annotator):
        return []
    return [f"annotator={annotator!r} must name the person who gave the labels."]


def shortened(problems: Sequence[str]) -> list[str]:
    """Return the problems, the last of many counted only."""
    left = len(problems) - SHOWN
    return [*problems[:SHOWN], *([f"{left} more labels like these."] if left > 0 else [])]


def _hash(label: TicketLabel) -> str:
    if label.text_hash is not None:
        return label.text_hash.lower()
    return hashlib.sha256((label.text or "").encode()).hexdigest()


def _unknown(label: str, label_set: LabelSet) -> str:
    lowered = {name.casefold(): name for name in label_set.names}
    near = difflib.get_close_matches(label.casefold().strip(), lowered, n=1)
    meant = f" Did you mean {lowered[near[0]]!r}?" if near else ""
    return f"{label[:_SHOWN_LETTERS]!r} is none of the labels ({', '.join(label_set.names)}).{meant}"


def _sample_problems(sample: object, table: str) -> list[str]:
    if sample is None:
        return []
    if not isinstance(sample, LabelSample):
        return [f"sample= must be what label_sample(...) returned, not a {type(sample).__name__}."]
    if sample.table != table:
        return [f"sample= was drawn for the gold table {sample.table}, and these labels go into {table}."]
    return []
