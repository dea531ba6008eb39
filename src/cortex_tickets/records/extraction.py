"""What was found in a text, as a record of the caller's own."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel, SerializeAsAny

from cortex_tickets.errors import UnexpectedAnswerError
from cortex_tickets.markup import Child
from cortex_tickets.notebook_card import facts, listed
from cortex_tickets.records.insight import Insight
from cortex_tickets.records.prediction import Outcome

Found = TypeVar("Found", bound=BaseModel)


class Extraction(Insight, Generic[Found]):
    """What was found in one text, as a record of the Pydantic model that was asked for.

    The server holds the answer to the model's JSON schema as far as Cortex takes one; the model itself checks the rest
    here. An answer that does not fit is asked for once more, with what was wrong with it.
    """

    value: SerializeAsAny[Found] | None
    """The record; `None` unless the outcome is `valid` or `repaired`."""
    problems: tuple[str, ...] = ()
    """What the model's checks found in the last answer that did not fit: field and reason, without the value. They stay
    where the answer after it fits. Empty where the first answer fits."""
    n_tries: int = 1
    """How often the text was asked about: 0 for a blank one, 2 where the first answer did not fit."""

    def require(self) -> Found:
        """Return the record.

        Raises:
            UnexpectedAnswerError: If there is none. Its `answer` is what came, which may hold the text's words.
        """
        if self.value is not None:
            return self.value
        if self.outcome is Outcome.BLANK:
            raise UnexpectedAnswerError("The text is blank, so nothing was asked and there is no record", answer=None)
        # The problems themselves may quote the text: a caller's own check says what it likes.
        why = self.error or f"the answer does not fit the model, for {len(self.problems)} reasons; .problems has them"
        raise UnexpectedAnswerError(f"There is no record ({self.outcome.value}): {why}", answer=self.answer)

    @property
    def _shown(self) -> list[Child]:
        found = {} if self.value is None else {name: str(value) for name, value in self.value}
        return [facts(found), listed(self.problems)]
