"""What is left out of fakesnow's chain would have changed nothing."""

import inspect
import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import duckdb
import pytest
import sqlglot
from fakesnow.cursor import FakeSnowflakeCursor
from fakesnow.variables import Variables
from sqlglot import exp

from cortex_tickets.local.sql.rewrites.needed_rewrites import LOOKS_AT, NeededRewrites

ALWAYS_DONE = {
    "upper_case_unquoted_identifiers",
    "update_variables",
    "sequence_nextval",
}
STATEMENTS = (
    "SELECT 1",
    'SELECT a.x, "b" FROM t AS a JOIN u ON a.x = u.x WHERE a.y > 1 QUALIFY ROW_NUMBER() OVER (ORDER BY x) = 1',
    "SELECT x + 1 AS y FROM t JOIN u ON y WHERE y = 2",
    "SELECT OBJECT_CONSTRUCT('a', x) AS o FROM t WHERE o:a = 1",
    "SELECT OBJECT_CONSTRUCT_KEEP_NULL('a', x), OBJECT_CONSTRUCT(*) FROM t",
    "SELECT v:a.b[0]::VARCHAR, v['k'], a[0]::INT, UPPER(v:x) FROM t",
    "SELECT TRY_PARSE_JSON(x), SPLIT(x, ','), TRIM(v:a), TRIM(x::VARCHAR) FROM t",
    "SELECT f.value::VARCHAR FROM t, LATERAL FLATTEN(input => t.v) AS f",
    "SELECT * FROM TABLE(FLATTEN(input => PARSE_JSON('[1]')))",
    "SELECT * FROM TABLE(RESULT_SCAN('01b'))",
    "SELECT REGEXP_REPLACE(x, 'a\\\\d'), REGEXP_SUBSTR(x, 'a', 1, 1, 'e') FROM t",
    "SELECT seq.nextval, CURRENT_VERSION(), RANDOM(7), HEX_DECODE_STRING('00'), X'FF', HAVERSINE(1, 2, 3, 4)",
    "SELECT * FROM VALUES (1, 'a'), (2, 'b')",
    "SELECT TO_DATE('2026-01-01'), '2026-01-01 10:00:00 +01:00'::TIMESTAMP_TZ, TO_TIMESTAMP('2026-01-01')",
    "SELECT TO_TIMESTAMP(x), TO_NUMBER('1'), TO_DECIMAL('1.5', 5, 2), TO_VARIANT(x) FROM t",
    "SELECT x::FLOAT, x::INT, x::NUMBER, x::VARIANT, x::ARRAY FROM t",
    "SELECT DATEADD(day, 1, x::DATE), DATEADD(day, 1, '2026-01-01'), DATEDIFF(day, '2026-01-01', '2026-01-02') FROM t",
    "SELECT ARRAY_SIZE(x), ARRAY_AGG(x) WITHIN GROUP (ORDER BY y), ARRAY_AGG(x), OBJECT_AGG(k, v) FROM t GROUP BY z",
    "SELECT ARRAY_CONSTRUCT(1, 2), ARRAY_CAT(a, b), ARRAY_CONSTRUCT_COMPACT(1, NULL)",
    "SELECT ARRAY_AGG(x) OVER (PARTITION BY y) FROM t",
    "SELECT SHA2(x), SHA2(x, 256), SHA2_HEX(x), SHA2_BINARY(x), SUM(x), AVG(x), MEDIAN(x) FROM t",
    "SELECT * FROM t SAMPLE (10)",
    "SELECT * FROM INFORMATION_SCHEMA.TABLES",
    "SELECT * FROM d.INFORMATION_SCHEMA.DATABASES",
    "SELECT * FROM IDENTIFIER('d.s.t')",
    "INSERT INTO t (a, b) SELECT x, y::TIMESTAMP_NTZ FROM u WHERE x = ?",
    "UPDATE t SET a = CURRENT_TIMESTAMP() WHERE b IN (SELECT c FROM u)",
    "DELETE FROM t WHERE a IS NULL",
    "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN UPDATE SET b = u.b",
    "CREATE TABLE t (a VARCHAR(10), b NUMBER(38, 0), c OBJECT, d TIMESTAMP_NTZ) COMMENT = 'why'",
    "CREATE OR REPLACE TABLE t AS SELECT x::VARCHAR(5) AS y FROM u",
    "CREATE TABLE t CLONE u",
    "CREATE DATABASE d",
    "CREATE STAGE s",
    "CREATE FILE FORMAT f TYPE = CSV",
    "CREATE USER somebody",
    "CREATE TAG t",
    "COMMENT ON TABLE t IS 'why'",
    "ALTER TABLE t SET COMMENT = 'why'",
    "ALTER TABLE t ALTER COLUMN a COMMENT 'why'",
    "ALTER TABLE t SET TAG a = 'b'",
    "ALTER TABLE t CLUSTER BY (a)",
    "ALTER TABLE t DROP CLUSTERING KEY",
    "ALTER TABLE t RESUME RECLUSTER",
    "ALTER SESSION SET AUTOCOMMIT = TRUE",
    "ALTER SESSION UNSET QUOTED_IDENTIFIERS_IGNORE_CASE",
    "USE DATABASE d",
    "USE SCHEMA s",
    "SET v = 1",
    "DROP SCHEMA s",
    "SHOW DATABASES",
    "SHOW USER FUNCTIONS",
    "SHOW PROCEDURES",
    "SHOW PARAMETERS LIKE 'A%' IN SESSION",
    "SHOW WAREHOUSES",
    "SHOW SCHEMAS",
    "SHOW TABLES",
    "SHOW COLUMNS IN TABLE t",
    "SHOW STAGES",
    "SHOW SEQUENCES",
    "SHOW PRIMARY KEYS IN TABLE t",
    "SHOW USERS",
    "LIST @s",
)


