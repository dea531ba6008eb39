"""The files that others join by: workflows and hooks are valid, safe, and call what people call."""

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from packaging_tools import ROOT, run

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"uses: [\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def program(name: str) -> Path:
    return Path(sys.executable).with_name(name)


def read(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def test_the_workflows_fit_githubs_schema_and_have_time_limits() -> None:
    for schema in ("vendor.github-workflows", "custom.github-workflows-require-timeout"):
        run(program("check-jsonschema"), "--builtin-schema", schema, *WORKFLOWS)


def test_the_workflows_are_safe() -> None:
    run(program("zizmor"), "--offline", "--no-progress", "--persona", "pedantic", ROOT / ".github" / "workflows")


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_a_workflow_calls_make_targets_alone_with_actions_of_one_version_and_may_only_read(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if "uses:" in line and not PINNED.search(line)] == []
    workflow = read(file)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert job["permissions"] == {"contents": "read"}
        commands = [step["run"].split() for step in job["steps"] if "run" in step]
        assert commands
        for command, target, *options in commands:
            assert (command, options) == ("make", ["PYTHON=python"])
            assert re.search(rf"^{target}:", MAKEFILE, flags=re.MULTILINE), target


def test_the_checks_run_on_each_version_of_python_that_is_stated() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    prefix = "Programming Language :: Python :: 3."
    stated = [entry.rsplit(" ", 1)[1] for entry in project["classifiers"] if entry.startswith(prefix)]
    job = read(ROOT / ".github" / "workflows" / "checks.yml")["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == stated
    assert project["requires-python"] == f">={stated[0]}"


def test_the_hooks_are_the_tools_of_make_lint_and_make_types_out_of_its_environment() -> None:
    hooks = [hook for repository in read(ROOT / ".pre-commit-config.yaml")["repos"] for hook in repository["hooks"]]
    called = {tuple(hook["entry"].split()[:2]) for hook in hooks}
    assert {hook["language"] for hook in hooks} == {"system"}
    in_make = {
        tuple(line.strip().replace("$(BIN)", ".venv/bin").split()[:2])
        for target in ("lint", "types")
        for line in re.findall(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, flags=re.MULTILINE)[0].splitlines()
    }
    assert {call[:2] if call[0].endswith("ruff") else call[:1] for call in called} == {
        call[:2] if call[0].endswith("ruff") else call[:1] for call in in_make
    }


def test_a_fresh_checkout_has_the_hook_of_contributing_and_it_takes_the_hooks() -> None:
    """`make test` installs the extra `dev`; the page names the program where that puts it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    least = read(ROOT / ".pre-commit-config.yaml")["minimum_pre_commit_version"].partition(".")[0]
    assert f"pre-commit>={least}" in project["optional-dependencies"]["dev"]
    assert "`.venv/bin/pre-commit install`" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    run(program("pre-commit"), "validate-config", ROOT / ".pre-commit-config.yaml")


def test_what_contributing_says_to_call_is_there() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for target in re.findall(r"`?make ([a-z]+)", page):
        assert re.search(rf"^{target}:", MAKEFILE, flags=re.MULTILINE), target
    links = [ROOT / target for target in re.findall(r"\]\(([^)#:]+)\)", page)]
    assert [link for link in links if not link.exists()] == []


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_no_address_is_invented(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.findall(r"[\w.+-]+@[\w-]+\.\w+|github\.com/\S+", text) == []
