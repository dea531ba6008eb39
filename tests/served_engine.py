"""The embedded engine as another process meets it: served on a port, and named in a `connections.toml`."""

import json
from pathlib import Path
from typing import Any

from cortex_tickets import local


def write_connections(engine: local.Engine, home: Path) -> Path:
    """Write a SNOWFLAKE_HOME whose default connection is the engine, and return the folder.

    Read by the connector alone, and by its owner alone: the connector complains of others.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    given = dict(engine.connection_parameters)
    session: dict[str, Any] = given.pop("session_parameters")
    sections = {"default": given, "default.session_parameters": session}
    text = "\n".join(
        f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in entries.items())
        for name, entries in sections.items()
    )
    file = home / "connections.toml"
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")
    return home
