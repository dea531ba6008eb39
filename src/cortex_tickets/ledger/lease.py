"""The lease: which run asks for a classifier now, so that no two runs ask the same texts of one ledger.

A row of `<into>_LEASES` stands for one classifier. It is taken by a conditional UPDATE: the number of updated rows
tells who won. All times are the server's, since clients' clocks differ. Snowflake enforces no keys and reads what is
committed, so two runs may insert a row each; every statement here therefore speaks of the classifier, never of one row.

The client only measures how long ago it gave a sign of life, from before that was sent, so that it never believes in a
lease that the server holds for over.

A client may die or sleep while the server goes on with its statement, and then wake. Three things keep that from
paying twice. Every statement that asks or writes carries the fence: it does nothing unless its run holds the lease. A
run whose statements others can find (see `ledger.orphans`) gives signs of life while a statement runs and holds a short
lease; whoever takes over waits for what it left behind. A run whose statements cannot be found holds a long lease, and
the server stops each of them while it lasts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import LedgerInUseError
from cortex_tickets.ledger.schema import LEASES_SUFFIX
from cortex_tickets.ledger.stopping import RunStoppedError
from cortex_tickets.records.table_name import TableName

LONGEST_SECONDS = 3600
"""So long one statement may take, and so long a lease without signs of life lasts, unless the run's time is shorter."""
SHORTEST_SECONDS = 900
"""A lease's length without signs of life, at least."""
MARGIN_SECONDS = 60
"""So long before such a lease is over a statement that writes is stopped."""
SECONDS_BETWEEN_SIGNS = 120
"""A lease's length where signs of life are given while statements run, every third of it."""
_TRIES = 5
"""How often a lease is tried that was free again each time one looked who holds it."""


@dataclass(frozen=True, slots=True)
class Fence:
    """A condition of SQL, and the values that are bound in it."""

    condition: str
    values: tuple[str, ...]


class LeaseLostError(RunStoppedError):
    """Another run holds the lease now; the text says which."""


