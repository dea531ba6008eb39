"""The privileges that this package needs, in one table.

Source: https://docs.snowflake.com/en/user-guide/security-access-control-privileges,
https://docs.snowflake.com/en/sql-reference/sql/use-secondary-roles (only the primary role's privileges count for
CREATE), https://docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-finetuning and
https://docs.snowflake.com/en/user-guide/tasks-ts (what a task needs), read 2026-11-25.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Holder(StrEnum):
    """What a privilege is held on."""

    ACCOUNT = "ACCOUNT"
    DATABASE = "DATABASE"
    SCHEMA = "SCHEMA"
    WAREHOUSE = "WAREHOUSE"


@dataclass(frozen=True, slots=True)
class NeededPrivilege:
    """One privilege that this package needs."""

    privilege: str
    on: Holder
    purpose: str
    """What this package needs it for."""
    of_own_role: bool = False
    """Whether the session's own role has to have it: a secondary role's does not count for CREATE."""

    @property
    def name(self) -> str:
        """How the check is called."""
        return f"USAGE on the {self.on.lower()}" if self.privilege == "USAGE" else self.privilege


NEEDED: tuple[NeededPrivilege, ...] = (
    NeededPrivilege("USAGE", Holder.WAREHOUSE, "every statement that reads a table or asks a model"),
    NeededPrivilege("USAGE", Holder.DATABASE, "every table in it"),
    NeededPrivilege("USAGE", Holder.SCHEMA, "every table in it"),
    NeededPrivilege("CREATE TABLE", Holder.SCHEMA, "ledgers, training sets and loaded tickets", of_own_role=True),
    NeededPrivilege("CREATE VIEW", Holder.SCHEMA, "views over a ledger", of_own_role=True),
    NeededPrivilege("CREATE MODEL", Holder.SCHEMA, "fine-tuning", of_own_role=True),
    NeededPrivilege("CREATE STREAM", Holder.SCHEMA, "labels on a schedule", of_own_role=True),
    NeededPrivilege("CREATE TASK", Holder.SCHEMA, "labels on a schedule", of_own_role=True),
    NeededPrivilege("EXECUTE TASK", Holder.ACCOUNT, "labels on a schedule", of_own_role=True),
)
