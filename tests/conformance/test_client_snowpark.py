"""The real Snowpark session, unchanged, on the engine: frames, tables, files and transactions."""

import copy
import datetime as dt
import decimal
from pathlib import Path
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
    def test_values_of_every_type_come_back_as_they_went(self, session: Session) -> None:
        moment = dt.datetime(2024, 1, 2, 3, 4, 5, 678)  # noqa: DTZ001 - NTZ has no zone
        given = [1, "it's\n$1", moment.date(), decimal.Decimal("1.50"), {"k": [1, None]}, [1, 2], {"a": 1}]
        given += [True, 1.5, moment, dt.time(1, 2, 3), b"x"]
        found, empty = session.create_dataframe([given, [None] * 12], schema=TYPED).collect()
        expected = [*given[:4], '{"k":[1,null]}', "[1,2]", '{"a":1}', *given[7:11], bytearray(b"x")]
        assert list(found) == expected
        assert list(empty) == [None] * 12

    def test_many_rows_are_bound_at_once(self, session: Session) -> None:
        rows = [(i, f"t{i}", None if i % 2 else dt.date(2024, 1, 1), decimal.Decimal(i) / 4) for i in range(700)]
        frame = session.create_dataframe(rows, schema=["I", "S", "D", "N"])
        assert frame.count() == 700
        last = frame.sort(col("I").desc()).first()
        assert last is not None
        assert tuple(last) == (699, "t699", None, decimal.Decimal("174.75"))

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

    def test_a_split_loses_nothing_and_a_cached_frame_is_a_table(self, session: Session) -> None:
        one, other = session.range(100).random_split([0.8, 0.2], seed=7)
        assert one.count() + other.count() == 100
        with session.range(10).cache_result() as cached:
            assert cached.count() == 10

    def test_pandas_comes_out_and_goes_in(self, session: Session, kinds: Any) -> None:
        assert kinds.to_pandas().sort_values("ID")["G"].tolist() == ["a", "b", "a"]
        frame = session.create_dataframe(pd.DataFrame({"A": [1, 2], "b": ["x", None]}))
        assert [tuple(row) for row in frame.sort("A").collect()] == [(1, "x"), (2, None)]

    def test_vectors_are_columns(self, session: Session) -> None:
        schema = StructType([StructField("ID", IntegerType()), StructField("V", VectorType(float, 3))])
        session.create_dataframe([(1, [3.0, 4.0, 0.0])], schema=schema).write.save_as_table("VECTORS")
        table = session.table("VECTORS")
        assert table.schema.fields[1].datatype == VectorType(float, 3)
        assert table.collect()[0]["V"] == [3.0, 4.0, 0.0]
        assert table.select(vector_l2_distance(col("V"), col("V"))).collect()[0][0] == 0
        assert [row["type"] for row in session.sql("DESCRIBE TABLE VECTORS").collect()][1] == "VECTOR(FLOAT, 3)"


class TestTables:
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
    def test_the_query_tag_is_kept_and_told(self, session: Session, kinds: Any) -> None:
        session.query_tag = '{"a": 1}'
        session.update_query_tag({"b": 2})
        assert session.sql("SHOW PARAMETERS LIKE 'query_tag'").collect()[0]["value"] == '{"a": 1, "b": 2}'
        session.query_tag = ""
        assert len(kinds.collect(statement_params={"QUERY_TAG": "mine"})) == 3

    def test_asynchronous_answers_of_every_kind(self, kinds: Any) -> None:
        assert kinds.count(block=False).result() == 3
        assert len(kinds.to_pandas(block=False).result()) == 3
        assert len(kinds.collect_nowait().result()) == 3


# The connector's own call into pandas.
@pytest.mark.filterwarnings("ignore:is_datetime64tz_dtype is deprecated:DeprecationWarning")
class TestWritePandas:
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


@pytest.fixture
def staged(session: Session, tmp_path: Path) -> Any:
    """A stage with one packed file under a path, and a format of a name."""
    (tmp_path / "my file.csv").write_text('id,name\n1,"x, y"\n2,\n3,"say ""hi"",\nyes"\n', encoding="utf-8")
    session.sql("CREATE STAGE FILES").collect()
    session.sql("CREATE FILE FORMAT CSV_F TYPE = CSV SKIP_HEADER = 1 FIELD_OPTIONALLY_ENCLOSED_BY = '\"'").collect()
    put = session.file.put(str(tmp_path / "my file.csv"), "@FILES/sub")
    assert (put[0].status, put[0].target) == ("UPLOADED", "my file.csv.gz")
    session.sql("CREATE TABLE LOADED (ID NUMBER, NAME VARCHAR(20))").collect()
    return session


