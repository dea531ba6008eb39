"""The seam: what this package needs of a session, in Snowpark's own shape.

A user's `snowflake.snowpark.Session` fits as it is. Only `_cortex/client.py` calls it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class Session(Protocol):
    """Anything with Snowpark's `sql(query, params).collect()`.

    The open tail (`*args`, `**kwargs`) is what makes Snowpark's session fit under mypy and pyright alike.
    """

    def sql(self, query: str, params: Sequence[Any] | None = None, *args: Any, **kwargs: Any) -> Any:
        """Return a lazy statement with `collect(*args, **kwargs)`, whose rows are mappings or answer `row.as_dict()`.

        Args:
            query: One SQL statement, with `?` where values are bound.
            params: The values, in order; `None` for none.
            *args: Whatever else a session takes; this package gives nothing here.
            **kwargs: The same.
        """
        ...
