"""SELECT over staged files, INFER_SCHEMA and results of earlier statements among them."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
from fakesnow.statement_type import statement_type_id
from snowflake.connector.errors import ProgrammingError
from sqlglot import exp

from cortex_tickets.local.sql.result import Result
from cortex_tickets.local.sql.rewrites.bind_names import PREFIX, bound_values
from cortex_tickets.local.stages.context import Connect, StageContext
from cortex_tickets.local.stages.file_format import FileFormat
from cortex_tickets.local.stages.inferred_schema import inferred_schema
from cortex_tickets.local.stages.staged_tables import FILE_NAME, ROW_NUMBER, staged_table

TABLE = "ENGINE_STAGED_"


def reads_stage(statement: exp.Expr) -> bool:
    """Whether a query has a stage, INFER_SCHEMA or RESULT_SCAN for a table."""
    tables = statement.find_all(exp.Table, exp.TableFromRows)
    return any(_reference(table) or _inference(table) or _scan(table) for table in tables)


@dataclass(frozen=True, slots=True)
class StagedQuery:
    """A query over staged files, ready to run."""

    statement: exp.Expr
    context: StageContext

    def run(self, connect: Connect) -> Result:
        """The rows."""
        statement = self.statement.copy()
        tables: dict[str, pa.Table] = {}
        for table in list(statement.find_all(exp.Table, exp.TableFromRows)):
            name = f"{TABLE}{len(tables)}"
            if reference := _reference(table):
                pattern = table.args.get("pattern")
                tables[name], file_format = self._rows(reference, table.args.get("format"), pattern)
                over_staged_columns(statement, tables[name], file_format)
            elif inference := _inference(table):
                tables[name] = self._schema(inference)
            elif scan := _scan(table):
                tables[name], kept = self._kept(scan)
                table.replace(exp.Subquery(this=_typed(name, kept), alias=table.args.get("alias")))
                continue
            else:
                continue
            table.replace(exp.Table(this=exp.to_identifier(name, quoted=True), alias=table.args.get("alias")))
        binds = bound_values(self.context.values, sorted(_numbers(statement)))
        sql = self.context.duck_text(statement)
        with connect(None) as duck:
            for name, rows in tables.items():
                duck.duck.register(name, rows)
            try:
                found = duck.execute(sql, binds).to_arrow_table()
                return Result(found, tuple(duck.column_types), statement_type_id(exp.Select()))
            finally:
                for name in tables:
                    duck.duck.unregister(name)

    def _rows(self, reference: str, given: exp.Expr | None, pattern: exp.Expr | None) -> tuple[pa.Table, FileFormat]:
        place = self.context.place(reference)
        file_format = self.context.format(None if given is None else given.name, place)
        files = self.context.store.files(place, "" if pattern is None else pattern.name)
        found = [staged_table(file, file_format).table for file in files]
        table = pa.concat_tables(found, promote_options="permissive") if found else _nothing()
        return table, file_format

    def _schema(self, call: exp.Anonymous) -> pa.Table:
        arguments = {item.this.name.upper(): self._text(item.expression) for item in call.expressions}
        place = self.context.place(arguments["LOCATION"])
        file_format = self.context.format(arguments.get("FILE_FORMAT"), place)
        return inferred_schema(self.context.store.files(place), file_format)

    def _kept(self, call: exp.Anonymous) -> tuple[pa.Table, Result]:
        """The result of an earlier statement of the session."""
        query_id = self._text(call.expressions[0]) if call.expressions else ""
        result = self.context.session.past_results.result(query_id)
        if result is None:
            raise ProgrammingError(msg=f"Statement {query_id} not found", errno=709, sqlstate="02000")
        return result.table, result

    def _text(self, value: exp.Expr) -> str:
        if isinstance(value, exp.Placeholder):
            return str(self.context.values[int(value.name.removeprefix(PREFIX)) - 1])
        return value.name


def over_staged_columns(statement: exp.Expr, table: pa.Table, file_format: FileFormat) -> None:
    """Write `$1` as a column of the staged file, and `$1:"A"` as Parquet's column A."""
    is_document = file_format.kind != "CSV"
    for extract in list(statement.find_all(exp.JSONExtract)):
        keys = extract.expression.expressions[1:] if isinstance(extract.expression, exp.JSONPath) else []
        if file_format.kind == "PARQUET" and _number(extract.this) == 1 and len(keys) == 1:
            extract.replace(_column(str(keys[0].this), table))
    for node in list(statement.find_all(exp.Column, exp.Parameter)):
        number = _number(node)
        if number is None or isinstance(node.parent, exp.Column):
            continue
        if file_format.kind == "PARQUET":
            node.replace(exp.Anonymous(this="TO_JSON", expressions=[_whole_row(table)]))
        else:
            staged = _column("".join(table.column_names[:-2][number - 1 : number]), table)
            node.replace(exp.Cast(this=staged, to=exp.DataType(this=exp.DType.JSON)) if is_document else staged)
    for column in statement.find_all(exp.Column):
        if column.name.upper().startswith("METADATA$"):
            column.this.set("quoted", value=True)


def _whole_row(table: pa.Table) -> exp.Struct:
    names = [name for name in table.column_names if name not in {FILE_NAME, ROW_NUMBER}]
    pairs = [
        exp.PropertyEQ(this=exp.to_identifier(name, quoted=True), expression=_column(name, table)) for name in names
    ]
    return exp.Struct(expressions=pairs)


def _column(name: str, table: pa.Table) -> exp.Expr:
    return exp.column(exp.to_identifier(name, quoted=True)) if name in table.column_names else exp.Null()


def _number(node: exp.Expr) -> int | None:
    """The n of `$n`, with or without a table's name before it."""
    if isinstance(node, exp.Column):
        node = node.this
    if isinstance(node, exp.Parameter) and isinstance(node.this, exp.Literal) and not node.this.is_string:
        return int(node.this.name)
    return None


def _reference(table: exp.Expr) -> str:
    if isinstance(table, exp.Table) and isinstance(table.this, exp.Var | exp.Literal) and table.name.startswith("@"):
        return table.name
    return ""


def _inference(table: exp.Expr) -> exp.Anonymous | None:
    call = table.this
    is_it = isinstance(call, exp.Anonymous) and call.name.upper() == "INFER_SCHEMA"
    return call if is_it else None


def _scan(table: exp.Expr) -> exp.Anonymous | None:
    call = table.this
    return call if isinstance(call, exp.Anonymous) and call.name.upper() == "RESULT_SCAN" else None


def _typed(name: str, result: Result) -> exp.Select:
    """The rows of an earlier result with their types: JSON comes as text from Arrow."""
    columns = []
    for column, kind in result.column_types:
        value: exp.Expr = exp.column(exp.to_identifier(column, quoted=True))
        if kind in {"JSON", "ARRAY", "OBJECT"}:
            value = exp.alias_(exp.Cast(this=value, to=exp.DataType(this=exp.DType.JSON)), column, quoted=True)
        columns.append(value)
    return exp.select(*columns).from_(exp.Table(this=exp.to_identifier(name, quoted=True)))


def _numbers(statement: exp.Expr) -> set[int]:
    return {int(node.name.removeprefix(PREFIX)) for node in statement.find_all(exp.Placeholder)}


def _nothing() -> pa.Table:
    return pa.table({name: pa.array([], pa.string()) for name in ("c1", FILE_NAME, ROW_NUMBER)})
