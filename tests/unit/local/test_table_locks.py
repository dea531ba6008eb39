import threading

import pytest
from snowflake.connector.errors import ProgrammingError

from cortex_tickets.local.sql.table_locks import TableLocks


def never() -> bool:
    return False


def test_an_owner_may_take_its_own_lock_again() -> None:
    locks = TableLocks()
    for _ in range(2):
        locks.acquire("one", "T", stopped=never)


def test_another_owner_waits_until_it_is_given_back() -> None:
    locks = TableLocks()
    locks.acquire("one", "T", stopped=never)
    got_it = threading.Event()

    def take() -> None:
        locks.acquire("other", "T", stopped=never)
        got_it.set()

    thread = threading.Thread(target=take)
    thread.start()
    assert not got_it.is_set()
    locks.release("one")
    thread.join(timeout=10)
    assert got_it.is_set()


def test_a_stopped_statement_waits_no_longer() -> None:
    locks = TableLocks()
    locks.acquire("one", "T", stopped=never)
    locks.acquire("other", "T", stopped=lambda: True)


def test_two_that_wait_for_each_other_are_told_so() -> None:
    locks = TableLocks()
    locks.acquire("one", "A", stopped=never)
    locks.acquire("other", "B", stopped=never)
    locks._waiting_for["one"] = "B"  # as a thread of its own would
    with pytest.raises(ProgrammingError) as raised:
        locks.acquire("other", "A", stopped=never)
    assert raised.value.errno == 625
