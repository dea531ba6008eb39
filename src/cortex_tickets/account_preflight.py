"""Finds out with free statements what an account, its role and its region can do today."""

from __future__ import annotations

import json

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.prices import packaged_prices
from cortex_tickets._cortex.retry import RetryPolicy
from cortex_tickets._preflight.findings import Findings
from cortex_tickets._preflight.fine_tuning import fine_tuning_checks
from cortex_tickets._preflight.functions import function_checks
from cortex_tickets._preflight.looking import look
from cortex_tickets._preflight.models import model_checks
from cortex_tickets._preflight.needed import Holder
from cortex_tickets._preflight.preflight import Preflight
from cortex_tickets._preflight.prices import price_checks
from cortex_tickets._preflight.privileges import privilege_checks
from cortex_tickets._preflight.region import region_checks
from cortex_tickets.clock import SYSTEM_CLOCK, Clock
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.problems import Problems, seconds_problems
from cortex_tickets.records.preflight_check import CheckState, PreflightCheck
from cortex_tickets.records.table_name import TableName
from cortex_tickets.session import Session

__all__ = ["Preflight", "preflight"]

_TAG = json.dumps({"app": "cortex_tickets", "operation": "preflight"})
_RETRY = RetryPolicy(max_attempts=2, max_seconds=10.0)
"""A probe is not worth a long wait: what it would have told is then unknown."""
_MAX_PARTS = 2


def preflight(
    session: Session, *, schema: str | None = None, timeout: float | None = 60.0, clock: Clock = SYSTEM_CLOCK
) -> Preflight:
    """Return what this account, role and region can do today: each yes, no or unknown, with the evidence.

    Sends about 20 statements, up to 20 more where secondary roles are active, and none that bills a model or writes:
    SHOW, functions that tell of the session, and EXPLAIN, which need no warehouse, and FINETUNE('SHOW'), which may
    resume the session's warehouse for a moment. An AI function is compiled and not run: to run AI_COUNT_TOKENS would
    be free but for the warehouse, and tell no more.

    A statement that is refused is evidence too: no where the refusal says so, else unknown. Nothing that Snowflake
    refuses is raised. What is unknown may work; only a call that is paid for would tell.

    Args:
        session: A Snowpark session, or anything with its `sql(...).collect(...)`.
        schema: Where tables and models are to be made, as 'SCHEMA' or 'DATABASE.SCHEMA'; `None` for the session's own.
        timeout: Seconds for everything; what was not asked by then is unknown. `None` for no limit.
        clock: Time; a fake one in tests.

    Returns:
        A record with a check for each function, privilege, model and so on. `print` shows it as a table, and so does
        a notebook.

    Raises:
        InvalidInputError: If `schema` is no schema's name or `timeout` no number of seconds; before any statement.

    Source:
        [Privileges and model access](https://docs.snowflake.com/en/user-guide/snowflake-cortex/aisql-privileges-and-access),
        [SHOW GRANTS](https://docs.snowflake.com/en/sql-reference/sql/show-grants),
        [EXPLAIN](https://docs.snowflake.com/en/sql-reference/sql/explain) and
        [SHOW CORTEX BASE MODELS](https://docs.snowflake.com/en/sql-reference/sql/show-cortex-base-models),
        read 2026-11-25.
    """
    problems = Problems()
    problems.add(seconds_problems(timeout))
    target = None
    with problems:
        target = None if schema is None else _schema_name(schema)
    problems.require_none()
    client = CortexClient(session, tag=_TAG, clock=clock, retry=_RETRY).within(timeout)
    findings = look(client, target)
    checks = _checks(findings, clock)
    where = findings.where
    asked_about = findings.objects[Holder.SCHEMA]
    return Preflight(
        looked_at=clock.now(),
        role=where.role,
        region=where.region,
        warehouse=where.warehouse,
        schema_name=None if asked_about is None else str(asked_about),
        cross_region=findings.cross_region.value,
        price_date=packaged_prices().date,
        is_engine=bool(getattr(session, "cortex_tickets_engine", False)),
        checks=tuple(checks),
    )


def _checks(findings: Findings, clock: Clock) -> list[PreflightCheck]:
    models = model_checks(findings)
    usable = [check.name for check in models if check.state is CheckState.YES]
    return [
        *function_checks(findings),
        *privilege_checks(findings),
        *models,
        *region_checks(findings),
        *fine_tuning_checks(findings, models),
        *price_checks(findings, usable, clock.now()),
    ]


def _schema_name(schema: str) -> TableName:
    name = TableName.parse(schema, role="schema")
    if len(name.parts) > _MAX_PARTS:
        raise InvalidInputError(f"schema={schema!r} must be one name or two, such as 'DB.SCHEMA'.")
    return name
