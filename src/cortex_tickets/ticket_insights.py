"""Insights on any text: translation, sentiment, summary, and records of one's own; for one, many, or a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cortex_tickets._cortex.prices import packaged_prices
from cortex_tickets._insights.extraction_verbs import ExtractionVerbs
from cortex_tickets._insights.sentiment_verbs import SentimentVerbs
from cortex_tickets._insights.summary_verbs import SummaryVerbs
from cortex_tickets._insights.translation_verbs import TranslationVerbs
from cortex_tickets._insights.worker import InsightWorker
from cortex_tickets.clock import SYSTEM_CLOCK, Clock
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.problems import model_name_problems, model_names
from cortex_tickets.records.budget import ModelPrice
from cortex_tickets.session import Session

DEFAULT_MODELS = ("claude-haiku-4-5", "llama3.3-70b", "llama3.1-8b")
"""The models that are asked, in order, where none is given."""


class TicketInsights(TranslationVerbs, SentimentVerbs, SummaryVerbs, ExtractionVerbs):
    """Says what texts say: in another language, how they sound, in fewer words, or as a record of your own.

    Each verb has three forms: `translate`, `translate_many`, `translate_table` and so on, and an estimate of what a
    table would cost. Translation, sentiment in words and a summary of no fixed length are Snowflake's own functions,
    whose models it chooses; a score, a limited summary and records are asked of `model`. The constructor stores and
    checks; it sends nothing. Safe to share between threads.

    Args:
        session: A Snowpark session, or anything with its `sql(...).collect(...)`.
        model: A Cortex model, such as `claude-haiku-4-5`, or several in the order in which they are to be tried: the
            next one is asked where one is retired, in legacy state, or not in this region.
        prices: Prices that the packaged table lacks or has wrong, by model; those of Snowflake's own functions under
            `AI_TRANSLATE`, `AI_SENTIMENT` and `AI_SUMMARIZE`.
        clock: Time; a fake one in tests.

    Raises:
        InvalidInputError: With every problem in the models.

    Examples:
        >>> from cortex_tickets import TicketInsights, local
        >>> with local.connect() as session:
        ...     found = TicketInsights(session).sentiment("I love the helmet, but the buckle is terrible.")
        >>> found.sentiment.value
        'mixed'
    """

    def __init__(
        self,
        session: Session,
        *,
        model: str | Sequence[str] = DEFAULT_MODELS,
        prices: Mapping[str, ModelPrice] | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        wrong = model_name_problems(model, "AI_COMPLETE")
        if wrong:
            raise InvalidInputError(wrong)
        self._models = model_names(model)
        self._worker = InsightWorker(session, prices=packaged_prices().with_prices(prices), clock=clock)

    @property
    def models(self) -> tuple[str, ...]:
        """The models that it may ask, in order, where Snowflake does not choose one."""
        return self._models