Chain = Callable[[Any], Any]


@pytest.fixture(scope="module")
def chain() -> Iterator[Chain]:
    """fakesnow's chain of rewrites, on whatever takes its place in it."""
    connection = SimpleNamespace(variables=Variables(), database="D", schema="S", db_path=None, table_stages={})
    with duckdb.connect() as duck:
        duck.execute("CREATE TABLE u (x VARCHAR)")
        cursor = cast("Any", SimpleNamespace(_conn=connection, _duck_conn=duck))
        yield lambda tree: FakeSnowflakeCursor._transform(cursor, tree, {"1": "x"})


def text_of(value: object) -> str:
    """The value without the moment that some definitions are stamped with."""
    return re.sub(r"\d{4}-\d\d-\d\dT[0-9:.+]+", "", str(value))


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_statement_becomes_what_the_whole_chain_makes_of_it(statement: str, chain: Chain) -> None:
    whole = chain(sqlglot.parse_one(statement, read="snowflake"))

    needed = chain(NeededRewrites(sqlglot.parse_one(statement, read="snowflake"))).tree

    assert text_of(needed.sql(dialect="duckdb")) == text_of(whole.sql(dialect="duckdb"))
    assert {name: text_of(value) for name, value in needed.args.items()} == {
        name: text_of(value) for name, value in whole.args.items()
    }


def test_each_rewrite_of_the_chain_is_known_or_always_done() -> None:
    names = set(re.findall(r"transforms\.(\w+)", inspect.getsource(FakeSnowflakeCursor._transform)))

    assert names - ALWAYS_DONE == set(LOOKS_AT)


def test_most_walks_are_saved(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    walks: list[object] = []
    walk = exp.Expression.transform

    def counted(tree: Any, rewrite: Any, **given: Any) -> Any:
        walks.append(rewrite)
        return walk(tree, rewrite, **given)

    monkeypatch.setattr(exp.Expression, "transform", counted)
    chain(NeededRewrites(sqlglot.parse_one("SELECT a, COUNT(*) FROM t WHERE b = 1 GROUP BY a", read="snowflake")))

    assert len(walks) <= 10
