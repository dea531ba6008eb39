"""The embedded engine: instance, functions, jobs and server, wired on one screen."""

from __future__ import annotations

import atexit
import datetime as dt
import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from cortex_tickets.local.asked_log import AskedLog
from cortex_tickets.local.catalog import catalog_as_of
from cortex_tickets.local.faults.fault_gate import FaultGate
from cortex_tickets.local.faults.fault_log import FaultLog
from cortex_tickets.local.faults.faults import Faults
from cortex_tickets.local.faults.gate import Gate, OpenGate
from cortex_tickets.local.faults.profile_check import checked_profile
from cortex_tickets.local.faults.retired_model import Ending
from cortex_tickets.local.functions.base_models import base_models_sql, retire_sql
from cortex_tickets.local.functions.calls import CallBinder
from cortex_tickets.local.functions.error_envelope import ErrorEnvelope
from cortex_tickets.local.functions.registry import cortex_functions
from cortex_tickets.local.functions.services import Services
from cortex_tickets.local.functions.signature import Asker
from cortex_tickets.local.functions.udf import register
from cortex_tickets.local.jobs.job_desk import JobDesk
from cortex_tickets.local.opening import open_instance
from cortex_tickets.local.sentence_encoder.sentence_encoder import encoder_from_environment
from cortex_tickets.local.sql.compiler import Compiler
from cortex_tickets.local.sql.number_format import register_number_text
from cortex_tickets.local.sql.session import DATABASE
from cortex_tickets.local.statement_history import StatementHistory
from cortex_tickets.local.tasks.task_desk import TaskDesk
from cortex_tickets.local.wire.app import wire_app
from cortex_tickets.local.wire.breakable_connections import BreakableConnections
from cortex_tickets.local.wire.server_thread import HOST, ServerThread
from cortex_tickets.local.wire.session_desk import SCHEMA, SessionDesk
from cortex_tickets.local.wire.statement_desk import StatementDesk
from cortex_tickets.local.wire.without_proxy import reach_without_proxy
from cortex_tickets.local.wire.worker_pool import WorkerPool

if TYPE_CHECKING:
    from snowflake.snowpark import Session

logger = logging.getLogger(__name__)


