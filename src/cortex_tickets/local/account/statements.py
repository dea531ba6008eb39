"""Which statements are about the account, and how each is run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cortex_tickets.local.account.explain import explain
from cortex_tickets.local.account.grants import show_grants
from cortex_tickets.local.account.parameters import show_account_parameters
from cortex_tickets.local.sql.compiled import Compiled, Task
from cortex_tickets.local.sql.session import EngineSession


def account_task(
    sql: str, session: EngineSession, values: Sequence[object], compile_statement: Callable[[str], Compiled]
) -> Task | None:
    """The task of a statement; `None` when it is none about the account.

    Args:
        sql: The statement.
        session: Whose statement it is.
        values: Bound values.
        compile_statement: Makes an explained statement ready to run.
    """
    return show_account_parameters(sql) or show_grants(sql, session) or explain(sql, compile_statement, values)
