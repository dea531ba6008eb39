"""Replying as an operation: which model, which prompt, and how its answers are read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

from cortex_tickets._cortex import calls
from cortex_tickets._cortex.answers import AnswerColumns, complete_columns, said_query
from cortex_tickets._cortex.expected_tokens import TOKENS_PER_WORD, object_tokens, prose_tokens
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.response_schema import response_schema
from cortex_tickets.prompts.reply_prompt import MAX_EMAIL_WORDS, MAX_TEXT_MESSAGE_WORDS, ReplyPrompt
from cortex_tickets.records.letter import LETTER_FORMS
from cortex_tickets.records.reply import Channel

MAX_TOKENS = 800
"""Tokens that a reply may have. Far above what 100 words need in any language, since an answer is cut off silently."""
_TOKENS_PER_WORD = 2
_SUBJECT_WORDS = 6
_FRAME_TOKENS = 60
"""The subject and the JSON around it."""
_GUARD_FRAME_TOKENS = 200
"""What Cortex Guard reads beside prompt and answer: 677 - 93 - 402 in the documentation's example, and some more."""
GUARDED_ANSWER = "Response filtered by Cortex Guard"
"""What comes in place of an answer that Cortex Guard holds to be unsafe.

Source:
    docs.snowflake.com/en/sql-reference/functions/complete-snowflake-cortex, read 2026-11-25.
"""
NO_BODY = "the answer has no body"
"""The error of an answer in which SQL found no letter."""
NO_JSON = "json mode output validation error"
"""How Snowflake's message begins where a model ignored the schema.

Source:
    docs.snowflake.com/en/user-guide/snowflake-cortex/complete-structured-outputs, read 2026-11-25: worth one more try,
    or JSON asked for in the prompt alone.
"""
PROMPT_ONLY = (
    "Answer with the JSON object that is asked for and with nothing else: no word before or after it, no code "
    "fence, no "
    "other keys."
)
"""What a second prompt says to a model whose first answer could not be read; it is asked without a schema."""
LABEL_COLUMN = '"TICKET_LABEL"'
"""The column that carries a ticket's label past the model."""
CHECK_COLUMNS: Mapping[str, str] = {
    "STATUS": "VARCHAR",
    "FINDINGS": "VARCHAR",
    "N_TRIES": "NUMBER(38,0)",
    "KEPT_TRY": "NUMBER(38,0)",
    "FEEDBACK": "VARCHAR",
    "CHECKED_WITH": "VARCHAR",
    "REVIEWED_BY": "VARCHAR",
    "REVIEWED_AT": "TIMESTAMP_TZ",
    "IS_EDITED": "BOOLEAN",
}
"""What the checks and people write into a row afterwards: NULL where a model has just answered, or answered anew."""


