"""An account that answers every statement of a preflight, and what a preflight of it finds."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from cortex_tickets import CheckState, Preflight, preflight
from cortex_tickets.testing import FakeClock, FakeSession, SentStatement

Rows = Sequence[Mapping[str, Any]]

PLACE = {
    "ROLE_NAME": "ANALYST",
    "REGION_NAME": "PUBLIC.AWS_US_WEST_2",
    "WAREHOUSE_NAME": "WH",
    "DATABASE_NAME": "DB",
    "SCHEMA_NAME": "S",
}
MODELS: list[dict[str, Any]] = [
    {
        "name": "LLAMA3.1-8B",
        "lifecycle_status": "GA",
        "in_region_availability": '["AWS_US_WEST_2"]',
        "cross_region_availability": '["ANY_REGION", "AWS_US"]',
    },
    {
        "name": "CLAUDE-SONNET-4-6",
        "lifecycle_status": "GA",
        "in_region_availability": None,
        "cross_region_availability": '["ANY_REGION", "AWS_US", "AWS_EU"]',
    },
]
JOB = '[{"id": "ft_1", "status": "SUCCESS", "base_model": "llama3.1-8b", "created_on": 1717004388348}]'
ON_SCHEMA = ("USAGE", "CREATE TABLE", "CREATE VIEW", "CREATE MODEL", "CREATE STREAM", "CREATE TASK")


class Account(FakeSession):
    """An account that has everything; rules that are added replace these."""

    place = PLACE
    models = MODELS
    jobs = JOB

    def __init__(self) -> None:
        super().__init__()
        self.answer("^SELECT CURRENT_ROLE", [PLACE])
        self.answer("^SHOW GRANTS ON ACCOUNT$", [self.grant("USE AI FUNCTIONS", "PUBLIC"), self.grant("EXECUTE TASK")])
        self.answer('^SHOW GRANTS ON WAREHOUSE "WH"$', [self.grant("USAGE")])
        self.answer('^SHOW GRANTS ON DATABASE "DB"$', [self.grant("USAGE"), self.grant("OWNERSHIP", "OWNER")])
        self.answer('^SHOW GRANTS ON SCHEMA "DB"."S"$', [self.grant(privilege) for privilege in ON_SCHEMA])
        self.has_roles("ANALYST")
        self.has_database_roles("SNOWFLAKE.CORTEX_USER")
        self.answer("^SELECT CURRENT_SECONDARY_ROLES", [{"SECONDARY_ROLES": '{"roles":"","value":""}'}])
        self.answer("^EXPLAIN USING TEXT", [{"content": "a plan"}])
        self.answer("^SHOW CORTEX BASE MODELS", MODELS)
        self.answer("^SHOW PARAMETERS", [{"key": "CORTEX_ENABLED_CROSS_REGION", "value": "AWS_US"}])
        self.answer("FINETUNE", [{"F": JOB}])

    @staticmethod
    def grant(privilege: str, grantee: str = "ANALYST", kind: str = "ROLE") -> dict[str, str]:
        """Return a row of SHOW GRANTS."""
        return {"privilege": privilege, "granted_to": kind, "grantee_name": grantee}

    def has_roles(self, *names: str) -> None:
        """Make these the account roles that the session has."""
        self.answer("^SELECT IS_ROLE_IN_SESSION", _told(lambda name: name in names))

    def has_database_roles(self, *names: str) -> None:
        """Make these the database roles that the session has."""
        self.answer("^SELECT SYS_CONTEXT", _told(lambda name: str(name in names).upper()))

    def look(self, **options: Any) -> Preflight:
        """Return a preflight of the account."""
        return preflight(self, **{"clock": FakeClock(), **options})

    def state(self, name: str) -> CheckState:
        """Return the state of one check."""
        return self.look().check(name).state


def _told(has: Callable[[str], object]) -> Callable[[SentStatement], Rows]:
    """Answer a statement that asks about roles, one by one."""

    def rows(statement: SentStatement) -> Rows:
        asked = re.findall(r"(?:IN_SESSION\(|ACTIVATED', )'((?:[^']|'')*)'\) AS (ROLE_\d+)", statement.text)
        return [{alias: has(name.replace("''", "'")) for name, alias in asked}]

    return rows


@pytest.fixture
def account() -> Account:
    """Return an account that has everything."""
    return Account()
