"""What people's labels are good for here: those of other labels than the app's neither measure nor train."""

from __future__ import annotations

import hashlib

from cortex_tickets.app.desk import Desk, beside, quoted

_SHOWN = 5


def foreign_labels(desk: Desk) -> tuple[str, ...]:
    """Return the labels of the gold table that are none of the app's, sorted. One statement, not billed."""
    gold = desk.settings.gold
    if not desk.has(gold):
        return ()
    rows = desk.rows(f"SELECT DISTINCT COALESCE(LABEL, '') AS LABEL FROM {quoted(gold)} ORDER BY LABEL")
    return tuple(str(row["LABEL"]) for row in rows if row["LABEL"] not in desk.settings.labels.names)


def measures(desk: Desk) -> bool:
    """Return whether all labels that people gave blind are among the app's: a part of them would flatter."""
    return bool(desk.rows(f"SELECT {_measures(desk)} AS MEASURES")[0]["MEASURES"])


def foreign_said(desk: Desk) -> str | None:
    """Return a sentence about gold of other labels, with the remedy; `None` where there is none of it."""
    foreign = [label or "(no label)" for label in foreign_labels(desk)]
    if not foreign:
        return None
    shown = ", ".join(foreign[:_SHOWN]) + (f" and {len(foreign) - _SHOWN} more" if len(foreign) > _SHOWN else "")
    use = "measures and trains with the others only" if measures(desk) else "measures nothing here"
    return (
        f"{desk.settings.gold} {use}: it has labels that are none of the app's ({shown}). Start the app with its "
        "labels, or name another table under [tables], gold, of cortex_tickets.toml."
    )


def usable_gold(desk: Desk) -> str | None:
    """Return the table or view of gold that a training set can be built with; `None` where nothing can be used.

    Where gold has labels that are none of the app's, it is the view `<gold>_USABLE_<labels>` of the others, which the
    first call makes; labels that people gave blind are in it only if all of them are among the app's.

    Raises:
        CortexError: If this role may not make the view.
    """
    gold = desk.settings.gold
    if not desk.has(gold):
        return None
    if not foreign_labels(desk):
        return gold
    view = beside(gold, f"_USABLE_{_hash('|'.join(map(_hash, desk.settings.labels.names)))[:12].upper()}")
    if not desk.has(view):
        desk.rows(
            f"CREATE VIEW IF NOT EXISTS {view} AS SELECT * FROM {quoted(gold)} "
            f"WHERE {_is_known(desk)} AND (SOURCE = 'correction' OR {_measures(desk)})"
        )
    return view if desk.rows(f"SELECT COUNT(*) AS N FROM {view}")[0]["N"] else None


def _measures(desk: Desk) -> str:
    return (
        f"NOT EXISTS (SELECT 1 FROM {quoted(desk.settings.gold)} "
        f"WHERE SOURCE = 'random_sample' AND NOT COALESCE({_is_known(desk)}, FALSE))"
    )


def _is_known(desk: Desk) -> str:
    # A view has no bind values, so the labels themselves are never part of the statement.
    return f"SHA2(LABEL, 256) IN ({', '.join(repr(_hash(name)) for name in desk.settings.labels.names)})"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