class Engine:
    """An embedded engine that any Snowflake client of this machine can talk to.

    It serves on 127.0.0.1 from the moment it is made until `close`, or until the interpreter exits. Where the
    environment names a proxy, its `no_proxy` gets that address.

    Args:
        path: Folder that keeps tables, jobs and models; made if it is missing. `None` keeps all in memory.
        as_of: The day whose model catalog answers; `None` is today's.
        seed: Seed of everything random (fine-tuning).
        faults: What goes wrong, and how often; `None` is nothing.
        port: Where to listen; 0 takes a free port.
        closes_when_unused: Whether it closes itself when its last session has ended.

    Raises:
        InvalidInputError: When the path is no folder or is open already, `as_of` is no date, or a retired model of
            `faults` is not in the catalog.

    Examples:
        >>> from cortex_tickets.local import Engine
        >>> with Engine() as engine, engine.session() as session:
        ...     session.sql("SELECT 1 AS ONE").collect()
        [Row(ONE=1)]
    """

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        as_of: str | dt.date | None = None,
        seed: int = 0,
        faults: Faults | None = None,
        port: int = 0,
        closes_when_unused: bool = False,
    ) -> None:
        self.catalog = catalog_as_of(as_of)
        encoder = encoder_from_environment()  # refused before anything is opened
        self.seed = seed
        self.faults = checked_profile(faults, self.catalog)
        self.path = None if path is None else Path(path).expanduser().resolve()
        self._closes_when_unused = closes_when_unused
        self._close_lock = threading.Lock()
        self._is_closed = False
        self._instance = open_instance(self.path)
        self._instance.ensure_database(DATABASE, SCHEMA)
        self._instance.root.execute(base_models_sql(self.catalog))
        self._pool = WorkerPool()
        log = AskedLog(self._instance)
        fault_log = FaultLog(self._instance)
        self._log, self._fault_log = log, fault_log
        gate: Gate = OpenGate() if self.faults.never_happen else FaultGate(self.faults, fault_log, self._show_retired)
        connections = BreakableConnections()
        self._history = StatementHistory(self._instance, self._pool.after)
        self._sessions = SessionDesk(self._instance, self._when_unused)
        self._jobs = JobDesk(self._instance, self._sessions, self.catalog, gate, seed=seed)
        services = Services(
            catalog=self.catalog,
            tuned_models=self._jobs.models,
            jobs=self._jobs,
            log=log,
            gate=gate,
            asker_of=self._asker_of,
            cancel=self._cancel,
            cancel_session=self._cancel_session,
            encoder=encoder,
        )
        functions = cortex_functions(services)
        self._function_names = register(
            self._instance.duck_conn, functions.values(), services.asker_of, ErrorEnvelope(self.catalog.day)
        )
        self._function_names.append(register_number_text(self._instance.duck_conn))
        tasks = TaskDesk(self._instance, self._sessions)
        compiler = Compiler(CallBinder(functions), tasks)
        self._jobs.compiler = compiler
        self._statements = StatementDesk(compiler, self._pool, gate, self._history, self._write_logs)
        tasks.statements = self._statements
        app = wire_app(self._sessions, self._statements, gate, connections)
        self._server = ServerThread(app, port, None if self.faults.never_happen else connections)
        reach_without_proxy(HOST)
        # Registered before any session's own handler, so that sessions close first.
        atexit.register(self.close)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.port

    @property
    def is_closed(self) -> bool:
        """Whether it has stopped."""
        return self._is_closed

    @property
    def connection_parameters(self) -> dict[str, Any]:
        """What `snowflake.connector.connect` and Snowpark's `configs` need, from any process of this machine."""
        return {
            "user": "engine",
            "password": "engine",
            "account": "embedded",
            "host": HOST,
            "port": self.port,
            "protocol": "http",
            "database": DATABASE,
            "schema": SCHEMA,
            "session_parameters": {"CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED": False},
        }

    def session(self, **options: Any) -> Session:
        """A new Snowpark session.

        Args:
            **options: Connection parameters that replace the engine's own, such as `database` or `user`.
        """
        from snowflake.snowpark import Session  # noqa: PLC0415 - takes seconds, and a served engine needs none

        session: Session = Session.builder.configs({**self.connection_parameters, **options}).create()
        # A mark of ours on Snowpark's session, so that a report can say that its models were stand-ins.
        session.cortex_tickets_engine = True  # type: ignore[attr-defined]
        return session

    def close(self) -> None:
        """Stop: running statements are interrupted, jobs cancelled, files written out. Twice is once."""
        with self._close_lock:  # a second caller waits until it is done
            if not self._is_closed:
                self._is_closed = True
                self._stop()
        atexit.unregister(self.close)

    def _stop(self) -> None:
        self._jobs.close()
        self._statements.close()
        self._pool.close()
        self._server.close()
        self._sessions.close()
        self._fault_log.write_out()
        self._log.close()
        self._history.write_out()
        # DuckDB complains at exit of functions that outlive it.
        for name in self._function_names:
            self._instance.duck_conn.remove_function(name)
        self._instance.close()

    def _write_logs(self) -> None:
        self._log.write_out()
        self._fault_log.write_out()

    def _show_retired(self, model: str, status: Ending) -> None:
        with self._instance.connection() as duck:
            duck.execute(retire_sql(model, status, self.catalog.day))

    # Functions are made before the desk whose statements call them; these look it up when they are called.

    def _asker_of(self, lease_id: str) -> Asker:
        return self._statements.asker_of(lease_id)

    def _cancel(self, query_id: str) -> bool:
        return self._statements.cancel(query_id)

    def _cancel_session(self, session_id: int, but: str) -> int:
        return self._statements.cancel_session(session_id, but=but)

    def _when_unused(self) -> None:
        if self._closes_when_unused and not self._is_closed:
            # On a thread of its own: this one belongs to the server, which must end too.
            closer = threading.Thread(target=self.close, name="cortex-tickets engine closing", daemon=True)
            try:
                closer.start()
            except RuntimeError:
                logger.debug("The interpreter is ending; the engine closes with it.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
