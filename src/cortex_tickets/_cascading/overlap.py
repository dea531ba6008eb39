"""Whether a calibration sample has anything of what the student learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cortex_tickets._cascading.drawing import sample_query
from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.quoting import literal
from cortex_tickets.calibration_sample import CalibrationSample
from cortex_tickets.near_copies import group_texts
from cortex_tickets.records.split import Split
from cortex_tickets.records.table_name import TableName
from cortex_tickets.training_set import TrainingSet

_LEARNED_FROM = (Split.TRAINING, Split.VALIDATION)
_SHOWN = 5
_ID_LETTERS = 60


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned from: the training split, and the validation split, which fitted the temperature."""

    texts: Mapping[str, str]
    """Distinct texts by their hash."""
    split_of: Mapping[str, Split]
    """The split of each; of a text that is in both, the training split."""
    natural_mix: Mapping[str, int]
    """Tickets of the whole first set by label (groups, where those are sampled), dropped ones included: what was
    balanced, was so by dropping."""
    examples: Mapping[str, str] = field(default_factory=dict)
    """Texts that a prompt shows, by a name of their own."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of comparing a sample with what was learned from."""

    problems: list[str]
    """Which of its tickets were learned from, as they stand or as near-copies."""
    n_groups: int
    """Groups of near-copies among its tickets."""


def read_learned(
    client: CortexClient, training_sets: Sequence[TrainingSet], examples: Sequence[str] = (), *, by_group: bool
) -> Learned:
    """Return the texts of both splits of every set, rows that were dropped included: near-copies were seen, too.

    Two statements. The texts come to the client, as they did when the sets were built.

    Args:
        client: How statements are sent.
        training_sets: What was learned from; the first one has the labels as they are in use.
        examples: Texts that the prompts show.
        by_group: Whether labels are counted by group of near-copies, and not by ticket.
    """
    sides = ", ".join(literal(side.value) for side in _LEARNED_FROM)
    sets = " UNION ALL ".join(f"SELECT TEXT_HASH, SPLIT, TEXT FROM ({one.rows_query()})" for one in training_sets)
    # The training split comes before the validation split, also of a text that another set has on the other side.
    rows = client.run(
        f"SELECT TEXT_HASH, MIN(SPLIT) AS SPLIT, MIN(TEXT) AS TEXT FROM ({sets}) "
        f"WHERE SPLIT IN ({sides}) GROUP BY TEXT_HASH ORDER BY TEXT_HASH"
    )
    training_set = training_sets[0]
    counted = "DISTINCT GROUP_ID" if by_group else "*"
    mix = client.run(
        f"SELECT COMPLETION AS LABEL, COUNT({counted}) AS N FROM {TableName.parse(training_set.table).sql} "
        f"WHERE TRAINING_SET_ID = {literal(training_set.id)} "
        "AND COMPLETION IS NOT NULL GROUP BY COMPLETION ORDER BY COMPLETION"
    )
    return Learned(
        {row["TEXT_HASH"]: row["TEXT"] or "" for row in rows},
        {row["TEXT_HASH"]: Split(row["SPLIT"]) for row in rows},
        {row["LABEL"]: int(row["N"]) for row in mix},
        {f"example {number}": text for number, text in enumerate(examples)},
    )


def compared(client: CortexClient, sample: CalibrationSample, learned: Learned) -> Compared:
    """Return which tickets of the sample were learned from, and its groups. One statement.

    Near-copies are told as in building a training set: texts whose sets of words overlap by 0.8 or more, and what
    hangs together by such pairs.
    """
    rows = client.run(f"SELECT TICKET_ID, TEXT_HASH, TEXT FROM ({sample_query(sample)}) ORDER BY TICKET_ID, TEXT_HASH")
    same: dict[Split, list[str]] = {split: [] for split in _LEARNED_FROM}
    others: list[tuple[str, str]] = []
    for row in rows:
        split = learned.split_of.get(row["TEXT_HASH"])
        if split is None:
            others.append((row["TICKET_ID"], row["TEXT_HASH"]))
        else:
            same[split].append(row["TICKET_ID"])
    texts = {row["TEXT_HASH"]: row["TEXT"] for row in rows}
    groups = group_texts({**learned.texts, **texts})
    seen = {groups[key] for key in learned.texts}
    near = [ticket_id for ticket_id, key in others if groups[key] in seen]
    fitted = "the temperature was fitted on (the validation split)"
    found = (
        (same[Split.TRAINING], "have a text that the student was trained on"),
        (same[Split.VALIDATION], f"have a text that {fitted}"),
        (near, "are near-copies of texts that the student was trained on or fitted with"),
    )
    problems = [
        f"{len(ids)} of {len(rows)} tickets of the calibration sample {what} ({_shown(ids)}): there the student is "
        "surer and more often right than on tickets in use. Calibrate on tickets that came later, or on the test "
        "split: CalibrationSample.labelled(training_set)."
        for ids, what in found
        if ids
    ]
    problems += _shown_in_a_prompt(rows, texts, learned.examples)
    return Compared(problems, len({groups[row["TEXT_HASH"]] for row in rows}))


def _shown_in_a_prompt(rows: Sequence[Row], texts: Mapping[str, str], examples: Mapping[str, str]) -> list[str]:
    if not examples:
        return []
    groups = group_texts({**examples, **texts})
    seen = {groups[key] for key in examples}
    ids = [row["TICKET_ID"] for row in rows if groups[row["TEXT_HASH"]] in seen]
    if not ids:
        return []
    problem = (
        f"{len(ids)} of {len(rows)} tickets of the calibration sample are examples in a prompt of the cascade's "
        f"models, or near-copies of such ({_shown(ids)}): a model that is shown a ticket with its label gets it "
        "right. Take other examples, or calibrate on other tickets."
    )
    return [problem]


def _shown(ids: Sequence[str]) -> str:
    listed = ", ".join(ticket_id[:_ID_LETTERS] for ticket_id in ids[:_SHOWN])
    return f"{listed}, …" if len(ids) > _SHOWN else listed
