"""The app's session has ended, and there is no other one."""

from __future__ import annotations

from cortex_tickets import CortexTicketsError


class SessionLostError(CortexTicketsError):
    """Snowflake has ended the session, and no new one can be opened. The text says what to do, in a reader's words."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Snowflake has ended the app's session, and a new one cannot be opened ({reason}). Load the page anew in "
            "a minute: that tries again. If it stays so, whoever runs the app has to look at its connection."
        )
