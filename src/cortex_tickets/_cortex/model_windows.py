"""How many tokens a model takes, from a data file with its source and date."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources


@cache
def _windows() -> dict[str, int]:
    text = resources.files(__package__).joinpath("model_windows.toml").read_text(encoding="utf-8")
    windows: dict[str, int] = tomllib.loads(text)["windows"]
    return windows


def model_window(model: str) -> int | None:
    """Return the tokens that the model takes, prompt and answer together, or `None` if that is not known."""
    return _windows().get(model.lower())
