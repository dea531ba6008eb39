"""The real Snowpark session, unchanged, on the engine: frames, tables, files and transactions."""

import copy
import datetime as dt
import decimal
from typing import Any

import pandas as pd  # type: ignore[import-untyped]  # its stubs are a package of their own
import pytest
from snowflake.snowpark import Session, Window
from snowflake.snowpark.exceptions import SnowparkSQLException
from snowflake.snowpark.functions import (
    col,
    count,
    lit,
    row_number,
    vector_l2_distance,
    when_matched,
    when_not_matched,
)
from snowflake.snowpark.functions import sum as sum_of
from snowflake.snowpark.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    IntegerType,
    MapType,
    StringType,
    StructField,
    StructType,
    TimestampType,
    TimeType,
    VariantType,
    VectorType,
)

from cortex_tickets import local

TYPED = StructType(
    [
        StructField("I", IntegerType()),
        StructField("S", StringType()),
        StructField("D", DateType()),
        StructField("N", DecimalType(10, 2)),
        StructField("V", VariantType()),
        StructField("A", ArrayType()),
        StructField("M", MapType()),
        StructField("B", BooleanType()),
        StructField("F", DoubleType()),
        StructField("T", TimestampType()),
        StructField("C", TimeType()),
        StructField("X", BinaryType()),
    ]
)


def refused(call: Any) -> int:
    with pytest.raises(SnowparkSQLException) as raised:
        call()
    return int(raised.value.sql_error_code or 0)


@pytest.fixture
def kinds(session: Session) -> Any:
    frame = session.create_dataframe([(1, "a", 1.0), (2, "b", 2.0), (3, "a", 3.0)], schema=["ID", "G", "X"])
    frame.write.save_as_table("KINDS")
    return session.table("KINDS")


class TestFrames:
    @pytest.mark.works("Snowpark", "`create_dataframe`", "Values of every type")
    def test_values_of_every_type_come_back_as_they_went(self, session: Session) -> None:
        moment = dt.datetime(2024, 1, 2, 3, 4, 5, 678)  # noqa: DTZ001 - NTZ has no zone
        given = [1, "it's\n$1", moment.date(), decimal.Decimal("1.50"), {"k": [1, None]}, [1, 2], {"a": 1}]
        given += [True, 1.5, moment, dt.time(1, 2, 3), b"x"]
        found, empty = session.create_dataframe([given, [None] * 12], schema=TYPED).collect()
        expected = [*given[:4], '{"k":[1,null]}', "[1,2]", '{"a":1}', *given[7:11], bytearray(b"x")]
        assert list(found) == expected
        assert list(empty) == [None] * 12

    @pytest.mark.works("Snowpark", "`create_dataframe` of many rows, bound at once")
    def test_many_rows_are_bound_at_once(self, session: Session) -> None:
        rows = [(i, f"t{i}", None if i % 2 else dt.date(2024, 1, 1), decimal.Decimal(i) / 4) for i in range(700)]
        frame = session.create_dataframe(rows, schema=["I", "S", "D", "N"])
        assert frame.count() == 700
        last = frame.sort(col("I").desc()).first()
        assert last is not None
        assert tuple(last) == (699, "t699", None, decimal.Decimal("174.75"))

    @pytest.mark.works("Snowpark", "`table`", "`filter`", "`with_column`", "`join`", "`group_by`", "`sort`")
    @pytest.mark.works("Snowpark", "`select`", "`union_all`", "`distinct`", "`drop_duplicates`", "Window functions")
    def test_frames_are_filtered_joined_and_grouped(self, kinds: Any) -> None:
        doubled = kinds.with_column("Y", col("X") * 2).filter(col("ID") > 1)
        other = kinds.select(col("ID").alias("OTHER"))
        joined = doubled.join(other, doubled["ID"] == other["OTHER"])
        grouped = joined.group_by("G").agg(sum_of("Y").alias("TOTAL"), count(lit(1)).alias("N")).sort("G")
        assert [tuple(row) for row in grouped.collect()] == [("a", 6.0, 1), ("b", 4.0, 1)]
        assert len(kinds.join(copy.copy(kinds), "ID").collect()) == 3
        ranked = kinds.select("ID", row_number().over(Window.partition_by("G").order_by("ID")).alias("R")).sort("ID")
        assert [row["R"] for row in ranked.collect()] == [1, 1, 2]
        assert kinds.drop_duplicates("G").count() == 2
        assert kinds.union_all(kinds).distinct().count() == 3

    @pytest.mark.works("Snowpark", "`random_split`", "`cache_result`", "`range`", "`count`")
    def test_a_split_loses_nothing_and_a_cached_frame_is_a_table(self, session: Session) -> None:
        one, other = session.range(100).random_split([0.8, 0.2], seed=7)
        assert one.count() + other.count() == 100
        with session.range(10).cache_result() as cached:
            assert cached.count() == 10

    @pytest.mark.works("Snowpark", "`to_pandas`", "`create_dataframe` of a pandas frame")
    def test_pandas_comes_out_and_goes_in(self, session: Session, kinds: Any) -> None:
        assert kinds.to_pandas().sort_values("ID")["G"].tolist() == ["a", "b", "a"]
        frame = session.create_dataframe(pd.DataFrame({"A": [1, 2], "b": ["x", None]}))
        assert [tuple(row) for row in frame.sort("A").collect()] == [(1, "x"), (2, None)]

    @pytest.mark.works("Snowpark", "`VECTOR`", "`vector_l2_distance`")
    def test_vectors_are_columns(self, session: Session) -> None:
        schema = StructType([StructField("ID", IntegerType()), StructField("V", VectorType(float, 3))])
        session.create_dataframe([(1, [3.0, 4.0, 0.0])], schema=schema).write.save_as_table("VECTORS")
        table = session.table("VECTORS")
        assert table.schema.fields[1].datatype == VectorType(float, 3)
        assert table.collect()[0]["V"] == [3.0, 4.0, 0.0]
        assert table.select(vector_l2_distance(col("V"), col("V"))).collect()[0][0] == 0
        assert [row["type"] for row in session.sql("DESCRIBE TABLE VECTORS").collect()][1] == "VECTOR(FLOAT, 3)"


