"""A fault profile: what it takes, what it refuses, and the text that it is written as."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortex_tickets.errors import InvalidInputError
from cortex_tickets.local import Fault, Faults, RetiredModel
from cortex_tickets.local.catalog import catalog_as_of
from cortex_tickets.local.faults.faults import fault_names
from cortex_tickets.local.faults.profile_check import checked_profile


def problems_of(make: Any, *arguments: Any, **options: Any) -> tuple[str, ...]:
    with pytest.raises(InvalidInputError) as raised:
        make(*arguments, **options)
    return raised.value.problems


def test_a_number_is_a_rate_and_a_fault_says_more() -> None:
    faults = Faults(throttled=0.25, lost_answers=Fault(nth=2))
    assert faults.of("throttled") == Fault(rate=0.25)
    assert faults.of("lost_answers").occasions == (2,)
    assert faults == Faults(throttled=Fault(0.25), lost_answers=Fault(nth=(2,)))
    assert hash(faults) == hash(Faults(throttled=Fault(0.25), lost_answers=Fault(nth=[2])))


def test_nothing_happens_that_is_not_named() -> None:
    assert Faults().never_happen
    assert Faults(seed=3, throttled=0.0, orphan_seconds=5).never_happen
    assert not Faults(throttled=0.001).never_happen
    assert not Faults(null_rows=Fault(nth=1)).never_happen
    assert not Faults(retired=RetiredModel("llama3.1-8b")).never_happen


def test_every_problem_of_a_profile_is_told_at_once() -> None:
    given: dict[str, Any] = {
        "seed": -1,
        "throttled": 1.5,
        "null_rows": "often",
        "off_label": True,
        "orphan_seconds": -1,
        "retired": "llama3.1-8b",
    }
    found = problems_of(Faults, **given)
    assert len(found) == len(given)
    assert found[0] == "seed=-1 must be a whole number from 0."
    assert "throttled=1.5 must be a share from 0 (never) to 1 (always). A Fault(...) says more." in found
    assert "retired='llama3.1-8b' must be RetiredModel(...)s." in found


def test_every_problem_of_a_fault_is_told_at_once() -> None:
    given: dict[str, Any] = {"rate": 2, "nth": (1, 0), "at_most": 0, "matching": "(", "only_cortex": "yes"}
    found = problems_of(Fault, **given)
    assert [problem.split("=")[0] for problem in found] == ["rate", "nth", "at_most", "matching", "only_cortex"]
    assert "is none: missing ), unterminated subpattern" in found[3]
    assert problems_of(Fault, 0.5, matching="")[0].startswith("matching='' must be a regular expression")
    assert problems_of(Fault, rate=float("nan"))[0].startswith("rate=nan must be a share")


@pytest.mark.parametrize("given", [{"matching": "x"}, {"at_most": 2}, {"only_cortex": True}, {"nth": (), "at_most": 1}])
def test_a_fault_that_can_never_happen_is_a_mistake(given: dict[str, Any]) -> None:
    assert problems_of(Fault, **given) == ("A fault with neither a rate nor nth never happens: give one of them.",)


def test_a_retired_model_tells_every_problem_and_is_named_once() -> None:
    wrong: dict[str, Any] = {"model": " ", "from_statement": 0, "status": "GONE"}
    assert len(problems_of(RetiredModel, **wrong)) == 3
    twice = [RetiredModel("llama3.1-8b"), RetiredModel("LLAMA3.1-8B", 4)]
    assert problems_of(Faults, retired=twice) == ("retired: llama3.1-8b is named more than once.",)


def test_a_profile_cannot_be_changed() -> None:
    faults: Any = Faults(throttled=0.1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        faults.throttled = 0.2


def test_the_text_says_all_that_a_profile_has() -> None:
    read = Faults.from_text(
        " seed = 7 ;throttled=0.1; lost_creates=@1; lost_answers=0.5 @2 @4 x3 cortex ~ INSERT INTO;\n"
        "retired=llama3.1-8b@3 claude-sonnet-4-6@1:legacy; orphan_seconds=2.5;"
    )
    assert read == Faults(
        seed=7,
        throttled=0.1,
        lost_creates=Fault(nth=1),
        lost_answers=Fault(0.5, nth=(2, 4), at_most=3, only_cortex=True, matching="INSERT INTO"),
        retired=[RetiredModel("llama3.1-8b", 3), RetiredModel("claude-sonnet-4-6", status="LEGACY")],
        orphan_seconds=2.5,
    )


def test_every_problem_of_a_text_is_told_at_once() -> None:
    text = (
        "seed=x; thrott=0.1; null_rows; throttled=2; throttled=0.1; off_label=0.1 often; timeouts=1.2.3; "
        "retired=llama3.1-8b; lost_answers=0.1 ~(; orphan_seconds=soon; hung_jobs=x2; "
        "too_many_requests=0.1 0.2; server_errors=1e9; failed_jobs=@0"
    )
    found = problems_of(Faults.from_text, text)
    assert [problem.split(":")[0].split("=")[0].split(" ")[0] for problem in found] == [
        "seed",
        "'thrott'",
        "'null_rows'",
        "throttled",
        "throttled",
        "off_label",
        "timeouts",
        "retired",
        "lost_answers",
        "orphan_seconds",
        "hung_jobs",
        "too_many_requests",
        "server_errors",
        "failed_jobs",
    ]
    assert (
        found[1]
        == f"'thrott' is no kind of fault. There are: seed, orphan_seconds, retired, {', '.join(fault_names())}."
    )
    assert found[2] == "'null_rows' is no name=value, as in 'seed=7; throttled=0.1; lost_creates=@1'."


def test_problems_of_the_text_and_of_its_values_come_together() -> None:
    assert len(problems_of(Faults.from_text, "nothing; retired=a@1 A@2; orphan_seconds=-3")) == 3


_faults = st.builds(
    Fault,
    rate=st.sampled_from([0.0, 0.125, 0.001, 1.0, 1]),
    nth=st.lists(st.integers(1, 99), min_size=1, max_size=3),
    at_most=st.none() | st.integers(1, 9),
    matching=st.none() | st.sampled_from(["INSERT INTO", r"a;b", "~x @1", r"\bFINETUNE\('CREATE'"]),
    only_cortex=st.booleans(),
)
_retired = st.builds(
    RetiredModel, st.sampled_from(["llama3.1-8b"]), st.integers(1, 9), st.sampled_from(["LEGACY", "EOL"])
)


@given(
    seed=st.integers(0, 10**12),
    named=st.dictionaries(st.sampled_from(fault_names()), _faults, max_size=3),
    seconds=st.sampled_from([0, 1, 1.0, 0.25]),
    retired=st.lists(_retired, max_size=1),
)
def test_a_profile_reads_back_what_it_writes(
    seed: int, named: dict[str, Any], seconds: float, retired: list[RetiredModel]
) -> None:
    profile = Faults(seed=seed, orphan_seconds=seconds, retired=retired, **named)
    read = Faults.from_text(profile.to_text())
    # A semicolon in a pattern is written as its code.
    assert read.to_text() == profile.to_text()
    if not any(";" in (fault.matching or "") for fault in named.values()):
        assert read == profile


def test_the_environment_says_a_profile_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CORTEX_TICKETS_FAULTS", raising=False)
    assert Faults.from_environment() is None
    monkeypatch.setenv("CORTEX_TICKETS_FAULTS", "  ")
    assert Faults.from_environment() is None
    monkeypatch.setenv("CORTEX_TICKETS_FAULTS", "seed=2; null_rows=0.5")
    assert Faults.from_environment() == Faults(seed=2, null_rows=0.5)
    monkeypatch.setenv("CORTEX_TICKETS_FAULTS", "seed=2; null_rows=50%; timeouts=3")
    found = problems_of(Faults.from_environment)
    assert [problem.split(":")[0] for problem in found] == ["CORTEX_TICKETS_FAULTS"] * 2
    assert "'50%' is neither a rate from 0 to 1" in found[0]


def test_a_retired_model_has_to_be_in_the_catalog_of_the_day() -> None:
    then, today = catalog_as_of("2024-08-01"), catalog_as_of(None)
    faults = Faults(retired=[RetiredModel("Llama3.1-8B", 2)])
    assert checked_profile(faults, today).retired == (RetiredModel("llama3.1-8b", 2),)
    assert checked_profile(None, today) == Faults()
    sonnet = Faults(retired=[RetiredModel("claude-sonnet-4-6"), RetiredModel("no-such")])
    assert problems_of(checked_profile, sonnet, then) == (
        "retired: the catalog of 2024-08-01 has no model 'claude-sonnet-4-6'.",
        "retired: the catalog of 2024-08-01 has no model 'no-such'.",
    )
    assert problems_of(checked_profile, {"throttled": 1}, today) == (
        "faults= must be a cortex_tickets.local.Faults, and not dict.",
    )
