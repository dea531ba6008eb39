"""Looks at the account with free statements only: SHOW, context functions, EXPLAIN, and the list of fine-tune jobs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from cortex_tickets._cortex.account import SessionPlace, cross_region_setting, session_place
from cortex_tickets._cortex.ai_functions import AI_FUNCTIONS, AI_FUNCTIONS_USER, BLANKET_PRIVILEGE, CORTEX_USER
from cortex_tickets._cortex.ai_functions import compile_call as compiles
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.fine_tuning import list_jobs
from cortex_tickets._cortex.grants import (
    OWNERSHIP,
    PUBLIC,
    Grant,
    account_grants,
    database_roles_in_session,
    has_secondary_roles,
    object_grants,
    role_tree,
    roles_in_session,
)
from cortex_tickets._cortex.models import listed_models
from cortex_tickets._cortex.usage import compile_usage
from cortex_tickets._preflight.answer import Answer, asked
from cortex_tickets._preflight.findings import NOWHERE, Findings
from cortex_tickets._preflight.holding import database_role, is_account_role
from cortex_tickets._preflight.needed import NEEDED, Holder
from cortex_tickets.records.table_name import TableName

_PRIVILEGES = {
    OWNERSHIP,
    BLANKET_PRIVILEGE,
    *(function.privilege for function in AI_FUNCTIONS),
    *(needed.privilege for needed in NEEDED),
}
_OF_OWN_ROLE = {needed.privilege for needed in NEEDED if needed.of_own_role}


def look(client: CortexClient, schema: TableName | None) -> Findings:
    """Return what the account tells. No failure of Snowflake's is raised.

    Args:
        client: How statements are sent.
        schema: The schema that is asked about, with its database or without; `None` for the session's.
    """
    place = asked(partial(session_place, client))
    where = place.value or NOWHERE
    objects = _objects(where, schema)
    grants = {Holder.ACCOUNT: asked(partial(account_grants, client))}
    for on in (Holder.WAREHOUSE, Holder.DATABASE, Holder.SCHEMA):
        target = objects[on]
        grants[on] = Answer() if target is None else asked(partial(object_grants, client, on.value, target))
    relevant = [grant for answer in grants.values() for grant in answer.value or () if grant.privilege in _PRIVILEGES]
    roles = {grant.grantee for grant in relevant if is_account_role(grant)} - {PUBLIC, where.role}
    in_database = {name for grant in relevant if (name := database_role(grant, objects[Holder.DATABASE]))}
    held = asked(partial(roles_in_session, client, roles))
    held_in_database = asked(partial(database_roles_in_session, client, {CORTEX_USER, AI_FUNCTIONS_USER, *in_database}))
    # Whether a privilege is the role's own or a secondary role's matters only where it is not granted to the role.
    active = (held.value or frozenset()) | (held_in_database.value or frozenset())
    is_open = any(_is_of_another(grant, active, objects[Holder.DATABASE]) for grant in relevant)
    secondary: Answer[bool] = asked(partial(has_secondary_roles, client)) if is_open else Answer()
    needs_tree = (is_open and secondary.value is not False) or held_in_database.value is None
    return Findings(
        place=place,
        objects=objects,
        grants=grants,
        roles=held,
        database_roles=held_in_database,
        has_secondary_roles=secondary,
        tree=role_tree(client, where.role) if needs_tree and where.role is not None else None,
        functions={function.name: asked(partial(compiles, client, function)) for function in AI_FUNCTIONS},
        models=asked(partial(listed_models, client)),
        cross_region=asked(partial(cross_region_setting, client)),
        jobs=asked(partial(list_jobs, client)),
        usage=asked(partial(compile_usage, client)),
    )


def _objects(where: SessionPlace, schema: TableName | None) -> Mapping[Holder, TableName | None]:
    given = () if schema is None else schema.parts
    database = given[0] if len(given) > 1 else where.database
    name = given[-1] if given else where.schema
    return {
        Holder.ACCOUNT: None,
        Holder.WAREHOUSE: None if where.warehouse is None else TableName((where.warehouse,)),
        Holder.DATABASE: None if database is None else TableName((database,)),
        Holder.SCHEMA: None if database is None or name is None else TableName((database, name)),
    }


def _is_of_another(grant: Grant, active: frozenset[str], database: TableName | None) -> bool:
    if grant.privilege not in {*_OF_OWN_ROLE, OWNERSHIP}:
        return False
    return (grant.grantee if is_account_role(grant) else database_role(grant, database)) in active
