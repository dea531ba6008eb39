"""The JSON keys that a prompt asks for in its own words, where no schema comes with it."""

from __future__ import annotations

import re
from typing import Any

from cortex_tickets.local.language.label_options import LabelOptions

_MENTIONS_JSON = re.compile(r"(?i)\bjson\b")
_KEYS = re.compile(r"(?i)\b(?:keys?|fields?|properties)\b[ \t]+(?P<keys>(?:(?:,|and|\s)*[\"'`][\w -]+[\"'`])+)")
_QUOTED = re.compile(r"[\"'`]([\w -]+)[\"'`]")
_EXAMPLE = re.compile(r"\{[^{}]*[\"'][\w -]+[\"']\s*:[^{}]*\}")
_EXAMPLE_KEY = re.compile(r"[\"']([\w -]+)[\"']\s*:\s*(?P<value>-?\d+(?:\.\d+)?|true|false|)", re.IGNORECASE)
_PUT = re.compile(
    r"(?i)\b(?:put|give|return|provide|write|list|output|extract)\s+(?:the\s+)?(?P<keys>[\w ,-]{3,80}?)"
    r"\s+(?:in|as|into)\s+(?:a\s+)?(?:valid\s+)?json"
)
_LABEL_KEYS = frozenset({"label", "category", "class", "intent", "topic", "classification"})


def requested_schema(instructions: str, offered: LabelOptions | None) -> dict[str, Any] | None:
    """Return a schema of the keys that the prompt names, or `None` when it asks for no JSON."""
    if not _MENTIONS_JSON.search(instructions):
        return None
    keys = _keys(instructions)
    if not keys:
        return None
    properties: dict[str, Any] = {}
    for key, kind in keys.items():
        if offered is not None and key.lower() in _LABEL_KEYS:
            properties[key] = {"enum": [option.name for option in offered.options]}
        else:
            properties[key] = {"type": kind}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _keys(instructions: str) -> dict[str, str]:
    if named := _KEYS.search(instructions):
        return dict.fromkeys(_QUOTED.findall(named["keys"]), "string")
    if example := _EXAMPLE.search(instructions):
        return {key: _kind(value) for key, value in _EXAMPLE_KEY.findall(example.group())}
    if put := _PUT.search(instructions):
        names = re.split(r",\s*(?:and\s+)?|\s+and\s+", put["keys"])
        return {re.sub(r"\W+", "_", name.strip().lower()): "string" for name in names if name.strip()}
    return {}


def _kind(value: str) -> str:
    if not value:
        return "string"
    return "boolean" if value.lower() in ("true", "false") else "number"
