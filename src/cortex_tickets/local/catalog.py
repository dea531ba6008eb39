"""The models of the engine's day: what is offered, legacy or gone, and what Snowflake says about each."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

Size = Literal["small", "large"]


@dataclass(frozen=True, slots=True)
class CatalogModel:
    """One base model, over its whole life.

    Attributes:
        name: Snowflake's name.
        size: Which stand-in answers for it.
        context_window: Most input tokens.
        max_output: Most output tokens.
        born: First day on which it answers.
        legacy_date: First day as legacy; a legacy model answers nobody here, since every engine is new.
        eol_date: First day on which it is gone.
        eol_notice: What Snowflake says of its end while there is no day; `None` where it says nothing.
        gone_wording: What Snowflake says afterwards: `unknown` or `deprecated`.
        fine_tunable_from: First day on which FINETUNE takes it; `None` is never.
        fine_tunable_until: First day on which it does so no more; `None` is not yet.
        fine_tune_rows: Most training rows of a job of one epoch; a job of n epochs takes an n-th of it.
        lifecycle: GA, PUPR or PRPR while it is neither legacy nor gone.
        aliases: Other names that answer.
    """

    name: str
    size: Size
    context_window: int
    max_output: int
    born: dt.date
    legacy_date: dt.date | None
    eol_date: dt.date | None
    eol_notice: str | None
    gone_wording: str
    fine_tunable_from: dt.date | None
    fine_tunable_until: dt.date | None
    fine_tune_rows: int | None
    lifecycle: str
    aliases: tuple[str, ...]

    def status_on(self, day: dt.date) -> str | None:
        """Lifecycle status on `day`; `None` before it was born."""
        if day < self.born:
            return None
        if self.eol_date is not None and day >= self.eol_date:
            return "EOL"
        if self.legacy_date is not None and day >= self.legacy_date:
            return "LEGACY"
        return self.lifecycle

    def is_fine_tunable_on(self, day: dt.date) -> bool:
        """Whether FINETUNE takes it on `day`."""
        return (
            self.fine_tunable_from is not None
            and self.fine_tunable_from <= day
            and (self.fine_tunable_until is None or day < self.fine_tunable_until)
        )


@dataclass(frozen=True, slots=True)
class Catalog:
    """The models as of one day.

    Attributes:
        day: The day.
        language_codes: `two_letter` or `locale`: what the translation functions take on that day.
    """

    day: dt.date
    models: Mapping[str, CatalogModel]
    language_codes: str

    def find(self, name: str) -> CatalogModel | None:
        """The model of that name, dead or alive, any case; `None` when it was never or is not yet there."""
        model = self.models.get(name.lower())
        return None if model is None or model.status_on(self.day) is None else model

    def refusal(self, name: str, retired: str | None = None) -> str | None:
        """Why a base model does not answer, in Snowflake's words; `None` when it does.

        Args:
            name: As the call names it.
            retired: LEGACY or EOL for a model that has become so on the engine's day; `None` is as on that day.
        """
        model = self.find(name)
        if model is None:
            return f'unknown model "{name}"'
        status = model.status_on(self.day)
        if status != "EOL" and retired == "EOL":
            return _deprecated(name, self.day)
        if status == "LEGACY" or (status != "EOL" and retired == "LEGACY"):
            return f"The model {name} has been in legacy state, please use other models."
        if status == "EOL" and model.gone_wording == "deprecated" and model.eol_date is not None:
            return _deprecated(name, model.eol_date)
        return f'unknown model "{name}"' if status == "EOL" else None

    def listed(self) -> list[CatalogModel]:
        """Every model born by the day, by name."""
        unique = {model.name: model for model in self.models.values()}
        return [unique[name] for name in sorted(unique) if unique[name].status_on(self.day) is not None]

    def fine_tunable(self) -> list[str]:
        """Names of the base models that FINETUNE takes on the day."""
        return [model.name for model in self.listed() if model.is_fine_tunable_on(self.day)]


def catalog_as_of(day: str | dt.date | None) -> Catalog:
    """The catalog of a day; `None` is the day on which the data file was last read from Snowflake's pages.

    Raises:
        InvalidInputError: For a text that is no date.
    """
    data = _data()
    chosen: dt.date = data["read_on"] if day is None else _as_date(day)
    models: dict[str, CatalogModel] = {}
    for entry in data["models"]:
        model = _model(entry)
        for name in (model.name, *model.aliases):
            models[name.lower()] = model
    codes = "locale" if chosen < data["two_letter_codes_from"] else "two_letter"
    return Catalog(chosen, models, codes)


@cache
def _data() -> dict[str, Any]:
    text = resources.files(__package__ or "").joinpath("catalog.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _deprecated(name: str, gone: dt.date) -> str:
    return f"The model {name} was deprecated on {gone:%B} {gone.day}, {gone.year}"


def _as_date(day: str | dt.date) -> dt.date:
    if isinstance(day, dt.datetime):
        return day.date()
    if isinstance(day, dt.date):
        return day
    try:
        return dt.date.fromisoformat(day)
    except (TypeError, ValueError):
        from cortex_tickets.errors import InvalidInputError  # noqa: PLC0415 - the engine stands alone but for this

        raise InvalidInputError(f"as_of is a date or a text YYYY-MM-DD, such as 2024-08-01, and not {day!r}.") from None


def _model(entry: Mapping[str, Any]) -> CatalogModel:
    return CatalogModel(
        name=entry["name"],
        size=entry["size"],
        context_window=entry["context_window"],
        max_output=entry["max_output"],
        born=entry["born"],
        legacy_date=entry.get("legacy_date"),
        eol_date=entry.get("eol_date"),
        eol_notice=entry.get("eol_notice"),
        gone_wording=entry.get("gone_wording", "unknown"),
        fine_tunable_from=entry.get("fine_tunable_from"),
        fine_tunable_until=entry.get("fine_tunable_until"),
        fine_tune_rows=entry.get("fine_tune_rows"),
        lifecycle=entry.get("lifecycle", "GA"),
        aliases=tuple(entry.get("aliases", ())),
    )
