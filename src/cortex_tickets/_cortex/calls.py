"""The Cortex calls that this package sends, as SQL expressions.

Constants are quoted here; what differs from row to row is an expression: a bind mark or a column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from cortex_tickets._cortex.quoting import constant, literal

INERT = "REPLACE({text}, '<', '&lt;')"
"""The same as `prompts.delimiter.inert`."""


class Frame(Protocol):
    """What stands around a text in a prompt."""

    @property
    def prefix(self) -> str:
        """What stands before the text."""
        ...

    @property
    def suffix(self) -> str:
        """What stands after it."""
        ...


def rendered_prompt(prompt: Frame, text: str) -> str:
    """Return the expression that renders the prompt around the expression `text`, byte for byte as Python does."""
    return f"CONCAT({literal(prompt.prefix)}, {INERT.format(text=text)}, {literal(prompt.suffix)})"


def label_schema(labels: tuple[str, ...]) -> dict[str, Any]:
    """Return the JSON schema of a constrained answer: one label out of the set."""
    return {
        "type": "object",
        "properties": {"label": {"type": "string", "enum": list(labels)}},
        "required": ["label"],
        "additionalProperties": False,
    }


def complete(
    model: str,
    prompt: str,
    *,
    parameters: Mapping[str, object],
    schema: Mapping[str, object] | None = None,
) -> str:
    """Return an AI_COMPLETE call that answers with details and keeps a row's error in the row.

    Named arguments throughout: the sixth positional one is not `return_error_details`.
    """
    arguments = [
        f"model => {literal(model)}",
        f"prompt => {prompt}",
        f"model_parameters => {constant(parameters)}",
    ]
    if schema is not None:
        arguments.append(f"response_format => {constant({'type': 'json', 'schema': schema})}")
    arguments += ["show_details => TRUE", "return_error_details => TRUE"]
    return f"AI_COMPLETE({', '.join(arguments)})"


def classify(text: str, categories: list[Any], config: Mapping[str, object]) -> str:
    """Return an AI_CLASSIFY call with one label per text that keeps a row's error in the row."""
    return (
        f"AI_CLASSIFY({text}, {constant(categories)}, {constant({**config, 'output_mode': 'single'})}, "
        "return_error_details => TRUE)"
    )


def translate(text: str, source_language: str, target_language: str) -> str:
    """Return an AI_TRANSLATE call that keeps a row's error in the row; an empty source language is found out."""
    languages = f"{literal(source_language)}, {literal(target_language)}"
    return f"AI_TRANSLATE({text}, {languages}, return_error_details => TRUE)"


def sentiment(text: str, aspects: Sequence[str]) -> str:
    """Return an AI_SENTIMENT call that keeps a row's error in the row."""
    categories = f", {constant(aspects)}" if aspects else ""
    return f"AI_SENTIMENT({text}{categories}, return_error_details => TRUE)"


def summarize(text: str) -> str:
    """Return an AI_SUMMARIZE call that keeps a row's error in the row."""
    return f"AI_SUMMARIZE({text}, return_error_details => TRUE)"


def count_tokens(model: str, prompt: str) -> str:
    """Return an AI_COUNT_TOKENS call: free but for the warehouse."""
    return f"AI_COUNT_TOKENS('ai_complete', {literal(model)}, {prompt})"


def count_classify_tokens(text: str, categories: list[Any], config: Mapping[str, object]) -> str:
    """Return an AI_COUNT_TOKENS call for AI_CLASSIFY: free but for the warehouse."""
    return f"AI_COUNT_TOKENS('ai_classify', {text}, {constant(categories)}, {constant(config)})"


def count_function_tokens(function: str, text: str, *told: object) -> str:
    """Return an AI_COUNT_TOKENS call for a function that takes no model: free but for the warehouse.

    Args:
        function: Such as AI_SENTIMENT.
        text: Expression of the text.
        told: The function's further arguments, as constants.
    """
    further = "".join(f", {constant(value)}" for value in told)
    return f"AI_COUNT_TOKENS({literal(function.lower())}, {text}{further})"
