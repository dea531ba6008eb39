"""How an answer becomes a label and an outcome: one rule, in SQL, for one ticket, many, and a table.

The answer of a model is kept as it came, so that a better rule costs nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from cortex_tickets._cortex.quoting import literal

_COMPLETE_ANSWER = (
    # The prose says an object, the samples show a list; without a schema the answer is in `choices`.
    "COALESCE({r}:value:structured_output[0]:raw_message::VARCHAR, "
    "{r}:value:structured_output:raw_message::VARCHAR, "
    "{r}:value:choices[0]:messages::VARCHAR)"
)


@dataclass(frozen=True, slots=True)
class AnswerColumns:
    """The expressions that read a function's result."""

    answer: str
    error: str
    input_tokens: str
    output_tokens: str


def complete_columns(result: str) -> AnswerColumns:
    """Return how AI_COMPLETE's `{value, error}` with details is read from the column `result`."""
    return AnswerColumns(
        answer=_COMPLETE_ANSWER.format(r=result),
        error=f"{result}:error::VARCHAR",
        input_tokens=f"{result}:value:usage:prompt_tokens::NUMBER",
        output_tokens=f"{result}:value:usage:completion_tokens::NUMBER",
    )


def classify_columns(result: str) -> AnswerColumns:
    """Return how AI_CLASSIFY's `{value, error}` is read; it tells no tokens."""
    return AnswerColumns(
        answer=f"COALESCE({result}:value:labels[0]::VARCHAR, {result}:labels[0]::VARCHAR)",
        error=f"{result}:error::VARCHAR",
        input_tokens="NULL::NUMBER",
        output_tokens="NULL::NUMBER",
    )


def said_query(call: str, columns: AnswerColumns, relation: str, passed: tuple[str, ...]) -> str:
    """Return a SELECT that asks about each row of `relation`: `passed`, ANSWER, ERROR and the two counts of tokens.

    Args:
        call: The Cortex call, whose result is named R.
        columns: How R is read.
        relation: What stands after FROM, a condition included; empty for no relation.
        passed: Columns of the relation that are passed on.
    """
    kept = "".join(f"{name}, " for name in passed)
    source = f" FROM {relation}" if relation else ""
    asked = f"SELECT {kept}{call} AS R{source}"
    return (
        f"SELECT {kept}{columns.answer} AS ANSWER, {columns.error} AS ERROR, "
        f"{columns.input_tokens} AS INPUT_TOKENS, {columns.output_tokens} AS OUTPUT_TOKENS FROM ({asked})"
    )


_PUNCTUATION = "\"'`´‘’“”„«».,:;!?()[]{}<>*_-–—/\\|#\n\r\t"
"""What may stand around a label in a model's answer. Each becomes a blank."""


_TO_BLANKS = str.maketrans(_PUNCTUATION, " " * len(_PUNCTUATION))


def normalised(text: str) -> str:
    """Return the text in lower case, without punctuation and doubled blanks: what `_normalised_sql` gives in SQL."""
    return re.sub(" +", " ", text.translate(_TO_BLANKS).lower()).strip(" ")


def _normalised_sql(text: str) -> str:
    blanks = " " * len(_PUNCTUATION)
    return f"TRIM(REGEXP_REPLACE(LOWER(TRANSLATE({text}, {literal(_PUNCTUATION)}, {literal(blanks)})), ' +', ' '))"


_TOLD_ERROR = "IFF(ERROR IS NULL AND ANSWER IS NULL, 'Snowflake gave neither an answer nor an error', ERROR)"
"""By default a row that fails is NULL; an outcome `error` without a word would be lost on its reader."""


_TERMS = 25


def _sum(terms: list[str]) -> str:
    """Return the sum, in groups where there are many terms: a parser nests as deep as a sum is long."""
    if len(terms) <= _TERMS:
        return " + ".join(terms)
    groups = [terms[at : at + _TERMS] for at in range(0, len(terms), _TERMS)]
    return _sum([f"({' + '.join(group)})" for group in groups])


