"""The embedded engine as another process meets it: served on a port, and named in a `connections.toml`."""

from pathlib import Path

from cortex_tickets import local
from cortex_tickets.cli.serve_command import connection_entry


def write_connections(engine: local.Engine, home: Path) -> Path:
    """Write a SNOWFLAKE_HOME whose default connection is the engine, and return the folder.

    Read by the connector alone, and by its owner alone: the connector complains of others.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = home / "connections.toml"
    file.touch(mode=0o600)
    file.write_text(connection_entry(engine.connection_parameters, name="default"), encoding="utf-8")
    return home
