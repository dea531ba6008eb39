"""What `python -m cortex_tickets.local` makes of a fault profile, before it serves."""

import pytest
from pytest_mock import MockerFixture

from cortex_tickets.local import __main__ as served


@pytest.mark.parametrize("options", [[], ["--faults", "null_rows=50%"]])
def test_a_bad_profile_is_one_sentence_and_exit_code_two(
    options: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CORTEX_TICKETS_FAULTS", "" if options else "null_rows=50%")
    assert served.main(options) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    under = "" if options else "CORTEX_TICKETS_FAULTS: "
    assert printed.err.startswith(
        f"python -m cortex_tickets.local: {under}null_rows: '50%' is neither a rate from 0 to 1"
    )
    assert len(printed.err.splitlines()) == 1


def test_a_day_that_is_none_is_one_sentence_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert served.main(["--as-of", "yesterday"]) == 2
    assert capsys.readouterr().err.startswith("python -m cortex_tickets.local: as_of is a date")


def test_a_number_that_is_no_port_is_refused_with_the_range(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        served.main(["--port", "99999"])
    assert "--port 99999 is no port: give a number from 0 to 65535" in capsys.readouterr().err


def test_a_port_that_is_taken_is_one_sentence_too(mocker: MockerFixture, capsys: pytest.CaptureFixture[str]) -> None:
    mocker.patch.object(served, "Engine", side_effect=OSError(98, "Address already in use"))
    assert served.main(["--port", "8085"]) == 2
    said = capsys.readouterr().err
    assert said == "python -m cortex_tickets.local: cannot listen on port 8085: Address already in use\n"
