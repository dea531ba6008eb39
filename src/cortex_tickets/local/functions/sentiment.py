"""The legacy SENTIMENT, a number for each text, and ENTITY_SENTIMENT, labels for entities; what fails, raises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from cortex_tickets.local.functions.ai_sentiment import AiSentiment
from cortex_tickets.local.functions.refused_call import refused
from cortex_tickets.local.functions.signature import CortexFunction, Parameter, Rows, SqlType
from cortex_tickets.local.functions.text_call import TextCall
from cortex_tickets.local.language.sentiment import sentiment_score

_MOST_TOKENS = 512


class Sentiment(CortexFunction):
    """SENTIMENT(text).

    Source:
        docs.snowflake.com/en/sql-reference/functions/sentiment-snowflake-cortex, read 2026-11-22.
    """

    name: ClassVar[str] = "SNOWFLAKE.CORTEX.SENTIMENT"
    parameters: ClassVar[tuple[Parameter, ...]] = (Parameter("INPUT", is_row=True, is_required=True),)

    def returns(self, given: Mapping[str, Any]) -> SqlType:
        """From -1 to 1."""
        del given
        return "DOUBLE"

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """How each text sounds; 0 also for a language that the engine cannot judge."""
        call = TextCall(self.services, rows, most_tokens=_MOST_TOKENS)
        call.answer([repr(sentiment_score(text)) for text in call.asked])
        return call.values_or_raise()


class EntitySentiment(AiSentiment):
    """ENTITY_SENTIMENT(text[, entities]): what AI_SENTIMENT gives, raising instead of NULL.

    Source:
        docs.snowflake.com/en/sql-reference/functions/entity_sentiment-snowflake-cortex, read 2026-11-22.
    """

    name: ClassVar[str] = "SNOWFLAKE.CORTEX.ENTITY_SENTIMENT"
    parameters: ClassVar[tuple[Parameter, ...]] = AiSentiment.parameters[:2]

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """Labels for each text."""
        answers = super().answer(rows)
        for text, answer in zip(rows.columns["INPUT"], answers, strict=True):
            if text is not None and answer is None:
                raise refused(self.name, 400, "max tokens of 2048 exceeded")
        return answers
