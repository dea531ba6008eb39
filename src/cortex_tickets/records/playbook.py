"""What a reply may say: per label the goal, the facts, whether an offer may be made, and how it sounds."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from cortex_tickets.errors import InvalidInputError
from cortex_tickets.notebook_card import card, facts, table
from cortex_tickets.problems import why_unread
from cortex_tickets.records.label_set import Label, LabelSet
from cortex_tickets.records.record import Record
from cortex_tickets.records.sendable import cleaned

_ALIKE = 0.75
"""Names that are so much alike may be meant to be one."""


class PlaybookEntry(Record):
    """What a reply to tickets of one label may say."""

    label: str
    """The label, exactly as the classifier writes it."""
    goal: str = Field(min_length=1)
    """What the reply is to achieve, in a sentence."""
    facts: tuple[str, ...] = ()
    """The facts and steps that may be stated, beside what the ticket says. Short: a text message has 24 words."""
    may_offer: bool = False
    """Whether the campaign may be mentioned to these customers."""
    tone: str | None = None
    """How the reply sounds; `None` for the playbook's own tone."""
    signature: str | None = None
    """Who signs; `None` for the playbook's own signature."""

    @field_validator("label", "goal", "facts", "tone", "signature", mode="before")
    @classmethod
    def _is_sendable(cls, given: Any) -> Any:
        return cleaned(given)

    @field_validator("label", "goal")
    @classmethod
    def _is_visible(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("is blank; give it words")
        return text


class Playbook(Record):
    """What replies may say, label by label, and what is said where no entry fits.

    Examples:
        >>> playbook = Playbook.default()
        >>> playbook.entry_for("Lost phone").may_offer
        False
        >>> playbook.entry_for("Something new") is playbook.generic
        True
    """

    entries: tuple[PlaybookEntry, ...] = ()
    """One entry for each label."""
    generic: PlaybookEntry
    """For tickets without a label, and for labels without an entry. Its own label is what the prompt shows for none."""
    tone: str = Field(min_length=1)
    """How replies sound, where an entry does not say."""
    signature: str = Field(min_length=1)
    """Who signs, where an entry does not say."""

    @field_validator("tone", "signature", mode="before")
    @classmethod
    def _is_sendable(cls, given: Any) -> Any:
        return cleaned(given)

    @model_validator(mode="after")
    def _has_one_entry_for_a_label(self) -> Self:
        counts = Counter(entry.label for entry in self.entries)
        twice = [label for label, count in counts.items() if count > 1]
        if twice:
            raise ValueError(f"more than one entry for {', '.join(twice)}; keep one")
        return self

    def entry_for(self, label: str | None) -> PlaybookEntry:
        """Return the entry for the label, or the generic one."""
        return next((entry for entry in self.entries if entry.label == label), self.generic)

    def _repr_html_(self) -> str:
        rows = [
            (entry.label, entry.goal, "\n".join(entry.facts), "yes" if entry.may_offer else "no")
            for entry in (*self.entries, self.generic)
        ]
        return card(
            f"Playbook with {len(self.entries)} entries and one for all else",
            table(("label", "goal", "facts", "offer"), rows, n_text_columns=4),
            facts({"tone": self.tone, "signature": self.signature}),
        )

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that it has an entry for, in their order."""
        return tuple(entry.label for entry in self.entries)

    def label_like(self, label: str) -> str | None:
        """Return the label of the entry that may be meant, although it is spelled in another way; `None` for none."""
        return next(iter(difflib.get_close_matches(label, self.labels, n=1, cutoff=_ALIKE)), None)

    def require_labels(self, labels: LabelSet | Sequence[str] | Sequence[Label]) -> Self:
        """Return the playbook itself if its entries and these labels are the same.

        Nothing demands this: a label without an entry gets the generic one, and its replies a finding that says so.
        It finds a label that is spelled in two ways before a letter is paid for. The set's abstain label needs none.

        Raises:
            InvalidInputError: With every label that has no entry, and every entry whose label is none of these.

        Examples:
            >>> Playbook.default().require_labels(["Roaming fees", "Slow data", "Lost phone"])
            Traceback (most recent call last):
            cortex_tickets.errors.InvalidInputError: 4 problems:
            - The playbook has no entry for the label 'Slow data'; there is one for 'Slow data speed'.
            - The playbook has an entry for 'Slow data speed', which is none of the labels; there is 'Slow data'.
            - The playbook has an entry for 'Add new line', which is none of the labels.
            - The playbook has an entry for 'Closing account', which is none of the labels.
        """
        label_set = LabelSet.of(labels)
        names = [name for name in label_set.names if name != label_set.abstain]
        missing = [
            f"The playbook has no entry for the label {name!r}{_hint('; there is one for', name, self.labels)}."
            for name in names
            if name not in self.labels
        ]
        unknown = [
            f"The playbook has an entry for {name!r}, which is none of the labels{_hint('; there is', name, names)}."
            for name in self.labels
            if name not in names
        ]
        if missing or unknown:
            raise InvalidInputError([*missing, *unknown])
        return self

    @classmethod
    @cache
    def default(cls) -> Playbook:
        """Return the built-in playbook: the five labels of the quickstart, with facts that hold for any provider.

        It is a beginning. What your company does and offers, it cannot know.
        """
        text = resources.files("cortex_tickets.records").joinpath("playbook.toml").read_text(encoding="utf-8")
        return Playbook(**tomllib.loads(text))

    @classmethod
    def from_toml(cls, path: str | Path) -> Self:
        """Return the playbook that stands in a TOML file.

        The file has `tone`, `signature`, a table `[generic]` and a list `[[entries]]`, both with the fields of
        `PlaybookEntry`.

        Args:
            path: The file, in UTF-8.

        Raises:
            InvalidInputError: If the file cannot be read, is no TOML, or holds no good playbook, with every problem.
        """
        try:
            content: dict[str, Any] = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InvalidInputError(f"{path} cannot be read as a playbook: {why_unread(error)}.") from None
        try:
            return cls(**content)
        except InvalidInputError as error:
            raise InvalidInputError([f"{path}: {_by_label(problem, content)}" for problem in error.problems]) from None


def _by_label(problem: str, content: Mapping[str, Any]) -> str:
    """Return a problem with the label of the entry that has it, where it only tells its number."""

    def named(found: re.Match[str]) -> str:
        try:
            label = content["entries"][int(found[1])]["label"]
        except (KeyError, IndexError, TypeError):
            return found[0]
        return f"{found[0]} (label {label!r})" if isinstance(label, str) else found[0]

    return re.sub(r"\bentries\.(\d+)", named, problem)


def _hint(words: str, name: str, others: Sequence[str]) -> str:
    alike = difflib.get_close_matches(name, others, n=1, cutoff=_ALIKE)
    return f"{words} {alike[0]!r}" if alike else ""
