"""Gathers what is wrong with a command's options and settings, so that all of it is told before a session is opened."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from cortex_tickets import InvalidInputError
from cortex_tickets.cli.opening import settled
from cortex_tickets.cli.settings import Settings
from cortex_tickets.problems import Problems
from cortex_tickets.records.table_name import TableName


class Checks(Problems):
    """The problems of a command's options, beginning with its limits and its settings.

    Args:
        config: What `--config` said.
        connection: What `--connection` said.
        path: What `--path` said.
        budget: What `--budget` said.
        platform_budget: What `--platform-budget` said.
        timeout: What `--timeout` said.
        chunk_rows: What `--chunk-rows` said.
    """

    settings: Settings
    """The settings; those of an empty file where they cannot be read, so that the other options are looked at too."""
    has_settings: bool
    """Whether they could be read."""

    def __init__(
        self,
        config: Path | None,
        connection: str | None = None,
        path: Path | None = None,
        *,
        budget: float | None = None,
        platform_budget: float | None = None,
        timeout: float | None = None,
        chunk_rows: int | None = None,
    ) -> None:
        super().__init__()
        self._require_positive("--budget", budget)
        self._require_positive("--platform-budget", platform_budget)
        self._require_positive("--timeout", timeout, unit=" seconds")
        if chunk_rows is not None and chunk_rows < 1:
            self.add([f"--chunk-rows {chunk_rows} must be at least 1."])
        self.settings, self.has_settings = Settings(), False
        with self:
            self.settings, self.has_settings = settled(config, connection, path), True

    def names(self, given: Mapping[str, str | None], *, role: str = "table") -> None:
        """Look at names by the options that gave them; `None` is an option that was left out."""
        for option, name in given.items():
            try:
                TableName.parse(name or "NONE", role=role)
            except InvalidInputError as error:
                self.add(f"{option}: {problem}" for problem in error.problems)

    def _require_positive(self, option: str, value: float | None, *, unit: str = "") -> None:
        if value is not None and not 0 < value < math.inf:
            self.add([f"{option} {value:g} must be more than 0{unit}, or left out for no limit."])
