"""The price table: what is listed, what the caller knows better, and what nobody knows."""

from datetime import date

from cortex_tickets._cortex.prices import packaged_prices
from cortex_tickets.records.budget import ModelPrice

OWN = ModelPrice(input=7, output=8)


def test_the_packaged_table_has_a_date_and_a_price_for_the_models_of_the_docs() -> None:
    prices = packaged_prices()
    assert prices.date == date(2026, 11, 22)
    assert prices.price("claude-sonnet-4-6") == ModelPrice(input=1.65, output=8.25)
    assert prices.price("CLAUDE-SONNET-4-6") == prices.price("claude-sonnet-4-6")


def test_an_unknown_price_is_none_and_its_ceiling_is_the_dearest_of_all() -> None:
    prices = packaged_prices()
    assert prices.price("AI_CLASSIFY") is None
    ceiling = prices.ceiling("AI_CLASSIFY")
    assert all(price.input <= ceiling.input and price.output <= ceiling.output for price in prices.models.values())
    assert prices.ceiling("llama3.1-8b") == prices.price("llama3.1-8b")


def test_the_callers_prices_stand_on_top_and_change_no_other_table() -> None:
    mine = packaged_prices().with_prices({"llama3.1-8b": OWN, "DB.S.MINE": OWN})
    assert (mine.price("llama3.1-8b"), mine.price("DB.S.MINE")) == (OWN, OWN)
    assert mine.price("claude-sonnet-4-6") == packaged_prices().price("claude-sonnet-4-6")
    assert packaged_prices().price("DB.S.MINE") is None
    assert packaged_prices().with_prices(None) is packaged_prices()


def test_credits_are_per_million_tokens() -> None:
    assert OWN.credits(2_000_000, 500_000) == 2 * 7 + 0.5 * 8
