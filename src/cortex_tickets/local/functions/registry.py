"""Every Cortex function that the engine knows. A new one is a file of its own and a line here."""

from __future__ import annotations

from cortex_tickets.local.functions.ai_agg import AiAgg, AiSummarizeAgg
from cortex_tickets.local.functions.ai_classify import AiClassify
from cortex_tickets.local.functions.ai_complete import AiComplete
from cortex_tickets.local.functions.ai_count_tokens import AiCountTokens
from cortex_tickets.local.functions.ai_embed import AiEmbed, EmbedText768, EmbedText1024
from cortex_tickets.local.functions.ai_extract import AiExtract
from cortex_tickets.local.functions.ai_filter import AiFilter
from cortex_tickets.local.functions.ai_redact import AiRedact
from cortex_tickets.local.functions.ai_sentiment import AiSentiment
from cortex_tickets.local.functions.ai_similarity import AiSimilarity
from cortex_tickets.local.functions.ai_summarize import AiSummarize, Summarize
from cortex_tickets.local.functions.ai_translate import AiTranslate, Translate
from cortex_tickets.local.functions.classify_text import ClassifyText
from cortex_tickets.local.functions.complete import Complete, TryComplete
from cortex_tickets.local.functions.count_tokens import CountTokens
from cortex_tickets.local.functions.error_values import AiNullIfError, AiThrowIfError
from cortex_tickets.local.functions.extract_answer import ExtractAnswer
from cortex_tickets.local.functions.finetune import FineTune
from cortex_tickets.local.functions.sentiment import EntitySentiment, Sentiment
from cortex_tickets.local.functions.services import Services
from cortex_tickets.local.functions.signature import CortexFunction
from cortex_tickets.local.functions.split_text import SplitTextMarkdownHeader, SplitTextRecursiveCharacter
from cortex_tickets.local.functions.system_functions import CancelAllQueries, CancelQuery

_FUNCTIONS: tuple[type[CortexFunction], ...] = (
    AiAgg,
    AiClassify,
    AiComplete,
    AiCountTokens,
    AiEmbed,
    AiExtract,
    AiFilter,
    AiNullIfError,
    AiRedact,
    AiSentiment,
    AiSimilarity,
    AiSummarize,
    AiSummarizeAgg,
    AiThrowIfError,
    AiTranslate,
    CancelAllQueries,
    CancelQuery,
    ClassifyText,
    Complete,
    CountTokens,
    EmbedText1024,
    EmbedText768,
    EntitySentiment,
    ExtractAnswer,
    FineTune,
    Sentiment,
    SplitTextMarkdownHeader,
    SplitTextRecursiveCharacter,
    Summarize,
    Translate,
    TryComplete,
)


def cortex_functions(services: Services) -> dict[str, CortexFunction]:
    """Each function by its name in SQL."""
    return {function.name: function(services) for function in _FUNCTIONS}
