"""Answers of a real model for many conversations: in parallel, bounded, an error for each that has none."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from cortex_tickets.local.language.completion import Message
from cortex_tickets.local.real_model.calling_off import CallingOff
from cortex_tickets.local.real_model.requests_to import ModelServerError, ask
from cortex_tickets.local.real_model.settings import ModelSettings, settings_from
from cortex_tickets.local.real_model.side_by_side import SECONDS_BETWEEN_LOOKS, never, side_by_side

Outcomes = tuple[list[str | None], list[str | None]]
"""Answers and errors, one of the two for each conversation."""

_PASSED_ON = ("temperature", "top_p")


class RealModel:
    """A model on a server that speaks OpenAI's chat completions; safe to share between threads.

    Args:
        settings: Where it is and how it is asked.
        sleep: How to wait between attempts; `None` waits until the time is over or nobody waits any more.
    """

    def __init__(self, settings: ModelSettings, *, sleep: Callable[[float], None] | None = None) -> None:
        self._settings = settings
        self._sleep = sleep
        self._places = threading.BoundedSemaphore(settings.at_once)
        self._name = settings.model
        self._name_lock = threading.Lock()

    def answer_texts(
        self, instructions: str, texts: Sequence[str], *, is_stopped: Callable[[], bool] = never
    ) -> Outcomes:
        """What the model makes of each text by the instructions.

        Raises:
            CalledOffError: When `is_stopped` says so before all are answered.
        """
        asked = [[Message("system", instructions), Message("user", text)] for text in texts]
        return self.complete(asked, schema=None, max_tokens=None, parameters={}, is_stopped=is_stopped)

    def complete(
        self,
        conversations: Sequence[str | Sequence[Message]],
        *,
        schema: Mapping[str, object] | None,
        max_tokens: int | None,
        parameters: Mapping[str, Any],
        is_stopped: Callable[[], bool] = never,
    ) -> Outcomes:
        """An answer, or an error, for each conversation, in order.

        Raises:
            CalledOffError: When `is_stopped` says so before all are answered; requests under way are broken off.
        """
        if not conversations:
            return [], []
        options: dict[str, Any] = {key: parameters[key] for key in _PASSED_ON if key in parameters}
        options.setdefault("temperature", 0)
        if max_tokens is not None:
            options["max_tokens"] = max_tokens
        if schema is not None:
            options["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": schema, "strict": _is_closed(schema)},
            }

        off = CallingOff()

        def one(conversation: str | Sequence[Message]) -> tuple[str | None, str | None]:
            try:
                with self._place(off):
                    return self._answer(conversation, options, off), None
            except ModelServerError as error:
                return None, str(error)

        pairs = side_by_side(one, conversations, self._settings.at_once, off, is_stopped)
        return [pair[0] for pair in pairs], [pair[1] for pair in pairs]

    @contextmanager
    def _place(self, off: CallingOff) -> Iterator[None]:
        """One of the places among all requests at the same time."""
        while not self._places.acquire(timeout=SECONDS_BETWEEN_LOOKS):
            off.check()
        try:
            yield
        finally:
            self._places.release()

    def _answer(self, conversation: str | Sequence[Message], options: Mapping[str, Any], off: CallingOff) -> str:
        messages = [Message("user", conversation)] if isinstance(conversation, str) else conversation
        body = {
            **options,
            "model": self._model_name(off),
            "messages": [{"role": message.role, "content": message.content} for message in messages],
        }
        answer = ask(self._settings, "/chat/completions", body, off=off, sleep=self._sleep)
        match answer:
            case {"choices": [{"message": {"content": str(text)}}, *_]}:
                return text.strip()
            case _:
                raise ModelServerError("the model server's answer holds no message")

    def _model_name(self, off: CallingOff) -> str:
        with self._name_lock:
            if self._name is None:
                match ask(self._settings, "/models", off=off, sleep=self._sleep):
                    case {"data": [{"id": str(name)}, *_]}:
                        self._name = name
                    case _:
                        raise ModelServerError("the model server lists no model; name one in CORTEX_TICKETS_LLM_MODEL")
            return self._name


def real_model_from_environment() -> RealModel | None:
    """The model of CORTEX_TICKETS_LLM_URL; `None` where that is not set."""
    settings = settings_from()
    return None if settings is None else RealModel(settings)


def _is_closed(node: Any) -> bool:
    """Whether every object of a schema lists and requires all it may hold: what a strict server asks for."""
    if isinstance(node, list):
        return all(_is_closed(item) for item in node)
    if not isinstance(node, Mapping):
        return True
    if node.get("type") == "object" and (
        node.get("additionalProperties") is not False
        or set(node.get("properties", {})) != set(node.get("required", ()))
    ):
        return False
    return all(_is_closed(value) for value in node.values())
