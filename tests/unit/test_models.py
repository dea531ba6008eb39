"""Which models an account has, and what is said of one that it has not."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.models import (
    BaseModel,
    available_model,
    base_models,
    fine_tuning_limits,
    listed_models,
    model_history,
)
from cortex_tickets.testing import FakeClock, FakeSession, snowflake_error

LISTED = [
    {"name": "CLAUDE-SONNET-4-6", "lifecycle_status": "GA"},
    {"name": "LLAMA3.1-8B", "lifecycle_status": "GA"},
    {"name": "MISTRAL-7B", "lifecycle_status": "LEGACY", "legacy_date": "2026-08-12"},
    {"name": "REKA-FLASH", "lifecycle_status": "EOL", "eol_date": "2026-01-01"},
]


def account(rows: Sequence[Mapping[str, Any]]) -> CortexClient:
    session = FakeSession()
    session.answer("^SHOW CORTEX BASE MODELS IN SCHEMA SNOWFLAKE.MODELS$", rows)
    return CortexClient(session, clock=FakeClock())


def refusing() -> CortexClient:
    session = FakeSession()
    session.answer("^SHOW", snowflake_error("syntax error", 1003))
    return CortexClient(session, clock=FakeClock())


def test_the_listing_is_read_whatever_the_case_of_its_columns() -> None:
    found = base_models(account([{"NAME": "LLAMA3.1-8B", "LIFECYCLE_STATUS": "GA", "NEW_COLUMN": 1}]))
    assert found == [BaseModel("llama3.1-8b", "GA", None, None)]


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ('["AWS_US_EAST_1", "azure_eastus2"]', {"AWS_US_EAST_1", "AZURE_EASTUS2"}),
        (["AWS_US_EAST_1"], {"AWS_US_EAST_1"}),
        ("AWS_US_EAST_1, AWS_EU_WEST_1", {"AWS_US_EAST_1", "AWS_EU_WEST_1"}),
        ("[]", set()),
        ("", set()),
        (None, set()),
        (3, set()),
    ],
)
def test_where_a_model_answers_is_read_in_any_form(told: object, read: set[str]) -> None:
    row = {"name": "m", "in_region_availability": told, "cross_region_availability": told}
    (found,) = listed_models(account([row]))
    assert found.regions == found.cross_region_scopes == read


def test_a_row_without_a_name_is_no_model() -> None:
    assert listed_models(account([{"name": None, "lifecycle_status": "GA"}])) == []


@pytest.mark.parametrize("model", ["claude-sonnet-4-6", "Claude-Sonnet-4-6", "llama3.1-8b"])
def test_a_model_that_is_listed_is_fine(model: str) -> None:
    assert available_model(account(LISTED), ["gone", model]) == (model, [])


def test_an_unknown_model_is_told_with_those_that_are_open() -> None:
    assert available_model(account(LISTED), ["nonsense"])[1] == [
        "The model 'nonsense' is not one that this account lists. This account has: claude-sonnet-4-6, llama3.1-8b."
    ]


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("mistral-7b", "'mistral-7b' has been in legacy state since 12 August 2026; use llama3.1-8b instead."),
        ("reka-flash", "'reka-flash' was retired ("),
        ("mistral-large", "'mistral-large' was retired (8 July 2026); use claude-sonnet-4-6 instead."),
    ],
)
def test_a_model_that_is_closed_says_since_when_and_what_instead(model: str, said: str) -> None:
    (problem,) = available_model(account(LISTED), [model])[1]
    assert said in problem
    assert problem.endswith("This account has: claude-sonnet-4-6, llama3.1-8b.")


def test_where_none_of_the_successors_is_open_all_are_named() -> None:
    (problem,) = available_model(account([{"name": "gemini-x", "lifecycle_status": "GA"}]), ["mistral-7b"])[1]
    assert "use llama3.1-8b" in problem


@pytest.mark.parametrize("client", [refusing(), account([])], ids=["refuses", "lists none"])
def test_an_account_that_lists_no_models_says_nothing_against_one(client: CortexClient) -> None:
    assert base_models(client) is None
    assert available_model(client, ["anything", "else"]) == ("anything", [])


def test_the_history_knows_the_guides_models_and_no_others() -> None:
    history = model_history("Mistral-Large")
    assert history is not None
    assert (history.state, "llama3.3-70b" in history.instead) == ("retired", True)
    assert model_history("llama3.1-8b") is None


def test_more_epochs_allow_fewer_rows() -> None:
    limits = fine_tuning_limits()
    assert "llama3.1-8b" in limits.base_models
    assert limits.max_rows(1) == limits.one_epoch_rows
    assert limits.max_rows(3) == limits.one_epoch_rows // 3
