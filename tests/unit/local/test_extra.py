import importlib.util
import subprocess
import sys
from importlib.machinery import ModuleSpec

import pytest

from cortex_tickets import local
from cortex_tickets.errors import MissingExtraError


def test_importing_the_engines_package_loads_no_engine() -> None:
    program = (
        "import sys; import cortex_tickets.local; "
        "print([name for name in ('duckdb', 'fakesnow', 'snowflake.snowpark') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_its_packages_the_engine_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(name: str) -> ModuleSpec | None:
        return None if name == "fakesnow" else ModuleSpec(name, None)

    monkeypatch.setattr(importlib.util, "find_spec", find)
    with pytest.raises(MissingExtraError, match="local"):
        local.connect()
    with pytest.raises(MissingExtraError, match="local"):
        _ = local.Engine


def test_there_is_nothing_else_in_the_package() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = local.nothing
