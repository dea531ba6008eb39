"""`cortex-tickets preflight`: what an account can do today."""

from __future__ import annotations

from typing import Annotated

import typer

from cortex_tickets import preflight as look_at
from cortex_tickets.cli.checks import Checks
from cortex_tickets.cli.opening import opened
from cortex_tickets.cli.options import AsJson, Config, Connection, EnginePath
from cortex_tickets.cli.showing import show

EXAMPLE = "cortex-tickets preflight --connection my_connection --schema SUPPORT.PUBLIC"


def preflight(
    schema: Annotated[
        str | None, typer.Option(help="Where tables are to be made; without it the session's own schema.")
    ] = None,
    connection: Connection = None,
    path: EnginePath = None,
    config: Config = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what an account, a role and a region can do today.

    The statements are free: nothing is billed or written.
    """
    checks = Checks(config, connection, path)
    checks.names({"--schema": schema}, role="schema")
    checks.require_none()
    with opened(checks.settings) as session:
        found = look_at(session, schema=schema)
    show(found, found, as_json=as_json)
