"""The DuckDB instance under the engine: its files, its databases, what stands in each at start."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from fakesnow import info_schema, macros
from fakesnow.instance import GLOBAL_DATABASE_NAME, FakeSnow
from fakesnow.transforms import show

from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.engine_macros import engine_macros_sql
from cortex_tickets.local.stages.store import StageStore
from cortex_tickets.local.streams.stream_store import StreamStore

SYSTEM_DATABASE = "SNOWFLAKE"
_SYSTEM_SCHEMAS = ("CORTEX", "MODELS", "ENGINE", "ACCOUNT_USAGE")


class Instance(FakeSnow):
    """fakesnow's instance, over files when it has a folder, with every database of the folder attached.

    fakesnow keeps lengths of text columns and the like in a database of its own, always in memory; here it
    is a file beside the others, so that a restarted engine still knows them.
    """

    def __init__(self, path: Path | None) -> None:
        # fakesnow's own constructor is left out: it would attach its database in memory.
        self.create_database_on_connect = True
        self.create_schema_on_connect = True
        self.db_path = path
        self.nop_regexes = None
        self.results_cache = {}
        self.duck_conn = duckdb.connect(
            ":memory:",
            config={
                "lambda_syntax": "ENABLE_SINGLE_ARROW",  # sqlglot writes lambdas with an arrow
                "python_enable_replacements": False,  # a table name never finds a Python variable
            },
        )
        self.duck_conn.execute("SET GLOBAL TimeZone = 'UTC'")
        # What has no number as its value is an error, as in Snowflake: a division by zero, the root of -1.
        self.duck_conn.execute("SET GLOBAL ieee_floating_point_ops = false")
        # Where this rule of DuckDB 2.0 can tell that one side of an outer join has no rows, it takes the join to have
        # none, and leaves out a LIMIT as one that is never reached: all rows come. Nothing is slower without it.
        self.duck_conn.execute("SET GLOBAL disabled_optimizers = 'statistics_propagation'")
        self.root = DuckConnection(self.duck_conn)
        self.stages = StageStore(path)
        self._definitions = threading.Lock()
        self._attach(self.root, GLOBAL_DATABASE_NAME)
        self.root.execute(info_schema.fs_global_creation_sql())
        self.root.execute(show.fs_global_creation_sql())
        self._attach(self.root, SYSTEM_DATABASE)
        _prepare_database(self.root, SYSTEM_DATABASE)
        for schema in _SYSTEM_SCHEMAS:
            self.root.execute(f"CREATE SCHEMA IF NOT EXISTS {SYSTEM_DATABASE}.{schema}")
        self.root.execute(engine_macros_sql(SYSTEM_DATABASE))
        self._attach_found_databases()
        self.streams = StreamStore(self.root, f"{SYSTEM_DATABASE}.ENGINE.STREAMS")

    @property
    def folder(self) -> Path | None:
        """Where the files are; `None` when there are none."""
        return None if self.db_path is None else Path(self.db_path)

    def ensure_database(self, name: str, schema: str) -> None:
        """Make the database and schema where they are missing."""
        with self._definitions, self.connection() as duck:
            if name not in _attached(duck):
                self._attach(duck, name)
                _prepare_database(duck, name)
            duck.execute(f"CREATE SCHEMA IF NOT EXISTS {_quoted(name)}.{_quoted(schema)}")

    def has_schema(self, database: str, schema: str) -> bool:
        """Whether there is such a schema."""
        with self.connection() as duck:
            return bool(
                duck.rows(
                    "SELECT 1 FROM duckdb_schemas() WHERE database_name = $d AND schema_name = $s",
                    {"d": database, "s": schema},
                )
            )

    def drop_database(self, name: str) -> None:
        """Remove a database with all that is in it, its file too."""
        with self._definitions, self.connection() as duck:
            duck.execute(f"DETACH {_quoted(name)}")
            self.stages.forget_database(name)
            if self.db_path is not None:
                for file in (f"{name}.db", f"{name}.db.wal"):
                    (Path(self.db_path) / file).unlink(missing_ok=True)

    @contextmanager
    def connection(self) -> Iterator[DuckConnection]:
        """A connection of the engine's own, closed at the end."""
        with self.root.cursor() as duck:
            yield duck

    def close(self) -> None:
        """Write files out and close."""
        for name in _attached(self.root):
            self.root.execute(f"CHECKPOINT {_quoted(name)}")
        self.root.close()
        self.stages.close()

    def _attach(self, duck: DuckConnection, name: str) -> None:
        file = ":memory:" if self.db_path is None else str(Path(self.db_path) / f"{name}.db")
        quoted_file = file.replace("'", "''")
        duck.execute(f"ATTACH IF NOT EXISTS '{quoted_file}' AS {_quoted(name)}")

    def _attach_found_databases(self) -> None:
        if self.db_path is None:
            return
        for file in sorted(Path(self.db_path).glob("*.db")):
            if file.stem not in {GLOBAL_DATABASE_NAME, SYSTEM_DATABASE}:
                self._attach(self.root, file.stem)
                _prepare_database(self.root, file.stem)


def _attached(duck: DuckConnection) -> set[str]:
    rows = duck.rows("SELECT database_name FROM duckdb_databases() WHERE NOT internal")
    return {str(row[0]) for row in rows if row[0] != "memory"}


def _prepare_database(duck: DuckConnection, name: str) -> None:
    duck.execute(info_schema.per_db_creation_sql(name))
    duck.execute(macros.creation_sql(name))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
