import threading

from cortex_tickets.local.wire.worker_pool import WorkerPool


def test_tasks_run_side_by_side() -> None:
    pool = WorkerPool()
    both = threading.Barrier(3, timeout=10)
    for _ in range(2):
        pool.submit(both.wait)
    both.wait()
    pool.close()


def test_an_action_comes_at_its_time_and_not_when_it_was_settled() -> None:
    pool = WorkerPool()
    came = threading.Event()
    wrong = threading.Event()
    settle = pool.after(0.01, wrong.set)
    settle()
    pool.after(0, wrong.set)
    pool.after(0.02, came.set)
    assert came.wait(10)
    assert not wrong.is_set()
    pool.close()


def test_a_repeated_action_comes_until_it_is_over() -> None:
    pool = WorkerPool()
    counts: list[int] = []
    over = threading.Event()

    def count() -> None:
        counts.append(1)
        if len(counts) == 3:
            over.set()

    pool.repeat(count, 0.001, over.is_set)
    assert over.wait(10)
    pool.close()
    assert len(counts) == 3
