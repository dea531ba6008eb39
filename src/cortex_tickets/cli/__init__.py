"""The command line: parses and shows, and calls the public API; no logic of its own."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line, or say what to install for it."""
    try:
        import typer as _typer  # noqa: F401, PLC0415  only to see whether the extra is there
    except ImportError:
        # The error's own text names the extra; a traceback would hide it.
        from cortex_tickets.errors import MissingExtraError  # noqa: PLC0415  the package is not needed otherwise

        sys.stderr.write(f"cortex-tickets: {MissingExtraError('cli')}\n")
        sys.exit(2)  # refused; 1 is a gate's
    try:
        from cortex_tickets.cli.commands import app  # noqa: PLC0415  needs the extra

        app()
    except KeyboardInterrupt:  # while modules are loaded, which takes a second
        sys.exit(130)