class TestFiles:
    @pytest.mark.parametrize("name", ["CSV_F", "'csv_f'", "'{schema}.CSV_F'"])
    def test_a_file_is_loaded_once_by_a_named_format(self, staged: Any, name: str) -> None:
        schema = str(staged.get_current_schema()).strip('"')
        copy = f"COPY INTO LOADED FROM @FILES FILE_FORMAT = (FORMAT_NAME = {name.format(schema=schema)})"
        loaded = staged.sql(copy).collect()[0]
        assert tuple(loaded)[:4] == ("files/sub/my file.csv.gz", "LOADED", 3, 3)
        found = sorted(tuple(row) for row in staged.table("LOADED").collect())
        assert found == [(1, "x, y"), (2, None), (3, 'say "hi",\nyes')]
        assert staged.sql(copy).collect()[0]["status"] == "Copy executed with 0 files processed."
        assert staged.sql(f"{copy} FORCE = TRUE").collect()[0]["rows_loaded"] == 3
        staged.sql("TRUNCATE TABLE LOADED").collect()
        assert staged.sql(copy).collect()[0]["rows_loaded"] == 3

    def test_files_are_listed_fetched_and_removed(self, staged: Any, tmp_path: Path) -> None:
        listed = staged.sql("LIST @FILES PATTERN = '.*csv.*'").collect()
        assert [row["name"] for row in listed] == ["files/sub/my file.csv.gz"]
        got = staged.file.get("@FILES/sub", str(tmp_path / "out"))
        assert (tmp_path / "out" / got[0].file).stat().st_size == got[0].size
        assert staged.file.get_stream("@FILES/sub/my file.csv.gz", decompress=True).read().startswith(b"id,name")
        assert len(staged.sql("REMOVE @FILES").collect()) == 1
        assert staged.sql("LS @FILES").collect() == []

    def test_staged_files_are_frames(self, staged: Any) -> None:
        schema = StructType([StructField("ID", IntegerType()), StructField("NAME", StringType())])
        reader = staged.read.schema(schema).option("skip_header", 1).option("field_optionally_enclosed_by", '"')
        frame = reader.csv("@FILES/sub")
        assert [row["ID"] for row in frame.sort("ID").collect()] == [1, 2, 3]
        frame.copy_into_table("COPIED")
        assert staged.table("COPIED").count() == 3

    def test_parquet_and_json(self, session: Any, tmp_path: Path) -> None:
        pd.DataFrame({"A": [1, 2], "b c": ["x", None]}).to_parquet(tmp_path / "p.parquet")
        (tmp_path / "j.json").write_text('[{"a": 1, "t": "x"}, {"a": 2}]', encoding="utf-8")
        session.sql("CREATE STAGE DOCUMENTS FILE_FORMAT = (TYPE = JSON STRIP_OUTER_ARRAY = TRUE)").collect()
        session.file.put(str(tmp_path / "p.parquet"), "@DOCUMENTS/p", auto_compress=False)
        session.file.put(str(tmp_path / "j.json"), "@DOCUMENTS/j")
        assert [tuple(row) for row in session.read.parquet("@DOCUMENTS/p").sort("A").collect()] == [(1, "x"), (2, None)]
        session.sql("CREATE TABLE WHOLE (V VARIANT)").collect()
        session.sql("COPY INTO WHOLE FROM @DOCUMENTS/j").collect()
        assert sorted(row[0] for row in session.sql("SELECT V:a::INT FROM WHOLE").collect()) == [1, 2]
        session.sql('CREATE TABLE BY_NAME (A INT, "b c" VARCHAR, OTHER INT)').collect()
        by_name = "FILE_FORMAT = (TYPE = PARQUET) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE"
        session.sql(f"COPY INTO BY_NAME FROM @DOCUMENTS/p {by_name}").collect()
        assert sorted(row["A"] for row in session.table("BY_NAME").collect()) == [1, 2]

    def test_a_local_folder_stands_in_a_buckets_place(self, session: Session, tmp_path: Path) -> None:
        (tmp_path / "e.csv").write_text('1,aa\nx,bb\n3,"toolong"\n4,d,e\n5,z\n', encoding="utf-8")
        session.sql(
            "CREATE STAGE BUCKET FILE_FORMAT = (TYPE = CSV FIELD_OPTIONALLY_ENCLOSED_BY = '\"') "
            f"URL = '{tmp_path.as_uri()}/'"
        ).collect()
        session.sql("CREATE TABLE E (I NUMBER, T VARCHAR(2))").collect()
        with pytest.raises(SnowparkSQLException) as raised:
            session.sql("COPY INTO E FROM @BUCKET").collect()
        assert raised.value.sql_error_code == 100038
        assert "Numeric value 'x' is not recognized\n  File 'e.csv', line 2" in str(raised.value.raw_message)
        assert session.table("E").count() == 0
        skipped = session.sql("COPY INTO E FROM @BUCKET ON_ERROR = SKIP_FILE").collect()[0]
        assert (skipped["status"], skipped["errors_seen"]) == ("LOAD_FAILED", 3)
        partly = session.sql("COPY INTO E FROM @BUCKET FILES = ('e.csv') ON_ERROR = 'CONTINUE'").collect()[0]
        assert (partly["status"], partly["rows_loaded"], partly["errors_seen"]) == ("PARTIALLY_LOADED", 2, 3)
        assert partly["first_error_column_name"] == '"E"["I":1]'
        query = "COPY INTO E (T) FROM (SELECT t.$2 FROM @BUCKET t) FORCE = TRUE"
        assert refused(session.sql(query).collect) == 100078
        read = session.sql("SELECT METADATA$FILE_ROW_NUMBER AS N, $2 AS T FROM @BUCKET/e.csv ORDER BY N").collect()
        assert [row["T"] for row in read] == ["aa", "bb", "toolong", "d", "z"]

    @pytest.mark.parametrize(
        ("sql", "code"),
        [
            ("LIST @NOWHERE", 2003),
            ("DROP STAGE NOWHERE", 2003),
            ("COPY INTO LOADED FROM @FILES FILE_FORMAT = (FORMAT_NAME = NONE_SUCH)", 2003),
            ("COPY INTO NOT_THERE FROM @FILES FILE_FORMAT = (FORMAT_NAME = CSV_F)", 2003),
            ("CREATE STAGE FILES", 2002),
            ("CREATE FILE FORMAT CSV_F", 2002),
            ("LIST @FILES/../../other", 1003),
            ("COPY INTO LOADED FROM @FILES ON_ERROR = 'DANCE'", 2),
            ("CREATE FILE FORMAT X TYPE = XML", 2),
            ("CREATE FILE FORMAT X DANCE = TRUE", 2),
        ],
    )
    def test_what_cannot_be_is_refused(self, staged: Session, sql: str, code: int) -> None:
        assert refused(staged.sql(sql).collect) == code

    def test_a_bucket_of_the_cloud_is_refused_with_the_remedy(self, session: Session) -> None:
        session.sql("CREATE STAGE CLOUD URL = 's3://bucket/folder/'").collect()
        with pytest.raises(SnowparkSQLException, match="file:///that/folder/"):
            session.sql("LIST @CLOUD").collect()

    def test_stages_and_their_files_survive_a_restart(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("1\n", encoding="utf-8")
        folder = tmp_path / "engine"
        with local.Engine(folder) as engine, engine.session() as session:
            session.sql("CREATE STAGE KEPT FILE_FORMAT = (TYPE = CSV)").collect()
            session.file.put(str(tmp_path / "a.csv"), "@KEPT")
            session.sql("CREATE TABLE T (A NUMBER)").collect()
            session.sql("COPY INTO T FROM @KEPT").collect()
        with local.Engine(folder) as engine, engine.session() as session:
            assert len(session.sql("LIST @KEPT").collect()) == 1
            assert session.sql("COPY INTO T FROM @KEPT").collect()[0]["status"].endswith("0 files processed.")


def test_a_warehouse_is_a_name(engine: local.Engine) -> None:
    with engine.session() as session:
        created = session.sql("CREATE WAREHOUSE IF NOT EXISTS W WAREHOUSE_SIZE = SMALL").collect()
        assert created[0]["status"] == "Warehouse W successfully created."
        assert session.sql("SELECT CURRENT_WAREHOUSE()").collect()[0][0] == "W"
        session.sql("ALTER WAREHOUSE W SUSPEND").collect()
        session.sql("DROP WAREHOUSE W").collect()
