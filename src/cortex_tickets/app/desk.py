"""What every page works with: a session, the settings, and the public objects made of them."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from cortex_tickets import (
    CortexError,
    FineTunedModel,
    ObjectNotFoundError,
    TicketClassifier,
    TicketInsights,
    TicketSource,
)
from cortex_tickets.app.refusals import said_without_values
from cortex_tickets.app.settings import Settings
from cortex_tickets.model_names import model_names
from cortex_tickets.session import Session

_OPTIONAL = ("customer_name", "customer_email", "service_type", "contact_preference", "created_at")
_REQUIRED = ("id", "text")
_SHOWN_COLUMNS = 40
_PLAIN = re.compile(r"[A-Z_][A-Z0-9_$]*")
_PART = re.compile(r'"(?:[^"]|"")+"')
_PARTS = 3


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
        self._source: tuple[TicketSource, Mapping[str, str]] | None = None
        self._seen: set[str] = set()
        self._place: list[str] | None = None

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
            message = getattr(error, "raw_message", None) or getattr(error, "message", None) or error
            code = getattr(error, "sql_error_code", None) or getattr(error, "errno", None)
            raise CortexError(said_without_values(str(message), query, code)) from error
        return [row.as_dict() for row in found]

    def columns(self, table: str) -> Mapping[str, str] | None:
        """Return the types of a table's columns by their names; `None` if this role sees no such table."""
        try:
            rows = self.rows(f"DESCRIBE TABLE {quoted(table)}")
        except CortexError:
            return None
        return {str(row["name"]): str(row["type"]).upper() for row in rows}

    def has(self, table: str) -> bool:
        """Return whether the table is there. One that was is not looked for again."""
        if table not in self._seen and self.columns(table) is not None:
            self._seen.add(table)
        return table in self._seen

    def full_name(self, table: str) -> str:
        """Return a table's name with database and schema, as it stands in a statement."""
        parts = _PART.findall(quoted(table))
        if len(parts) < _PARTS and self._place is None:
            (row,) = self.rows("SELECT CURRENT_DATABASE() AS DATABASE_NAME, CURRENT_SCHEMA() AS SCHEMA_NAME")
            self._place = [_in_quotes(str(row[name])) for name in ("DATABASE_NAME", "SCHEMA_NAME")]
        return ".".join([*(self._place or [])[: _PARTS - len(parts)], *parts])

    @property
    def tickets(self) -> TicketSource:
        """Where the tickets are, with the columns that the table has; looked up once.

        Raises:
            ObjectNotFoundError: If the table lacks the id, the text, or a column that the settings name.
        """
        return self._looked_up()[0]

    @property
    def has_dates(self) -> bool:
        """Whether the column of when tickets were opened holds dates or timestamps, and nothing that may be none."""
        source, columns = self._looked_up()
        return columns.get(_stored(source, "created_at"), "").startswith(("DATE", "TIMESTAMP"))

    def _looked_up(self) -> tuple[TicketSource, Mapping[str, str]]:
        with self._lock:
            if self._source is None:
                settings = self.settings
                found = self.columns(settings.tickets)
                if found is None:
                    return TicketSource(table=settings.tickets, **settings.columns), {}
                usual = {role: role.upper() if role.upper() in found else None for role in _OPTIONAL}
                source = TicketSource(table=settings.tickets, **{**usual, **settings.columns})
                _require_columns(source, found)
                self._source = source, found
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


def _require_columns(source: TicketSource, found: Mapping[str, str]) -> None:
    """Refuse a table without a column that every page asks for, before one asks: Snowflake names no remedy."""
    roles = [role for role in (*_REQUIRED, *_OPTIONAL) if getattr(source, role) is not None]
    missing = [role for role in roles if _stored(source, role) not in found]
    if not missing:
        return
    lacks = " and no ".join(f"column {getattr(source, role)} ({role})" for role in missing)
    has = [_written(name) for name in sorted(found)]
    more = f" and {len(has) - _SHOWN_COLUMNS} more" if len(has) > _SHOWN_COLUMNS else ""
    keys = ", ".join(f'{role} = "..."' for role in missing)
    raise ObjectNotFoundError(
        f"The table {source} has no {lacks}, but {', '.join(has[:_SHOWN_COLUMNS])}{more}: say in cortex_tickets.toml, "
        f"under [columns], what it calls them ({keys}), and start the app again"
    )


def _stored(source: TicketSource, role: str) -> str:
    """Return the column of a role as Snowflake stores its name."""
    return source.column(role)[1:-1].replace('""', '"')


def _written(name: str) -> str:
    """Return a column's stored name as settings write it."""
    return name if _PLAIN.fullmatch(name) else _in_quotes(name)


def _in_quotes(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def several(models: str) -> list[str]:
    """Return the models of a name that has commas, as the classes of the package take them.

    Raises:
        InvalidInputError: If one of them is none, or stands twice.
    """
    return list(model_names(models))


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