class TestTables:
    @pytest.mark.works(
        "Snowpark", "`write.save_as_table`", "`write.mode`: append, overwrite, ignore, truncate, errorifexists"
    )
    def test_every_mode_of_saving(self, session: Session, kinds: Any) -> None:
        counts = []
        for mode in ("append", "overwrite", "ignore", "truncate"):
            kinds.limit(2).write.save_as_table("SAVED", mode=mode)
            counts.append(session.table("SAVED").count())
        assert counts == [2, 2, 2, 2]
        kinds.write.save_as_table("SAVED", mode="append")
        assert session.table("SAVED").count() == 5
        assert refused(lambda: kinds.write.save_as_table("SAVED", mode="errorifexists")) == 2002
        for kind in ("temporary", "transient"):
            kinds.write.save_as_table(f"SAVED_{kind}", mode="append", table_type=kind)
            assert session.table(f"SAVED_{kind}").count() == 3

    @pytest.mark.works("Snowpark", "`Table.merge`", "`Table.update`", "`Table.delete`")
    def test_merge_update_and_delete(self, session: Session, kinds: Any) -> None:
        source = session.create_dataframe([(1, "z"), (9, "n")], schema=["ID", "G"])
        merged = kinds.merge(
            source,
            kinds["ID"] == source["ID"],
            [
                when_matched().update({"G": source["G"]}),
                when_not_matched().insert({"ID": source["ID"], "G": source["G"], "X": lit(0.0)}),
            ],
        )
        assert tuple(merged) == (1, 1, 0)
        assert kinds.update({"X": lit(5)}, kinds["ID"] == 9).rows_updated == 1
        assert kinds.update({"G": source["G"]}, kinds["ID"] == source["ID"], source).rows_updated == 2
        assert kinds.delete(kinds["ID"] == 2).rows_deleted == 1
        assert sorted(tuple(row) for row in kinds.collect()) == [(1, "z", 1.0), (3, "a", 3.0), (9, "n", 5.0)]

    def test_a_row_that_two_source_rows_would_change_is_refused(self, session: Session, kinds: Any) -> None:
        source = session.create_dataframe([(1, "x"), (1, "y"), (8, "p"), (8, "q")], schema=["ID", "G"])
        on = kinds["ID"] == source["ID"]
        assert refused(lambda: kinds.merge(source, on, [when_matched().update({"G": source["G"]})])) == 100090
        chosen = when_matched(source["G"] == "x").update({"G": source["G"]})
        assert kinds.merge(source, on, [chosen]).rows_updated == 1
        inserted = when_not_matched().insert({"ID": source["ID"], "G": source["G"]})
        assert kinds.merge(source, on, [inserted]).rows_inserted == 2

    def test_a_merge_that_fails_in_a_transaction_says_why(self, session: Session) -> None:
        session.sql("CREATE TABLE NARROW (A VARCHAR(2))").collect()
        session.sql("BEGIN").collect()
        session.sql("INSERT INTO NARROW VALUES ('a')").collect()
        merge = (
            "MERGE INTO NARROW USING (SELECT 'long' AS A) S ON NARROW.A = S.A WHEN NOT MATCHED THEN INSERT VALUES (S.A)"
        )
        assert refused(session.sql(merge).collect) == 100078
        session.sql("ROLLBACK").collect()

    def test_a_replacement_that_fails_leaves_the_table(self, session: Session) -> None:
        session.sql("CREATE TABLE KEPT (A VARCHAR(9)) AS SELECT 'old'").collect()
        replacement = session.sql("CREATE OR REPLACE TABLE KEPT (A VARCHAR(2)) AS SELECT 'long'")
        assert refused(replacement.collect) == 100078
        assert session.table("KEPT").collect()[0]["A"] == "old"
        session.sql("CREATE TABLE IF NOT EXISTS KEPT (A VARCHAR(2)) AS SELECT 'x'").collect()
        assert session.table("KEPT").count() == 1

    @pytest.mark.works("Snowpark", "`create_or_replace_temp_view`", "Temporary tables")
    def test_temporary_objects_are_the_sessions_own(self, engine: local.Engine) -> None:
        with engine.session() as one, engine.session() as other:
            one.sql("CREATE OR REPLACE TABLE SHADOWED AS SELECT 'all' AS A").collect()
            one.sql("CREATE TEMP TABLE SHADOWED AS SELECT A || ' mine' AS A FROM SHADOWED").collect()
            one.sql("SELECT 7 AS A").create_or_replace_temp_view("SEEN")
            assert one.table("SHADOWED").collect()[0]["A"] == "all mine"
            assert one.table("SEEN").collect()[0]["A"] == 7
            assert other.table("SHADOWED").collect()[0]["A"] == "all"
            assert refused(other.table("SEEN").collect) == 2003
            one.sql("ALTER TABLE SHADOWED RENAME TO RENAMED").collect()
            assert one.table("RENAMED").collect()[0]["A"] == "all mine"
            one.sql("DROP TABLE RENAMED").collect()
            assert one.table("SHADOWED").collect()[0]["A"] == "all"

    @pytest.mark.works("Snowpark", "Transactions")
    def test_a_transaction_ends_as_it_is_told(self, session: Session, kinds: Any) -> None:
        session.sql("BEGIN").collect()
        kinds.delete()
        session.sql("ROLLBACK").collect()
        assert kinds.count() == 3

    def test_an_array_is_searched_for_a_value(self, session: Session) -> None:
        found = session.sql(
            "SELECT ARRAY_CONTAINS('a'::VARIANT, ['a', 'b']), ARRAY_CONTAINS(3::VARIANT, [1])"
        ).collect()
        assert tuple(found[0]) == (True, False)


