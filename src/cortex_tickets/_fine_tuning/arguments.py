"""What is wrong with the arguments of a job's verbs, all of it at once, before anything is sent."""

from __future__ import annotations

import math

from cortex_tickets.errors import InvalidInputError


def timeout_problems(timeout: object, *, least: str = "more than 0 seconds", none: str = "no limit") -> list[str]:
    """Return what speaks against `timeout`, which may be a number of seconds or `None`.

    Args:
        timeout: What was given.
        least: What it must be: "more than 0 seconds", or "0 seconds or more".
        none: What `None` means; infinity means the same, unless that is to wait for ever.
    """
    if timeout is None:
        return []
    told = f"timeout={timeout!r} must be {least}, or None"
    if isinstance(timeout, bool) or not isinstance(timeout, int | float):
        return [f"{told} for {none}; give a number, not a {type(timeout).__name__}."]
    is_enough = timeout >= 0 if least.startswith("0") else timeout > 0
    return [] if is_enough else [f"{told} for {none}."]


def wait_problems(timeout: object, progress: object) -> list[str]:
    """Return what speaks against the arguments of `wait`."""
    least = "0 seconds or more"
    problems = timeout_problems(timeout, least=least, none="waiting for ever")
    if timeout == math.inf:
        problems = [f"timeout=inf must be {least}, or None for waiting for ever."]
    if not (isinstance(progress, bool) or callable(progress)):
        problems.append(
            f"progress={progress!r} must be True for a bar, False, or a function that takes a FineTuneStatus."
        )
    return problems


def job_id_problems(job_id: object) -> list[str]:
    """Return what speaks against the id of a job."""
    told = "give what FineTuneJob.start(...).id told, such as 'ft_…'."
    if not isinstance(job_id, str):
        return [f"job_id={job_id!r} is a {type(job_id).__name__}, not a text; {told}"]
    return [] if job_id.strip() else [f"job_id is blank; {told}"]


def refuse(*problems: list[str]) -> None:
    """Raise if there is a problem.

    Raises:
        InvalidInputError: With every problem.
    """
    found = [problem for some in problems for problem in some]
    if found:
        raise InvalidInputError(found)
