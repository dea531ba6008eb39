"""Builds distributions and environments with uv, which shares its downloads between runs."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

ROOT = Path(__file__).parents[1]
UV = Path(sys.executable).with_name("uv")
"""Of this environment."""
PAGE_READER = ROOT / "tests" / "packaging" / "page_reader.py"
"""A program for another environment's Python: opens each page of the app and prints what stands there."""
NOT_IN_A_BUILD = (".venv", ".git", "__pycache__", ".*_cache", "dist", "site", "demo-output", "*.egg-info")

RESOURCES = {
    "_cortex/embedding_models.toml",
    "_cortex/model_history.toml",
    "_cortex/model_windows.toml",
    "_cortex/prices.toml",
    "_evaluation/report/style.css",
    "app/.streamlit/config.toml",
    "app/logo.svg",
    "local/catalog.toml",
    "local/language/first_names.txt",
    "local/language/irregular_forms.txt",
    "local/language/sentiment_words.txt",
    "local/language/synonyms.txt",
    "py.typed",
    "records/playbook.toml",
    "samples/NOTICE.txt",
    "samples/call_transcripts.csv",
    "samples/gold_labels.csv",
    "samples/support_tickets.csv",
}
"""All that the wheel has beside modules."""

MakeEnvironment = Callable[..., Path]


class Distributions(NamedTuple):
    """What is published."""

    wheel: Path
    sdist: Path


def run(
    *command: str | Path, cwd: Path | None = None, given: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a program without this environment's own settings, with `given` as its input; fail with what it said."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    if "PIP_INDEX_URL" in kept:  # uv reads no setting of pip
        kept.setdefault("UV_DEFAULT_INDEX", kept["PIP_INDEX_URL"])
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        input=given,
        env={**kept, "UV_NO_PROGRESS": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


def build(source: Path, folder: Path, *, wheel_from: Literal["tree", "sdist"] = "tree") -> Distributions:
    """Build the sdist of `source`, and the wheel from the same tree or from that sdist."""
    each = ["--sdist", "--wheel"] if wheel_from == "tree" else []
    run(UV, "build", "--quiet", *each, "--out-dir", folder, source, SOURCE_DATE_EPOCH="1767225600")
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return Distributions(wheel, sdist)


def copy_of_the_tree(folder: Path) -> Path:
    """Copy what a build reads, as another checkout has it: with other times."""
    target = folder / "checkout"
    shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns(*NOT_IN_A_BUILD), copy_function=shutil.copy)
    return target


def install(interpreter: Path, *what: str | Path, cwd: Path | None = None) -> None:
    """Install into an environment that there is."""
    run(UV, "pip", "install", "--quiet", "--python", interpreter, *what, cwd=cwd)


def packages_in(interpreter: Path) -> dict[str, str]:
    """Versions of what is installed, by name."""
    listed = run(UV, "pip", "list", "--quiet", "--format", "json", "--python", interpreter).stdout
    return {package["name"]: package["version"] for package in json.loads(listed)}
