"""What functions over texts do alike: read the rows, hold their limits, log what was asked, give values or errors."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from cortex_tickets.local.faults.gate import AnsweredRows
from cortex_tickets.local.functions.completion_call import RowError, filled_prompt
from cortex_tickets.local.functions.refused_call import refused_row
from cortex_tickets.local.functions.row_answers import as_json_text, with_error_details
from cortex_tickets.local.functions.services import Services
from cortex_tickets.local.functions.signature import Rows
from cortex_tickets.local.language.tokens import count_tokens_many
from cortex_tickets.local.real_model.model import Outcomes, RealModel


class TextCall:
    """One block of texts on its way to answers.

    Args:
        services: What functions share.
        rows: The rows as the function was handed them.
        parameter: The row parameter that holds the texts.
        most_tokens: Longer texts are row errors; `None` is no limit.
        told_tokens: Tokens of what is sent with every text, counted and billed with it.
        model: Name of the model for the log.

    Raises:
        StatementError: When it is made, for a statement that the model's service turns away.
    """

    def __init__(
        self,
        services: Services,
        rows: Rows,
        *,
        parameter: str = "INPUT",
        most_tokens: int | None = None,
        told_tokens: int = 0,
        model: str = "",
    ) -> None:
        services.gate.called(rows.function, rows.asker)
        self._services = services
        self._rows = rows
        self._model = model
        self.texts, self.errors = texts_of_rows(rows, parameter)
        self.tokens = [count + told_tokens for count in count_tokens_many([text or "" for text in self.texts])]
        if most_tokens is not None:
            for row, count in enumerate(self.tokens):
                if count > most_tokens and self.errors[row] is None:
                    self.errors[row] = f"max tokens of {most_tokens} exceeded"
        self.answers: list[str | None] = [None] * len(self.texts)
        self._asked: list[int] = self._open_rows()
        self._block: int | None = None

    @property
    def asked(self) -> list[str]:
        """The texts that are there and within the limits, in order."""
        return [self.texts[row] or "" for row in self._asked]

    def ask(self, model: RealModel, instructions: str, texts: Sequence[str] | None = None) -> Outcomes:
        """What a real model makes of the texts asked, or of those given; they are in the log before it is asked.

        Raises:
            CalledOffError: When the statement is cancelled meanwhile.
        """
        self._begin()
        try:
            return model.answer_texts(
                instructions, self.asked if texts is None else texts, is_stopped=self._rows.asker.is_stopped
            )
        except BaseException:
            self._services.log.give_up(self._begin())
            raise

    def _begin(self) -> int:
        """The number of the block in the log, which is begun once."""
        if self._block is None:
            self._block = self._services.log.begin(
                self._rows.asker,
                function=self._rows.function,
                model=self._model,
                texts=self.asked,
                input_tokens=[self.tokens[row] for row in self._asked],
            )
        return self._block

    def add_tokens(self, tokens: Sequence[int]) -> None:
        """Count more for each row: of a second text that it has."""
        self.tokens = [count + more for count, more in zip(self.tokens, tokens, strict=True)]

    def refuse_rows(self, errors: Sequence[str | None]) -> None:
        """Take rows out; `errors[i]` is of row `i`, `None` leaves it in."""
        for row, error in enumerate(errors):
            if error is not None and self.errors[row] is None and self.texts[row] is not None:
                self.errors[row] = error
        self._asked = self._open_rows()

    def answer(
        self,
        values: Sequence[str | None],
        *,
        errors: Sequence[str | None] | None = None,
        written: Sequence[str] | None = None,
    ) -> None:
        """Take the values of the texts asked, and write down what was asked.

        Args:
            values: Value of each text asked, as the function gives it.
            errors: Error of each text asked.
            written: What a model would have written for each, where that is not the value.

        Raises:
            StatementError: For what fails the whole statement.
        """
        for place, row in enumerate(self._asked):
            self.answers[row] = values[place]
            if errors is not None:
                self.errors[row] = errors[place]
        rows = self._rows
        failure = self._services.gate.answered(
            AnsweredRows(rows.asker, rows.function, self._model, self.texts, self.answers, self.errors)
        )
        said = [value or "" for value in values] if written is None else written
        self._services.log.end(
            self._begin(),
            input_tokens=[self.tokens[row] for row in self._asked],
            output_tokens=count_tokens_many(said),
        )
        if failure is not None:
            raise failure

    def values(self, *, with_details: bool, are_text: bool = False) -> list[str | None]:
        """NULL for a row error, or with details `{value, error}`; `are_text` where values are no JSON yet."""
        if not with_details:
            return self.answers
        values = self.answers
        if are_text:
            values = [None if value is None else as_json_text(value) for value in values]
        return [*with_error_details(values, self.errors)]

    def values_or_raise(self) -> list[str | None]:
        """The values, for functions that fail the statement for a row.

        Raises:
            StatementError: With the first row's error.
        """
        for error in self.errors:
            if error is not None:
                raise refused_row(self._rows.function, error)
        return self.answers

    def _open_rows(self) -> list[int]:
        return [row for row, text in enumerate(self.texts) if text is not None and self.errors[row] is None]


def texts_of_rows(rows: Rows, parameter: str) -> tuple[list[str | None], list[str | None]]:
    """Texts of a row parameter and their errors; a VARIANT's string is its text, PROMPT's object is filled in."""
    given = rows.columns[parameter]
    if rows.column_types.get(parameter, "") in {"", "VARCHAR"}:
        return list(given), [None] * len(given)
    texts: list[str | None] = []
    errors: list[str | None] = []
    for value in given:
        text, error = _text_of(value) if value is not None else (None, None)
        texts.append(text)
        errors.append(error)
    return texts, errors


def _text_of(value: str) -> tuple[str | None, str | None]:
    try:
        found = json.loads(value)
    except ValueError:
        return value, None
    if isinstance(found, str):
        return found, None
    if isinstance(found, Mapping) and isinstance(found.get("template"), str):
        arguments = found.get("args")
        try:
            return filled_prompt(found["template"], arguments if isinstance(arguments, list) else []), None
        except RowError as error:
            return None, str(error)
    return (None if found is None else value), None


def categories_of(value: object) -> list[object] | None:
    """A list that came as an ARRAY or as its JSON; `None` where it is neither."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    return value if isinstance(value, list) else None
