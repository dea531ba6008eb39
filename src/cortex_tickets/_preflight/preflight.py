"""What an account, a role and a region can do today."""

from __future__ import annotations

from datetime import date, datetime

from cortex_tickets._preflight.table import html_table, text_table
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.records.preflight_check import CheckGroup, CheckState, PreflightCheck
from cortex_tickets.records.record import Record


class Preflight(Record):
    """What an account, a role and a region can do today, with the evidence; prints as a table.

    It is what free statements told at one moment. `unknown` means that only a call that is paid for would tell.
    """

    looked_at: datetime
    """When it was found out, in UTC."""
    role: str | None
    """The session's role; `None` if it was not told."""
    region: str | None
    """The account's region, such as AWS_US_WEST_2; `None` if it was not told."""
    warehouse: str | None
    """The session's warehouse; `None` if it has none, or it was not told."""
    schema_name: str | None
    """The schema that was asked about, with its database; `None` if there is none."""
    cross_region: str | None
    """The account's cross-region setting, such as ANY_REGION or DISABLED; `None` if it was not told."""
    price_date: date
    """The date of the packaged price table."""
    is_engine: bool
    """Whether the embedded engine answered, which controls no access."""
    checks: tuple[PreflightCheck, ...]
    """Every check: functions, privileges, models, region, fine-tuning, prices, in this order."""

    def check(self, name: str) -> PreflightCheck:
        """Return the check of that name, such as 'AI_COMPLETE', 'CREATE MODEL' or 'llama3.1-8b'.

        Raises:
            InvalidInputError: If there is none; the message lists the names.
        """
        found = next((check for check in self.checks if check.name.lower() == str(name).lower()), None)
        if found is None:
            names = ", ".join(check.name for check in self.checks)
            raise InvalidInputError(f"{name!r} is not one of the checks of this preflight. It has: {names}.")
        return found

    @property
    def available_models(self) -> tuple[str, ...]:
        """The models that this role can ask, by name; empty if the account lists none.

        Snowflake lists models of every kind, embedding models among them. Legacy models are left out: they answer only
        accounts that used them before.
        """
        return tuple(
            check.name for check in self.checks if check.group is CheckGroup.MODELS and check.state is CheckState.YES
        )

    @property
    def missing(self) -> tuple[PreflightCheck, ...]:
        """The checks whose state is no."""
        return tuple(check for check in self.checks if check.state is CheckState.NO)

    def _repr_html_(self) -> str:
        return html_table(self._head, self.checks)

    @property
    def _head(self) -> list[str]:
        facts = {
            "role": self.role,
            "region": self.region,
            "warehouse": self.warehouse,
            "schema": self.schema_name,
            "cross-region": self.cross_region,
        }
        told = ", ".join(f"{name} {value or 'unknown'}" for name, value in facts.items())
        head = [f"{told}; looked at {self.looked_at:%Y-%m-%d %H:%M} UTC, prices of {self.price_date.isoformat()}"]
        if self.is_engine:
            head.append("The embedded engine answered: it controls no access, and its models are stand-ins.")
        return head

    def __str__(self) -> str:
        return text_table(self._head, self.checks)
