"""Reads the settings: the file, and the environment over it; whatever is wrong is told at once, by file and key."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from cortex_tickets import InvalidInputError
from cortex_tickets.cli.misspelt_variables import variable_problems
from cortex_tickets.cli.plain_words import in_plain_words
from cortex_tickets.cli.settings import Settings

FILE_NAME = "cortex_tickets.toml"
VARIABLE_PREFIX = "CORTEX_TICKETS_"
CONFIG_VARIABLE = f"{VARIABLE_PREFIX}CONFIG"
_OTHER_VARIABLES = ("CONFIG", "TRACEBACK", "FAULTS", "ENCODER", "LLM_URL", "LLM_MODEL", "LLM_API_KEY")
"""What else is read from the environment, here or by the embedded engine, so that a slip in these is found too."""
_OF_THE_APP = "APP_"
"""The app's own variables, which `cortex-tickets app` sets and the app checks."""
_PATHS = (("path",), ("replies", "playbook"))
"""Keys that name a file or a folder: relative ones are so to the file that says them."""


def read_settings(config: Path | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of the file with the environment's over them.

    Args:
        config: The file; `None` for `cortex_tickets.toml` in the working directory, if it is there.
        environment: Variables; `CORTEX_TICKETS_CONFIG` names the file where `config` does not.

    Raises:
        InvalidInputError: With every problem, each with the file and the key, or the variable. A variable that looks
            like one of ours and is none is a problem too: it would be ignored, and the wrong table billed.
    """
    named = config or (Path(environment[CONFIG_VARIABLE]) if environment.get(CONFIG_VARIABLE) else None)
    file = named or Path(FILE_NAME)
    content = _content(file) if named is not None or file.is_file() else {}
    problems = [] if not content else _problems_in(content, file)
    if content and not problems:
        _anchor_paths(content, file.parent)
    for keys, annotation in settable_keys():
        value = environment.get(variable_name(keys), "")
        if value:
            problems += _overlay(content, keys, annotation, value)
    problems += _clashes(content, str(file)) + _variable_clashes(environment) + _misspelt(environment)
    if problems:
        raise InvalidInputError(problems)
    return Settings.model_validate(content)


def settable_keys() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the keys that a variable can set, with their types: those with a single value."""
    for name, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            for inner, its_field in kind.model_fields.items():
                if not str(its_field.annotation).startswith("list"):
                    yield (name, inner), its_field.rebuild_annotation()
        elif name in ("connection", "path", "abstain"):
            yield (name,), kind


def variable_name(keys: tuple[str, ...]) -> str:
    """Return the variable that sets a key, such as `CORTEX_TICKETS_TABLES_TICKETS`."""
    return VARIABLE_PREFIX + "_".join(keys).upper()


def _misspelt(environment: Mapping[str, str]) -> list[str]:
    ours = {name: value for name, value in environment.items() if not name.startswith(VARIABLE_PREFIX + _OF_THE_APP)}
    known = {variable_name(keys) for keys, _ in settable_keys()} | {VARIABLE_PREFIX + name for name in _OTHER_VARIABLES}
    sections = [name for name in Settings.model_fields if (name,) not in dict(settable_keys())]
    return variable_problems(ours, VARIABLE_PREFIX, known, sections)


def _content(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InvalidInputError(f"{file} cannot be read as settings ({error.strerror}).") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInputError(f"{file} is no TOML file: {error}.") from None


def _problems_in(content: Mapping[str, Any], file: Path) -> list[str]:
    try:
        Settings.model_validate(content)
    except ValidationError as error:
        return [f"{file}: {_problem(dict(found))}" for found in error.errors(include_url=False, include_input=False)]
    return []


def _problem(found: Mapping[str, Any]) -> str:
    keys = [str(key) for key in found["loc"]]
    name = ".".join(keys)
    if found["type"] == "extra_forbidden":
        known = _known_keys(keys[:-1])
        near = difflib.get_close_matches(keys[-1], known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}."
        return f"{name} is no key; {hint}"
    return f"{name} {in_plain_words(found)}."


def _known_keys(section: list[str]) -> list[str]:
    kind: type[BaseModel] = Settings
    for key in section:
        field = kind.model_fields.get(key)
        inner = None if field is None else _record_of(field.annotation)
        kind = inner or kind
    return list(kind.model_fields)


def _record_of(annotation: Any) -> type[BaseModel] | None:
    """Return the record that a key holds, alone, in a list or by name."""
    for kind in (annotation, *getattr(annotation, "__args__", ())):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def _anchor_paths(content: dict[str, Any], folder: Path) -> None:
    for *sections, key in _PATHS:
        holder: dict[str, Any] = content
        for section in sections:
            holder = holder.get(section, {})
        if key in holder:
            holder[key] = str(folder / Path(holder[key]).expanduser())


def _overlay(content: dict[str, Any], keys: tuple[str, ...], annotation: Any, value: str) -> list[str]:
    try:
        read = TypeAdapter(annotation).validate_python(value, strict=False)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)[0]
        return [f"{variable_name(keys)}={value!r} {in_plain_words(dict(found))}."]
    holder = content
    for section in keys[:-1]:
        inner = holder.setdefault(section, {})
        if not isinstance(inner, dict):
            return []  # a problem of the file, which is told already
        holder = inner
    holder[keys[-1]] = read
    if keys == ("connection",):
        content.pop("path", None)
    elif keys == ("path",):
        content.pop("connection", None)
    return []


def _variable_clashes(environment: Mapping[str, str]) -> list[str]:
    names = [variable_name((key,)) for key in ("connection", "path")]
    if all(environment.get(name) for name in names):
        return [f"{' and '.join(names)} are both set; a connection has no folder. Leave one of them out."]
    return []


def _clashes(content: Mapping[str, Any], file: str) -> list[str]:
    if content.get("connection") is not None and content.get("path") is not None:
        return [f"{file}: connection and path are both given; a connection has no folder. Leave one of them out."]
    return []
