"""The price table: what each model costs, from a data file with its source and date."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from cortex_tickets.records.budget import ModelPrice


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Prices by model, with the date they were read."""

    models: Mapping[str, ModelPrice]
    dollars_per_ai_credit: float
    date: date

    def price(self, model: str) -> ModelPrice | None:
        """Return the model's price, or `None` if it is unknown."""
        return self.models.get(model) or self.models.get(model.lower())

    def ceiling(self, model: str) -> ModelPrice:
        """Return the model's price, or where it is unknown the dearest one listed.

        A budget is a hard stop, so an unknown price must not count as 0.
        """
        return self.price(model) or ModelPrice(
            input=max(price.input for price in self.models.values()),
            output=max(price.output for price in self.models.values()),
        )

    def with_prices(self, prices: Mapping[str, ModelPrice] | None) -> PriceTable:
        """Return the table with the caller's own prices on top."""
        if not prices:
            return self
        return PriceTable({**self.models, **prices}, self.dollars_per_ai_credit, self.date)


@cache
def packaged_prices() -> PriceTable:
    """Return the price table that comes with the package."""
    text = resources.files(__package__).joinpath("prices.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    return PriceTable(
        {name: ModelPrice(**price) for name, price in content["models"].items()},
        float(content["dollars_per_ai_credit"]),
        content["date"],
    )
