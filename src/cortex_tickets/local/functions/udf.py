"""How DuckDB hands blocks of rows to a Cortex function: a vectorised Arrow function per name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from inspect import Parameter, Signature
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cortex_tickets.local.functions.calls import REUSED_SUFFIX, udf_name
from cortex_tickets.local.functions.error_envelope import ErrorEnvelope
from cortex_tickets.local.functions.refused_call import RefusedCallError, refused
from cortex_tickets.local.functions.signature import Asker, CortexFunction, Rows, VectorFunction
from cortex_tickets.local.sql.errors import StatementError


def register(
    duck: duckdb.DuckDBPyConnection,
    functions: Iterable[CortexFunction],
    asker_of: Callable[[str], Asker],
    envelope: ErrorEnvelope,
) -> list[str]:
    """Make the functions known to DuckDB; their names there.

    Each is there twice. The one with effects is called for every row, equal rows included, and moved
    nowhere by the optimiser; the twin may be shared between two uses of one expression.
    """
    names = []
    for function in functions:
        n_rows = sum(item.is_row for item in function.parameters)
        for suffix, has_effects in (("", True), (REUSED_SUFFIX, False)):
            name = udf_name(function) + suffix
            duck.create_function(  # type: ignore[call-overload] # the texts are DuckDB's documented form
                name,
                _block_function(function, asker_of, envelope),
                ["VARCHAR"] * (2 + 2 * n_rows),
                "FLOAT[]" if isinstance(function, VectorFunction) else "VARCHAR",
                type="arrow",
                null_handling="special",
                side_effects=has_effects,
            )
            names.append(name)
    return names


def _block_function(
    function: CortexFunction, asker_of: Callable[[str], Asker], envelope: ErrorEnvelope
) -> Callable[..., pa.Array]:
    """The function over one block of rows, as Arrow arrays."""
    row_names = [item.name for item in function.parameters if item.is_row]

    def answer_block(lease: pa.Array, settings: pa.Array, *columns: pa.Array) -> pa.Array:
        if len(lease) == 0:
            return pa.array([], pa.string())
        asker = asker_of(lease[0].as_py() or "")
        types = {
            name: column[0].as_py() or "" for name, column in zip(row_names, columns[len(row_names) :], strict=True)
        }
        texts = dict(zip(row_names, columns[: len(row_names)], strict=True))
        kinds = pc.unique(settings)
        if len(kinds) == 1:
            done = _answers(
                function, kinds[0].as_py(), texts, types, asker=asker, envelope=envelope, n_rows=len(settings)
            )
            return _as_arrow(function, done)
        answers: list[Any] = [None] * len(settings)
        for kind in kinds:
            places = pc.indices_nonzero(pc.equal(settings, kind))
            part = {name: column.take(places) for name, column in texts.items()}
            done = _answers(function, kind.as_py(), part, types, asker=asker, envelope=envelope, n_rows=len(places))
            for place, answer in zip(places.to_pylist(), done, strict=True):
                answers[place] = answer
        return _as_arrow(function, answers)

    # DuckDB counts parameters by signature, and the number of columns differs by function.
    names = ["lease", "settings", *(f"column_{number}" for number in range(2 * len(row_names)))]
    answer_block.__signature__ = Signature(  # type: ignore[attr-defined] # inspect reads it from any function
        [Parameter(name, Parameter.POSITIONAL_ONLY) for name in names]
    )
    return answer_block


def _as_arrow(function: CortexFunction, values: list[Any]) -> pa.Array:
    if not isinstance(function, VectorFunction):
        return pa.array(values, pa.string())
    ends = np.cumsum([0, *(0 if value is None else len(value) for value in values)], dtype=np.int32)
    there = [value for value in values if value is not None]
    floats = np.concatenate(there) if there else np.zeros(0, np.float32)
    return pa.ListArray.from_arrays(
        pa.array(ends), pa.array(floats, pa.float32()), mask=pa.array([value is None for value in values])
    )


def _answers(
    function: CortexFunction,
    settings: str | None,
    texts: Mapping[str, pa.Array],
    types: Mapping[str, str],
    *,
    asker: Asker,
    envelope: ErrorEnvelope,
    n_rows: int,
) -> list[Any]:
    rows = Rows(
        function=function.name,
        settings=_settings(settings or "{}"),
        columns={name: column.to_pylist() for name, column in texts.items()},
        column_types=types,
        asker=asker,
        n_rows=n_rows,
    )
    try:
        return list(function.vectors(rows) if isinstance(function, VectorFunction) else function.answer(rows))
    except RefusedCallError as refusal:
        raise envelope.around(refusal, asker.query_id) from None
    except StatementError:
        raise
    except Exception as error:
        # DuckDB would put the text of an unforeseen error, and a ticket's text with it, into a message.
        unforeseen = refused(function.name, 500, f"internal error ({type(error).__name__})")
        raise envelope.around(unforeseen, asker.query_id) from error


@lru_cache(maxsize=256)
def _settings(text: str) -> Mapping[str, Any]:
    value = json.loads(text)
    return value if isinstance(value, dict) else {}
