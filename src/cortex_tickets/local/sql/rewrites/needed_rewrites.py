"""fakesnow's chain of rewrites, without those that find nothing to rewrite in a statement.

The chain walks the whole tree some eighty times, and most statements need a dozen of the walks. They were a third of
the processor time of a small statement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

Rewrite = Callable[..., Any]

_OF_COMMANDS = (exp.Command, exp.Show)
_OF_DEFINITIONS = (exp.Create, exp.Alter, exp.Drop, exp.Comment, exp.Command)
_OF_TYPES = (exp.DataType,)
_SUMS = (exp.Sum, exp.Avg, exp.Variance, exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.VariancePop, exp.Median)
LOOKS_AT: dict[str, tuple[type[exp.Expr], ...]] = {
    "identifier": (exp.DynamicIdentifier, exp.Anonymous),
    "alter_session": (exp.Alter,),
    "current_version": (exp.CurrentVersion,),
    "set_schema": (exp.Use,),
    "create_database": (exp.Create,),
    "extract_comment_on_table": _OF_DEFINITIONS,
    "extract_comment_on_columns": _OF_DEFINITIONS,
    "information_schema_fs": (exp.Table,),
    "information_schema_databases": (exp.Table,),
    "drop_schema_cascade": (exp.Drop,),
    "tag": _OF_DEFINITIONS,
    "semi_structured_types": _OF_TYPES,
    "try_parse_json": (exp.Anonymous,),
    "split": (exp.Split,),
    "trim_cast_varchar": (exp.Trim,),
    "indices_to_json_extract": (exp.Bracket,),
    "json_extract_cast_as_varchar": (exp.JSONExtract,),
    "json_extract_cased_as_varchar": (exp.JSONExtract,),
    "json_extract_precedence": (exp.JSONExtract, exp.JSONExtractScalar),
    "flatten_value_cast_as_varchar": (exp.Explode,),
    "flatten": (exp.Explode,),
    "regex_replace": (exp.RegexpReplace,),
    "regex_substr": (exp.RegexpExtract,),
    "result_scan": (exp.TableFromRows,),
    "values_columns": (exp.Values,),
    "to_date": (exp.Anonymous,),
    "timestamp_offsets": (exp.Cast,),
    "to_decimal": (exp.ToNumber,),
    "to_timestamp": (exp.UnixToTime, exp.Anonymous, exp.Cast),
    "to_variant": (exp.ToVariant,),
    "object_construct": (exp.StarMap, exp.Struct, exp.JSONObject),
    "timestamp_ntz": _OF_TYPES,
    "float_to_double": _OF_TYPES,
    "integer_precision": _OF_TYPES,
    "extract_text_length": (exp.Create, exp.Alter),
    "sample": (exp.TableSample,),
    "array_size": (exp.ArraySize,),
    "random": (exp.Rand,),
    "array_agg_within_group": (exp.WithinGroup,),
    "array_agg": (exp.ArrayAgg,),
    "object_agg": (exp.ObjectAgg,),
    "array_construct_etc": (exp.Array, exp.ArrayConcat, exp.ArrayConstructCompact),
    "dateadd_date_cast": (exp.DateAdd,),
    "dateadd_string_literal_timestamp_cast": (exp.DateAdd,),
    "datediff_string_literal_timestamp_cast": (exp.DateDiff,),
    "show_databases": _OF_COMMANDS,
    "show_functions": _OF_COMMANDS,
    "show_procedures": _OF_COMMANDS,
    "show_parameters": _OF_COMMANDS,
    "show_warehouses": _OF_COMMANDS,
    "show_schemas": _OF_COMMANDS,
    "show_tables_etc": _OF_COMMANDS,
    "show_columns": _OF_COMMANDS,
    "show_stages": _OF_COMMANDS,
    "show_sequences": _OF_COMMANDS,
    "show_keys": _OF_COMMANDS,
    "show_users": _OF_COMMANDS,
    "create_user": _OF_COMMANDS,
    "haversine": (exp.Anonymous,),
    "hex_string": (exp.HexString,),
    "sha256": (exp.SHA2, exp.SHA2Digest, exp.Anonymous),
    "create_clone": (exp.Clone,),
    "numeric_agg_implicit_cast": _SUMS,
    "alias_in_join": (exp.Join,),
    "alias_in_where": (exp.Where,),
    "alter_table_strip_cluster_by": _OF_DEFINITIONS,
    "create_stage": (exp.Create,),
    "create_file_format": (exp.Create,),
    "list_stage": (exp.ListStage,),
    "put_stage": (exp.Put,),
    "create_table_as": (exp.Create,),
}
"""Without a node of one of these kinds in the tree, the rewrite changes nothing.

A rewrite that does not stand here is always done: so is one that a newer fakesnow adds.
"""


class NeededRewrites:
    """A statement's tree, as fakesnow's chain of `transform(...)` calls sees it.

    Args:
        tree: The statement. It is changed in place.
    """

    def __init__(self, tree: exp.Expr) -> None:
        self.tree = tree
        self._found = _rewrites_of(tree)

    def transform(self, rewrite: Rewrite, **given: Any) -> NeededRewrites:
        """Apply a rewrite to every node, if there is one that it looks at."""
        name = name_of(rewrite)
        if name not in LOOKS_AT or name in self._found:
            self.tree = self.tree.transform(rewrite, **given)
            self._found = _rewrites_of(self.tree)
        return self


def name_of(rewrite: Rewrite) -> str | None:
    """The name of one of fakesnow's rewrites, which some stand in a lambda for."""
    if rewrite.__name__ != "<lambda>":
        return rewrite.__name__
    return next((name for name in rewrite.__code__.co_names if name in LOOKS_AT), None)


def _rewrites_of(tree: exp.Expr) -> frozenset[str]:
    kinds = {type(node) for node in tree.walk()}
    return frozenset(name for kind in kinds for name in _rewrites_of_kind(kind))


_KNOWN: dict[type[exp.Expr], frozenset[str]] = {}
"""What was found for a kind of node before; there are some hundred kinds."""


def _rewrites_of_kind(kind: type[exp.Expr]) -> frozenset[str]:
    if kind not in _KNOWN:
        _KNOWN[kind] = frozenset(name for name, kinds in LOOKS_AT.items() if issubclass(kind, kinds))
    return _KNOWN[kind]
