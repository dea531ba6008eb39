"""Tables that are altered, swapped and pivoted as Snowflake does it: rows stay, columns get its names."""

from pathlib import Path
from typing import Any

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException

from cortex_tickets import local

STATEMENTS = "SQL: statements"


def rows(session: Any, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.sql(sql).collect()]


def run(session: Any, *statements: str) -> None:
    for statement in statements:
        session.sql(statement).collect()


class TestCreateOrAlter:
    @pytest.fixture
    def kept(self, session: Any) -> Any:
        run(
            session,
            "CREATE TABLE COA (ID INT NOT NULL, V VARCHAR(5), W VARCHAR)",
            "INSERT INTO COA VALUES (1, 'x', 'gone'), (2, NULL, 'gone')",
        )
        return session

    @pytest.mark.works(STATEMENTS, "`CREATE OR ALTER TABLE`, `CREATE OR ALTER VIEW`")
    def test_rows_stay_where_columns_come_and_go(self, kept: Any) -> None:
        run(kept, "CREATE OR ALTER TABLE COA (ID INT NOT NULL, V VARCHAR(9), Z INT DEFAULT 7, O OBJECT)")
        assert rows(kept, "SELECT ID, V, Z, O FROM COA ORDER BY ID") == [(1, "x", 7, None), (2, None, 7, None)]
        described = {row["name"]: row["type"] for row in kept.sql("DESCRIBE TABLE COA").collect()}
        assert described == {"ID": "NUMBER(38,0)", "V": "VARCHAR(9)", "Z": "NUMBER(38,0)", "O": "OBJECT"}
        run(kept, "INSERT INTO COA (ID, V) VALUES (3, '123456789')")
        with pytest.raises(SnowparkSQLException, match="is too long and would be truncated"):
            run(kept, "INSERT INTO COA (ID, V) VALUES (4, '1234567890')")

    def test_a_table_that_is_not_there_is_made_and_a_view_is_replaced(self, session: Any) -> None:
        run(session, "CREATE OR ALTER TABLE FRESH (ID INT)", "INSERT INTO FRESH VALUES (1)")
        run(
            session, "CREATE OR ALTER VIEW SEEN AS SELECT 1 AS ONE", "CREATE OR ALTER VIEW SEEN AS SELECT ID FROM FRESH"
        )
        assert rows(session, "SELECT * FROM SEEN") == [(1,)]

    @pytest.mark.parametrize(
        "columns", ["ID INT NOT NULL, V VARCHAR(5), W VARCHAR, N INT NOT NULL", "ID INT, W VARCHAR(2)", "ID DATE"]
    )
    def test_what_the_rows_do_not_take_changes_nothing(self, kept: Any, columns: str) -> None:
        before = rows(kept, "SELECT * FROM COA ORDER BY ID")
        with pytest.raises(Exception, match=r"NULL result|too long|another type"):
            run(kept, f"CREATE OR ALTER TABLE COA ({columns})")
        assert rows(kept, "SELECT * FROM COA ORDER BY ID") == before

    def test_it_is_there_after_a_restart(self, tmp_path: Path) -> None:
        with local.Engine(tmp_path) as engine, engine.session() as session:
            run(session, "CREATE TABLE COA (ID INT)", "INSERT INTO COA VALUES (1)")
            run(session, "CREATE OR ALTER TABLE COA (ID INT, Z INT)")
        with local.Engine(tmp_path) as engine, engine.session() as session:
            assert rows(session, "SELECT * FROM COA") == [(1, None)]

    @pytest.mark.refuses(
        STATEMENTS,
        "`CREATE OR ALTER TABLE` with another type for a column",
        code=2,
        words="CREATE OR ALTER TABLE with another type for ID",
        why="It keeps the types of columns; a longer NUMBER of the same scale is fine.",
    )
    def test_types_of_columns_stay(self, kept: Any, is_refused: Any) -> None:
        is_refused(kept.sql("CREATE OR ALTER TABLE COA (ID VARCHAR, V VARCHAR)").collect)

    @pytest.mark.refuses(
        STATEMENTS,
        "`CREATE OR ALTER` of anything but tables and views",
        code=2,
        words="CREATE OR ALTER SCHEMA",
        why="It alters tables and views alone.",
    )
    def test_other_objects_are_not_altered(self, session: Any, is_refused: Any) -> None:
        is_refused(session.sql("CREATE OR ALTER SCHEMA S").collect)


