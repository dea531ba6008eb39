"""AI_CLASSIFY: the category of each text, or several of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from cortex_tickets.local.faults.gate import AnsweredRows
from cortex_tickets.local.functions.refused_call import refused
from cortex_tickets.local.functions.row_answers import with_error_details
from cortex_tickets.local.functions.signature import CortexFunction, Parameter, Rows, SqlType
from cortex_tickets.local.functions.text_call import texts_of_rows
from cortex_tickets.local.functions.told_tokens import told_tokens
from cortex_tickets.local.language.classification import Category, Example, classify_many
from cortex_tickets.local.language.tokens import count_tokens_many

_CONTEXT_WINDOW = 128_000
_FEWEST_CATEGORIES = 2
_MOST_TASK_WORDS = 50
_MOST_DESCRIPTION_WORDS = 25
_CONFIG_KEYS = frozenset({"task_description", "output_mode", "examples"})


class AiClassify(CortexFunction):
    """AI_CLASSIFY(input, categories[, config][, return_error_details]).

    Source:
        docs.snowflake.com/en/sql-reference/functions/ai_classify, read 2026-11-22.
    """

    name: ClassVar[str] = "AI_CLASSIFY"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("INPUT", is_row=True, is_required=True),
        Parameter("LIST_OF_CATEGORIES", is_required=True, also_named=("CATEGORIES",)),
        Parameter("CONFIG", is_constant=True, also_named=("CONFIG_OBJECT",)),
        Parameter("RETURN_ERROR_DETAILS", is_flag=True),
    )

    def returns(self, given: Mapping[str, Any]) -> SqlType:
        """Always an object."""
        del given
        return "JSON"

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """`{"labels": [..]}` for each text."""
        config = rows.settings.get("CONFIG")
        # Without a config the flag may stand in its place.
        wants_errors = rows.flag("RETURN_ERROR_DETAILS") or config is True
        settings: Mapping[str, Any] = {} if config is None or isinstance(config, bool) else config
        categories = self._categories(rows.settings.get("LIST_OF_CATEGORIES"))
        examples, multiple = self._checked(settings)
        self.services.gate.called(self.name, rows.asker)
        texts, faults = texts_of_rows(rows, "INPUT")
        told = told_tokens(rows.settings.get("LIST_OF_CATEGORIES")) + told_tokens(settings)
        tokens = [count + told for count in count_tokens_many([text or "" for text in texts])]
        errors: list[str | None] = [
            f"max tokens of {_CONTEXT_WINDOW} exceeded" if count > _CONTEXT_WINDOW else fault
            for count, fault in zip(tokens, faults, strict=True)
        ]
        asked = [i for i, text in enumerate(texts) if text is not None and errors[i] is None]
        labels = classify_many(
            [texts[i] or "" for i in asked],
            categories,
            task_description=settings.get("task_description"),
            examples=examples,
            multiple=multiple,
        )
        answers: list[str | None] = [None] * len(texts)
        for index, chosen in zip(asked, labels, strict=True):
            answers[index] = json.dumps({"labels": chosen}, ensure_ascii=False)
        failure = self.services.gate.answered(AnsweredRows(rows.asker, self.name, "", texts, answers, errors))
        self.services.log.add(
            rows.asker,
            function=self.name,
            model="",
            texts=[texts[i] or "" for i in asked],
            input_tokens=[tokens[i] for i in asked],
            output_tokens=count_tokens_many([" ".join(chosen) for chosen in labels]),
        )
        if failure is not None:
            raise failure
        return with_error_details(answers, errors) if wants_errors else answers

    def _categories(self, given: Any) -> list[Category]:
        if not isinstance(given, list):
            raise refused(self.name, 400, "invalid categories: an array is expected")
        categories = []
        if len({isinstance(item, str) for item in given}) > 1:
            raise refused(self.name, 400, "invalid categories: all must be strings, or all objects with a label")
        for item in given:
            match item:
                case str(label) if label:
                    categories.append(Category(label, None))
                case {"label": str(label), **rest} if label:
                    description = rest.get("description")
                    if len(str(description or "").split()) > _MOST_DESCRIPTION_WORDS:
                        raise refused(
                            self.name,
                            400,
                            f"invalid categories: a description has at most {_MOST_DESCRIPTION_WORDS} words",
                        )
                    categories.append(Category(label, None if description is None else str(description)))
                case _:
                    raise refused(self.name, 400, "invalid categories: strings, or objects with a label, are expected")
        if len({category.label for category in categories}) < _FEWEST_CATEGORIES:
            raise refused(self.name, 400, "invalid categories: at least two unique categories are expected")
        return categories

    def _checked(self, config: Any) -> tuple[list[Example], bool]:
        if not isinstance(config, Mapping) or set(config) - _CONFIG_KEYS:
            raise refused(self.name, 400, "invalid options object")
        mode = config.get("output_mode", "single")
        if mode not in {"single", "multi"}:
            raise refused(self.name, 400, "invalid options object: output_mode must be single or multi")
        if len(str(config.get("task_description") or "").split()) > _MOST_TASK_WORDS:
            raise refused(
                self.name, 400, f"invalid options object: task_description has at most {_MOST_TASK_WORDS} words"
            )
        examples = []
        for item in config.get("examples") or []:
            match item:
                case {"input": str(text), "labels": list(labels), **rest}:
                    explanation = rest.get("explanation")
                    examples.append(
                        Example(text, tuple(map(str, labels)), None if explanation is None else str(explanation))
                    )
                case _:
                    raise refused(self.name, 400, "invalid options object: examples need input, labels and explanation")
        return examples, mode == "multi"
