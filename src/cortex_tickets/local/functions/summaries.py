"""Summaries for the functions that give them: extractive, or a real model's where one is configured."""

from __future__ import annotations

from collections.abc import Sequence

from cortex_tickets.local.functions.services import Services
from cortex_tickets.local.functions.text_call import TextCall
from cortex_tickets.local.language.sentences import central_sentences

_MOST_TOKENS = 256
_INSTRUCTIONS = "Summarize the text in a few sentences. Answer with the summary alone."


def summarized(services: Services, call: TextCall, texts: Sequence[str]) -> tuple[list[str | None], list[str | None]]:
    """A summary of each text of a call, and the error of each that could not be had."""
    if services.real_model is not None:
        return call.ask(services.real_model, _INSTRUCTIONS, texts)
    return [central_sentences(text, max_tokens=_MOST_TOKENS) for text in texts], [None] * len(texts)
