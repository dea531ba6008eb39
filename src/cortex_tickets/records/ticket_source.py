"""Where tickets are, and which column is which."""

from __future__ import annotations

from typing import Any, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from cortex_tickets.errors import InvalidInputError
from cortex_tickets.records.record import Record
from cortex_tickets.records.sendable import sendable_query
from cortex_tickets.records.table_name import TableName, column_name, column_sql

OPTIONAL_COLUMNS = ("customer_name", "customer_email", "service_type", "contact_preference", "created_at")


class TicketSource(Record):
    """Where tickets are: a table or view, or a query, and which column is which.

    The defaults are the columns of Snowflake's fine-tuning quickstart. Only `id` and `text` must be there for
    labelling; a reply uses the others too.

    Examples:
        >>> TicketSource(table="SUPPORT.CASES", id="CASE_NO", text="BODY").relation
        '"SUPPORT"."CASES"'
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    table: str | None = None
    """The table's or view's name; `None` if `query` is given."""
    query: str | None = Field(default=None, repr=False)
    """One SELECT without bind values; `None` if `table` is given."""
    id: str = "TICKET_ID"
    """Column of the ticket's number."""
    text: str = "REQUEST"
    """Column of what the customer wrote."""
    customer_name: str | None = "CUSTOMER_NAME"
    """Column of the customer's name; `None` if there is none."""
    customer_email: str | None = "CUSTOMER_EMAIL"
    """Column of the customer's e-mail address; `None` if there is none."""
    service_type: str | None = "SERVICE_TYPE"
    """Column of the product; `None` if there is none."""
    contact_preference: str | None = "CONTACT_PREFERENCE"
    """Column of how the customer wants to be answered; `None` if there is none."""
    created_at: str | None = None
    """Column of when the ticket was opened; `None` if there is none."""

    @field_validator("query")
    @classmethod
    def _is_sendable(cls, query: str | None) -> str | None:
        return None if query is None else sendable_query(query)

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if (self.table is None) == (self.query is None):
            raise ValueError("give either table= or query=, and not both")
        if self.table is not None:
            TableName.parse(self.table)
        for role in ("id", "text", *OPTIONAL_COLUMNS):
            name = getattr(self, role)
            if name is not None:
                column_name(name)
        return self

    @classmethod
    def of(cls, source: Any) -> TicketSource:
        """Return a source from a source, a table's name, or a Snowpark DataFrame.

        Raises:
            InvalidInputError: If a DataFrame is not one query without bind values, or the value is none of these.
        """
        if isinstance(source, TicketSource):
            return source
        if isinstance(source, str):
            return cls(table=source)
        queries = getattr(source, "queries", None)
        if isinstance(queries, dict) and "queries" in queries:
            return cls(query=_single_query(source, queries))
        raise InvalidInputError(
            f"Tickets cannot be read from a {type(source).__name__}. Give a table's name, a TicketSource or a "
            "Snowpark DataFrame; a pandas DataFrame goes through session.create_dataframe(...).write.save_as_table."
        )

    @property
    def relation(self) -> str:
        """What stands after FROM in a statement."""
        if self.table is not None:
            return TableName.parse(self.table).sql
        return f"({self.query})"

    def column(self, role: str) -> str:
        """Return the column of `role` (such as `text`) as it stands in a statement, or NULL if there is none."""
        name = getattr(self, role)
        return "NULL" if name is None else column_sql(name)

    def __str__(self) -> str:
        return str(TableName.parse(self.table)) if self.table is not None else "the query"


def _single_query(source: Any, queries: dict[str, list[str]]) -> str:
    plan = getattr(source, "_plan", None)
    last = plan.queries[-1] if plan is not None and getattr(plan, "queries", None) else None
    has_binds = bool(getattr(last, "params", None))
    if len(queries["queries"]) != 1 or queries.get("post_actions") or has_binds:
        raise InvalidInputError(
            "This DataFrame is more than one query, or has bind values, so it cannot stand inside another statement. "
            "Save it first: df.write.save_as_table('MY_TICKETS'), and give that name."
        )
    return queries["queries"][0].strip().rstrip(";")
