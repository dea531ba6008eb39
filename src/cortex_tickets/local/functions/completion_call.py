"""What AI_COMPLETE, COMPLETE and TRY_COMPLETE do alike: prompts in, answers, errors and tokens out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cortex_tickets.local.faults.gate import AnsweredRows
from cortex_tickets.local.functions.models import NamedModel, named_model
from cortex_tickets.local.functions.services import Services
from cortex_tickets.local.functions.signature import Rows
from cortex_tickets.local.language.completion import Message
from cortex_tickets.local.language.guard import GUARDED, is_unsafe
from cortex_tickets.local.language.tokens import count_tokens_many

Conversation = str | Sequence[Message]
_DEFAULT_MAX_TOKENS = 4096
_PLACE = re.compile(r"\{(\d+)\}")


class RowError(Exception):
    """One row cannot be answered; the others can."""


@dataclass(slots=True)
class Completions:
    """Answers of one block of rows, all shape `(n_rows,)`.

    Attributes:
        model: Who answered.
        answers: Text of each answer; `None` where there is none.
        errors: Why there is none; `None` for a NULL prompt and for a row that was answered.
        input_tokens: Tokens of each prompt; 0 where nothing was asked.
        output_tokens: Tokens of each answer.
        guard_tokens: What Cortex Guard read, prompt and answer; 0 where it was not asked for.
    """

    model: NamedModel
    answers: list[str | None]
    errors: list[str | None]
    input_tokens: list[int]
    output_tokens: list[int] = field(default_factory=list)
    guard_tokens: list[int] = field(default_factory=list)


def complete_rows(
    services: Services,
    rows: Rows,
    *,
    parameters: Mapping[str, Any],
    schema: Mapping[str, object] | None,
) -> Completions:
    """Ask the model that the rows name, once per row.

    Raises:
        StatementError: For what fails the whole statement.
    """
    services.gate.called(rows.function, rows.asker)
    model = named_model(services, rows.text("MODEL"), rows.asker, rows.function)
    conversations, errors = _conversations(rows)
    texts = [_as_one_text(item) for item in conversations]
    tokens = count_tokens_many(texts)
    limit = model.base.context_window
    for index, count in enumerate(tokens):
        if count > limit and errors[index] is None:
            errors[index] = f"max tokens of {limit} exceeded"
    asked = [i for i, item in enumerate(conversations) if item is not None and errors[i] is None]
    is_whole = len(asked) == len(texts)
    block = services.log.begin(
        rows.asker,
        function=rows.function,
        model=model.name,
        texts=texts if is_whole else [texts[i] for i in asked],
        input_tokens=tokens if is_whole else [tokens[i] for i in asked],
    )
    try:
        done, failed = model.complete(
            [conversations[i] or "" for i in asked] if len(asked) < len(conversations) else conversations,  # type: ignore[arg-type] # all are there in the second case
            schema=schema,
            max_tokens=min(_max_tokens(parameters), model.base.max_output),
            parameters=parameters,
            is_stopped=rows.asker.is_stopped,
        )
    except BaseException:
        services.log.give_up(block)
        raise
    answers: list[str | None] = list(done)
    if len(asked) < len(conversations):
        answers = [None] * len(conversations)
    for index, answer, error in zip(asked, done, failed, strict=True):
        answers[index] = answer
        errors[index] = error
    if len(asked) < len(conversations):
        tokens = [count if answers[i] is not None else 0 for i, count in enumerate(tokens)]
    failure = services.gate.answered(
        AnsweredRows(rows.asker, rows.function, model.name, texts, answers, errors, schema, are_completions=True)
    )
    output = count_tokens_many([answer or "" for answer in answers])
    services.log.end(
        block,
        input_tokens=tokens if is_whole else [tokens[i] for i in asked],
        output_tokens=output if is_whole else [output[i] for i in asked],
    )
    if failure is not None:
        raise failure
    if not parameters.get("guardrails"):
        return Completions(model, answers, errors, tokens, output, [0] * len(tokens))
    guarded = [_guarded(answer, has_schema=schema is not None) for answer in answers]
    read = [count + written if answer else 0 for answer, count, written in zip(answers, tokens, output, strict=True)]
    return Completions(model, guarded, errors, tokens, output, read)


def _guarded(answer: str | None, *, has_schema: bool) -> str | None:
    """Return the answer, or what stands in its place; what becomes of one by a schema is documented nowhere."""
    if answer is None or not is_unsafe(answer):
        return answer
    return json.dumps(GUARDED) if has_schema else GUARDED


def _max_tokens(parameters: Mapping[str, Any]) -> int:
    value = parameters.get("max_tokens")
    return int(value) if isinstance(value, int | float) and value > 0 else _DEFAULT_MAX_TOKENS


def _conversations(rows: Rows) -> tuple[list[Conversation | None], list[str | None]]:
    prompts = rows.columns["PROMPT"]
    errors: list[str | None] = [None] * len(prompts)
    kind = rows.column_types.get("PROMPT", "")
    if kind != "JSON" and not kind.startswith("STRUCT") and not kind.endswith("]"):
        return list(prompts), errors
    conversations: list[Conversation | None] = []
    for index, prompt in enumerate(prompts):
        try:
            conversations.append(None if prompt is None else _conversation(prompt))
        except RowError as error:
            conversations.append(None)
            errors[index] = str(error)
    return conversations, errors


def _conversation(prompt: str) -> Conversation | None:
    """A prompt that came as VARIANT: a text, PROMPT's object or a list of messages."""
    value = json.loads(prompt)
    match value:
        case None:
            return None
        case str():
            return value
        case {"template": str(template), **rest}:
            arguments = rest.get("args")
            return filled_prompt(template, arguments if isinstance(arguments, list) else [])
        case list():
            return [_message(item) for item in value]
        case _:
            raise RowError("invalid prompt: expected a string, a PROMPT object or an array of messages")


def _message(item: object) -> Message:
    match item:
        case {"role": str(role), "content": str(content)}:
            return Message(role=role, content=content)
        case _:
            raise RowError("invalid prompt: each message needs a role and a content")


def filled_prompt(template: str, arguments: Sequence[object]) -> str | None:
    """What PROMPT's object says; `None` when one of its arguments is NULL.

    Raises:
        RowError: For a placeholder without an argument.
    """
    if any(argument is None for argument in arguments):
        return None

    def value(place: re.Match[str]) -> str:
        number = int(place[1])
        if number >= len(arguments):
            raise RowError(f"invalid prompt: no argument for placeholder {{{number}}}")
        argument = arguments[number]
        return argument if isinstance(argument, str) else json.dumps(argument, ensure_ascii=False)

    return _PLACE.sub(value, template)


def _as_one_text(conversation: Conversation | None) -> str:
    if conversation is None:
        return ""
    return conversation if isinstance(conversation, str) else "\n".join(item.content for item in conversation)