@dataclass(frozen=True, slots=True)
class LabelReading:
    """The SELECT layers that turn ANSWER and ERROR into LABEL, OUTCOME and REPAIR."""

    labels: tuple[str, ...]
    abstain: str | None

    def layers(self, relation: str, *, passed: tuple[str, ...]) -> str:
        """Return a SELECT over `relation`, which has ANSWER, ERROR, INPUT_TOKENS, OUTPUT_TOKENS and `passed`.

        Each layer names what the next one uses, so that nothing is computed twice.
        """
        through = "".join(f"{name}, " for name in passed)
        kept = f"{through}ANSWER, ERROR, INPUT_TOKENS, OUTPUT_TOKENS"
        said = f"SELECT {kept}, COALESCE(TRY_PARSE_JSON(ANSWER):label::VARCHAR, ANSWER) AS SAID FROM {relation}"
        # Only an answer that is no label as it stands is looked at more closely.
        plain = (
            f"SELECT {kept}, SAID, IFF(SAID IN ({self._names()}), NULL, {_normalised_sql('SAID')}) AS PLAIN "
            f"FROM ({said})"
        )
        named = (
            f"SELECT {kept}, SAID, PLAIN, {self._by_spelling()} AS SPELLED, "
            f"{self._named_in_sentence()} AS NAMED FROM ({plain})"
        )
        told = f"{through}ANSWER, {_TOLD_ERROR} AS ERROR, INPUT_TOKENS, OUTPUT_TOKENS"
        return (
            f"SELECT {told}, {self._label()} AS LABEL, {self._outcome()} AS OUTCOME, {self._repair()} AS REPAIR "
            f"FROM ({named})"
        )

    def _names(self) -> str:
        return ", ".join(literal(label) for label in self.labels)

    def _by_spelling(self) -> str:
        """The label whose spelling is the answer's; two labels that are alike without punctuation have none."""
        spellings = Counter(normalised(label) for label in self.labels)
        branches = [
            f"WHEN {literal(normalised(label))} THEN {literal(label)}"
            for label in self.labels
            if normalised(label) and spellings[normalised(label)] == 1
        ]
        return f"CASE PLAIN {' '.join(branches)} END" if branches else "NULL"

    def _named_in_sentence(self) -> str:
        """The label, if the sentence names exactly one; a longer label hides the shorter ones inside it."""
        if not any(normalised(label) for label in self.labels):
            return "NULL"
        found = [(label, self._stands_in(label)) for label in self.labels if normalised(label)]
        count = _sum([f"IFF({test}, 1, 0)" for _, test in found])
        which = " ".join(f"WHEN {test} THEN {literal(label)}" for label, test in found)
        return f"CASE WHEN PLAIN IS NULL OR {count} <> 1 THEN NULL {which} END"

    def _stands_in(self, label: str) -> str:
        words = f" {normalised(label)} "
        sentence = "CONCAT(' ', PLAIN, ' ')"
        longer = [
            f" {normalised(other)} "
            for other in self.labels
            if words in f" {normalised(other)} " and normalised(other) != words.strip()
        ]
        for other in sorted(longer, key=len, reverse=True):
            sentence = f"REPLACE({sentence}, {literal(other)}, '  ')"
        return f"CONTAINS({sentence}, {literal(words)})"

    def _label(self) -> str:
        return "CASE WHEN ERROR IS NOT NULL THEN NULL WHEN PLAIN IS NULL THEN SAID ELSE COALESCE(SPELLED, NAMED) END"

    def _outcome(self) -> str:
        label = "COALESCE(IFF(PLAIN IS NULL, SAID, NULL), SPELLED, NAMED)"
        abstained = "" if self.abstain is None else f"WHEN {label} = {literal(self.abstain)} THEN 'abstained' "
        return (
            "CASE WHEN ERROR IS NOT NULL OR ANSWER IS NULL THEN 'error' "
            f"{abstained}"
            "WHEN PLAIN IS NULL THEN 'valid' WHEN COALESCE(SPELLED, NAMED) IS NOT NULL THEN 'repaired' "
            "ELSE 'off_label' END"
        )

    def _repair(self) -> str:
        return (
            "CASE WHEN ERROR IS NOT NULL OR PLAIN IS NULL THEN NULL WHEN SPELLED IS NOT NULL THEN 'spelling' "
            "WHEN NAMED IS NOT NULL THEN 'sentence' END"
        )
