"""Which rows are not trained on, and why. Validation and test keep their natural mix and their hard tickets."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from cortex_tickets._training.candidate import Candidate
from cortex_tickets.prompts.delimiter import is_blank
from cortex_tickets.records.split import Split

NO_LABEL = "the teacher gave no label"
BLANK = "the text is blank"
CONFLICT = "the same text has another label elsewhere"
REPEATED = "the text repeats one that is trained on"
OVER_LIMIT = "over max_per_label"


def dropped_reasons(
    candidates: Sequence[Candidate], sides: Mapping[tuple[str, str], Split], *, seed: int, max_per_label: int | None
) -> dict[tuple[str, str], str]:
    """Return why a row is left out of the pairs that Cortex reads, for those that are.

    A row without a label has no completion, so it is left out of validation too; it stays in the test.
    """
    reasons: dict[tuple[str, str], str] = {}
    for candidate in candidates:
        if sides[candidate.key] is not Split.TEST and candidate.completion is None:
            reasons[candidate.key] = BLANK if is_blank(candidate.text) else NO_LABEL
    trained = [
        candidate for candidate in candidates if sides[candidate.key] is Split.TRAINING and candidate.key not in reasons
    ]
    reasons |= _conflicts(trained)
    reasons |= _repeated([candidate for candidate in trained if candidate.key not in reasons])
    kept = [candidate for candidate in trained if candidate.key not in reasons]
    return reasons | _over_limit(kept, seed, max_per_label)


def _conflicts(candidates: Sequence[Candidate]) -> dict[tuple[str, str], str]:
    labels: defaultdict[str, set[str | None]] = defaultdict(set)
    for candidate in candidates:
        labels[candidate.text_hash].add(candidate.completion)
    return {candidate.key: CONFLICT for candidate in candidates if len(labels[candidate.text_hash]) > 1}


def _repeated(candidates: Sequence[Candidate]) -> dict[tuple[str, str], str]:
    seen: set[str] = set()
    reasons = {}
    for candidate in sorted(candidates, key=lambda candidate: candidate.key):
        if candidate.text_hash in seen:
            reasons[candidate.key] = REPEATED
        seen.add(candidate.text_hash)
    return reasons


def _over_limit(candidates: Sequence[Candidate], seed: int, max_per_label: int | None) -> dict[tuple[str, str], str]:
    if max_per_label is None:
        return {}
    counts: Counter[str | None] = Counter()
    reasons = {}
    # By hash, so that added tickets change as little as possible of what is kept.
    for candidate in sorted(candidates, key=lambda candidate: _order(seed, candidate)):
        counts[candidate.completion] += 1
        if counts[candidate.completion] > max_per_label:
            reasons[candidate.key] = OVER_LIMIT
    return reasons


def _order(seed: int, candidate: Candidate) -> str:
    return hashlib.sha256(f"{seed}:{candidate.text_hash}:{candidate.ticket_id}".encode()).hexdigest()
