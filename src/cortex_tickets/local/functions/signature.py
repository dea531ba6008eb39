"""What a Cortex function takes and gives, and the rows that it is handed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from cortex_tickets.local.functions.services import Services

Floats = npt.NDArray[np.float32]
SqlType = Literal["VARCHAR", "JSON", "BIGINT", "BOOLEAN", "DOUBLE", "VECTOR"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a function.

    Attributes:
        name: Snowflake's name for it, upper case; what stands before `=>`.
        is_row: Whether its value comes row by row as text; the others are settings, read once for all rows
            that share them.
        is_required: Whether a call without it is refused.
        only_named: Whether it is never taken by position.
        is_flag: Whether it is TRUE or FALSE and nothing else.
        is_constant: Whether an object must be spelt out, `{'a': 1}`, and not made by a call or a column.
        also_named: Other names that Snowflake's pages give it.
    """

    name: str
    is_row: bool = False
    is_required: bool = False
    only_named: bool = False
    is_flag: bool = False
    is_constant: bool = False
    also_named: tuple[str, ...] = ()


def _is_never_stopped() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the statement and its session.

    Attributes:
        query_id: Snowflake's id of the statement; empty for what the engine runs for itself.
        query_tag: Tag of the statement or its session.
        user: User name, upper case.
        session_id: Number of the session; 0 for the engine itself.
        database: Current database.
        schema: Current schema.
        fails_on_error: Whether a row error of AI_REDACT fails the statement, the session's
            AI_SQL_ERROR_HANDLING_USE_FAIL_ON_ERROR.
        is_stopped: Says whether the statement was cancelled.
    """

    query_id: str = ""
    query_tag: str = ""
    user: str = "ENGINE"
    session_id: int = 0
    database: str | None = None
    schema: str | None = None
    fails_on_error: bool = True
    is_stopped: Callable[[], bool] = field(default=_is_never_stopped, compare=False)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one call that share their settings.

    Attributes:
        function: Name of the function as the log shows it.
        settings: Value of each parameter that is no row, by name; those not given are missing.
        columns: Texts of each row parameter, by name, shape `(n_rows,)`; `None` is SQL NULL.
        column_types: DuckDB's type of each row parameter, `JSON` for a VARIANT.
        asker: Who asks.
        n_rows: How many rows there are; also where no parameter comes by row.
    """

    function: str
    settings: Mapping[str, Any]
    columns: Mapping[str, Sequence[str | None]]
    column_types: Mapping[str, str]
    asker: Asker
    n_rows: int

    def text(self, name: str) -> str | None:
        """A setting as text, `None` where it is missing or NULL."""
        value = self.settings.get(name)
        return None if value is None else str(value)

    def flag(self, name: str) -> bool:
        """A setting as yes or no; missing and NULL are no."""
        return bool(self.settings.get(name))


class CortexFunction(ABC):
    """One Cortex function. A subclass per function, one file each, listed in the registry."""

    name: ClassVar[str]
    """Name in SQL, upper case; a legacy function stands with its schema, `SNOWFLAKE.CORTEX.COMPLETE`."""

    parameters: ClassVar[tuple[Parameter, ...]]
    """In the order in which they are taken by position."""

    is_aggregate: ClassVar[bool] = False
    """Whether it is asked once for all rows of a group; its row parameters then come as JSON lists."""

    def __init__(self, services: Services) -> None:
        self.services = services

    def returns(self, given: Mapping[str, Any]) -> SqlType:
        """The type of the call's value.

        Args:
            given: Settings that are known before the statement runs; a value that is not constant is `...`.
        """
        del given
        return "VARCHAR"

    def dimension(self, given: Mapping[str, Any]) -> int | None:
        """How long a VECTOR that it returns is; `None` where that is not known before the statement runs."""
        del given
        return None

    @abstractmethod
    def answer(self, rows: Rows) -> Sequence[str | None]:
        """The value of the call for each row, as text of its type; `None` is SQL NULL.

        Raises:
            StatementError: For what fails the whole statement.
        """


class VectorFunction(CortexFunction):
    """A function whose values are vectors, handed to DuckDB as they are and not as text."""

    @abstractmethod
    def vectors(self, rows: Rows) -> list[Floats | None]:
        """The vector of each row; `None` is SQL NULL.

        Raises:
            StatementError: For what fails the whole statement.
        """

    def returns(self, given: Mapping[str, Any]) -> SqlType:
        """Always a vector."""
        del given
        return "VECTOR"

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """The vectors as text, for whoever wants no vectors."""
        return [None if vector is None else str(vector.tolist()) for vector in self.vectors(rows)]
