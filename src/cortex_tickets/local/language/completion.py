"""COMPLETE on the embedded engine: answers from what the prompt says, and from nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cortex_tickets.local.language.classification import best_labels, label_scores
from cortex_tickets.local.language.label_options import LabelOptions, offered_options
from cortex_tickets.local.language.letters import asks_for_letter, describes_customer, letter_json, letter_text
from cortex_tickets.local.language.prompt_parts import PromptParts, PromptReader
from cortex_tickets.local.language.requested_json import requested_schema
from cortex_tickets.local.language.schema_filling import fill
from cortex_tickets.local.language.sentences import central_sentences, cut
from cortex_tickets.local.language.word_limits import strictest_limit

_SMALL_DOUBT = "I am not sure what the ticket is about."
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
    """Choose by what is asked how the texts of one frame are answered."""
    instructions = PromptParts(before, "", after).instructions
    offered = offered_options(instructions) if settings.schema is None else None
    schema = requested_schema(instructions, offered) if settings.schema is None else settings.schema
    if asks_for_letter(instructions, schema):
        return [_letter(before, text, after, schema, settings.max_tokens) for text in texts]
    if schema is not None:
        return [json.dumps(value, ensure_ascii=False) for value in fill(schema, texts, instructions, settings.size)]
    if offered is not None:
        return [cut(answer, settings.max_tokens) for answer in _label_answers(texts, offered, settings.size)]
    max_words = strictest_limit(instructions)
    return [central_sentences(text, max_tokens=settings.max_tokens, max_words=max_words) for text in texts]


def _letter(before: str, text: str, after: str, schema: Mapping[str, Any] | None, max_tokens: int) -> str:
    instructions = PromptParts(before, "", after).instructions
    if not after.startswith("</"):
        # Without tags the customer may be described in what looks like the text.
        instructions, text = f"{instructions}\n{text}", "" if describes_customer(text) else text
    if schema is not None:
        return letter_json(instructions, text, schema)
    return cut(letter_text(instructions, text), max_tokens)


def _label_answers(texts: Sequence[str], offered: LabelOptions, size: Literal["small", "large"]) -> list[str]:
    """Give a label: bare from a large stand-in, in a sentence, or not at all, from a small one."""
    names = [option.name for option in offered.options]
    scores = label_scores(texts, offered, size)
    best = [names[at] for at in best_labels(scores, offered)]
    if size == "large":
        return best
    knows = scores.max(axis=1) > 0 if offered.abstain is None else [True] * len(texts)
    return [
        f"The ticket is about {_inside_sentence(name)}." if is_known else _SMALL_DOUBT
        for name, is_known in zip(best, knows, strict=True)
    ]


def _inside_sentence(name: str) -> str:
    return name if name[:2].isupper() else name[:1].lower() + name[1:]
