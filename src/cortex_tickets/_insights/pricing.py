"""What one answer costs where more than one thing is billed for it."""

from __future__ import annotations

from cortex_tickets._cortex.prices import PriceTable
from cortex_tickets._cortex.text_question import TextQuestion
from cortex_tickets.records.budget import Budget, ModelPrice


def price_problems(prices: PriceTable, question: TextQuestion, budget: object) -> list[str]:
    """Return what a budget lacks: the price of what is billed beside the models, whose own is asked for elsewhere."""
    if not isinstance(budget, Budget) or budget.unknown_price != "refuse":
        return []
    return [
        f"The price of {name} is unknown, and a budget needs it: give "
        f"prices={{{name!r}: ModelPrice(input=..., output=...)}}, in AI credits per million tokens."
        for name in question.billed
        if name not in question.candidates and prices.price(name) is None
    ]


def blended(prices: PriceTable, question: TextQuestion) -> PriceTable:
    """Return prices in which the model stands for all that one answer bills.

    Tokens are counted for all of it together, so the dearest of the prices is taken: a hard stop has to stay one. If
    one of them is unknown, so is the sum.
    """
    beside = [name for name in question.billed if name not in question.candidates]
    models: dict[str, ModelPrice] = dict(prices.models)
    for model in question.candidates if beside else ():
        found = [prices.price(name) for name in (model, *beside)]
        known = [price for price in found if price is not None]
        for name in {model, model.lower()}:
            models.pop(name, None)
        if len(known) == len(found):
            models[model] = ModelPrice(
                input=max(price.input for price in known), output=max(price.output for price in known)
            )
    return PriceTable(models, prices.dollars_per_ai_credit, prices.date)
