"""An engine of this machine is reached by its address, whatever proxy leads to the rest of the world."""

import os
import subprocess
import sys
from importlib import import_module
from typing import Any

import pytest

from cortex_tickets.local.wire.without_proxy import reach_without_proxy

HOST = "127.0.0.1"
NOWHERE = f"http://{HOST}:9"
VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
ASKS = """
from cortex_tickets import local
with local.connect() as session:
    print(session.sql("SELECT 41 + 1").collect())
"""


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def goes_straight(url: str) -> bool:
    """Whether what the connector asks with would ask this address itself."""
    connectors: Any = import_module("snowflake.connector.vendored.requests.utils")  # it has no types
    return not connectors.get_environ_proxies(url)


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy"])
@pytest.mark.parametrize("named", [None, "intranet.example,10.0.0.1"])
@pytest.mark.parametrize("spelling", ["no_proxy", "NO_PROXY"])
def test_the_engine_is_reached_and_what_was_named_before_is_still_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, named: str | None, spelling: str
) -> None:
    monkeypatch.setenv(variable, NOWHERE)
    monkeypatch.setenv("no_proxy", "")  # so that what is set here is taken back
    if named:
        monkeypatch.setenv(spelling, named)
    reach_without_proxy(HOST)
    assert goes_straight(f"http://{HOST}:8085")
    assert goes_straight("http://intranet.example/") == bool(named)
    assert not goes_straight("http://other.example/")


@pytest.mark.parametrize("named", [None, HOST, "*"])
def test_the_environment_is_left_alone_where_nothing_is_in_the_way(
    monkeypatch: pytest.MonkeyPatch, named: str | None
) -> None:
    if named:
        monkeypatch.setenv("http_proxy", NOWHERE)
        monkeypatch.setenv("NO_PROXY", named)
    before = dict(os.environ)
    reach_without_proxy(HOST)
    assert dict(os.environ) == before


def test_an_engine_answers_where_the_environment_names_a_proxy() -> None:
    environment = {**os.environ, "http_proxy": NOWHERE, "HTTP_PROXY": NOWHERE}
    done = subprocess.run([sys.executable, "-c", ASKS], env=environment, capture_output=True, text=True, check=False)
    assert "=42" in done.stdout, done.stderr
