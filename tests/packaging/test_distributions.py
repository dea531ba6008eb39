"""Wheel and sdist: the same bytes from any checkout, nothing in them that does not belong there, whole metadata."""

import email.message
import email.parser
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.metadata import Metadata

from cortex_tickets import export_package
from packaging_tools import RESOURCES, ROOT, Distributions, build, copy_of_the_tree, run

pytestmark = pytest.mark.packaging
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NAME = f"cortex_tickets-{PROJECT['version']}"
ABOUT = {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE", "licenses/NOTICE"}


def test_another_checkout_gives_equal_bytes_and_the_sdist_builds_the_same_wheel(
    distributions: Distributions, tmp_path: Path
) -> None:
    again = build(copy_of_the_tree(tmp_path), tmp_path / "dist", wheel_from="sdist")
    assert again.sdist.read_bytes() == distributions.sdist.read_bytes()
    assert again.wheel.read_bytes() == distributions.wheel.read_bytes()


def test_the_wheel_holds_the_package_its_resources_and_its_metadata_alone(distributions: Distributions) -> None:
    with zipfile.ZipFile(distributions.wheel) as archive:
        names = set(archive.namelist())
    source = ROOT / "src" / "cortex_tickets"
    modules = {f"cortex_tickets/{file.relative_to(source).as_posix()}" for file in source.rglob("*.py")}
    assert names - modules == {
        *(f"cortex_tickets/{name}" for name in RESOURCES),
        *(f"{NAME}.dist-info/{name}" for name in ABOUT),
    }
    assert modules <= names


def test_the_package_that_is_exported_is_the_one_that_is_built(distributions: Distributions, tmp_path: Path) -> None:
    with zipfile.ZipFile(distributions.wheel) as built, zipfile.ZipFile(export_package(tmp_path, form="wheel")) as ours:
        files = {name for name in built.namelist() if name.startswith("cortex_tickets/")}
        assert {name for name in ours.namelist() if name.startswith("cortex_tickets/")} == files
        assert [name for name in files if built.read(name) != ours.read(name)] == []


def test_the_sdist_holds_what_its_own_checks_need(distributions: Distributions) -> None:
    with tarfile.open(distributions.sdist) as archive:
        names = {name.removeprefix(f"{NAME}/") for name in archive.getnames()}
        owners = {(member.uname, member.gname) for member in archive.getmembers()}
    needed = {
        "pyproject.toml",
        "Makefile",
        "mkdocs.yml",
        ".importlinter",
        "LICENSE",
        "NOTICE",
        "README.md",
        "SECURITY.md",
    }
    assert needed <= names
    folders = {name.split("/")[0] for name in names if "/" in name}
    assert folders >= {"src", "tests", "docs", "examples", "benchmarks"}
    assert [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".sqlite", ".duckdb"))] == []
    assert owners == {("", "")}


def test_the_metadata_is_valid_and_says_what_the_project_says(distributions: Distributions) -> None:
    with zipfile.ZipFile(distributions.wheel) as archive:
        text = archive.read(f"{NAME}.dist-info/METADATA")
        wheel = parsed(archive.read(f"{NAME}.dist-info/WHEEL"))
        entries = archive.read(f"{NAME}.dist-info/entry_points.txt").decode()
    found = Metadata.from_email(text, validate=True)
    assert (found.name, str(found.version)) == (PROJECT["name"], PROJECT["version"])
    assert (found.summary, found.keywords) == (PROJECT["description"], sorted(PROJECT["keywords"]))
    assert (found.license_expression, found.license_files) == ("Apache-2.0", ["LICENSE", "NOTICE"])
    assert str(found.requires_python) == PROJECT["requires-python"]
    assert sorted(found.classifiers or []) == sorted(PROJECT["classifiers"])
    assert "Typing :: Typed" in PROJECT["classifiers"]
    assert set(found.provides_extra or []) == set(PROJECT["optional-dependencies"])
    assert found.description_content_type == "text/markdown"
    assert found.description == (ROOT / "README.md").read_text(encoding="utf-8")
    assert {requirement.name for requirement in found.requires_dist or [] if requirement.marker is None} == {
        "snowflake-snowpark-python",
        "pydantic",
        "tenacity",
    }
    assert (wheel["Root-Is-Purelib"], wheel["Tag"]) == ("true", "py3-none-any")
    assert entries.split() == ["[console_scripts]", "cortex-tickets", "=", "cortex_tickets.cli:main"]


def test_an_index_would_take_both(distributions: Distributions) -> None:
    done = run(sys.executable, "-m", "twine", "check", "--strict", *distributions)
    assert done.stdout.count("PASSED") == len(distributions)


def parsed(text: bytes) -> email.message.Message:
    return email.parser.BytesParser().parsebytes(text)
