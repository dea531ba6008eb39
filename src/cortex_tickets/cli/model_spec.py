"""Reads words such as `claude-sonnet-4-6` or `cascade:student+teacher`, without a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

from cortex_tickets import InvalidInputError
from cortex_tickets.model_names import model_names
from cortex_tickets.problems import Problems
from cortex_tickets.records.table_name import TableName

KINDS = {
    "claude-sonnet-4-6": "a Cortex model; several with commas between them are tried in that order",
    "AI_CLASSIFY": "Snowflake's own classifier",
    "fine-tuned:NAME": "a fine-tuned model",
    "heads:TABLE": "the newest embedding student of a table of heads; `heads:TABLE@2` for version 2",
    "scored:A+B": "the labels of classifier A with the probabilities of the embedding student B",
    "cascade:A+B": "the certified cascade of student A and teacher B",
}
"""What a classifier may be called; A and B are names of other classifiers."""
Kind = Literal["cortex", "AI_CLASSIFY", "fine-tuned", "heads", "scored", "cascade"]
_LABEL_THEMSELVES = ("cortex", "AI_CLASSIFY", "fine-tuned")


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What a classifier's words say. Equal ones are one classifier."""

    text: str
    """The words."""
    kind: Kind
    """Which kind it is."""
    names: tuple[str, ...] = ()
    """The Cortex models in order, the tuned model, or the table of heads."""
    version: int | None = None
    """The version of heads; `None` for the newest."""
    parts: tuple[ModelSpec, ...] = ()
    """The two classifiers of a pair."""

    @property
    def needs_labels(self) -> bool:
        """Whether somebody has to say which labels it chooses from; a student has its own."""
        return self.kind in ("cortex", "AI_CLASSIFY") or any(part.needs_labels for part in self.parts)

    @classmethod
    def of(cls, word: str, named: Mapping[str, str], *, within: tuple[str, ...] = ()) -> Self:
        """Return what a name stands for, or what the words themselves say.

        Args:
            word: A name, or words.
            named: Words by the name that they are called by.
            within: The names that led here.

        Raises:
            InvalidInputError: With everything in it that is none.
        """
        if word in within:
            raise InvalidInputError(f"The models {' -> '.join([*within, word])} name each other in a circle.")
        text = named.get(word, word).strip()
        kind, colon, rest = text.partition(":")
        if not colon:
            return cls._cortex(text)
        match kind:
            case "fine-tuned":
                TableName.parse(rest, role="model")
                return cls(text, "fine-tuned", (rest,))
            case "heads":
                return cls._heads(text, rest)
            case "scored" | "cascade":
                return cls._pair(text, kind, rest, named, (*within, word))
            case _:
                raise InvalidInputError(f"{text!r} is no model. There are: {', '.join(KINDS)}.")

    @classmethod
    def _cortex(cls, text: str) -> Self:
        if text.upper() == "AI_CLASSIFY":
            return cls(text, "AI_CLASSIFY")
        return cls(text, "cortex", model_names(text))

    @classmethod
    def _heads(cls, text: str, rest: str) -> Self:
        table, at, version = rest.rpartition("@")
        if at and not version.isdecimal():
            raise InvalidInputError(f"{text!r} must end with a version's number, such as heads:{table}@2.")
        TableName.parse(table if at else rest)
        return cls(text, "heads", (table if at else rest,), version=int(version) if at else None)

    @classmethod
    def _pair(
        cls, text: str, kind: Literal["scored", "cascade"], rest: str, named: Mapping[str, str], within: tuple[str, ...]
    ) -> Self:
        first, plus, second = (part.strip() for part in rest.partition("+"))
        if not plus or not first or not second:
            raise InvalidInputError(
                f"{text!r} must name two models with + between them, such as cascade:student+teacher."
            )
        problems, parts = Problems(), list[ModelSpec]()
        for name in (first, second):
            with problems:
                parts.append(cls.of(name, named, within=within))
        problems.require_none()
        kinds = [part.kind for part in parts]
        if kind == "scored" and not (kinds[0] in _LABEL_THEMSELVES and kinds[1] == "heads"):
            raise InvalidInputError(f"{text!r} must be of a model and of an embedding student, in this order.")
        if kind == "cascade" and "cascade" in kinds:
            raise InvalidInputError(f"{text!r} is a cascade of a cascade; give a student and a teacher.")
        return cls(text, kind, parts=tuple(parts))
