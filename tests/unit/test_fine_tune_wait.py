"""The job waiter: every path of its state machine, on a clock that stands until somebody sleeps."""

import io
import sys
from collections.abc import Mapping
from functools import partial
from typing import Any, cast

import pytest
from pytest_mock import MockerFixture

from cortex_tickets._cortex.fine_tune_payload import read_status
from cortex_tickets._cortex.waiting import Deadline, PollSchedule
from cortex_tickets.errors import (
    AccessDeniedError,
    FineTuneCancelledError,
    FineTuneFailedError,
    FineTuneTimeoutError,
    InvalidInputError,
    StatementTimeoutError,
    TransientCortexError,
    UnexpectedAnswerError,
)
from cortex_tickets.fine_tune_job import FineTuneJob
from cortex_tickets.records.fine_tune_status import FineTuneStatus
from cortex_tickets.testing import FakeClock, FakeSession, snowflake_error

JOB = "ft_6556e15c"
THROTTLED = snowflake_error("remote service error: 429 '\"too many requests\"'", 100351)


def payload(status: str, progress: float = 0.0, **more: object) -> list[Mapping[str, Any]]:
    return [{"ANSWER": {"id": JOB, "status": status, "progress": progress, **more}}]


PENDING = payload("PENDING")
RUNNING = payload("IN_PROGRESS", 0.5)
SUCCESS = payload("SUCCESS", 1.0, model="DB.S.TICKETS_2", base_model="llama3.1-8b", trained_tokens=12)


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def job(session: FakeSession, clock: FakeClock) -> FineTuneJob:
    return FineTuneJob(session, status=read_status({"id": JOB, "status": "PENDING"}), name="DB.S.TICKETS", clock=clock)


def test_the_model_has_the_name_that_snowflake_gave_it(session: FakeSession, job: FineTuneJob) -> None:
    session.answer("DESCRIBE", PENDING, RUNNING, SUCCESS)
    assert job.name == "DB.S.TICKETS"
    model = job.wait(timeout=3600)
    assert model.name == "DB.S.TICKETS_2"
    assert job.name == "DB.S.TICKETS_2"
    assert (model.job_id, model.base_model, model.trained_tokens, model.prompt) == (JOB, "llama3.1-8b", 12, None)
    assert set(session.texts()) == {f"SELECT SNOWFLAKE.CORTEX.FINETUNE('DESCRIBE', '{JOB}')"}


def test_a_job_that_is_done_is_not_slept_on(session: FakeSession, clock: FakeClock, job: FineTuneJob) -> None:
    session.answer("DESCRIBE", SUCCESS)
    job.wait()
    assert clock.slept == []


def test_pauses_grow_up_to_half_a_minute_with_jitter(session: FakeSession, clock: FakeClock, job: FineTuneJob) -> None:
    session.answer("DESCRIBE", *[RUNNING] * 20, SUCCESS)
    job.wait()
    expected = [min(30.0, 1.5**step) for step in range(20)]
    for slept, middle in zip(clock.slept, expected, strict=True):
        assert 0.8 * middle <= slept <= 1.2 * middle


def test_pauses_follow_the_chance_that_they_are_given() -> None:
    schedule = PollSchedule(first=2.0, growth=2.0, longest=5.0, jitter=0.5)
    pauses = schedule.pauses(lambda low, high: high if low == 0.5 else 0.0)
    assert [next(pauses) for _ in range(3)] == [3.0, 6.0, 7.5]


