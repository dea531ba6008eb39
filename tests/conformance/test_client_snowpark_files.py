"""The real Snowpark session, unchanged, on the engine: stages, files, loading and unloading."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd  # type: ignore[import-untyped]  # its stubs are a package of their own
import pytest
from snowflake.snowpark import Session
from snowflake.snowpark.exceptions import SnowparkSQLException
from snowflake.snowpark.functions import object_construct
from snowflake.snowpark.types import IntegerType, StringType, StructField, StructType

from cortex_tickets import local


def refused(call: Any) -> int:
    with pytest.raises(SnowparkSQLException) as raised:
        call()
    return int(raised.value.sql_error_code or 0)


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
    @pytest.mark.works("Snowpark", "`file.put`", "`COPY INTO`", "`COPY INTO` by a named file format")
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

    @pytest.mark.works("Snowpark", "`file.get`", "`file.get_stream`")
    def test_files_are_listed_fetched_and_removed(self, staged: Any, tmp_path: Path) -> None:
        listed = staged.sql("LIST @FILES PATTERN = '.*csv.*'").collect()
        assert [row["name"] for row in listed] == ["files/sub/my file.csv.gz"]
        got = staged.file.get("@FILES/sub", str(tmp_path / "out"))
        assert (tmp_path / "out" / got[0].file).stat().st_size == got[0].size
        assert staged.file.get_stream("@FILES/sub/my file.csv.gz", decompress=True).read().startswith(b"id,name")
        assert len(staged.sql("REMOVE @FILES").collect()) == 1
        assert staged.sql("LS @FILES").collect() == []

    @pytest.mark.works("Snowpark", "`read.csv`", "`copy_into_table`")
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

    @pytest.mark.works("SQL: statements", "`CREATE STAGE` over a local folder", "`COPY INTO` with `ON_ERROR`")
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

    @pytest.mark.refuses(
        "SQL: statements",
        "A stage over a bucket of the cloud",
        code=91016,
        words="The embedded engine reads no s3 location. Put the files into a folder and give the stage URL = "
        "'file:///that/folder/'.",
        why="Nothing leaves the machine.",
    )
    def test_a_bucket_of_the_cloud_is_refused_with_the_remedy(
        self, session: Session, is_refused: Callable[[Callable[[], object]], None]
    ) -> None:
        session.sql("CREATE STAGE CLOUD URL = 's3://bucket/folder/'").collect()
        is_refused(session.sql("LIST @CLOUD").collect)

    @pytest.mark.works("Sessions and state", "Stages and files survive a restart")
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


class TestUnloading:
    @pytest.fixture
    def kept(self, session: Session) -> Any:
        session.sql(
            "CREATE TABLE KEPT AS SELECT 1 AS ID, 'a,\"b\"' AS T, '2024-01-02'::DATE AS D, TRUE AS B, "
            "PARSE_JSON('{\"k\": [1]}') AS V UNION ALL SELECT 2, 'two\\nlines\\\\', NULL, NULL, NULL"
        ).collect()
        return session

    def read(self, session: Session, path: str) -> str:
        with session.file.get_stream(path) as stream:
            content = stream.read()
        return (gzip.decompress(content) if path.endswith(".gz") else content).decode()

    @pytest.mark.works("Snowpark", "`write.copy_into_location`", "`write.csv`")
    def test_rows_become_a_packed_file_in_snowflakes_own_words(self, kept: Any) -> None:
        table = kept.table("KEPT")
        assert table.write.csv("@~/plain", overwrite=True)[0]["rows_unloaded"] == 2
        assert self.read(kept, "@~/plain_0_0_0.csv.gz") == (
            '1,a\\,"b",2024-01-02,true,{"k":[1]}\n2,two\\nlines\\\\,\\N,\\N,\\N\n'
        )
        quoted = {"FIELD_OPTIONALLY_ENCLOSED_BY": '"', "COMPRESSION": "NONE", "NULL_IF": "('')"}
        table.write.copy_into_location(
            "@~/quoted.csv", file_format_type="csv", format_type_options=quoted, header=True, single=True
        )
        assert self.read(kept, "@~/quoted.csv").splitlines()[:2] == [
            '"ID","T","D","B","V"',
            '1,"a,""b""","2024-01-02",true,"{""k"":[1]}"',
        ]
        kept.sql("REMOVE @~").collect()

    def test_what_was_written_is_read_again(self, kept: Any) -> None:
        kept.sql("CREATE STAGE OUT FILE_FORMAT = (TYPE = CSV FIELD_OPTIONALLY_ENCLOSED_BY = '\"')").collect()
        for options in ("", "FILE_FORMAT = (TYPE = CSV FIELD_DELIMITER = ';')"):
            kept.sql(f"COPY INTO @OUT/it FROM (SELECT ID, T, D, B FROM KEPT) {options} OVERWRITE = TRUE").collect()
            kept.sql("CREATE OR REPLACE TABLE BACK (ID NUMBER, T VARCHAR, D DATE, B BOOLEAN)").collect()
            kept.sql(f"COPY INTO BACK FROM @OUT/it {options}").collect()
            assert kept.sql("SELECT * FROM BACK MINUS SELECT ID, T, D, B FROM KEPT").collect() == []
            assert kept.table("BACK").count() == 2

    @pytest.mark.works("Snowpark", "`write.json`", "`write.parquet`", "`read.json`", "`read.parquet`")
    def test_json_and_parquet(self, kept: Any) -> None:
        table = kept.table("KEPT")
        table.select(object_construct("ID", "T")).write.json("@~/documents/", overwrite=True)
        assert len(kept.read.json("@~/documents/").collect()) == 2
        table.write.parquet("@~/columns/", header=True, overwrite=True)
        found = kept.read.parquet("@~/columns/").select("ID", "T", "D").sort("ID").collect()
        assert [tuple(row) for row in found] == [
            tuple(row) for row in table.select("ID", "T", "D").sort("ID").collect()
        ]
        kept.sql("REMOVE @~").collect()

    @pytest.mark.works("Snowpark", "`read.csv` with an inferred schema")
    def test_the_types_of_a_csv_files_columns_are_inferred(self, kept: Any) -> None:
        kept.table("KEPT").select("ID", "T", "D", "B").write.copy_into_location(
            "@~/typed.csv",
            file_format_type="csv",
            format_type_options={"FIELD_OPTIONALLY_ENCLOSED_BY": '"'},
            header=True,
            single=True,
            overwrite=True,
        )
        reader = kept.read.option("PARSE_HEADER", True).option("INFER_SCHEMA", True)  # noqa: FBT003 - Snowpark's own form
        frame = reader.option("FIELD_OPTIONALLY_ENCLOSED_BY", '"').csv("@~/typed.csv")
        assert [type(field.datatype).__name__ for field in frame.schema.fields] == [
            *("LongType", "StringType", "DateType", "BooleanType")
        ]
        assert frame.sort("ID").collect()[0]["T"] == 'a,"b"'
        kept.sql("REMOVE @~").collect()

    def test_options(self, kept: Any) -> None:
        kept.sql("COPY INTO @~/one FROM KEPT").collect()
        with pytest.raises(SnowparkSQLException, match="Use overwrite option to force unloading"):
            kept.sql("COPY INTO @~/one FROM KEPT").collect()
        told = kept.sql("COPY INTO @~/two/ FROM KEPT DETAILED_OUTPUT = TRUE").collect()[0]
        assert (told["FILE_NAME"], told["ROW_COUNT"]) == ("two/data_0_0_0.csv.gz", 2)
        shown = kept.sql("COPY INTO @~/three FROM KEPT VALIDATION_MODE = RETURN_ROWS").collect()
        assert len(shown) == 2
        assert len(kept.sql("LIST @~").collect()) == 2
        kept.sql("REMOVE @~").collect()

    @pytest.mark.parametrize(
        ("sql", "code"),
        [
            ("COPY INTO @~/x FROM (SELECT '' AS E)", 100093),
            ("COPY INTO @~/x FROM KEPT FILE_FORMAT = (TYPE = JSON)", 2019),
            ("COPY INTO @~/x FROM KEPT FILE_FORMAT = (TYPE = CSV COMPRESSION = ZSTD)", 2),
            ("COPY INTO @~/x FROM KEPT FILE_FORMAT = (TYPE = PARQUET COMPRESSION = LZO)", 2),
            ("COPY INTO @~/x FROM KEPT DANCE = TRUE", 2),
            ("COPY INTO @~/x FROM KEPT INCLUDE_QUERY_ID = TRUE", 2),
            ("COPY INTO @~/x FROM KEPT STORAGE_INTEGRATION = S", 2),
            ("COPY INTO @NOWHERE FROM KEPT", 2003),
            ("COPY INTO @~/x FROM NOT_THERE", 2003),
        ],
    )
    def test_what_cannot_be_written_is_refused(self, kept: Any, sql: str, code: int) -> None:
        assert refused(kept.sql(sql).collect) == code

    @pytest.mark.parametrize(
        "sql",
        [
            pytest.param(
                "COPY INTO @~/x FROM KEPT PARTITION BY (T)",
                marks=pytest.mark.refuses(
                    "Snowpark",
                    "`write.copy_into_location(partition_by=)`",
                    code=2,
                    words="PARTITION BY in COPY INTO a stage",
                    why="The engine writes one file.",
                ),
            ),
            pytest.param(
                "COPY INTO 's3://bucket/x' FROM KEPT",
                marks=pytest.mark.refuses(
                    "SQL: statements",
                    "`COPY INTO` a bucket's URL",
                    code=2,
                    words="it has no cloud storage: give a stage over file:///a/folder/",
                    why="A stage over a local folder stands in a bucket's place.",
                ),
            ),
        ],
    )
    def test_what_the_engine_does_not_have(
        self, kept: Any, sql: str, is_refused: Callable[[Callable[[], object]], None]
    ) -> None:
        is_refused(kept.sql(sql).collect)
