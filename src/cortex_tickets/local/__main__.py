"""`python -m cortex_tickets.local`: the engine in a process of its own, for clients in others."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Sequence

from cortex_tickets.errors import InvalidInputError
from cortex_tickets.local.engine import Engine
from cortex_tickets.local.faults.faults import ENVIRONMENT_VARIABLE, Faults

_MOST_PORT = 65535


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; one line of JSON on standard output says how to connect."""
    parser = argparse.ArgumentParser(prog="python -m cortex_tickets.local", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="where to listen on 127.0.0.1; 0 takes a free port")
    parser.add_argument("--path", default=None, help="folder that keeps tables, jobs and models")
    parser.add_argument("--as-of", default=None, help="day whose model catalog answers, YYYY-MM-DD")
    parser.add_argument("--seed", type=int, default=0, help="seed of everything random")
    parser.add_argument(
        "--faults",
        default=None,
        help=f"what goes wrong, such as 'seed=7; throttled=0.1'; without it, what {ENVIRONMENT_VARIABLE} says",
    )
    options = parser.parse_args(arguments)
    if not 0 <= options.port <= _MOST_PORT:
        parser.error(f"--port {options.port} is no port: give a number from 0 to {_MOST_PORT}")
    try:
        faults = Faults.from_environment() if options.faults is None else Faults.from_text(options.faults)
        engine = Engine(options.path, as_of=options.as_of, seed=options.seed, faults=faults, port=options.port)
    except InvalidInputError as error:
        sys.stderr.write(f"python -m cortex_tickets.local: {error}\n")
        return 2
    except OSError as error:  # the port is taken
        sys.stderr.write(f"python -m cortex_tickets.local: cannot listen on port {options.port}: {error.strerror}\n")
        return 2
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with engine:
        sys.stdout.write(json.dumps(engine.connection_parameters) + "\n")
        sys.stdout.flush()
        stop.wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