class Lease:
    """One run's lease on a classifier's rows in one ledger.

    Args:
        client: How statements are sent within the run's time.
        into: The ledger, with all three parts.
        classifier_hash: Whose rows.
        run_id: Who wants it.
        gives_signs: Whether the run calls `keep` again and again while its statements run, and others can find these.
    """

    def __init__(
        self, client: CortexClient, into: TableName, classifier_hash: str, run_id: str, *, gives_signs: bool
    ) -> None:
        self._client = client
        self._into = into
        self._table = into.sibling(LEASES_SUFFIX).sql
        self._hash = classifier_hash
        self._run_id = run_id
        self._gives_signs = gives_signs
        self._is_left = False
        left = client.seconds_left
        if gives_signs:
            self._seconds = SECONDS_BETWEEN_SIGNS
        elif left is None:
            self._seconds = LONGEST_SECONDS
        else:
            self._seconds = min(LONGEST_SECONDS, max(SHORTEST_SECONDS, round(left)))
        self._until = f"DATEADD(second, {self._seconds}, CURRENT_TIMESTAMP())"
        self._sign_of_life = self._moments()

    @property
    def gives_signs(self) -> bool:
        """Whether signs of life are given while statements run, and others can find these."""
        return self._gives_signs

    @property
    def statement_seconds(self) -> float:
        """How long a statement that begins now may take."""
        return LONGEST_SECONDS if self._gives_signs else self._seconds - self._passed() - MARGIN_SECONDS

    @property
    def fence(self) -> Fence:
        """The condition that keeps a statement from doing anything unless this run holds the lease."""
        return Fence(
            f"EXISTS (SELECT 1 FROM {self._table} WHERE CLASSIFIER_HASH = ? AND HOLDER = ?)",
            (self._hash, self._run_id),
        )

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lease while the block runs.

        Raises:
            LedgerInUseError: If another run holds it.
        """
        try:
            self._take()
            yield
        finally:
            if not self._is_left:
                self._give_back()

    def leave(self) -> None:
        """Do not give the lease back at the end: a statement that nobody can find may run for as long as it lasts."""
        self._is_left = True

    def keep(self, *, at_once: bool = False) -> None:
        """Give a sign of life if it is time, or at once.

        Sends nothing until a third of the lease has passed.

        Raises:
            LeaseLostError: If another run took over, so that this one must stop.
        """
        if not at_once and self._passed() < self._seconds / 3:
            return
        # A lease that is over, and that nobody took, is still this run's.
        if self._changes(
            f"UPDATE {self._table} SET HEARTBEAT_AT = CURRENT_TIMESTAMP(), EXPIRES_AT = {self._until} "
            "WHERE CLASSIFIER_HASH = ? AND HOLDER = ?",
            self._hash,
            self._run_id,
        ):
            return
        holder = self._holder()
        who = "another run" if holder is None else f"run {holder['HOLDER']}"
        raise LeaseLostError(f"{who} took over, since this one gave no sign of life for {self._seconds} s")

    def _give_back(self) -> None:
        # Nobody waits for longer than the lease lasts, should the connection be gone.
        with suppress(Exception):
            self._client.without_deadline().run(
                f"UPDATE {self._table} SET HOLDER = NULL, EXPIRES_AT = NULL WHERE CLASSIFIER_HASH = ? AND HOLDER = ?",
                self._hash,
                self._run_id,
            )

    def _take(self) -> None:
        self._client.run(
            f"INSERT INTO {self._table} (CLASSIFIER_HASH) SELECT ?::VARCHAR FROM (SELECT 1) "
            f"WHERE NOT EXISTS (SELECT 1 FROM {self._table} WHERE CLASSIFIER_HASH = ?)",
            self._hash,
            self._hash,
        )
        holder: Row | None = None
        for _ in range(_TRIES):
            # Whoever finds itself as the holder sent this before, and did not get the answer.
            if self._changes(
                f"UPDATE {self._table} SET HOLDER = ?, SINCE = CURRENT_TIMESTAMP(), "
                f"HEARTBEAT_AT = CURRENT_TIMESTAMP(), EXPIRES_AT = {self._until} "
                f"WHERE CLASSIFIER_HASH = ? AND NOT EXISTS (SELECT 1 FROM {self._table} OTHER "
                "WHERE OTHER.CLASSIFIER_HASH = ? AND OTHER.HOLDER <> ? AND OTHER.EXPIRES_AT > CURRENT_TIMESTAMP())",
                self._run_id,
                self._hash,
                self._hash,
                self._run_id,
            ):
                return
            holder = self._holder()
            if holder is not None:
                break
        raise self._in_use(holder)

    def in_use(self) -> LedgerInUseError:
        """Return the error that says who holds the lease now."""
        return self._in_use(self._holder())

    def _in_use(self, holder: Row | None) -> LedgerInUseError:
        return LedgerInUseError(
            into=str(self._into),
            holder=None if holder is None else holder["HOLDER"],
            since=None if holder is None else _utc(holder["SINCE"]),
            until=None if holder is None else _utc(holder["EXPIRES_AT"]),
        )

    def _holder(self) -> Row | None:
        rows = self._client.run(
            f"SELECT HOLDER, SINCE, EXPIRES_AT FROM {self._table} WHERE CLASSIFIER_HASH = ? AND HOLDER <> ? "
            "AND EXPIRES_AT > CURRENT_TIMESTAMP() ORDER BY EXPIRES_AT DESC LIMIT 1",
            self._hash,
            self._run_id,
        )
        return rows[0] if rows else None

    def _changes(self, text: str, *values: object) -> bool:
        before = self._moments()
        has_changed = int(self._client.value(Statement(text, values)) or 0) > 0
        if has_changed:
            self._sign_of_life = before
        return has_changed

    def _moments(self) -> tuple[float, float]:
        clock = self._client.clock
        return clock.monotonic(), clock.now().timestamp()

    def _passed(self) -> float:
        # The monotonic clock may stand while the computer sleeps, and the other one may be set back.
        return max(now - then for now, then in zip(self._moments(), self._sign_of_life, strict=True))


def _utc(moment: object) -> datetime | None:
    return moment.astimezone(UTC) if isinstance(moment, datetime) else None