@pytest.mark.parametrize("word", ["EVALUATING", "", None])
def test_a_status_that_nobody_documented_is_waited_out(session: FakeSession, job: FineTuneJob, word: Any) -> None:
    session.answer("DESCRIBE", payload(word), SUCCESS)
    assert job.wait().name == "DB.S.TICKETS_2"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ({"message": "bad rows"}, "bad rows"),
        ("bad rows", "bad rows"),
        ("bad row 'I lost my phone'", "bad row '…'. There is no model; `detail` has all"),
        (None, r"Snowflake gave no reason\. There"),
        ({"foo": {"message": "boom"}}, r"boom\. There is no model"),
        ("bad rows.", r"bad rows\. There is no model"),
        ({"a": {"b": "Row 'I lost my phone.' is bad. "}}, r"Row '…' is bad\. There is no model"),
        ({"prompt": "I lost my phone"}, r"Snowflake's reason is in no words that can be shown here\. There is no"),
        ({"code": 7}, "Snowflake's reason is in no words"),
    ],
)
def test_a_failed_job_tells_what_snowflake_said(session: FakeSession, job: FineTuneJob, error: Any, words: str) -> None:
    session.answer("DESCRIBE", RUNNING, payload("ERROR", error=error))
    with pytest.raises(FineTuneFailedError, match=f"{JOB} ended with ERROR: {words}") as caught:
        job.wait()
    assert (caught.value.job_id, caught.value.status, caught.value.detail) == (JOB, "ERROR", error)
    assert "phone" not in str(caught.value)
    assert job.status.is_over


def test_a_cancelled_job_is_its_own_error(session: FakeSession, job: FineTuneJob) -> None:
    session.answer("DESCRIBE", payload("CANCELLED"))
    with pytest.raises(FineTuneCancelledError, match="was cancelled") as caught:
        job.wait()
    assert (caught.value.job_id, caught.value.status) == (JOB, "CANCELLED")


def test_a_success_without_a_model_is_an_unexpected_answer(session: FakeSession, job: FineTuneJob) -> None:
    session.answer("DESCRIBE", payload("SUCCESS"))
    with pytest.raises(UnexpectedAnswerError, match="names no model"):
        job.wait()


def test_the_wait_ends_at_its_deadline_and_the_job_does_not(
    session: FakeSession, clock: FakeClock, job: FineTuneJob
) -> None:
    session.answer("DESCRIBE", RUNNING)
    with pytest.raises(
        FineTuneTimeoutError, match=r"not over after 100 s.*IN_PROGRESS.*The job goes on.*attach"
    ) as caught:
        job.wait(timeout=100)
    assert (caught.value.job_id, caught.value.status) == (JOB, "IN_PROGRESS")
    assert isinstance(caught.value, TimeoutError)
    assert clock.monotonic() == pytest.approx(100)
    assert not any("CANCEL" in text for text in session.texts())


def test_the_last_look_is_made_when_the_time_is_over(session: FakeSession, clock: FakeClock, job: FineTuneJob) -> None:
    session.answer("DESCRIBE", lambda _: SUCCESS if clock.monotonic() >= 60 else RUNNING)
    assert job.wait(timeout=60).name == "DB.S.TICKETS_2"


def test_a_timeout_of_nothing_looks_once(session: FakeSession, clock: FakeClock, job: FineTuneJob) -> None:
    session.answer("DESCRIBE", RUNNING)
    with pytest.raises(FineTuneTimeoutError):
        job.wait(timeout=0)
    assert len(session.sent) == 1
    assert clock.slept == []


@pytest.mark.parametrize("timeout", [-1, float("nan"), float("inf"), "3", True, [3]], ids=str)
def test_a_timeout_that_is_no_duration_is_refused(session: FakeSession, job: FineTuneJob, timeout: Any) -> None:
    with pytest.raises(InvalidInputError, match="must be 0 seconds or more, or None for waiting for ever"):
        job.wait(timeout=timeout)
    assert session.sent == []


@pytest.mark.parametrize("progress", ["yes", None, 1])
def test_a_wait_tells_all_that_is_wrong_at_once(session: FakeSession, job: FineTuneJob, progress: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        job.wait(timeout=cast("Any", "3"), progress=progress)
    assert caught.value.problems == (
        "timeout='3' must be 0 seconds or more, or None for waiting for ever; give a number, not a str.",
        f"progress={progress!r} must be True for a bar, False, or a function that takes a FineTuneStatus.",
    )
    assert session.sent == []


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), "3"], ids=str)
def test_every_verb_refuses_a_timeout_that_is_none(session: FakeSession, job: FineTuneJob, timeout: Any) -> None:
    for verb in (job.refresh, job.cancel, partial(FineTuneJob.list, session)):
        with pytest.raises(InvalidInputError, match="must be more than 0 seconds, or None for no limit"):
            verb(timeout=timeout)
    assert session.sent == []


