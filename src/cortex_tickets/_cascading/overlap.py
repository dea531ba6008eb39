"""Whether a calibration sample has anything of what the student learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cortex_tickets._cascading.drawing import sample_query
from cortex_tickets._cortex.client import CortexClient
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
    """What the student learned from: the training split, and the validation split, which fitted its temperature."""

    texts: Mapping[str, str]
    """Distinct texts by their hash."""
    split_of: Mapping[str, Split]
    """The split of each; of a text that is in both, the training split."""
    natural_mix: Mapping[str, int]
    """Tickets of the whole set by label (groups, where those are sampled), dropped ones included: what was balanced,
    was so by dropping."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of comparing a sample with what was learned from."""

    problems: list[str]
    """Which of its tickets were learned from, as they stand or as near-copies."""
    n_groups: int
    """Groups of near-copies among its tickets."""


def read_learned(client: CortexClient, training_set: TrainingSet, *, by_group: bool) -> Learned:
    """Return the texts of both splits, rows that were dropped included: their near-copies were seen, too.

    Two statements. The texts come to the client, as they did when the set was built.
    """
    sides = ", ".join(literal(side.value) for side in _LEARNED_FROM)
    rows = client.run(
        f"SELECT TEXT_HASH, MIN(SPLIT) AS SPLIT, MIN(TEXT) AS TEXT FROM ({training_set.rows_query()}) "
        f"WHERE SPLIT IN ({sides}) GROUP BY TEXT_HASH ORDER BY TEXT_HASH"
    )
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
    groups = group_texts({**learned.texts, **{row["TEXT_HASH"]: row["TEXT"] for row in rows}})
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
    return Compared(problems, len({groups[row["TEXT_HASH"]] for row in rows}))


def _shown(ids: Sequence[str]) -> str:
    listed = ", ".join(ticket_id[:_ID_LETTERS] for ticket_id in ids[:_SHOWN])
    return f"{listed}, …" if len(ids) > _SHOWN else listed
