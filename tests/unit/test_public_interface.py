"""The public interface as an object: what is exported is documented, light to import, and lives without the extras."""

import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import griffe
import pytest
from pydantic import BaseModel

import cortex_tickets

SOURCE = Path(cortex_tickets.__file__).parent
MODULES = ("local", "samples", "testing")
MANY_ARGUMENTS = 3
"""From this many on, a docstring has to say what each is."""

PACKAGE = griffe.load(
    "cortex_tickets",
    search_paths=[SOURCE.parent],
    docstring_parser="google",
    resolve_aliases=True,
    resolve_external=False,
)


def public_objects() -> Iterator[griffe.Object]:
    for name in cortex_tickets.__all__:
        if name in MODULES:
            yield from public_members(PACKAGE[name])
        else:
            value = getattr(cortex_tickets, name)
            yield PACKAGE[f"{value.__module__.removeprefix('cortex_tickets.')}.{value.__qualname__}"]
    yield from public_members(PACKAGE["session"])


def public_members(module: griffe.Object | griffe.Alias) -> Iterator[griffe.Object]:
    for member in module.members.values():
        if not member.is_alias and not member.name.startswith("_") and (member.is_class or member.is_function):
            assert isinstance(member, griffe.Object)
            yield member


def public_callables() -> Iterator[griffe.Function]:
    for found in public_objects():
        if isinstance(found, griffe.Function):
            yield found
        for kind in (found, *found.mro()) if isinstance(found, griffe.Class) else ():
            for method in kind.functions.values():
                if not method.name.startswith("_"):
                    yield method


OBJECTS = {found.path: found for found in public_objects()}
CALLABLES = {found.path: found for found in public_callables()}
CLASSES = {path: found for path, found in OBJECTS.items() if isinstance(found, griffe.Class)}


def parameters_of(function: griffe.Function) -> list[str]:
    names = [parameter.name for parameter in function.parameters if parameter.name not in ("self", "cls")]
    return [name for name in names if not name.startswith("_")]


def section(found: griffe.Object, kind: griffe.DocstringSectionKind) -> list[Any] | None:
    parsed = found.docstring.parsed if found.docstring else []
    return next((part.value for part in parsed if part.kind is kind), None)


def records() -> list[type[BaseModel]]:
    for module in pkgutil.walk_packages(cortex_tickets.__path__, "cortex_tickets."):
        if not module.name.startswith(("cortex_tickets.local", "cortex_tickets.cli")):
            importlib.import_module(module.name)
    found: set[type[BaseModel]] = set()
    todo = list(BaseModel.__subclasses__())
    while todo:
        kind = todo.pop()
        todo += kind.__subclasses__()
        if kind.__module__.startswith("cortex_tickets."):
            found.add(kind)
    return sorted(found, key=lambda kind: (kind.__module__, kind.__qualname__))