class TestSession:
    @pytest.mark.works("Snowpark", "`query_tag`", "`update_query_tag`", "`statement_params`")
    def test_the_query_tag_is_kept_and_told(self, session: Session, kinds: Any) -> None:
        session.query_tag = '{"a": 1}'
        session.update_query_tag({"b": 2})
        assert session.sql("SHOW PARAMETERS LIKE 'query_tag'").collect()[0]["value"] == '{"a": 1, "b": 2}'
        session.query_tag = ""
        assert len(kinds.collect(statement_params={"QUERY_TAG": "mine"})) == 3

    @pytest.mark.works("Snowpark", "`collect_nowait`", "`block=False`")
    def test_asynchronous_answers_of_every_kind(self, kinds: Any) -> None:
        assert kinds.count(block=False).result() == 3
        assert len(kinds.to_pandas(block=False).result()) == 3
        assert len(kinds.collect_nowait().result()) == 3


# The connector's own call into pandas.
@pytest.mark.filterwarnings("ignore:is_datetime64tz_dtype is deprecated:DeprecationWarning")
class TestWritePandas:
    @pytest.mark.works("Snowpark", "`write_pandas`")
    def test_a_table_is_made_of_the_frames_own_columns(self, session: Session) -> None:
        frame = pd.DataFrame(
            {
                "ID": [1, 2, 3],
                "a Text": ["x", "y\n'z\"", None],
                "D": [dt.date(2024, 1, 1)] * 3,
                "T": pd.to_datetime(["2024-01-01 01:02:03"] * 3),
                "F": [1.5, None, 2.0],
            }
        )
        table = session.write_pandas(
            frame, "WRITTEN", auto_create_table=True, overwrite=True, use_logical_type=True, quote_identifiers=True
        )
        moment = dt.datetime(2024, 1, 1, 1, 2, 3)  # noqa: DTZ001 - NTZ has no zone
        found = [tuple(row) for row in table.sort("ID").collect()]
        assert found[0] == (1, "x", dt.date(2024, 1, 1), moment, 1.5)
        assert found[1][1] == "y\n'z\""
        assert found[2][1] is None
        assert session.write_pandas(frame[["ID", "a Text"]], "WRITTEN").count() == 6

    @pytest.mark.parametrize("kind", ["temp", "transient"])
    def test_tables_of_other_kinds(self, session: Session, kind: Any) -> None:
        frame = pd.DataFrame({"A": [1]})
        table = session.write_pandas(frame, "OTHER", auto_create_table=True, overwrite=True, table_type=kind)
        assert table.count() == 1


def test_a_warehouse_is_a_name(engine: local.Engine) -> None:
    with engine.session() as session:
        created = session.sql("CREATE WAREHOUSE IF NOT EXISTS W WAREHOUSE_SIZE = SMALL").collect()
        assert created[0]["status"] == "Warehouse W successfully created."
        assert session.sql("SELECT CURRENT_WAREHOUSE()").collect()[0][0] == "W"
        session.sql("ALTER WAREHOUSE W SUSPEND").collect()
        session.sql("DROP WAREHOUSE W").collect()
