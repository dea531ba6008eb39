"""COMPLETE on the embedded engine: answers from what the prompt says, and from nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cortex_tickets.local.language.classification import best_labels, label_scores
from cortex_tickets.local.language.label_options import LabelOptions, offered_options
from cortex_tickets.local.language.letters import asks_for_letter, letter_json, letter_text
from cortex_tickets.local.language.prompt_parts import PromptParts, PromptReader
from cortex_tickets.local.language.requested_json import requested_schema
from cortex_tickets.local.language.schema_filling import fill
from cortex_tickets.local.language.sentences import central_sentences, cut

_BLOCK_CONVERSATIONS = 4_096


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: str
    content: str


Conversation = str | Sequence[Message]


@dataclass(frozen=True, slots=True)
class CompletionSettings:
    """What holds for all conversations of one call."""

    size: Literal["small", "large"]
    """How capable a model to stand in for: see the module `label_matching`."""
    schema: Mapping[str, object] | None
    """The JSON schema that each answer must satisfy, or `None` for text."""
    max_tokens: int
    """Text is cut to this many tokens. An answer by a schema is not cut: it would not be JSON any more."""


def complete_many(conversations: Sequence[Conversation], settings: CompletionSettings) -> list[str]:
    """Answer each conversation; element `i` is for `conversations[i]`.

    An answer depends on its own conversation and the settings only. Works in blocks, so memory beyond the
    answers stays bounded.

    Raises:
        UnsatisfiableSchemaError: When no finite value satisfies the schema.
    """
    answers: list[str] = []
    for start in range(0, len(conversations), _BLOCK_CONVERSATIONS):
        answers.extend(_block(conversations[start : start + _BLOCK_CONVERSATIONS], settings))
    return answers


def _block(conversations: Sequence[Conversation], settings: CompletionSettings) -> list[str]:
    """Answer together the prompts that differ in nothing but the text."""
    reader = PromptReader()
    groups: dict[tuple[str, str], tuple[list[int], list[str]]] = {}
    for row, conversation in enumerate(conversations):
        parts = reader.read(conversation if isinstance(conversation, str) else _prompt_of(conversation))
        rows, texts = groups.setdefault((parts.before, parts.after), ([], []))
        rows.append(row)
        texts.append(parts.text)
    answers = [""] * len(conversations)
    for (before, after), (rows, texts) in groups.items():
        for row, answer in zip(rows, _answers(before, after, texts, settings), strict=True):
            answers[row] = answer
    return answers


def _prompt_of(messages: Sequence[Message]) -> str:
    """Join a conversation: the last message of the user is what is asked about, the rest is said before it."""
    return "\n\n".join(message.content for message in messages)


def _answers(before: str, after: str, texts: Sequence[str], settings: CompletionSettings) -> list[str]:
    instructions = PromptParts(before, "", after).instructions
    if settings.schema is not None:
        if asks_for_letter(instructions, settings.schema):
            return [letter_json(instructions, text, settings.schema) for text in texts]
        return _as_json(fill(settings.schema, texts, instructions, settings.size))
    if asks_for_letter(instructions, None):
        return [cut(letter_text(instructions, text), settings.max_tokens) for text in texts]
    offered = offered_options(instructions)
    if (schema := requested_schema(instructions, offered)) is not None:
        return _as_json(fill(schema, texts, instructions, settings.size))
    if offered is not None:
        return [cut(answer, settings.max_tokens) for answer in _label_answers(texts, offered, settings.size)]
    return [central_sentences(text, max_tokens=settings.max_tokens) for text in texts]


def _as_json(values: Sequence[Any]) -> list[str]:
    return [json.dumps(value, ensure_ascii=False) for value in values]


def _label_answers(texts: Sequence[str], offered: LabelOptions, size: Literal["small", "large"]) -> list[str]:
    names = [option.name for option in offered.options]
    best = [names[at] for at in best_labels(label_scores(texts, offered, size), offered)]
    return best if size == "large" else [f"The ticket is about {_inside_sentence(name)}." for name in best]


def _inside_sentence(name: str) -> str:
    return name if name[:2].isupper() else name[:1].lower() + name[1:]
