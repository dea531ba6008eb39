"""Labels the tickets, and finds the record of a labelling that was done before."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cortex_tickets import Budget, Estimate, InvalidInputError, RunState, TableRun
from cortex_tickets.app.asking.ticket_query import ticket_key
from cortex_tickets.app.background import Listener, Task, WorkLeftError
from cortex_tickets.app.desk import Desk, beside, quoted

_FEWEST_IN_A_CHUNK, _MOST_IN_A_CHUNK, _CHUNKS = 25, 2_000, 10
_DIGITS = 10_000
_ROOM = 2
"""By what a limit is larger than the most that an estimate says.

A run that has less asks its first statement in halves, takes them to cost the same, and stops where the long texts are
in the second one. And what fails is asked again.
"""


def estimate_labels(desk: Desk, model: str) -> Estimate:
    """Return what labelling would cost; texts that are answered are not counted. Nothing is billed."""
    return desk.classifier(model).estimate(desk.tickets, into=desk.settings.ledger)


def label_task(desk: Desk, model: str, estimate: Estimate, limit: float | None) -> Task:
    """Return the work that labels every ticket without an answer, within a limit of AI credits."""
    tickets, limit = desk.tickets, within_settings(desk, limit)

    def label(listener: Listener) -> str:
        with desk.own_session() as session:
            run = desk.classifier(model, session).classify_table(
                tickets,
                into=desk.settings.ledger,
                budget=budget_of(limit),
                chunk_rows=chunk_rows(estimate.n_texts),
                progress=listener,
            )
        return run_said(run, limit)

    return label


def run_said(run: TableRun, limit: float | None) -> str:
    """Return what a run did, in sentences for whoever started it.

    Raises:
        WorkLeftError: With these sentences, if the run stopped before the end.
    """
    outcomes = ", ".join(f"{count:,} {outcome.replace('_', ' ')}" for outcome, count in run.n_by_outcome.items())
    cost = "price unknown" if run.ai_credits is None else f"{run.ai_credits:.4f} AI credits"
    said = f"{run.n_texts_asked:,} texts asked, {cost}, {run.seconds:.1f} s. Tickets: {outcomes or 'none'}."
    if run.is_complete:
        return said
    raise WorkLeftError(f"{left_said(run.n_left, run.reason or '', limit)} {said}")


def left_said(n_left: int, reason: str, limit: float | None) -> str:
    """Return what is said of a run that stopped before the end, and what to do."""
    left = "1 ticket is left" if n_left == 1 else f"{n_left:,} tickets are left"
    if limit is not None and ("budget" in reason):
        why = f"the next statement could have crossed the limit of {limit:.4f} AI credits"
        what_to_do = "See what the rest costs, and start again with a limit that it fits in"
    else:
        why, what_to_do = "the run could not go on", "See what the rest costs, and start again"
    return f"{left}: {why}. What was answered is kept and is not asked again. {what_to_do}."


def limit_of(desk: Desk, estimates: Sequence[Estimate], *, tries: int = 1) -> float | None:
    """Return a limit in AI credits that lets what was estimated come to its end, as far as the settings allow.

    `None` where a price is unknown and the settings have no limit.

    Args:
        desk: Whose settings.
        estimates: What is coming.
        tries: How often a text may be asked.
    """
    most = [estimate.ai_credits_at_most for estimate in estimates if estimate.n_texts]
    known = [credits_ for credits_ in most if credits_ is not None]
    if len(known) < len(most) or not sum(known):
        return within_settings(desk, None)
    return within_settings(desk, math.ceil(sum(known) * _ROOM * tries * _DIGITS) / _DIGITS)


def within_settings(desk: Desk, limit: float | None) -> float | None:
    """Return a limit in AI credits, or that of the settings where it is smaller; `None` where there is neither."""
    return min((each for each in (limit, desk.settings.choices.ai_credits) if each is not None), default=None)


def budget_of(limit: float | None) -> Budget | None:
    """Return a hard stop at so many AI credits, a model of unknown price counted as the dearest one listed."""
    return None if limit is None else Budget(ai_credits=limit, unknown_price="dearest_listed")


def chunk_rows(n_texts: int) -> int:
    """Return texts in a statement: so few that one sees it go on, and can stop it."""
    return max(_FEWEST_IN_A_CHUNK, min(_MOST_IN_A_CHUNK, n_texts // _CHUNKS))


def stored_run(desk: Desk, model: str) -> TableRun | None:
    """Return the record of the newest labelling with this model, read back from the tables; `None` without one.

    Asks no model. The record can be given as `labels=`: its state says whether every ticket has an answer now.
    """
    ledger, classifier_hash = desk.settings.ledger, desk.classifier(model).classifier_hash
    if not desk.has(beside(ledger, "_RUNS")):
        return None
    try:
        run = TableRun.load(desk.session, ledger, classifier_hash=classifier_hash)
    except InvalidInputError:
        return None  # others labelled into this ledger, and this classifier did not
    source = desk.tickets
    (left,) = desk.rows(
        f"SELECT COUNT(*) AS N FROM (SELECT DISTINCT {ticket_key(source)} FROM {source.relation}) S WHERE NOT EXISTS ("
        f"SELECT 1 FROM {quoted(ledger)} L "
        "WHERE L.TICKET_ID = S.TICKET_ID AND L.TEXT_HASH = S.TEXT_HASH AND L.CLASSIFIER_HASH = ?)",
        classifier_hash,
    )
    n_left = int(left["N"])
    return run.model_copy(
        update={
            "state": RunState.INCOMPLETE if n_left else RunState.COMPLETE,
            "reason": "some tickets have no answer yet" if n_left else None,
            "n_left": n_left,
        }
    )