class TestSwap:
    @pytest.mark.works(STATEMENTS, "`ALTER TABLE .. SWAP WITH`")
    def test_two_tables_change_names(self, session: Any) -> None:
        run(
            session,
            "CREATE TABLE ONE (T VARCHAR(3))",
            "CREATE TABLE OTHER (A INT, B INT)",
            "INSERT INTO ONE VALUES ('abc')",
            "INSERT INTO OTHER VALUES (1, 2), (3, 4)",
            "ALTER TABLE ONE SWAP WITH OTHER",
        )
        assert rows(session, "SELECT * FROM ONE ORDER BY A") == [(1, 2), (3, 4)]
        assert rows(session, "SELECT * FROM OTHER") == [("abc",)]
        assert [row["type"] for row in session.sql("DESCRIBE TABLE OTHER").collect()] == ["VARCHAR(3)"]
        with pytest.raises(SnowparkSQLException, match="is too long"):
            run(session, "INSERT INTO OTHER VALUES ('abcd')")

    def test_a_table_that_is_not_there_leaves_the_other(self, session: Any) -> None:
        run(session, "CREATE TABLE ONE AS SELECT 1 AS A")
        with pytest.raises(SnowparkSQLException, match="does not exist or not authorized"):
            run(session, "ALTER TABLE ONE SWAP WITH NOWHERE")
        assert rows(session, "SELECT * FROM ONE") == [(1,)]

    @pytest.mark.refuses(
        STATEMENTS,
        "`SWAP WITH` a table of another schema, or a temporary one",
        code=2,
        words="SWAP WITH a table of another schema",
        why="DuckDB moves no table between schemas.",
    )
    def test_tables_of_two_schemas_are_not_swapped(self, session: Any, is_refused: Any) -> None:
        run(session, "CREATE TABLE ONE (A INT)", "CREATE OR REPLACE TABLE PUBLIC.OTHER_ONE (A INT)")
        is_refused(session.sql("ALTER TABLE ONE SWAP WITH PUBLIC.OTHER_ONE").collect)


