"""What every page works with: a session, the settings, and the public objects made of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from cortex_tickets import CortexError, FineTunedModel, TicketClassifier, TicketInsights, TicketSource
from cortex_tickets.app.settings import Settings
from cortex_tickets.session import Session

_OPTIONAL = ("customer_name", "customer_email", "service_type", "contact_preference", "created_at")
_GENERIC_ERROR = "Snowflake gave no reason"


class Desk:
    """A session and what the pages make of it. Safe to share between threads, as its session is.

    Args:
        session: Where the pages' own statements go.
        settings: Tables, labels and models.
        is_engine: Whether stand-ins of the embedded engine answer.
        opener: Opens a session for long work, to be closed by whoever has it.
        where: What answers, in words.
    """

    def __init__(
        self,
        session: Session,
        settings: Settings,
        *,
        is_engine: bool,
        opener: Callable[[], AbstractContextManager[Session]],
        where: str,
    ) -> None:
        self.session = session
        self.settings = settings
        self.is_engine = is_engine
        self.where = where
        self._opener = opener
        self._lock = threading.Lock()
        self._source: TicketSource | None = None
        self._seen: set[str] = set()

    def own_session(self) -> AbstractContextManager[Session]:
        """Return a session for one piece of long work, so that pages need not wait for its statements."""
        return self._opener()

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """Return the rows of one statement that bills no model.

        Raises:
            CortexError: If Snowflake refuses it.
        """
        from snowflake.connector.errors import Error  # noqa: PLC0415  takes a second, and tests of pages need it late
        from snowflake.snowpark.exceptions import SnowparkClientException  # noqa: PLC0415  the same

        try:
            found = self.session.sql(query, params=list(values) or None).collect()
        except (SnowparkClientException, Error) as error:
            lines = str(getattr(error, "raw_message", None) or getattr(error, "message", None) or error).splitlines()
            raise CortexError(lines[0] if lines else _GENERIC_ERROR) from error
        return [row.as_dict() for row in found]

    def columns(self, table: str) -> frozenset[str] | None:
        """Return the columns of a table, in capitals; `None` if it is not there, or this role may not see it."""
        try:
            rows = self.rows(f"DESCRIBE TABLE {quoted(table)}")
        except CortexError:
            return None
        return frozenset(str(row["name"]).upper() for row in rows)

    def has(self, table: str) -> bool:
        """Return whether the table is there. One that was is not looked for again."""
        if table not in self._seen and self.columns(table) is not None:
            self._seen.add(table)
        return table in self._seen

    @property
    def tickets(self) -> TicketSource:
        """Where the tickets are, with the columns that the table has; looked up once."""
        with self._lock:
            if self._source is None:
                found = self.columns(self.settings.tickets)
                if found is None:
                    return TicketSource(table=self.settings.tickets, **self.settings.columns)
                usual = {role: role.upper() if role.upper() in found else None for role in _OPTIONAL}
                self._source = TicketSource(table=self.settings.tickets, **{**usual, **self.settings.columns})
            return self._source

    def classifier(self, model: str, session: Session | None = None) -> TicketClassifier:
        """Return the classifier of the app's labels that asks this model, or several, with commas between them."""
        return TicketClassifier(
            session or self.session,
            labels=self.settings.labels,
            model=several(model),
            prices=self.settings.choices.prices,
        )

    def tuned_classifier(self, model: FineTunedModel, session: Session | None = None) -> TicketClassifier:
        """Return the classifier that asks a tuned model."""
        return TicketClassifier.from_model(session or self.session, model, prices=self.settings.choices.prices)

    @property
    def insights(self) -> TicketInsights:
        """What says what one text says."""
        return TicketInsights(self.session, prices=self.settings.choices.prices)


def several(models: str) -> list[str]:
    """Return the models of a name that has commas, in the order in which they are tried."""
    return [name.strip() for name in models.split(",")]


def beside(table: str, suffix: str) -> str:
    """Return the name of what the library keeps beside a table, such as its `_RUNS`, as it stands in a statement.

    Raises:
        InvalidInputError: If the table's name is none.
    """
    return f'{quoted(table)[:-1]}{suffix}"'


def quoted(table: str) -> str:
    """Return a table's name as it stands in a statement.

    Raises:
        InvalidInputError: If it is no name.
    """
    return TicketSource(table=table).relation
