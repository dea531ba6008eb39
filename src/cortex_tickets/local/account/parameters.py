"""SHOW PARAMETERS IN ACCOUNT: the parameters of the account that Cortex goes by."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cortex_tickets.local.sql.result import Result, rows_result
from cortex_tickets.local.stages.context import Connect

_SHOW = re.compile(
    r"\s*SHOW\s+PARAMETERS(?:\s+LIKE\s+'(?P<like>[^']*)')?\s+(?:IN|FOR)\s+ACCOUNT\s*;?\s*", re.IGNORECASE
)
_COLUMNS = ("key", "value", "default", "level", "description", "type")
_PARAMETERS = (
    # Every model of the catalog answers here, wherever Snowflake has it.
    ("CORTEX_ENABLED_CROSS_REGION", "ANY_REGION", "DISABLED", "ACCOUNT", "", "STRING"),
    ("STATEMENT_TIMEOUT_IN_SECONDS", "172800", "172800", "", "", "NUMBER"),
    ("TIMEZONE", "Etc/UTC", "America/Los_Angeles", "ACCOUNT", "", "STRING"),
)


@dataclass(frozen=True, slots=True)
class ShowAccountParameters:
    """SHOW PARAMETERS IN ACCOUNT, ready to run."""

    like: str

    def run(self, connect: Connect) -> Result:
        """A row per parameter."""
        del connect
        pattern = re.escape(self.like).replace("%", ".*").replace("_", ".") if self.like else ".*"
        rows = [row for row in _PARAMETERS if re.fullmatch(pattern, row[0], re.IGNORECASE)]
        return rows_result([(name, "VARCHAR") for name in _COLUMNS], rows)


def show_account_parameters(sql: str) -> ShowAccountParameters | None:
    """The statement, when it is one that shows the account's parameters.

    Source:
        docs.snowflake.com/en/sql-reference/sql/show-parameters, read 2026-11-25.
    """
    found = _SHOW.fullmatch(sql)
    return None if found is None else ShowAccountParameters(found["like"] or "")