def test_a_verb_without_end_has_the_sessions_own_limit(session: FakeSession, job: FineTuneJob) -> None:
    session.answer("DESCRIBE", RUNNING)
    job.refresh(timeout=float("inf"))
    assert "STATEMENT_TIMEOUT_IN_SECONDS" not in session.sent[0].parameters


def test_each_look_gets_the_time_that_is_left(session: FakeSession, job: FineTuneJob) -> None:
    session.answer("DESCRIBE", RUNNING, SUCCESS)
    job.wait(timeout=50)
    first, second = (statement.parameters["STATEMENT_TIMEOUT_IN_SECONDS"] for statement in session.sent)
    assert first == 50
    assert 48 <= second <= 50


def test_without_a_deadline_the_sessions_own_limit_holds(session: FakeSession, job: FineTuneJob) -> None:
    session.answer("DESCRIBE", SUCCESS)
    job.wait()
    assert "STATEMENT_TIMEOUT_IN_SECONDS" not in session.sent[0].parameters


def test_passing_errors_are_waited_out(session: FakeSession, clock: FakeClock, job: FineTuneJob) -> None:
    session.answer("DESCRIBE", RUNNING, *[THROTTLED] * 8, SUCCESS)
    assert job.wait(timeout=3600).name == "DB.S.TICKETS_2"
    assert clock.monotonic() > 30


def test_an_outage_without_end_is_the_last_real_error_and_says_how_to_go_on(
    session: FakeSession, clock: FakeClock, job: FineTuneJob
) -> None:
    session.answer("DESCRIBE", THROTTLED)
    with pytest.raises(TransientCortexError, match="too many requests") as caught:
        job.wait(timeout=10_000)
    assert f"attach(session, '{JOB}')" in caught.value.__notes__[0]
    assert clock.monotonic() <= 600


def test_an_outage_that_outlasts_the_deadline_is_a_timeout(
    session: FakeSession, clock: FakeClock, job: FineTuneJob
) -> None:
    session.answer("DESCRIBE", THROTTLED)
    with pytest.raises(FineTuneTimeoutError, match="last status: none") as caught:
        job.wait(timeout=60)
    assert isinstance(caught.value.__cause__, TransientCortexError)
    assert caught.value.status is None
    assert clock.monotonic() == 60


@pytest.mark.parametrize("outage", [575, 590, 599.9])
def test_failures_near_the_deadline_do_not_cost_the_rest_of_the_time(
    session: FakeSession, clock: FakeClock, job: FineTuneJob, outage: float
) -> None:
    def answer(_: object) -> Any:
        if clock.monotonic() >= outage:
            raise THROTTLED
        return RUNNING

    session.answer("DESCRIBE", answer)
    with pytest.raises(FineTuneTimeoutError, match=r"not over after 600 s.*IN_PROGRESS"):
        job.wait(timeout=600)
    assert clock.monotonic() == 600


def test_the_last_look_after_an_outage_may_find_the_model(
    session: FakeSession, clock: FakeClock, job: FineTuneJob
) -> None:
    def answer(_: object) -> Any:
        if clock.monotonic() < 575:
            return RUNNING
        if clock.monotonic() < 600:
            raise THROTTLED
        return SUCCESS

    session.answer("DESCRIBE", answer)
    assert job.wait(timeout=600).name == "DB.S.TICKETS_2"


def test_the_last_look_after_an_outage_tells_what_it_sees(
    session: FakeSession, clock: FakeClock, job: FineTuneJob
) -> None:
    def answer(_: object) -> Any:
        if clock.monotonic() < 60:
            raise THROTTLED
        return RUNNING

    session.answer("DESCRIBE", answer)
    with pytest.raises(FineTuneTimeoutError, match=r"last status: IN_PROGRESS"):
        job.wait(timeout=60)
    assert clock.monotonic() == 60


