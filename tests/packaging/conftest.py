"""The distributions, built once, and fresh environments."""

import sys
from pathlib import Path

import pytest

from packaging_tools import ROOT, UV, Distributions, MakeEnvironment, build, install, run


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    return build(ROOT, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def make_environment(tmp_path_factory: pytest.TempPathFactory) -> MakeEnvironment:
    """Makes a virtual environment with what `uv pip install` is told, and returns its Python."""

    def make(*installed: str | Path, cwd: Path | None = None) -> Path:
        folder = tmp_path_factory.mktemp("environment") / "venv"
        run(UV, "venv", "--quiet", "--python", sys.executable, folder)
        interpreter = folder / "bin" / "python"
        install(interpreter, *installed, cwd=cwd)
        return interpreter

    return make
