"""Items worked on at the same time, on threads that nobody has to wait for."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from contextlib import suppress
from typing import TypeVar

from cortex_tickets.local.real_model.calling_off import CallingOff

Item = TypeVar("Item")
Done = TypeVar("Done")
SECONDS_BETWEEN_LOOKS = 0.05


def never() -> bool:
    """Nobody stops it."""
    return False


def side_by_side(
    work: Callable[[Item], Done],
    items: Sequence[Item],
    at_once: int,
    off: CallingOff,
    is_stopped: Callable[[], bool],
) -> list[Done]:
    """What comes of each item, in order.

    The threads are daemons: one that waits for a server that never answers holds back neither the statement nor the
    end of the interpreter.

    Args:
        work: What is done with an item; may be called by several threads.
        items: The items.
        at_once: Most threads.
        off: Called off when it is stopped, or when the work fails.
        is_stopped: Looked at again and again.

    Raises:
        CalledOffError: When `is_stopped` says so before all is done.
    """
    waiting: queue.SimpleQueue[tuple[Item, Future[Done]]] = queue.SimpleQueue()
    futures: list[Future[Done]] = []
    for item in items:
        futures.append(Future())
        waiting.put((item, futures[-1]))

    def go_on() -> None:
        with suppress(queue.Empty):
            while not off.is_off:
                item, future = waiting.get_nowait()
                try:
                    future.set_result(work(item))
                except BaseException as error:  # noqa: BLE001 - whoever waits for it is told
                    future.set_exception(error)

    for _ in range(min(at_once, len(items))):
        threading.Thread(target=go_on, name="cortex-tickets model", daemon=True).start()
    try:
        while True:
            done, not_done = wait(futures, timeout=SECONDS_BETWEEN_LOOKS, return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()
            if not not_done:
                return [future.result() for future in futures]
            if is_stopped():
                off.call_off()
            off.check()
    finally:
        off.call_off()
