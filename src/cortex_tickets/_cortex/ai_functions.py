"""The AI functions that this package calls, and whether the server takes the calls, found without running one.

Source: https://docs.snowflake.com/en/sql-reference/sql/explain (a statement is compiled and not run, needs no warehouse
and bills no model) and
https://docs.snowflake.com/en/user-guide/snowflake-cortex/aisql-privileges-and-access (a privilege for each function),
read 2026-11-25.
"""

from __future__ import annotations

from dataclasses import dataclass

from cortex_tickets._cortex.calls import (
    classify,
    complete,
    count_tokens,
    label_schema,
    sentiment,
    summarize,
    translate,
)
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.embedding import embed
from cortex_tickets._cortex.statement import Statement

BLANKET_PRIVILEGE = "USE AI FUNCTIONS"
"""The account privilege for all AI functions; PUBLIC has it unless an administrator took it away."""
CORTEX_USER = "SNOWFLAKE.CORTEX_USER"
AI_FUNCTIONS_USER = "SNOWFLAKE.AI_FUNCTIONS_USER"
"""The narrower database role: enough for the AI functions, not for fine-tuning."""

_ANY_MODEL = "llama3.1-8b"
_ANY_EMBEDDING_MODEL = "snowflake-arctic-embed-l-v2.0"
_TEXT = "REQUEST"
_LABELS = ("a", "b")
_PARAMETERS = {"temperature": 0, "max_tokens": 16}


@dataclass(frozen=True, slots=True)
class AiFunction:
    """One AI function that this package calls."""

    name: str
    call: str
    """A call in the form that this package sends, over the column REQUEST."""
    purpose: str
    """What this package needs it for."""

    @property
    def privilege(self) -> str:
        """The account privilege for this function alone."""
        return f"USE AI FUNCTION {self.name}"


AI_FUNCTIONS: tuple[AiFunction, ...] = (
    AiFunction("AI_CLASSIFY", classify(_TEXT, [*_LABELS], {}), "labels with Snowflake's own model"),
    AiFunction(
        "AI_COMPLETE",
        complete(_ANY_MODEL, _TEXT, parameters=_PARAMETERS, schema=label_schema(_LABELS)),
        "labels, replies and insights",
    ),
    AiFunction("AI_COUNT_TOKENS", count_tokens(_ANY_MODEL, _TEXT), "estimates and budgets"),
    AiFunction("AI_EMBED", embed(_ANY_EMBEDDING_MODEL, _TEXT), "students without fine-tuning"),
    AiFunction("AI_SENTIMENT", sentiment(_TEXT, _LABELS), "sentiment in words"),
    AiFunction("AI_SUMMARIZE", summarize(_TEXT), "summaries of no given length"),
    AiFunction("AI_TRANSLATE", translate(_TEXT, "", "en"), "translations"),
)


def compile_call(client: CortexClient, function: AiFunction) -> None:
    """Have a call compiled: neither a model nor a warehouse is asked, and the query has no rows anyway.

    Raises:
        AccessDeniedError: If the server knows no such function, or not for this role.
        CortexError: If the statement fails otherwise.
    """
    client.rows(
        Statement(f"EXPLAIN USING TEXT SELECT {function.call} AS ANSWER FROM (SELECT '' AS {_TEXT}) WHERE FALSE")
    )
