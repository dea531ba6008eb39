"""Checks the ports and addresses of commands that listen, before anything starts."""

from __future__ import annotations

import errno
import socket

from cortex_tickets import InvalidInputError

_MOST = 65535
_UNIX_SOCKET = "unix://"
"""How Streamlit's addresses begin that name a file and have no port."""


def require_port(option: str, number: int, *, least: int = 0) -> None:
    """Raise if `number` cannot be a port; `option` is what it was given with, `least` is 1 where 0 means nothing.

    Raises:
        InvalidInputError: With the range.
    """
    if not least <= number <= _MOST:
        free = "; 0 takes a free one" if least == 0 else ""
        raise InvalidInputError(f"{option} {number} is no port: give a number from {least} to {_MOST}{free}.")


def require_free(option: str, address: str, port: int) -> None:
    """Raise if nobody can listen at `address` on `port`.

    Raises:
        InvalidInputError: If another program listens there, or the address is none of this machine's.
    """
    if address.startswith(_UNIX_SOCKET):
        return
    try:
        family, kind, _, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            # As servers do; without it a port that was left a minute ago would count as taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
            probe.listen()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise InvalidInputError(
                f"{option} {port} is taken: another program listens there. End it, or give another {option}."
            ) from None
        raise InvalidInputError(
            f"Nothing can listen at {address}, port {port}: {error.strerror or type(error).__name__}."
        ) from None
