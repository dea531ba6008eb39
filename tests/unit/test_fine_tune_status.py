"""Every documented answer of FINETUNE, old and new, and answers that nobody documented."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortex_tickets._cortex.fine_tune_payload import read_job_id, read_listing, read_status
from cortex_tickets.errors import UnexpectedAnswerError
from cortex_tickets.records.fine_tune_status import FineTuneState

NEW_SUCCESS: dict[str, Any] = {
    "base_model": "mistral-7b",
    "created_on": 1717004388348,
    "finished_on": 1717004691577,
    "id": "ft_6556e15c-8f12-4d94-8cb0-87e6f2fd2299",
    "model": "mydb.myschema.my_tuned_model",
    "progress": 1.0,
    "status": "SUCCESS",
    "training_data": "SELECT prompt, completion FROM train",
    "trained_tokens": 2670734,
    "training_result": {"validation_loss": 1.0138969421386719, "training_loss": 0.6477728401547047},
    "validation_data": "SELECT prompt, completion FROM validation",
    "options": {"max_epochs": 3},
}
"""The sample of the documentation, as printed there."""


@pytest.mark.parametrize("payload", [NEW_SUCCESS, json.dumps(NEW_SUCCESS), json.dumps(json.dumps(NEW_SUCCESS))])
def test_the_documented_success_is_read_from_an_object_and_from_text(payload: object) -> None:
    status = read_status(payload)
    assert status.model_dump() == {
        "job_id": "ft_6556e15c-8f12-4d94-8cb0-87e6f2fd2299",
        "state": FineTuneState.SUCCESS,
        "status": "SUCCESS",
        "progress": 1.0,
        "model": "mydb.myschema.my_tuned_model",
        "base_model": "mistral-7b",
        "training_query": "SELECT prompt, completion FROM train",
        "validation_query": "SELECT prompt, completion FROM validation",
        "options": {"max_epochs": 3},
        "created_at": datetime(2024, 5, 29, 17, 39, 48, 348000, tzinfo=UTC),
        "finished_at": datetime(2024, 5, 29, 17, 44, 51, 577000, tzinfo=UTC),
        "trained_tokens": 2670734,
        "training_loss": 0.6477728401547047,
        "validation_loss": 1.0138969421386719,
        "error": None,
    }
    assert status.max_epochs == 3
    assert status.is_over


def test_the_old_payload_of_a_running_job_tells_little() -> None:
    status = read_status({"id": "CortexFineTuningWorkflow_x", "status": "RUNNING", "progress": 0.333})
    assert (status.state, status.progress, status.model, status.created_at) == (
        FineTuneState.RUNNING,
        0.333,
        None,
        None,
    )
    assert status.validation_query is None
    assert status.max_epochs is None
    assert str(status) == "CortexFineTuningWorkflow_x: RUNNING, 33%"


@pytest.mark.parametrize(
    ("word", "state", "is_over"),
    [
        ("PENDING", FineTuneState.PENDING, False),
        ("IN_PROGRESS", FineTuneState.RUNNING, False),
        ("in progress", FineTuneState.RUNNING, False),
        ("RUNNING", FineTuneState.RUNNING, False),
        ("SUCCESS", FineTuneState.SUCCESS, True),
        ("ERROR", FineTuneState.ERROR, True),
        ("CANCELLED", FineTuneState.CANCELLED, True),
        ("Canceled", FineTuneState.CANCELLED, True),
        ("EVALUATING", FineTuneState.UNKNOWN, False),
        (None, FineTuneState.UNKNOWN, False),
        (7, FineTuneState.UNKNOWN, False),
    ],
)
def test_a_word_that_is_unknown_is_kept_and_does_not_end_the_job(
    *, word: Any, state: FineTuneState, is_over: bool
) -> None:
    status = read_status({"id": "ft_1", "status": word})
    assert status.state is state
    assert status.is_over is is_over
    assert status.status == (word if isinstance(word, str) else "")


def test_the_state_stands_in_where_the_server_has_no_word() -> None:
    assert str(read_status({"id": "ft_1"})) == "ft_1: UNKNOWN"


@pytest.mark.parametrize(
    "result",
    [
        {"training_loss": 0.5, "validation_loss": 0.7},
        {"training_loss": "0.5", "validation_loss": "0.7"},
        [{"step": 1, "training_loss": 2.0, "validation_loss": 3.0}, {"training_loss": 0.5, "validation_loss": 0.7}],
        [{"validation_loss": 0.7, "training_loss": 0.9}, {"training_loss": 0.5}, "text"],
        '{"training_loss": 0.5, "validation_loss": 0.7}',
    ],
)
def test_losses_are_those_at_the_end_as_object_or_list(result: object) -> None:
    status = read_status({"id": "ft_1", "status": "SUCCESS", "training_result": result})
    assert (status.training_loss, status.validation_loss) == (0.5, 0.7)


@pytest.mark.parametrize("result", [None, [], "none", 3, {"training_loss": "NaN", "validation_loss": True}])
def test_losses_that_are_not_told_are_none(result: object) -> None:
    status = read_status({"id": "ft_1", "status": "SUCCESS", "training_result": result})
    assert (status.training_loss, status.validation_loss) == (None, None)


@pytest.mark.parametrize(
    ("error", "kept", "words"),
    [
        ({"message": "out of rows", "code": 1}, {"message": "out of rows", "code": 1}, "out of rows"),
        ({"message": "", "detail": "deep"}, {"message": "", "detail": "deep"}, "deep"),
        ({"code": 1}, {"code": 1}, '{"code": 1}'),
        ("out of rows", "out of rows", "out of rows"),
        (["a", "b"], '["a", "b"]', "a"),
        ({"foo": {"message": "boom"}}, {"foo": {"message": "boom"}}, "boom"),
        ({"code": "E1", "foo": [{"Reason": "boom"}]}, {"code": "E1", "foo": [{"Reason": "boom"}]}, "boom"),
        ({"kind": {"bar": "boom"}, "n": 1}, {"kind": {"bar": "boom"}, "n": 1}, "boom"),
        ({"row": {"message": "I lost"}, "code": "E1"}, {"row": {"message": "I lost"}, "code": "E1"}, "E1"),
        ({"prompt": "I lost my phone"}, {"prompt": "I lost my phone"}, '{"prompt": "I lost my phone"}'),
        ('{"foo": {"message": "boom"}}', '{"foo": {"message": "boom"}}', "boom"),
        ("[bad rows]", "[bad rows]", "[bad rows]"),
        ("{}", "{}", "{}"),
        ("", None, ""),
        ({}, None, ""),
        (None, None, ""),
    ],
)
def test_errors_are_kept_as_object_or_text(error: object, kept: object, words: str) -> None:
    status = read_status({"id": "ft_1", "status": "ERROR", "error": error})
    assert status.error == kept
    assert status.error_text == words


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (-0.5, 0.0),
        (1.5, 1.0),
        ("0.25", 0.25),
        (None, None),
        ("half", None),
        (True, None),
        (float("nan"), None),
        ([], None),
    ],
)
def test_progress_is_clipped_to_a_share(sent: object, read: float | None) -> None:
    assert read_status({"id": "ft_1", "progress": sent}).progress == read


@pytest.mark.parametrize("sent", ["soon", 1e30, -1e30, 10**400, None, {}])
def test_moments_that_cannot_be_read_are_none(sent: object) -> None:
    assert read_status({"id": "ft_1", "created_on": sent}).created_at is None


@pytest.mark.parametrize(
    ("options", "epochs"),
    [
        ({"max_epochs": 5}, 5),
        ({"max_epochs": "5"}, 5),
        ('{"max_epochs": 5}', 5),
        ({"max_epochs": "²"}, None),
        ({}, None),
        ("", None),
    ],
)
def test_options_are_read_as_object_or_text(options: object, epochs: int | None) -> None:
    assert read_status({"id": "ft_1", "options": options}).max_epochs == epochs


def test_numbers_may_come_as_text_and_new_fields_are_ignored() -> None:
    status = read_status(
        {"ID": "ft_1", "trained_tokens": "112855", "created_on": "1717004388348", "brand_new": {"a": 1}}
    )
    assert status.job_id == "ft_1"
    assert status.trained_tokens == 112855
    assert status.created_at is not None


def test_an_empty_validation_query_is_not_the_same_as_none_told() -> None:
    assert read_status({"id": "ft_1", "validation_data": ""}).validation_query == ""


def test_the_asked_id_stands_in_for_a_missing_one() -> None:
    assert read_status({"status": "PENDING"}, job_id="ft_9").job_id == "ft_9"
    with pytest.raises(UnexpectedAnswerError, match="named no job"):
        read_status({"status": "PENDING"})


@pytest.mark.parametrize("payload", [None, "", "text", "[]", 7, []])
def test_a_description_that_is_no_object_is_an_error_that_keeps_the_answer(payload: object) -> None:
    with pytest.raises(UnexpectedAnswerError) as caught:
        read_status(payload, job_id="ft_1")
    assert caught.value.answer is payload


def test_a_listing_is_read_as_text_and_array_and_keeps_what_has_an_id() -> None:
    entries = [
        {"id": "ft_1", "status": "SUCCESS", "base_model": "llama3.1-8b", "created_on": 1717004388348},
        '{"id": "ft_2", "status": "IN_PROGRESS"}',
        {"status": "SUCCESS"},
        {"id": ""},
        7,
    ]
    for payload in (entries, json.dumps(entries)):
        assert [job.job_id for job in read_listing(payload)] == ["ft_1", "ft_2"]
    assert read_listing(None) == []
    assert read_listing("[]") == []


@pytest.mark.parametrize("payload", ["text", {"id": "ft_1"}, 7])
def test_a_listing_that_is_no_array_is_an_error(payload: object) -> None:
    with pytest.raises(UnexpectedAnswerError, match="SHOW"):
        read_listing(payload)


def test_a_job_id_is_read_with_and_without_quotes_and_never_empty() -> None:
    assert read_job_id("ft_1") == "ft_1"
    assert read_job_id(' "ft_1" ') == "ft_1"
    for nothing in (None, "", '""', 7):
        with pytest.raises(UnexpectedAnswerError, match="without a job id"):
            read_job_id(nothing)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*sorted(NEW_SUCCESS), "error"]), JSON))
def test_no_field_can_break_the_reading(payload: dict[str, Any]) -> None:
    status = read_status(payload, job_id="ft_1")
    assert status.progress is None or 0.0 <= status.progress <= 1.0
    assert isinstance(status.error_text, str)
    assert status.max_epochs is None or isinstance(status.max_epochs, int)
    assert status.job_id


@given(JSON)
def test_a_listing_is_read_or_refused(payload: object) -> None:
    try:
        jobs = read_listing(payload)
    except UnexpectedAnswerError:
        return
    assert all(job.job_id for job in jobs)
