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
        """Return a lazy statement with `collect(*args, **kwargs)`, whose rows answer `row.as_dict()`."""
        ...
