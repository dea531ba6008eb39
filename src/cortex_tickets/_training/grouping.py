"""Makes the groups that are split out of the tickets that are in them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from cortex_tickets._training.candidate import Candidate
from cortex_tickets._training.splitting import Grouped, kept_side
from cortex_tickets.records.split import Split


def groups_of(candidates: Sequence[Candidate], groups: Mapping[str, str], kept: Mapping[str, Split]) -> list[Grouped]:
    """Return the groups with what their sides go by: label, texts, dates, and the side of an earlier set.

    Args:
        candidates: The tickets.
        groups: The group of each text, by the text's hash.
        kept: The side that texts had in an earlier set, by their hash.
    """
    members: defaultdict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        members[groups[candidate.text_hash]].append(candidate)
    return [
        Grouped(
            name=name,
            label=_most_common([candidate.completion for candidate in inside]),
            n_texts=len({candidate.text_hash for candidate in inside}),
            first_at=min((candidate.created_at for candidate in inside if candidate.created_at), default=None),
            n_tickets=len(inside),
            kept=kept_side({kept[candidate.text_hash] for candidate in inside if candidate.text_hash in kept}),
        )
        for name, inside in sorted(members.items())
    ]


def _most_common(labels: Sequence[str | None]) -> str | None:
    counts = Counter(label for label in labels if label is not None)
    return min(counts, key=lambda label: (-counts[label], label)) if counts else None
