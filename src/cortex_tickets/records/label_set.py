"""The closed set of labels that a ticket can have."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from cortex_tickets.errors import InvalidInputError
from cortex_tickets.notebook_card import card, facts, table
from cortex_tickets.problems import why_unread
from cortex_tickets.records.record import Record
from cortex_tickets.records.sendable import cleaned

MAX_LABELS = 500
"""More labels than this make a prompt that no small model can use."""


class Label(Record):
    """One label that a ticket can have."""

    name: str
    """The label as it stands in answers and tables."""
    description: str | None = None
    """What the label means, in a sentence; `None` where the name says it. Only rich prompts show it."""
    examples: tuple[str, ...] = ()
    """Texts that have this label. Only rich prompts show them."""

    @field_validator("description", "examples", mode="before")
    @classmethod
    def _is_sendable(cls, given: Any) -> Any:
        return cleaned(given)

    @field_validator("name")
    @classmethod
    def _is_visible(cls, name: str) -> str:
        if not name.strip():
            raise ValueError("a label is blank; give it a name")
        if name != name.strip() or any(not character.isprintable() for character in name):
            raise ValueError(f"{name!r} has blanks at its ends or characters that cannot be printed; remove them")
        return name


class LabelSet(Record):
    """The closed set of labels, in the order in which the model sees them.

    Raises:
        InvalidInputError: With every problem: fewer than two labels, blank names, names equal but for case,
            an abstain label that is not in the set.

    Examples:
        >>> LabelSet.of(["Roaming fees", "Lost phone"]).names
        ('Roaming fees', 'Lost phone')
    """

    labels: tuple[Label, ...] = Field(max_length=MAX_LABELS)
    """The labels; their order is part of the prompt."""
    abstain: str | None = None
    """The label that means "none of these"; `None` if the model must always choose."""

    @model_validator(mode="after")
    def _is_closed_set(self) -> Self:
        problems = _set_problems(self.names, self.abstain)
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The labels' names, shape `(n_labels,)`, in order."""
        return tuple(label.name for label in self.labels)

    @classmethod
    def of(cls, labels: LabelSet | Sequence[str] | Sequence[Label] | Iterable[str | Label]) -> LabelSet:
        """Return a label set from a set, a list of names, or a list of labels.

        Args:
            labels: A label set, which is returned as it is, or names and labels, in the order of the prompt.

        Raises:
            InvalidInputError: With every problem at once.
        """
        if isinstance(labels, LabelSet):
            return labels
        if isinstance(labels, str):
            raise InvalidInputError(f"labels must be a list of names, not the text {labels!r}. Give labels=[...].")
        given: object = labels
        if not isinstance(given, Iterable):
            raise InvalidInputError(f"labels must be a list of names, not {given!r}. Give labels=[...].")
        problems: list[str] = []
        made: list[Label] = []
        for label in labels:
            try:
                made.append(_as_label(label))
            except InvalidInputError as error:
                problems += error.problems
        if problems:
            raise InvalidInputError([*problems, *_set_problems([label.name for label in made], None, partial=True)])
        return cls(labels=tuple(made))

    @classmethod
    def from_toml(cls, path: str | Path) -> LabelSet:
        """Return the label set that stands in a TOML file.

        The file has a list `[[labels]]` with `name`, and optionally `description` and `examples`, and may name
        one of them with `abstain = "..."`.

        Args:
            path: The file, in UTF-8.

        Raises:
            InvalidInputError: If the file cannot be read, is no TOML, or holds no good label set.
        """
        try:
            content: dict[str, Any] = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InvalidInputError(f"{path} cannot be read as a label file: {why_unread(error)}.") from None
        return cls(**content)

    def _repr_html_(self) -> str:
        rows = [(label.name, label.description or "", "\n".join(label.examples)) for label in self.labels]
        is_rich = any(described or examples for _, described, examples in rows)
        columns = ("label", "description", "examples") if is_rich else ("label",)
        return card(
            f"{len(self.labels)} labels",
            table(columns, [row[: len(columns)] for row in rows], n_text_columns=len(columns)),
            facts({"none of these": self.abstain}),
        )


def _as_label(label: str | Label) -> Label:
    if isinstance(label, Label):
        return label
    if isinstance(label, str):
        return Label(name=label)
    raise InvalidInputError(f"A label must be a name or a Label, not {type(label).__name__}.")


def _set_problems(names: Sequence[str], abstain: str | None, *, partial: bool = False) -> list[str]:
    problems = []
    if len(names) < 2 and not partial:  # noqa: PLR2004  a choice needs two
        problems.append(f"a label set needs at least two labels, and this one has {len(names)}")
    seen: dict[str, str] = {}
    for name in names:
        first = seen.get(name.casefold())
        if first is None:
            seen[name.casefold()] = name
            continue
        alike = "stands twice" if first == name else f"equals {first!r} but for case"
        problems.append(f"the label {name!r} {alike}; labels must differ by more than case")
    if abstain is not None and abstain not in names:
        problems.append(f"abstain={abstain!r} is not one of the labels; add it to them")
    return problems