@dataclass(frozen=True)
class Replying:
    """One question, put to each rendered prompt: write the reply that it describes.

    The text of this operation is the whole prompt. A second try is an operation of its own, with a hash of its own: its
    prompts say what was wrong with the first replies.
    """

    model: str
    prompt: ReplyPrompt
    parameters: Mapping[str, object] = field(default_factory=lambda: {"temperature": 0, "max_tokens": MAX_TOKENS})
    models: tuple[str, ...] = ()
    """All the models that may be asked, in order, where there are several."""
    is_second_try: bool = False
    """Whether it is asked about replies that failed their checks."""

    extra_columns: Mapping[str, str] = field(
        default_factory=lambda: {"SUBJECT": "VARCHAR", "BODY": "VARCHAR", **CHECK_COLUMNS}
    )

    @classmethod
    def of(cls, models: tuple[str, ...], prompt: ReplyPrompt, *, guardrails: bool = False) -> Self:
        """Return the question that is put to the first of the models, the answers guarded or not."""
        parameters: dict[str, object] = {"temperature": 0, "max_tokens": MAX_TOKENS}
        if guardrails:
            parameters["guardrails"] = True
        return cls(model=models[0], models=models, prompt=prompt, parameters=parameters)

    @property
    def name(self) -> str:
        """The operation's word in the runs table."""
        return "reply_again" if self.is_second_try else "reply"

    @property
    def is_guarded(self) -> bool:
        """Whether Cortex Guard looks at the answers."""
        return bool(self.parameters.get("guardrails"))

    @cached_property
    def hash(self) -> str:
        """SHA-256, in hexadecimal, of the specification."""
        return hashlib.sha256(json.dumps(self.specification(), sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @property
    def candidates(self) -> tuple[str, ...]:
        """The models that may be asked, in order."""
        return self.models or (self.model,)

    def asking(self, model: str) -> Self:
        """Return the same question, with the same hash, put to another of the candidates."""
        return replace(self, model=model, models=self.candidates)

    def second_try(self) -> Self:
        """Return the question that is put about replies that failed their checks."""
        return replace(self, is_second_try=True)

    def specification(self) -> dict[str, Any]:
        """Return all that can change a reply, as JSON values."""
        return {
            "function": "AI_COMPLETE",
            "models": list(self.candidates),
            "prompt": self.prompt.content(),
            "parameters": dict(self.parameters),
            "schema": {channel.value: letter_schema(channel) for channel in LETTER_FORMS},
            **({"try": 2} if self.is_second_try else {}),
        }

    def call(self, text: str) -> str:
        """Return the Cortex call over the expression `text`, a rendered prompt.

        A schema must be a constant, so each channel has a call of its own. The other channel's call gets a NULL
        prompt, which is not sent: no row is paid for twice, in whatever order the server works.
        """
        is_email = self._is_email(text)
        if not self.is_second_try:
            return self._by_channel(text, is_email)
        # A model that ignored the schema is asked without one: else its answer would be an error again.
        is_plain = f"CONTAINS({text}, {literal(PROMPT_ONLY)})"
        plain = calls.complete(self.model, f"IFF({is_plain}, {text}, NULL)", parameters=self.parameters)
        held = f"IFF({is_plain}, NULL, {text})"
        return f"IFF({is_plain}, {plain}, {self._by_channel(held, is_email)})"

    def _is_email(self, text: str) -> str:
        return f"STARTSWITH({text}, {literal(self.prompt.opening(Channel.EMAIL))})"

    def _by_channel(self, text: str, is_email: str) -> str:
        email = self._complete(f"IFF({is_email}, {text}, NULL)", Channel.EMAIL)
        message = self._complete(f"IFF({is_email}, NULL, {text})", Channel.TEXT_MESSAGE)
        return f"IFF({is_email}, {email}, {message})"

    def answer_columns(self, result: str) -> AnswerColumns:
        """Return how the call's result is read. Cortex Guard's tokens are paid for, too: they count as read."""
        columns = complete_columns(result)
        if not self.is_guarded:
            return columns
        usage = f"{result}:value:usage"
        guard = f"COALESCE({usage}:guardrail_tokens::NUMBER, {usage}:guardrails_tokens::NUMBER, 0)"
        return replace(columns, input_tokens=f"{columns.input_tokens} + {guard}")

    def read(self, relation: str, passed: tuple[str, ...]) -> str:
        """Return a SELECT that adds LABEL, OUTCOME, REPAIR and the extra columns to ANSWER and ERROR."""
        unchecked = ", ".join(f"NULL::{kind} AS {name}" for name, kind in CHECK_COLUMNS.items())
        return f"SELECT *, {unchecked} FROM ({self._letters(relation, passed)})"

    def _letters(self, relation: str, passed: tuple[str, ...]) -> str:
        """Return a SELECT that adds LABEL, OUTCOME, REPAIR, SUBJECT and BODY to ANSWER and ERROR.

        A model that ignores the schema may put its JSON into a sentence or a code fence, or answer with the bare
        text, a subject line before it or not. Each layer names what the next one uses.
        """
        kept = "".join(f"{name}, " for name in passed)
        told = f"{kept}ANSWER, ERROR, INPUT_TOKENS, OUTPUT_TOKENS"
        found = (
            f"SELECT {told}, TRY_PARSE_JSON(ANSWER) AS WHOLE, "
            f"IFF(TRY_PARSE_JSON(ANSWER) IS NULL, TRY_PARSE_JSON({_BRACED}), NULL) AS PART FROM {relation}"
        )
        parts = (
            f"SELECT {told}, COALESCE(WHOLE:body::VARCHAR, PART:body::VARCHAR) AS SAID, "
            "COALESCE(WHOLE:subject::VARCHAR, PART:subject::VARCHAR) AS ABOUT, "
            # An object without a body is no letter; a text that is no JSON at all may be one.
            f"IFF(WHOLE IS NULL AND PART IS NULL AND NOT STARTSWITH(LTRIM(ANSWER, {_WHITE}), '{{'), "
            f"TRIM(ANSWER, {_WHITE}), NULL) AS PLAIN, WHOLE:body IS NOT NULL AS IS_ASKED_FOR FROM ({found})"
        )
        lines = (
            f"SELECT {told}, SAID, ABOUT, PLAIN, IS_ASKED_FOR, "
            "STARTSWITH(LOWER(PLAIN), 'subject:') AND CONTAINS(PLAIN, '\n') AS HAS_SUBJECT_LINE FROM "
            f"({parts})"
        )
        letter = (
            f"SELECT {told}, IS_ASKED_FOR, TRIM(COALESCE(ABOUT, IFF(HAS_SUBJECT_LINE, "
            f"SUBSTR(SPLIT_PART(PLAIN, '\n', 1), {len('subject:') + 1}), NULL)), {_WHITE}) AS SUBJECT, "
            f"NULLIF(TRIM(COALESCE(SAID, IFF(HAS_SUBJECT_LINE, SUBSTR(PLAIN, POSITION('\n' IN PLAIN) + 1), PLAIN)), "
            f"{_WHITE}), '') AS BODY FROM ({lines})"
        )
        label = LABEL_COLUMN if LABEL_COLUMN in passed else "NULL::VARCHAR"
        return (
            f"SELECT {kept}ANSWER, {_TOLD_ERROR} AS ERROR, INPUT_TOKENS, OUTPUT_TOKENS, {label} AS LABEL, "
            f"CASE WHEN {_TOLD_ERROR} IS NOT NULL THEN 'error' WHEN {_IS_REFUSED} THEN 'refused' "
            "WHEN IS_ASKED_FOR THEN 'valid' ELSE 'repaired' END AS OUTCOME, "
            f"IFF({_TOLD_ERROR} IS NOT NULL OR {_IS_REFUSED} OR IS_ASKED_FOR, NULL, 'loose_text') AS REPAIR, "
            f"IFF({_IS_REFUSED}, NULL, NULLIF(SUBJECT, '')) AS SUBJECT, IFF({_IS_REFUSED}, NULL, BODY) AS BODY "
            f"FROM ({letter})"
        )

    def answered(self, relation: str, text: str, passed: tuple[str, ...]) -> str:
        """Return a SELECT that asks the prompt `text` of each row of the relation and reads the answers."""
        said = said_query(self.call(text), self.answer_columns("R"), relation, passed)
        return self.read(f"({said})", passed)

    def answers_query(self, relation: str, passed: tuple[str, ...]) -> str:
        """Return a SELECT that asks each prompt INPUT of the relation and reads the answers."""
        said = said_query(self.call("INPUT"), self.answer_columns("R"), relation, passed)
        return self._letters(f"({said})", passed)

    def token_count(self, text: str) -> str:
        """Return an expression for the tokens that the model reads, and Cortex Guard after it."""
        counted = self.count_tokens(text)
        # The guard reads prompt and answer.
        return f"2 * {counted} + {self.output_tokens + _GUARD_FRAME_TOKENS}" if self.is_guarded else counted

    def count_tokens(self, text: str) -> str:
        """Return an expression for the tokens of a prompt."""
        return calls.count_tokens(self.model, text)

    def expected_output_tokens(self, text: str, read: str) -> str:
        """Return an expression for the tokens of a reply in its channel: by the limit of words, and the JSON around."""
        del read
        email = object_tokens(2) + _SUBJECT_WORDS * TOKENS_PER_WORD + prose_tokens(MAX_EMAIL_WORDS)
        message = object_tokens(1) + prose_tokens(MAX_TEXT_MESSAGE_WORDS)
        return f"IFF({self._is_email(text)}, {email:.1f}, {message:.1f})"

    def most_output_tokens(self, text: str, read: str) -> str:
        """Return an expression for the tokens that a reply has at most."""
        del text, read
        return str(self.output_tokens)

    @property
    def output_tokens(self) -> int:
        """Tokens of the longest reply that is asked for, in a language of many tokens, in JSON."""
        return MAX_EMAIL_WORDS * _TOKENS_PER_WORD + _FRAME_TOKENS

    def _complete(self, prompt: str, channel: Channel) -> str:
        return calls.complete(self.model, prompt, parameters=self.parameters, schema=letter_schema(channel))


_WHITE = "' \\t\\n\\r'"
_BRACED = (
    "SUBSTR(ANSWER, POSITION('{' IN ANSWER), "
    "LENGTH(ANSWER) - POSITION('}' IN REVERSE(ANSWER)) - POSITION('{' IN ANSWER) + 2)"
)
"""From the first brace to the last one."""
_TOLD_ERROR = (
    "CASE WHEN ERROR IS NOT NULL THEN ERROR WHEN ANSWER IS NULL THEN 'Snowflake gave neither an answer nor an error' "
    f"WHEN BODY IS NULL THEN {literal(NO_BODY)} END"
)
_IS_REFUSED = f"STARTSWITH(COALESCE(BODY, ''), {literal(GUARDED_ANSWER)})"


def is_unreadable(error: str | None) -> bool:
    """Tell whether an error says that an answer came which is not what the schema asks for."""
    return error is not None and (error == NO_BODY or NO_JSON in error.lower())


def letter_schema(channel: Channel) -> dict[str, Any]:
    """Return the schema that a letter of this channel is held to; the prompt says what each part is."""
    return response_schema(LETTER_FORMS[channel], with_descriptions=False)
