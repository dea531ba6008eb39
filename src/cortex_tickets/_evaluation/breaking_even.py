"""From measured costs to the volume from which a model pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cortex_tickets._evaluation.results.break_even import BreakEven
from cortex_tickets._evaluation.results.score import Score
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.problems import is_number


def break_even(
    scores: Sequence[Score],
    name: str,
    against: str | None,
    *,
    training_dollars: float,
    months_in_use: float,
    dollars_per_month: float,
    dollars_per_1000: Mapping[str, float],
    dollars_per_ai_credit: float,
) -> BreakEven:
    """Return the record.

    Raises:
        InvalidInputError: With every problem.
    """
    amounts = {
        "training_dollars": training_dollars,
        "dollars_per_month": dollars_per_month,
        **{f"dollars_per_1000[{model!r}]": amount for model, amount in dollars_per_1000.items()},
    }
    problems = [
        f"{given}={amount!r} is no amount; give US dollars, 0 or more."
        for given, amount in amounts.items()
        if not (is_number(amount) and amount >= 0)
    ]
    if not (is_number(months_in_use) and months_in_use > 0):
        problems.append(f"months_in_use={months_in_use!r} is no number of months; give more than 0.")
    if against is None:
        problems.append("This evaluation has no teacher; give against= with a model's name.")
    elif against == name:
        problems.append(f"{name!r} cannot replace itself; give another model as against=.")
    measured = {score.name: score for score in scores}
    costs: dict[str, float] = {}
    for model in dict.fromkeys(filter(None, (name, against))):
        cost = dollars_per_1000.get(model, _measured(measured.get(model), dollars_per_ai_credit))
        if cost is not None:
            costs[model] = cost
        elif model in measured:
            problems.append(f"What {model} costs is not known here; give dollars_per_1000={{{model!r}: ...}}.")
        else:
            problems.append(f"There is no model {model!r} in this evaluation. It has: {', '.join(measured)}.")
    if problems or against is None:
        raise InvalidInputError(problems)
    return BreakEven(
        name=name,
        against=against,
        dollars_per_1000=costs[name],
        dollars_per_1000_against=costs[against],
        training_dollars=training_dollars,
        months_in_use=months_in_use,
        dollars_per_month=dollars_per_month,
    )


def _measured(score: Score | None, dollars_per_ai_credit: float) -> float | None:
    if score is None or score.ai_credits_per_1000 is None:
        return None
    return score.ai_credits_per_1000 * dollars_per_ai_credit
