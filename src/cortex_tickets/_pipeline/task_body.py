"""What the task does, as a block of Snowflake Scripting: take the lease, look how much there is, label, say so."""

from __future__ import annotations

import json

from cortex_tickets._cortex.quoting import literal
from cortex_tickets._pipeline.layout import indented, visible
from cortex_tickets._pipeline.parts import PipelineParts
from cortex_tickets._pipeline.work import CLASSIFIER, RUN_ID, labelling, texts_to_ask
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.ledger.orphans import SECONDS_AFTER_SIGN
from cortex_tickets.ledger.schema import SCHEMA_VERSION
from cortex_tickets.sql_comments import comment

_WHY_LEASE = (
    "No other run of this classifier works into the ledger meanwhile: the lease is taken, or this run ends here. "
    "The stream is left as it is then, so that the task comes again, and nothing is lost."
)
_WHY_ORPHANS = (
    "Snowflake finishes a statement whose client has died, so one may be under way that asks these texts. A run of "
    "TicketClassifier.classify_table can look for it, and takes over. Without one the tickets wait, until "
    f"{SECONDS_AFTER_SIGN} seconds after that client's last sign of life nothing of it is under way any more."
)
_WHY_RUN = "From here on the run is in the list of runs, as a run of TicketClassifier.classify_table is."
_WHY_STOP = "A hard stop before anything is asked. A query alone leaves the stream as it is."
_WHY_ONE_STATEMENT = (
    "One statement asks, reads and writes. It uses what the stream shows, whose offset moves with this statement or "
    "not at all: what comes meanwhile starts the next run. Snowflake has stopped the task before its lease is over, "
    "so nobody else can have taken it."
)
_WHY_END = "The run is over: its tokens are added up from its rows, and the lease is given back."


def task_body(parts: PipelineParts) -> str:
    """Return the statement that the task runs: a block in `$$`, which clients that split at semicolons leave whole.

    Raises:
        InvalidInputError: If a name has `$$` in it, which would end the block.
    """
    steps = {
        _WHY_LEASE: _take_lease(parts),
        _WHY_ORPHANS: _leave_to_orphans(parts),
        _WHY_RUN: _begin(parts),
        _WHY_STOP: _stop_before(parts),
        _WHY_ONE_STATEMENT: f"{labelling(parts)};\nn_rows := SQLROWCOUNT;",
        _WHY_END: _end(parts),
    }
    statements = "\n\n".join(f"{comment(why)}\n{statement}" for why, statement in steps.items())
    block = (
        f"DECLARE\n{indented(_declarations(parts))}\nBEGIN\n{indented(statements)}\n"
        f"EXCEPTION\n  WHEN OTHER THEN\n{indented(_failed(parts), 2)}\nEND;"
    )
    return f"EXECUTE IMMEDIATE $$\n{_without_dollars(block)}\n$$"


def _declarations(parts: PipelineParts) -> str:
    too_many = f"More than {parts.settings.max_texts} texts are to be asked, which the pipeline may not."
    return (
        f"run_id VARCHAR DEFAULT {literal(f'{parts.task.name}:')} || UUID_STRING();\n"
        f"classifier VARCHAR DEFAULT {literal(parts.operation.hash)};\n"
        "n_orphans NUMBER DEFAULT 0;\n"
        "n_texts NUMBER DEFAULT 0;\n"
        "n_rows NUMBER DEFAULT 0;\n"
        "why VARCHAR;\n"
        f"too_many EXCEPTION (-20001, {literal(too_many)});"
    )


def _take_lease(parts: PipelineParts) -> str:
    leases = parts.leases.sql
    return (
        f"INSERT INTO {leases} (CLASSIFIER_HASH)\nSELECT {CLASSIFIER} FROM (SELECT 1)\n"
        f"WHERE NOT EXISTS (SELECT 1 FROM {leases} WHERE CLASSIFIER_HASH = {CLASSIFIER});\n"
        f"UPDATE {leases}\nSET HOLDER = {RUN_ID}, SINCE = CURRENT_TIMESTAMP(), HEARTBEAT_AT = CURRENT_TIMESTAMP(),\n"
        f"  EXPIRES_AT = DATEADD(second, {parts.settings.lease_seconds}, CURRENT_TIMESTAMP())\n"
        f"WHERE CLASSIFIER_HASH = {CLASSIFIER} AND NOT EXISTS (\n"
        f"  SELECT 1 FROM {leases} OTHER\n"
        f"  WHERE OTHER.CLASSIFIER_HASH = {CLASSIFIER} AND OTHER.HOLDER <> {RUN_ID}\n"
        "    AND OTHER.EXPIRES_AT > CURRENT_TIMESTAMP()\n);\n"
        "IF (SQLROWCOUNT = 0) THEN\n"
        "  RETURN 'another run has the lease; the tickets wait';\n"
        "END IF;"
    )


