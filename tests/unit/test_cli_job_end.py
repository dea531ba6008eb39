"""What is said of a fine-tune job that a command leaves: it goes on, or it ends with the engine of this process."""

from typing import Any

import pytest
from pytest_mock import MockerFixture

from cortex_tickets import FineTuneTimeoutError
from cortex_tickets.cli.job_end import job_end_told
from cortex_tickets.cli.wording import in_options

TOLD = (
    "Fine-tune job ft_1 was not over after 5 s (last status: IN_PROGRESS). The job goes on: "
    "FineTuneJob.attach(session, 'ft_1').wait() takes it up again."
)


def left(session: Any, mocker: MockerFixture) -> tuple[str, str]:
    """What Ctrl-C would say, and what the time limit says."""
    context = mocker.Mock(meta={})
    error = FineTuneTimeoutError(TOLD, job_id="ft_1", status="IN_PROGRESS")
    with pytest.raises(FineTuneTimeoutError) as raised, job_end_told(context, session, "It goes on."):
        raise error
    assert (raised.value.job_id, raised.value.status) == ("ft_1", "IN_PROGRESS")
    (sentence,) = context.meta.values()
    return sentence, in_options(raised.value)


def test_on_an_account_the_job_goes_on_and_the_command_that_waits_is_told(mocker: MockerFixture) -> None:
    interrupted, late = left(mocker.Mock(cortex_tickets_engine=False), mocker)
    assert interrupted == "It goes on."
    assert late.endswith("The job goes on: `cortex-tickets job wait ft_1` takes it up again.")


def test_on_the_engine_of_this_process_the_job_ends_with_it(mocker: MockerFixture) -> None:
    interrupted, late = left(mocker.Mock(cortex_tickets_engine=True), mocker)
    ends = "The embedded engine ends with this command, and the job with it: the same command starts it anew."
    assert interrupted == ends
    told, _, _ = TOLD.partition(" The job goes on")
    assert late == f"{told} {ends} Give a longer --timeout, or none."
