"""AI_EMBED and AI_SIMILARITY with a sentence encoder on this machine, through SQL."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException

from cortex_tickets import local
from cortex_tickets.errors import InvalidInputError

EncoderMaker = Callable[..., Path]
MODEL = "snowflake-arctic-embed-m-v1.5"
CLS, SEP, LOST, CARD = 2, 3, 4, 5


@pytest.fixture
def encoding(make_encoder: EncoderMaker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("CORTEX_TICKETS_ENCODER", str(make_encoder()))
    with local.connect() as session:
        yield session


@pytest.mark.works("SQL: Cortex functions", "`AI_EMBED` with a sentence encoder")
def test_vectors_are_the_encoders_and_as_long_as_the_model_promises(encoding: Any) -> None:
    frame = encoding.sql(f"SELECT AI_EMBED('{MODEL}', 'lost card') AS V")
    assert frame.schema.fields[0].datatype.dimension == 768
    vector = frame.collect()[0][0]
    assert len(vector) == 768
    assert {place for place, number in enumerate(vector) if number} == {CLS, LOST, CARD, SEP}
    assert [vector[place] for place in (CLS, LOST, CARD, SEP)] == pytest.approx([0.5] * 4)


def test_likeness_is_the_encoders(encoding: Any) -> None:
    row = encoding.sql(
        "SELECT AI_SIMILARITY('lost card', 'lost phone'), "
        f"VECTOR_COSINE_SIMILARITY(AI_EMBED('{MODEL}', 'lost card'), AI_EMBED('{MODEL}', 'lost phone')), "
        f"AI_EMBED('{MODEL}', NULL) IS NULL"
    ).collect()[0]
    assert list(row) == [pytest.approx(0.75), pytest.approx(0.75), True]


def test_a_model_of_fewer_numbers_than_the_encoders_is_refused(
    make_encoder: EncoderMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORTEX_TICKETS_ENCODER", str(make_encoder(dimension=1_000)))
    with local.connect() as session:
        with pytest.raises(SnowparkSQLException, match="gives 1000 numbers and the model 768") as raised:
            session.sql(f"SELECT AI_EMBED('{MODEL}', 'lost card')").collect()
        assert "lost card" not in raised.value.message
        found = session.sql("SELECT AI_EMBED('snowflake-arctic-embed-l-v2.0', 'lost card') IS NULL").collect()
    assert found[0][0] is False


def test_a_folder_that_is_not_there_is_told_before_anything_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORTEX_TICKETS_ENCODER", str(tmp_path / "nowhere"))
    with pytest.raises(InvalidInputError, match="is no folder"):
        local.Engine(tmp_path / "engine")
    assert not (tmp_path / "engine").exists()


def test_without_a_configured_encoder_none_of_its_packages_is_loaded() -> None:
    program = (
        "import sys; from cortex_tickets import local\n"
        "with local.connect() as session:\n"
        f"    session.sql(\"SELECT AI_EMBED('{MODEL}', 'lost card')\").collect()\n"
        "print([name for name in ('onnxruntime', 'tokenizers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
