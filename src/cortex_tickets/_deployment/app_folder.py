"""Lays out the source folder of the app: what starts it, what it needs, and this package as a wheel.

Source, read 2026-11-25: https://docs.snowflake.com/en/developer-guide/streamlit/app-development/file-organization (the
folder's root is the app's working directory) and
https://docs.snowflake.com/en/developer-guide/streamlit/app-development/dependency-management (a wheel of the folder,
by its relative path). Of `requirements.txt` and `pyproject.toml` the former has one reading, whichever of uv's
commands installs it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from cortex_tickets._deployment.archive import write_wheel
from cortex_tickets._deployment.package_files import fingerprint
from cortex_tickets.file_writing import write_whole
from cortex_tickets.records.label_set import LabelSet

MAIN_FILE = "streamlit_app.py"
_MODULE = "cortex_tickets.app.streamlit_app"
_REQUIREMENTS = "requirements.txt"
_LABELS = "labels.toml"
_LOOK = ".streamlit/config.toml"
"""Streamlit reads it in the working directory, not in the wheel: colours, and that no usage figures are sent."""
_MARK_LENGTH = 12
_PREFIX = "CORTEX_TICKETS_APP_"


@dataclass(frozen=True, slots=True)
class AppFolder:
    """The app's source folder on this machine."""

    root: Path
    """Where it is."""
    files: tuple[Path, ...]
    """What goes onto the stage."""
    wheel: Path
    """This package."""
    staged_as: str
    """The folder on the stage. It has a mark of the contents, so that nothing of an earlier one is left in it."""

    @property
    def main_file(self) -> str:
        """What Streamlit runs."""
        return MAIN_FILE


def write_app_folder(folder: Path, *, tickets: str | None, labels: str | None) -> AppFolder:
    """Write the folder's files and return what is there.

    Args:
        folder: Where.
        tickets: The table of tickets.
        labels: The text of a TOML file of labels.
    """
    settings = {} if tickets is None else {"TICKETS": tickets}
    if labels is not None:
        settings["LABELS"] = _LABELS
    wheel = write_wheel(folder)
    texts = {
        MAIN_FILE: _main_text(settings),
        _REQUIREMENTS: f"./{wheel.name}[app]\n",
        _LOOK: resources.files("cortex_tickets").joinpath("app", _LOOK).read_text(encoding="utf-8"),
        **({} if labels is None else {_LABELS: labels}),
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_whole(folder / name, text)
    files = tuple(folder / name for name in (*texts, wheel.name))
    mark = fingerprint({file.relative_to(folder).as_posix(): file.read_bytes() for file in files})[:_MARK_LENGTH]
    return AppFolder(folder, files, wheel, f"app-{mark}")


def label_text(labels: str | os.PathLike[str]) -> str:
    """Return the text of a TOML file of labels.

    Raises:
        InvalidInputError: With everything that is wrong with it: here, and not when the app starts.
    """
    file = Path(labels)
    LabelSet.from_toml(file)
    return file.read_text(encoding="utf-8")


def _main_text(settings: Mapping[str, str]) -> str:
    lines = "".join(f"os.environ.setdefault({_PREFIX + key!r}, {value!r})\n" for key, value in settings.items())
    return (
        '"""Starts the app of the wheel beside this file. The folder is the working directory."""\n\n'
        + ("import os\nimport runpy\n\n" + lines if lines else "import runpy\n\n")
        + f"runpy.run_module({_MODULE!r}, run_name='__main__')\n"
    )
