import datetime as dt
import tomllib
from importlib.resources import files

import pytest

from cortex_tickets.local.catalog import catalog_as_of
from cortex_tickets.local.jobs.model_names import free_name, full_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mine", "DB.S.MINE"),
        ('"Mine"', 'DB.S."Mine"'),
        ("x.mine", "DB.X.MINE"),
        ('a."b c".mine_1', 'A."b c".MINE_1'),
        ("not a name", None),
        ("1st", None),
        ("a.b.c.d", None),
        ("", None),
        ("a.", None),
    ],
)
def test_names_are_folded_and_completed(name: str, expected: str | None) -> None:
    assert full_name(name, "DB", "S") == expected


def test_a_taken_name_gets_the_first_free_suffix() -> None:
    assert free_name("A", {"B"}) == "A"
    assert free_name("A", {"A", "A_2"}) == "A_3"
    assert free_name('A."b"', {'A."b"'}) == 'A."b_2"'


@pytest.mark.parametrize(
    ("day", "fine_tunable", "codes"),
    [
        ("2024-08-01", {"llama3-70b", "llama3-8b", "mistral-7b", "mixtral-8x7b"}, "locale"),
        (dt.datetime(2026, 11, 22, tzinfo=dt.UTC), {"llama3.1-8b"}, "two_letter"),
        (dt.date(2023, 1, 1), set(), "locale"),
    ],
)
def test_each_day_has_its_models(day: str | dt.date, fine_tunable: set[str], codes: str) -> None:
    catalog = catalog_as_of(day)
    assert set(catalog.fine_tunable()) == fine_tunable
    assert catalog.language_codes == codes


def test_every_model_has_a_life_in_order() -> None:
    for model in catalog_as_of("2100-01-01").listed():
        days = [day for day in (model.born, model.legacy_date, model.eol_date) if day is not None]
        assert days == sorted(days), model.name
        assert model.context_window > 0
        assert model.max_output > 0


def test_the_catalog_is_a_file_that_says_where_it_is_from_and_when_it_was_read() -> None:
    text = (files("cortex_tickets.local") / "catalog.toml").read_text(encoding="utf-8")
    assert "# Source: docs.snowflake.com/" in text
    assert tomllib.loads(text)["read_on"] >= dt.date(2026, 11, 22)


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="as_of is a date or a text"):
        catalog_as_of("yesterday")