def test_a_look_that_is_stopped_at_the_deadline_is_a_timeout(
    session: FakeSession, clock: FakeClock, job: FineTuneJob
) -> None:
    def hang(_: object) -> Any:
        clock.sleep(60)
        raise snowflake_error("Statement reached its statement or warehouse timeout of 60 second(s)", 630)

    session.answer("DESCRIBE", hang)
    with pytest.raises(FineTuneTimeoutError) as caught:
        job.wait(timeout=60)
    assert isinstance(caught.value.__cause__, StatementTimeoutError)


def test_an_error_that_does_not_pass_is_raised_at_once(
    session: FakeSession, clock: FakeClock, job: FineTuneJob
) -> None:
    session.answer("DESCRIBE", snowflake_error("Insufficient privileges to operate on schema", 3001))
    with pytest.raises(AccessDeniedError) as caught:
        job.wait(timeout=60)
    assert JOB in caught.value.__notes__[0]
    assert clock.slept == []


def test_the_callers_function_is_told_each_status(session: FakeSession, job: FineTuneJob) -> None:
    session.answer("DESCRIBE", PENDING, RUNNING, SUCCESS)
    seen: list[FineTuneStatus] = []
    job.wait(progress=seen.append)
    assert [status.status for status in seen] == ["PENDING", "IN_PROGRESS", "SUCCESS"]
    assert job.status is seen[-1]


def test_an_error_of_the_callers_function_ends_the_wait(session: FakeSession, job: FineTuneJob) -> None:
    session.answer("DESCRIBE", RUNNING)

    def stop(_: FineTuneStatus) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        job.wait(progress=stop)
    assert len(session.sent) == 1


def test_a_bar_shows_status_share_and_time(
    session: FakeSession, job: FineTuneJob, capsys: pytest.CaptureFixture[str]
) -> None:
    session.answer("DESCRIBE", PENDING, RUNNING, SUCCESS)
    job.wait(progress=True)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "fine-tuning  0%  PENDING  0:00"
    assert lines[1].startswith("fine-tuning  50%  IN_PROGRESS  0:01, about 0:01 left")
    assert lines[2].startswith("fine-tuning  100%  SUCCESS  0:0")


def test_the_bar_ends_its_line_and_the_job_lives_on_after_ctrl_c(
    session: FakeSession, job: FineTuneJob, mocker: MockerFixture
) -> None:
    stream = io.StringIO()
    mocker.patch.object(stream, "isatty", return_value=True)
    mocker.patch.object(sys, "stderr", stream)
    answers = iter([RUNNING])

    def interrupted(_: object) -> Any:
        for answer in answers:
            return answer
        raise KeyboardInterrupt

    session.answer("DESCRIBE", interrupted)
    with pytest.raises(KeyboardInterrupt):
        job.wait(progress=True)
    assert stream.getvalue().endswith("\n")
    assert not any("CANCEL" in text for text in session.texts())
    session.answer("DESCRIBE", SUCCESS)
    assert job.wait().name == "DB.S.TICKETS_2"


def test_properties_send_nothing_and_refresh_looks_again(session: FakeSession, job: FineTuneJob) -> None:
    assert (job.id, job.name, job.base_model, job.reused, job.status.status) == (
        JOB,
        "DB.S.TICKETS",
        None,
        False,
        "PENDING",
    )
    assert session.sent == []
    session.answer("DESCRIBE", RUNNING)
    assert job.refresh(timeout=5).status == "IN_PROGRESS"
    assert job.status.progress == 0.5


def test_a_deadline_counts_down_and_sleeps_no_longer_than_it_has() -> None:
    clock = FakeClock()
    deadline = Deadline(clock, 10)
    deadline.pause(4)
    assert (deadline.passed, deadline.left, deadline.is_over) == (4, 6, False)
    deadline.pause(100)
    assert (deadline.left, deadline.is_over) == (0, True)
    clock.sleep(1)
    assert deadline.left == 0
    endless = Deadline(clock, None)
    endless.pause(100)
    assert endless.left is None
    assert not endless.is_over