def _leave_to_orphans(parts: PipelineParts) -> str:
    return (
        f"SELECT COUNT(*)\nINTO :n_orphans\nFROM {parts.runs.sql}\n"
        f"WHERE CLASSIFIER_HASH = {CLASSIFIER} AND STATE = 'RUNNING' AND SESSION_ID IS NOT NULL\n"
        f"  AND ALIVE_AT > DATEADD(second, -{SECONDS_AFTER_SIGN}, CURRENT_TIMESTAMP());\n"
        "IF (n_orphans > 0) THEN\n"
        f"{indented(_give_back(parts))}\n"
        "  RETURN 'a client that gave no sign of life may have left a statement that asks; the tickets wait';\n"
        "END IF;"
    )


def _begin(parts: PipelineParts) -> str:
    operation = parts.operation
    specification = json.dumps(operation.specification(), ensure_ascii=False, sort_keys=True)
    values = {
        "RUN_ID": RUN_ID,
        "OPERATION": literal(operation.name),
        "CLASSIFIER_HASH": CLASSIFIER,
        "MODEL": literal(operation.model),
        "SOURCE": literal(str(parts.table)),
        "STATE": "'RUNNING'",
        "STARTED_AT": "CURRENT_TIMESTAMP()",
        "SPECIFICATION": literal(specification),
        "SCHEMA_VERSION": str(SCHEMA_VERSION),
        "QUERY_TAG": literal(parts.tag),
        "ALIVE_AT": "CURRENT_TIMESTAMP()",
    }
    return (
        f"UPDATE {parts.runs.sql}\n"
        f"SET STATE = 'GIVEN_UP', REASON = 'it gave no sign of life, and run ' || {RUN_ID} || ' took over',\n"
        "  FINISHED_AT = CURRENT_TIMESTAMP()\n"
        f"WHERE CLASSIFIER_HASH = {CLASSIFIER} AND STATE = 'RUNNING';\n"
        f"INSERT INTO {parts.runs.sql} ({', '.join(values)})\nSELECT {', '.join(values.values())};"
    )


def _stop_before(parts: PipelineParts) -> str:
    return (
        f"{texts_to_ask(parts)};\n"
        f"IF (n_texts > {parts.settings.max_texts}) THEN\n"
        f"  why := n_texts || ' texts are to be asked, and a run may ask {parts.settings.max_texts}';\n"
        "  RAISE too_many;\n"
        "END IF;"
    )


def _end(parts: PipelineParts) -> str:
    return (
        f"UPDATE {parts.runs.sql}\n"
        "SET STATE = 'COMPLETE', N_TICKETS = S.N_TICKETS, N_LEFT = 0, N_TEXTS_ASKED = :n_texts,\n"
        "  INPUT_TOKENS = S.INPUT_TOKENS, OUTPUT_TOKENS = S.OUTPUT_TOKENS, FINISHED_AT = CURRENT_TIMESTAMP()\n"
        "FROM (\n"
        "  SELECT COUNT(*) AS N_TICKETS, SUM(INPUT_TOKENS) AS INPUT_TOKENS, SUM(OUTPUT_TOKENS) AS OUTPUT_TOKENS\n"
        f"  FROM {parts.into.sql}\n  WHERE RUN_ID = {RUN_ID}\n) S\n"
        f"WHERE RUN_ID = {RUN_ID};\n"
        f"{_give_back(parts)}\n"
        "RETURN n_texts || ' texts asked, ' || n_rows || ' tickets written';"
    )


def _failed(parts: PipelineParts) -> str:
    return (
        f"{comment('The code alone: a message may quote a ticket.')}\n"
        "why := COALESCE(why, 'Snowflake error ' || SQLCODE);\n"
        f"UPDATE {parts.runs.sql}\n"
        f"SET STATE = 'FAILED', REASON = :why, FINISHED_AT = CURRENT_TIMESTAMP()\nWHERE RUN_ID = {RUN_ID};\n"
        f"{_give_back(parts)}\n"
        "RAISE;"
    )


def _give_back(parts: PipelineParts) -> str:
    return (
        f"UPDATE {parts.leases.sql}\nSET HOLDER = NULL, EXPIRES_AT = NULL\n"
        f"WHERE CLASSIFIER_HASH = {CLASSIFIER} AND HOLDER = {RUN_ID};"
    )


def _without_dollars(block: str) -> str:
    written = visible(block)
    if "$$" in written:
        raise InvalidInputError(
            "A name with $$ in it cannot stand in a task: its statements stand between $$ and $$. "
            "Make a view with another name over the tickets, or give another into=."
        )
    return written
