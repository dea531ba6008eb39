"""Says in the command line's words what the package says in Python's: options for arguments, commands for calls."""

from __future__ import annotations

import re
from collections.abc import Mapping

PHRASES: Mapping[str, str] = {
    r"`python -m cortex_tickets\.local --path ([^`]*)`": r"`cortex-tickets serve --path \1`",
    r"FineTuneJob\.list\(session\) shows": "`cortex-tickets job list` shows",
    r"(?:Run|Call) classify_table\(\.\.\.\) (again, which asks only what is new), and give its run": (
        r"Run `cortex-tickets classify` \1"
    ),
    r"(?:Run|Call) classify_table\(\.\.\.\)": "Run `cortex-tickets classify`",
    r"are not in the run labels=": "are not in the run ",
    r"with teacher= and the classifier itself": "with `cortex-tickets classify` and another ledger",
    r"Call evaluate\(\.\.\.\) again": "Run `cortex-tickets evaluate` again",
    r"Write it with reply_table\(\.\.\..*?\)\.": "Write it with `cortex-tickets reply`.",
    r"with load_gold\(\.\.\.\)": "with `cortex-tickets load FILE --gold`",
    r"Give the table that load_gold or Corrections wrote": "Load it with `cortex-tickets load FILE --gold`",
    r"with load_tickets\(\.\.\.\)": "with `cortex-tickets load FILE`",
    r"columns=\{\.\.\.\}": "--column ROLE=COLUMN",
    r" \(for (\w+)=\)": r" (columns.\1 of the settings)",
    r"Name the right one: TicketSource\(table=[^,]*, (\w+)=\.\.\.\)": (
        r"Name the right one in the settings, as columns.\1"
    ),
    r"; (\w+)=None says that there is none": r'; columns.\1 = "" says that there is none',
    r"(has labels of several models: .*\. Name one of them)\.": r"\1 with --labelled-by.",
    r"Give prices=\{model: ModelPrice\(\.\.\.\)\} to the classifier, or to a cascade's student and teacher": (
        'Give it in the settings, as prices."MODEL"'
    ),
    r"Give the table that EmbeddingStudent\.train wrote into": (
        "Give the table of heads that `cortex-tickets train --student embedding` wrote"
    ),
    r"Give the table that TrainingSetBuilder\.build wrote into": "Give the table that `cortex-tickets train` wrote",
    r"Train one with EmbeddingStudent\.train": "Train one with `cortex-tickets train --student embedding`",
    r"(?:C|c)all FineTuneJob\.start again(?: with the same arguments)?": "Run the same command again",
    r"FineTuneJob\.start begins a new one": "`cortex-tickets job start` begins a new one",
    r"\bbaseline=False": "--no-baseline",
    r"FineTuneJob\.attach\(session, '?([^')]*)'?\)\.wait\(\) takes it up again": (
        r"`cortex-tickets job wait \1` takes it up again"
    ),
    r"set created_at=None": 'set columns.created_at = "" in the settings',
    r"give Budget\(platform_credits=\.\.\.\), or leave budget= out": "give --platform-budget, or leave the budget out",
    r"give Budget\(ai_credits=\.\.\.\)": "give --budget",
    r"give platform_credits_per_million_tokens=(?:\.\.\., or no budget=)?": (
        "give training.platform_credits_per_million_tokens in the settings"
    ),
    r"give it with prices=": 'give it in the settings, as prices."MODEL"',
    r"Give one of cortex_tickets\.preflight\(session\)\.available_models, the models that this account has": (
        "Give one of the models that this account has; `cortex-tickets preflight` shows them"
    ),
    r"or choose them with session\.use_schema\(\.\.\.\)": "or name them in the connection's entry",
    r"or give schema='DATABASE\.SCHEMA'": "or give --schema DATABASE.SCHEMA",
    r"that Cascade\.certify\(\.\.\., into=\.\.\.\) wrote": "that `Cascade.certify` wrote in Python, as no command does",
    r", or None (for no limit|for Snowflake's choice)": r", or left out \1",
    r"(must be more than 0 seconds), or None": r"\1, or left out for no limit",
    r"a smaller chunk_rows": "a smaller --chunk-rows",
    r"leave prompt= out to use the stored prompt, or train again with the new one": (
        "ask it with the labels that it was trained with, or train again with the new ones"
    ),
}
"""What the package says, as regular expressions, and what is said here instead; the first that fits comes first."""
_OPTIONS: Mapping[str, str] = {
    "allow_incomplete": "--allow-incomplete",
    "budget": "--budget",
    "chunk_rows": "--chunk-rows",
    "columns": "--column",
    "delimiter": "--delimiter",
    "embedding_model": "training.embedding_model",
    "into": "--into",
    "max_epochs": "training.max_epochs",
    "rejected": "--rejected",
    "replace": "--replace",
    "skip_bad_rows": "--skip-bad-rows",
    "table": "--table",
    "timeout": "--timeout",
}
"""Arguments that the commands have as options, or the settings as keys."""
_ARGUMENT = re.compile(rf"(?<![\w.])({'|'.join(_OPTIONS)})=(?:True\b)?(?=(\S?))")


def in_options(sentence: object, *, has_chunk_rows: bool = True) -> str:
    """Return the sentence with options, settings and commands where it has arguments and calls.

    Args:
        sentence: What the package says.
        has_chunk_rows: Whether the command has `--chunk-rows`; where it has not, it is not advised.
    """
    said = str(sentence)
    if not has_chunk_rows:
        said = said.replace(" or a smaller chunk_rows", "")
    for pattern, ours in PHRASES.items():
        said = re.sub(pattern, ours, said)
    return _ARGUMENT.sub(_option, said)


def _option(found: re.Match[str]) -> str:
    option = _OPTIONS[found[1]]
    has_value = found[2] not in ("", ",", ".", ";", ":", ")") and not found[0].endswith("True")
    return f"{option} " if has_value else option
