"""What is written for Snowflake: files of equal bytes, SQL in the documented order, and no name out of its quotes."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

import cortex_tickets
from cortex_tickets import Deployment, InvalidInputError, export_app, export_package, export_procedure
from cortex_tickets._deployment.package_files import version
from cortex_tickets._deployment.place import Place
from cortex_tickets.records.table_name import TableName

HANDLER = '''"""Labels what is new."""

from cortex_tickets import Budget, TicketClassifier


def main(session):
    classifier = TicketClassifier(session, labels=["Lost phone", "Roaming fees"], model="claude-haiku-4-5")
    return str(classifier.classify_table("T", into="L", budget=Budget(ai_credits=1)))
'''
LABELS = '[[labels]]\nname = "Lost phone"\n\n[[labels]]\nname = "Roaming fees"\n'
NAME = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=40)

# The order in which the documented grammar has its clauses, read 2026-11-25.
PROCEDURE_CLAUSES = (
    "CREATE OR REPLACE PROCEDURE",
    "RETURNS",
    "LANGUAGE PYTHON",
    "RUNTIME_VERSION =",
    "ARTIFACT_REPOSITORY =",
    "PACKAGES =",
    "IMPORTS =",
    "HANDLER =",
    "COMMENT =",
    "EXECUTE AS CALLER",
    "AS $$",
)
STREAMLIT_CLAUSES = (
    "CREATE OR REPLACE STREAMLIT",
    "FROM",
    "MAIN_FILE =",
    "QUERY_WAREHOUSE =",
    "RUNTIME_NAME =",
    "COMPUTE_POOL =",
    "COMMENT =",
    "TITLE =",
    "EXTERNAL_ACCESS_INTEGRATIONS =",
)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(text: str = HANDLER, name: str = "label_tickets.py") -> Path:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return file

    return write


@pytest.fixture
def procedure(write: Callable[..., Path], tmp_path: Path) -> Callable[..., Deployment]:
    def procedure(**options: Any) -> Deployment:
        given: dict[str, Any] = {"folder": tmp_path / "out", "schema": "SUPPORT.PUBLIC", **options}
        return export_procedure(given.pop("handler", None) or write(), **given)

    return procedure


@pytest.fixture
def app(tmp_path: Path) -> Callable[..., Deployment]:
    def app(**options: Any) -> Deployment:
        given = {"schema": "SUPPORT.PUBLIC", "compute_pool": "POOL", "warehouse": "WH", **options}
        return export_app(tmp_path / "out", **given)

    return app


def clauses(statement: str, known: tuple[str, ...]) -> list[str]:
    """The clauses that a statement has, in its order; each begins a line."""
    lines = [line.strip() for line in statement.split("AS $$", maxsplit=1)[0].splitlines()]
    found = [
        next((clause for clause in known if line.startswith(f"{clause} ") or line == clause), line) for line in lines
    ]
    return [*found, *(["AS $$"] if "AS $$" in statement else [])]


def shown(deployment: Deployment) -> str:
    """The SQL without what is otherwise on another machine, or in the next version."""
    text = re.sub(r"file:///\S*/", "file:///folder/", deployment.sql)
    text = re.sub(r"(cortex_tickets-)[\d.]+-", r"\g<1>VERSION-", text)
    return re.sub(r"[0-9a-f]{12}", "MARK", text)


class TestTheProcedure:
    def test_with_a_task(self, procedure: Callable[..., Deployment], snapshot: SnapshotAssertion) -> None:
        made = procedure(schedule="60 MINUTES", warehouse="LABELS_WH")
        assert shown(made) == snapshot
        assert made.path.read_text(encoding="utf-8") == made.sql

    def test_alone_from_an_artifact_repository(
        self, procedure: Callable[..., Deployment], snapshot: SnapshotAssertion
    ) -> None:
        made = procedure(artifact_repository="snowflake.snowpark.pypi_shared_repository", python="3.12", name="JOB")
        assert shown(made) == snapshot
        assert (made.task, made.start) == (None, None)

    def test_its_clauses_stand_in_the_documented_order(self, procedure: Callable[..., Deployment]) -> None:
        statement = procedure(artifact_repository="A.B.C").statements[-1]
        assert clauses(statement, PROCEDURE_CLAUSES) == list(PROCEDURE_CLAUSES)

    def test_its_body_is_the_file_as_it_stands(self, procedure: Callable[..., Deployment]) -> None:
        body = procedure().statements[-1].split("AS $$\n")[1].removesuffix("\n$$")
        assert body == HANDLER.rstrip()

    def test_the_task_without_a_warehouse_runs_on_managed_compute(self, procedure: Callable[..., Deployment]) -> None:
        made = procedure(schedule="USING CRON 0 6 * * 1-5 Europe/Zurich")
        assert "WAREHOUSE" not in made.statements[-1]
        assert "SCHEDULE = 'USING CRON 0 6 * * 1-5 Europe/Zurich'" in made.statements[-1]
        assert any("EXECUTE MANAGED TASK" in grant for grant in made.privileges)

    @pytest.mark.parametrize(
        "schedule", ["10 SECONDS", "1 m", "24 hours", "USING CRON 0 9-17 * * SUN America/Los_Angeles"]
    )
    def test_schedules_as_snowflake_takes_them(self, procedure: Callable[..., Deployment], schedule: str) -> None:
        assert f"SCHEDULE = '{schedule}'" in procedure(schedule=schedule).statements[-1]

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"schedule": 60}, "schedule must be text, not a int"),
            ({"schedule": "9 days"}, "is none that a task takes"),
            ({"schedule": "USING CRON 0 6 * * UTC"}, "is none that a task takes"),
            ({"schedule": "1 HOUR' WAREHOUSE = X --"}, "is none that a task takes"),
            ({"schedule": "1 HOUR", "timeout": 604_801}, "must be at most 604800 seconds"),
        ],
    )
    def test_a_task_that_snowflake_would_not_take_is_refused(
        self, procedure: Callable[..., Deployment], options: dict[str, Any], said: str
    ) -> None:
        with pytest.raises(InvalidInputError, match=re.escape(said)):
            procedure(**options)

    def test_every_problem_is_told_at_once_and_nothing_is_written(
        self, procedure: Callable[..., Deployment], write: Callable[..., Path], tmp_path: Path
    ) -> None:
        with pytest.raises(InvalidInputError) as raised:
            procedure(
                handler=write("x = '$$'\n"),
                schema="PUBLIC",
                name="A.B",
                schedule="5 seconds",
                warehouse="A.B",
                timeout=5,
                suspend_after_failures=0,
                python="3.9",
                artifact_repository="a b",
            )
        assert len(raised.value.problems) == 10
        assert not (tmp_path / "out").exists()

    @pytest.mark.parametrize(
        ("source", "said"),
        [
            ("def run(session): ...\n", "no function main"),
            ("def main(): ...\n", "cannot be called as main(session)"),
            ("def main(session, day): ...\n", "cannot be called as main(session)"),
            ("def main(session, *, day): ...\n", "cannot be called as main(session)"),
            ("def main(session:\n", "no Python that this interpreter can read, line 1"),
            ("price = '$$'\ndef main(session): ...\n", "has $$ in it"),
        ],
    )
    def test_a_handler_that_snowflake_could_not_call_is_refused(
        self, procedure: Callable[..., Deployment], write: Callable[..., Path], source: str, said: str
    ) -> None:
        with pytest.raises(InvalidInputError, match=re.escape(said)):
            procedure(handler=write(source))

    @pytest.mark.parametrize("source", ["def main(session, day=1): ...\n", "def main(*given): ...\n"])
    def test_a_handler_may_take_more_than_it_is_given(
        self, procedure: Callable[..., Deployment], write: Callable[..., Path], source: str
    ) -> None:
        assert source.rstrip() in procedure(handler=write(source)).sql

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("job.txt", b"", "must be a Python file"),
            ("my job.py", b"", "must be a Python file"),
            ("absent.py", None, "cannot be read: No such file"),
            ("latin.py", b"\xe9", "is not UTF-8 text"),
        ],
    )
    def test_a_handler_that_is_no_python_file_is_refused(
        self, procedure: Callable[..., Deployment], tmp_path: Path, name: str, content: bytes | None, said: str
    ) -> None:
        file = tmp_path / name
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(InvalidInputError, match=said):
            procedure(handler=file)


class TestTheApp:
    def test_from_snowflakes_repository(self, app: Callable[..., Deployment], snapshot: SnapshotAssertion) -> None:
        assert shown(app()) == snapshot

    def test_its_clauses_stand_in_the_documented_order(self, app: Callable[..., Deployment]) -> None:
        made = app(artifact_repository=None, external_access="PYPI_ACCESS")
        (statement,) = [statement for statement in made.statements if "CREATE OR REPLACE" in statement]
        assert clauses(statement, STREAMLIT_CLAUSES) == list(STREAMLIT_CLAUSES)
        assert not any("ARTIFACT_REPOSITORIES" in statement for statement in made.statements)

    def test_its_folder_has_what_starts_it_and_the_wheel_by_its_relative_path(
        self, app: Callable[..., Deployment], tmp_path: Path, write: Callable[..., Path]
    ) -> None:
        made = app(tickets='SUPPORT."My tickets".T', labels=write(LABELS, "mine.toml"))
        folder = tmp_path / "out" / "app"
        files = {file.relative_to(folder).as_posix(): file for file in made.files}
        wheel = files.pop(f"cortex_tickets-{version()}-py3-none-any.whl")
        assert sorted(files) == [".streamlit/config.toml", "labels.toml", "requirements.txt", "streamlit_app.py"]
        look = files[".streamlit/config.toml"].read_text(encoding="utf-8")
        assert "gatherUsageStats = false" in look
        assert [put for put in made.statements if put.split("\n")[0].endswith("/.streamlit'")] != []
        assert files["requirements.txt"].read_text(encoding="utf-8") == f"./{wheel.name}[app]\n"
        assert files["labels.toml"].read_text(encoding="utf-8") == LABELS
        text = files["streamlit_app.py"].read_text(encoding="utf-8")
        compile(text, "streamlit_app.py", "exec")
        assert "'CORTEX_TICKETS_APP_TICKETS', 'SUPPORT.\"My tickets\".T'" in text
        assert "'CORTEX_TICKETS_APP_LABELS', 'labels.toml'" in text

    def test_another_content_goes_to_another_folder_of_the_stage(self, app: Callable[..., Deployment]) -> None:
        def target(made: Deployment) -> str:
            (found,) = {str(folder) for folder in re.findall(r"app-[0-9a-f]{12}", made.sql)}
            return found

        assert target(app()) == target(app())
        assert target(app()) != target(app(tickets="OTHER"))

    def test_every_problem_is_told_at_once_and_nothing_is_written(
        self, app: Callable[..., Deployment], tmp_path: Path
    ) -> None:
        with pytest.raises(InvalidInputError) as raised:
            app(
                schema="S",
                name="A.B",
                compute_pool="A.B",
                warehouse="",
                title=" ",
                tickets="1",
                labels=tmp_path / "absent.toml",
                artifact_repository=None,
            )
        assert len(raised.value.problems) == 8
        assert not (tmp_path / "out").exists()


class TestThePackage:
    def test_two_exports_have_equal_bytes(self, tmp_path: Path) -> None:
        for form in ("zip", "wheel"):
            first, second = (export_package(tmp_path / place, form=form) for place in ("a", "b"))
            assert first.name == second.name
            assert first.read_bytes() == second.read_bytes()

    def test_the_zip_has_the_package_and_tenacity_with_their_licences_and_nothing_of_this_machine(
        self, tmp_path: Path
    ) -> None:
        with zipfile.ZipFile(export_package(tmp_path)) as archive:
            names = archive.namelist()
            text = b"".join(archive.read(name) for name in names if "dist-info" in name).decode()
        source = Path(cortex_tickets.__file__).parent
        expected = {
            f"cortex_tickets/{file.relative_to(source).as_posix()}"
            for file in source.rglob("*")
            if file.is_file() and "__pycache__" not in file.parts
        }
        assert {name for name in names if name.startswith("cortex_tickets/")} == expected
        assert {name.split("/")[0].split("-")[0] for name in names} == {"cortex_tickets", "tenacity"}
        assert [name for name in names if name.endswith(("RECORD", "direct_url.json", ".pyc", ".pth"))] == []
        assert sum("LICENSE" in name for name in names) == 2
        assert str(Path.home()) not in text

    def test_a_form_that_there_is_not_and_a_folder_that_cannot_be_are_refused(self, tmp_path: Path) -> None:
        form: Any = "egg"
        with pytest.raises(InvalidInputError, match="'zip' or 'wheel'"):
            export_package(tmp_path, form=form)
        (tmp_path / "file").write_text("", encoding="utf-8")
        with pytest.raises(InvalidInputError, match="cannot be made"):
            export_package(tmp_path / "file" / "folder")


@given(names=st.lists(NAME, min_size=3, max_size=3))
def test_no_name_gets_out_of_its_quotes(names: list[str]) -> None:
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    place = Place.of(".".join(quoted[:2]), quoted[2])
    assert place.stage == TableName(tuple(names))
    assert place.staged("x.zip") == f"@{'.'.join(quoted)}/x.zip"
    (put,) = place.put_statements([Path("/f/x.zip")], "p", root=Path("/f"))
    constants = re.findall(r"'(?:[^'\\]|''|\\.)*'", put, flags=re.DOTALL)
    assert re.sub(r"'(?:[^'\\]|''|\\.)*'", "?", put, flags=re.DOTALL) == (
        "PUT ? ?\n  AUTO_COMPRESS = FALSE OVERWRITE = TRUE"
    )
    assert len(constants) == 2


def test_it_says_what_it_is(procedure: Callable[..., Deployment], app: Callable[..., Deployment]) -> None:
    made = procedure(schedule="1 HOUR")
    assert str(made) == (
        "SUPPORT.PUBLIC.LABEL_TICKETS, called by SUPPORT.PUBLIC.LABEL_TICKETS_TASK: 1 file for "
        f"SUPPORT.PUBLIC.CORTEX_TICKETS; read {made.path} before you send it"
    )
    assert str(app()).startswith("SUPPORT.PUBLIC.CORTEX_TICKETS_APP: 4 files for")
