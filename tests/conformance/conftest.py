"""The engine that the tests run on: one server, and a schema of its own for each test.

What several tests of a file read under a fixed name is made by fixtures of the session, as the server is: workers that
take tests from each other come back to a file, and would make it a second time.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from cortex_tickets import local
from hostile.warehouse import HostileWarehouse


@pytest.fixture(scope="session")
def engine() -> Iterator[local.Engine]:
    with local.Engine() as started:
        yield started


@pytest.fixture(scope="session")
def shared_session(engine: local.Engine) -> Iterator[Any]:
    session = engine.session()
    yield session
    session.close()


@pytest.fixture
def session(shared_session: Any) -> Iterator[Any]:
    schema = f"T_{uuid4().hex[:12].upper()}"
    shared_session.sql(f"CREATE SCHEMA {schema}").collect()
    shared_session.use_schema(schema)
    yield shared_session
    # What a test leaves makes every later statement slower: the catalog is read for many of them.
    shared_session.sql(f"DROP SCHEMA IF EXISTS {schema}").collect()


@pytest.fixture(scope="session")
def hostile(engine: local.Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostileWarehouse]:
    with engine.session() as session:
        yield HostileWarehouse(engine, session, tmp_path_factory.mktemp("hostile"))


@pytest.fixture
def is_refused(request: pytest.FixtureRequest) -> Callable[[Callable[[], object]], None]:
    """Check that a call is refused with the code and the words of the test's mark, which the docs repeat.

    A mark without a code is of what the client itself refuses.
    """
    mark = request.node.get_closest_marker("refuses")

    def check(call: Callable[[], object]) -> None:
        with pytest.raises(Exception, match=re.escape(mark.kwargs["words"])) as raised:
            call()
        error: Any = raised.value
        if "code" in mark.kwargs:
            assert int(getattr(error, "sql_error_code", None) or error.errno) == mark.kwargs["code"]

    return check
