"""AI_EXTRACT: answers of questions from each text; an error stands in the answer's own field."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from cortex_tickets.local.functions.extraction_format import Question, UnknownFormatError, questions_of
from cortex_tickets.local.functions.refused_call import refused
from cortex_tickets.local.functions.signature import CortexFunction, Parameter, Rows, SqlType
from cortex_tickets.local.functions.text_call import TextCall
from cortex_tickets.local.functions.told_tokens import told_tokens
from cortex_tickets.local.language.extraction import Extracted, extracted, extracted_list
from cortex_tickets.local.language.sentences import cut

_CONTEXT_WINDOW = 128_000
_MOST_ANSWER_TOKENS = 512


class AiExtract(CortexFunction):
    """AI_EXTRACT(text, responseFormat[, scores => ..]).

    Source:
        docs.snowflake.com/en/sql-reference/functions/ai_extract, read 2026-11-22.
    """

    name: ClassVar[str] = "AI_EXTRACT"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("TEXT", is_row=True, is_required=True),
        Parameter("RESPONSEFORMAT", is_required=True),
        Parameter("SCORES", only_named=True, is_flag=True),
        Parameter("CONFIG", only_named=True),
    )

    def returns(self, given: Mapping[str, Any]) -> SqlType:
        """Always an object."""
        del given
        return "JSON"

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """`{"error": null, "response": {..}}` for each text, with `scoring` where scores are asked for."""
        if rows.settings.get("CONFIG") is not None:
            raise refused(self.name, 400, "invalid options object: config is for files only")
        try:
            questions = questions_of(rows.settings.get("RESPONSEFORMAT"))
        except UnknownFormatError as error:
            raise refused(self.name, 400, str(error)) from None
        told = told_tokens(rows.settings.get("RESPONSEFORMAT"))
        call = TextCall(self.services, rows, parameter="TEXT", most_tokens=_CONTEXT_WINDOW, told_tokens=told)
        found = [[_answered(item, text) for item in questions] for text in call.asked]
        call.answer([_object(questions, answers, with_scores=rows.flag("SCORES")) for answers in found])
        return [
            json.dumps({"error": error, "response": None}) if error is not None else answer
            for answer, error in zip(call.answers, call.errors, strict=True)
        ]


def _answered(question: Question, text: str) -> Extracted:
    if question.columns:
        cells = {item.name: extracted_list(item.name, item.text, text) for item in question.columns}
        scores = [cell.score for cell in cells.values()]
        return Extracted({name: cell.value for name, cell in cells.items()}, sum(scores) / len(scores))
    found = (
        extracted_list(question.name, question.text, text)
        if question.is_list
        else extracted(question.name, question.text, text)
    )
    value = cut(found.value, _MOST_ANSWER_TOKENS) if isinstance(found.value, str) else found.value
    return Extracted(value, found.score)


def _object(questions: Sequence[Question], answers: Sequence[Extracted], *, with_scores: bool) -> str:
    pairs = list(zip(questions, answers, strict=True))
    value: dict[str, Any] = {"error": None, "response": {item.name: answer.value for item, answer in pairs}}
    if with_scores:
        value["scoring"] = {"scores": {item.name: {"score": answer.score} for item, answer in pairs}}
    return json.dumps(value, ensure_ascii=False)