class TestPivot:
    @pytest.fixture
    def months(self, session: Any) -> Any:
        run(session, "CREATE TABLE M AS SELECT COLUMN1 AS K, COLUMN2 AS M, COLUMN3 AS V FROM VALUES "
                     "('a', 'JAN', 1), ('a', 'FEB', 2), ('b', 'JAN', 3)")  # fmt: skip
        return session

    @pytest.mark.works(STATEMENTS, "`PIVOT` over a list, `ANY` or a subquery")
    @pytest.mark.parametrize(
        ("values", "names"),
        [
            ("'JAN', 'FEB'", ["'JAN'", "'FEB'"]),
            ("ANY ORDER BY M DESC", ["'JAN'", "'FEB'"]),
            ("ANY", ["'FEB'", "'JAN'"]),
            ("SELECT DISTINCT M FROM M WHERE M = 'JAN'", ["'JAN'"]),
            ("'JAN' AS FIRST", ["FIRST"]),
        ],
    )
    def test_values_become_columns(self, months: Any, values: str, names: list[str]) -> None:
        found = months.sql(f"SELECT * FROM M PIVOT(SUM(V) FOR M IN ({values})) ORDER BY K").collect()
        assert list(found[0].as_dict()) == ["K", *names]
        expected = {"'JAN'": [1, 3], "'FEB'": [2, None], "FIRST": [1, 3]}
        assert [[row[name] for row in found] for name in names] == [expected[name] for name in names]

    @pytest.mark.works("Snowpark", "`pivot` with a list, with a frame and without")
    def test_frames_are_pivoted(self, months: Any) -> None:
        table = months.table("M")
        for pivoted in (
            table.pivot("M", ["FEB", "JAN"]),
            table.pivot("M"),
            table.pivot("M", months.table("M").select("M").distinct()),
        ):
            frame = pivoted.sum("V").sort("K")
            assert set(frame.columns) == {"K", "\"'JAN'\"", "\"'FEB'\""}
            assert [(row["K"], row["'JAN'"], row["'FEB'"]) for row in frame.collect()] == [("a", 1, 2), ("b", 3, None)]

    def test_any_is_what_is_there_now(self, months: Any) -> None:
        sql = "SELECT * FROM M PIVOT(COUNT(V) FOR M IN (ANY)) ORDER BY K"
        assert len(months.sql(sql).collect()[0]) == 3
        run(months, "START TRANSACTION", "INSERT INTO M VALUES ('c', 'MAR', 9)")
        assert len(months.sql(sql).collect()[0]) == 4
        run(months, "ROLLBACK")
        assert len(months.sql(sql).collect()[0]) == 3

    @pytest.mark.refuses(
        STATEMENTS,
        "`PIVOT .. DEFAULT ON NULL`",
        code=2,
        words="PIVOT .. DEFAULT ON NULL",
        why="DuckDB has none.",
    )
    def test_a_default_is_refused(self, months: Any, is_refused: Any) -> None:
        is_refused(months.sql("SELECT * FROM M PIVOT(SUM(V) FOR M IN (ANY) DEFAULT ON NULL (0))").collect)

    @pytest.mark.refuses(
        STATEMENTS,
        "`PIVOT .. ANY` over what a model answers or chance draws",
        code=2,
        words="would be asked or drawn twice",
        why="Its rows are read twice.",
    )
    def test_a_model_is_not_asked_twice_for_the_sake_of_columns(self, months: Any, is_refused: Any) -> None:
        asked = "(SELECT K, V, AI_COMPLETE('llama3.1-8b', M) AS M FROM M)"
        is_refused(months.sql(f"SELECT * FROM {asked} PIVOT(SUM(V) FOR M IN (ANY))").collect)


@pytest.mark.works(STATEMENTS, "`START TRANSACTION`, `BEGIN NAME ..`")
def test_a_transaction_is_started(session: Any) -> None:
    run(session, "CREATE TABLE T (A INT)", "START TRANSACTION", "INSERT INTO T VALUES (1)", "ROLLBACK")
    run(session, "BEGIN NAME T1", "INSERT INTO T VALUES (2)", "COMMIT")
    assert rows(session, "SELECT * FROM T") == [(2,)]


@pytest.mark.refuses(
    STATEMENTS, "`CREATE SCHEMA .. CLONE`", code=2, words="CREATE SCHEMA .. CLONE", why="It clones tables one by one."
)
def test_a_schema_is_not_cloned(session: Any, is_refused: Any) -> None:
    is_refused(session.sql("CREATE SCHEMA COPIED CLONE PUBLIC").collect)


@pytest.mark.works(STATEMENTS, "`COPY INTO` without FROM, out of the table's own stage")
def test_a_table_is_filled_from_its_own_stage(session: Any, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("1,a\n2,b\n", encoding="utf-8")
    run(session, "CREATE TABLE OWN (A INT, B VARCHAR)", 'CREATE TABLE "Own 2" (A INT, B VARCHAR)')
    session.file.put(str(tmp_path / "rows.csv"), "@%OWN", auto_compress=False)
    run(session, "COPY INTO OWN FILE_FORMAT = (TYPE = CSV)")
    assert rows(session, "SELECT * FROM OWN ORDER BY A") == [(1, "a"), (2, "b")]
    run(session, 'COPY INTO "Own 2" FILE_FORMAT = (TYPE = CSV)')
    assert rows(session, 'SELECT * FROM "Own 2"') == []


@pytest.mark.refuses(
    STATEMENTS,
    "`COPY INTO` a table with `VALIDATION_MODE`",
    code=2,
    words="copy option VALIDATION_MODE",
    why="It loads files and does not try them.",
)
def test_files_are_not_tried(session: Any, is_refused: Any) -> None:
    run(session, "CREATE TABLE OWN (A INT)")
    is_refused(session.sql("COPY INTO OWN FROM @~ VALIDATION_MODE = RETURN_ERRORS").collect)