def in_a_fresh_process(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_exported_name_is_there_once_and_in_order() -> None:
    names = list(cortex_tickets.__all__)
    assert names == sorted(set(names))
    assert [name for name in names if not hasattr(cortex_tickets, name)] == []
    assert set(names) <= set(dir(cortex_tickets))


def test_a_name_that_is_not_exported_is_refused_by_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Classifier'"):
        getattr(cortex_tickets, "Classifier")  # noqa: B009  as an attribute the type checker refuses it, rightly


@pytest.mark.parametrize("path", OBJECTS)
def test_what_is_public_has_a_docstring_whose_first_line_is_a_sentence(path: str) -> None:
    docstring = OBJECTS[path].docstring
    assert docstring is not None
    assert docstring.value.splitlines()[0].endswith((".", ":"))


@pytest.mark.parametrize("path", CALLABLES)
def test_a_public_method_says_what_its_arguments_are(path: str) -> None:
    function = CALLABLES[path]
    assert function.docstring is not None
    taken = parameters_of(function)
    documented = section(function, griffe.DocstringSectionKind.parameters)
    if documented is None:
        assert len(taken) < MANY_ARGUMENTS, f"{len(taken)} arguments and no Args section"
    else:
        assert [entry.name.lstrip("*") for entry in documented] == taken


@pytest.mark.parametrize("path", CLASSES)
def test_a_constructor_says_what_its_arguments_are(path: str) -> None:
    constructor = CLASSES[path].members.get("__init__")
    if not isinstance(constructor, griffe.Function) or path.startswith("cortex_tickets.errors."):
        return  # a record, whose fields are documented, or an error, whose attributes are
    if "dataclass" in CLASSES[path].labels:
        fields = [CLASSES[path].members[name] for name in parameters_of(constructor)]
        assert [member.name for member in fields if not member.docstring] == []
        return
    documented = section(CLASSES[path], griffe.DocstringSectionKind.parameters) or []
    assert [entry.name for entry in documented] == parameters_of(constructor)


@pytest.mark.parametrize("path", sorted(OBJECTS.keys() | CALLABLES.keys()))
def test_what_is_said_to_be_raised_exists(path: str) -> None:
    found = CALLABLES.get(path) or OBJECTS[path]
    for raised in section(found, griffe.DocstringSectionKind.raises) or []:
        name = str(raised.annotation)
        known = getattr(cortex_tickets, name, None) or getattr(importlib.import_module("builtins"), name, None)
        assert inspect.isclass(known), name
        assert issubclass(known, Exception)


@pytest.mark.parametrize("kind", records(), ids=lambda kind: kind.__name__)
def test_every_field_of_a_record_has_a_description(kind: type[BaseModel]) -> None:
    assert [name for name, field in kind.model_fields.items() if not field.description] == []


def test_importing_the_package_imports_no_heavy_library() -> None:
    loaded = json.loads(
        in_a_fresh_process("""
            import json, sys
            import cortex_tickets
            print(json.dumps(sorted(sys.modules)))
        """)
    )
    # Installing Snowpark pre-loads an empty namespace `snowflake`, so the module itself is looked for.
    heavy = {"snowflake.snowpark", "snowflake.connector", "duckdb", "streamlit", "sklearn", "typer", "pandas", "numpy"}
    assert heavy & set(loaded) == set()


def test_using_the_core_imports_no_heavy_library() -> None:
    in_a_fresh_process("""
        import sys
        from cortex_tickets import *
        from cortex_tickets.testing import FakeSession

        TicketClassifier(FakeSession(), labels=["a", "b"], model="m")
        TrainingSetBuilder(FakeSession())
        ResponseGenerator(FakeSession(), model="m")
        TicketInsights(FakeSession())
        Corrections(FakeSession(), table="G", tickets="T", labels=["a", "b"])
        heavy = {"snowflake.snowpark", "duckdb", "streamlit", "sklearn", "typer"} & set(sys.modules)
        assert not heavy, heavy
    """)


WITHOUT = """
    import sys

    class WithGaps:
        def __init__(self, finder):
            self.finder = finder

        def find_spec(self, name, path=None, target=None):
            return None if name.split(".")[0] in {blocked!r} else self.finder.find_spec(name, path, target)

    sys.meta_path[:] = [WithGaps(finder) for finder in sys.meta_path]
    import cortex_tickets
    from cortex_tickets import MissingExtraError
    from cortex_tickets.testing import FakeSession
"""
EXTRAS = ("duckdb", "fakesnow", "uvicorn", "starlette", "sklearn", "scipy", "joblib", "typer", "streamlit")


def without(blocked: tuple[str, ...], code: str) -> str:
    return in_a_fresh_process(textwrap.dedent(WITHOUT).format(blocked=blocked) + textwrap.dedent(code))


def test_the_core_works_with_every_extra_missing() -> None:
    said = without(
        EXTRAS,
        """
        from cortex_tickets import *

        session = FakeSession()
        row = {"LABEL": "a", "OUTCOME": "valid", "ANSWER": "a", "ERROR": None, "REPAIR": None}
        session.answer("AI_COMPLETE", [{**row, "INPUT_TOKENS": 1, "OUTPUT_TOKENS": 1}])
        print(TicketClassifier(session, labels=["a", "b"], model="m").classify("a text").label)
        """,
    )
    assert said == "a\n"


@pytest.mark.parametrize("missing", ["duckdb", "fakesnow", "uvicorn", "sklearn"])
def test_without_the_extra_local_the_engine_names_it(missing: str) -> None:
    said = without(
        (missing,),
        """
        for call in (lambda: cortex_tickets.local.connect(), lambda: cortex_tickets.local.Engine):
            try:
                call()
            except MissingExtraError as error:
                print(error.extra, "|", error)
        """,
    )
    line = (
        "local | This needs the extra 'local', which is not installed. Install it from where the package came from: "
        "pip install '.[local]' in a checkout, or 'FILE.whl[local]' for a wheel.\n"
    )
    assert said == line * 2


def test_without_the_extra_evaluate_the_baseline_names_it_before_anything_is_sent() -> None:
    said = without(
        ("sklearn",),
        """
        from cortex_tickets._evaluation.baseline import require_extra

        try:
            require_extra()
        except MissingExtraError as error:
            print(error.extra, "|", error)
        """,
    )
    assert said.startswith("evaluate | This needs the extra 'evaluate'")


def test_without_the_extra_cli_the_command_line_names_it_and_leaves_with_an_error() -> None:
    code = textwrap.dedent(WITHOUT).format(blocked=("typer",)) + "from cortex_tickets.cli import main\nmain()\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "cortex-tickets: This needs the extra 'cli', which is not installed. Install it from where the package came "
        "from: pip install '.[cli]' in a checkout, or 'FILE.whl[cli]' for a wheel.\n"
    )
