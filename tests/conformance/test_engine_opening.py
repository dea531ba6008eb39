"""Folders of engines that cannot be opened, and the one sentence that says why."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cortex_tickets import InvalidInputError, local

_SECOND = """
import sys
from cortex_tickets import InvalidInputError, local
for start in (local.connect, local.Engine):
    try:
        start(sys.argv[1])
    except InvalidInputError as error:
        print(error)
"""


def test_a_second_process_on_a_path_is_told_how_to_share_it(tmp_path: Path) -> None:
    with local.Engine(tmp_path):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", _SECOND, str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        lines = done.stdout.splitlines()
        assert (len(lines), done.stderr) == (2, "")
        assert all(f"The engine at {tmp_path} is in use by another process" in line for line in lines)
        assert all(f"`python -m cortex_tickets.local --path {tmp_path}`" in line for line in lines)
        with pytest.raises(InvalidInputError, match="open already in this process"):
            local.Engine(tmp_path)
    local.Engine(tmp_path).close()


@pytest.mark.parametrize("start", [local.connect, local.Engine])
def test_a_path_that_is_a_file_and_a_day_that_is_none(start: Any, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    for path in (file, file / "below"):
        with pytest.raises(InvalidInputError, match=r"keeps its data in a folder, and .*file.* is none\.$"):
            start(path)
    with pytest.raises(InvalidInputError, match="as_of is a date or a text YYYY-MM-DD"):
        start(as_of="x")
