"""The notebook, run from its first cell to its last in a kernel of its own; its outputs are those that it keeps.

`pytest tests/docs --update-examples` writes the outputs that have changed. What differs in each run (moments, seconds,
ids of jobs, hashes) is no change, and a chart is drawn again only where its data or its form has changed.
"""

import base64
import copy
import itertools
import json
import os
import re
import tomllib
import warnings
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
import vl_convert
from IPython.core.inputtransformer2 import TransformerManager
from nbclient import NotebookClient
from PIL import Image

from cortex_tickets import EmbeddingStudent, FineTuneRefusedError, local

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "fine_tune_support_tickets.ipynb"
PICTURE = ROOT / "docs" / "img" / "notebook-accuracy.png"
CHART = "application/vnd.vegalite.v5+json"
WORDS_NOT_USED = ("simply", "just", "obviously", "easy", "easily", "robust", "seamless", "seamlessly", "powerful")
OTHER_EACH_TIME = (
    r"\bft_[0-9a-f-]{36}\b",
    r"\b[0-9a-f]{12}\b",
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?",
    r"(?<=seconds</th><td style=\")[^<]*(?=</td>)",
    r"(?<=<td class=\"nowrap\">)\d+\.\d(?=</td></tr>)",
)
"""Ids of jobs, beginnings of hashes, moments, the seconds of a run and those in the last column of a report's table."""
DRAWN_FOR_GITHUB = 2.0
"""Pixels of a picture for each pixel of its chart."""

# These ship no types for what they return.
notebook_of: Callable[..., Any] = nbformat.reads
text_of: Callable[..., str] = nbformat.writes
as_python: Callable[[], Any] = TransformerManager


@pytest.fixture
def kept() -> Any:
    return read_notebook()


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The notebook as a run from the beginning leaves it, in an empty folder."""
    folder = tmp_path_factory.mktemp("notebook")
    startup = folder / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    # Altair then says what a chart is, instead of naming a script that a browser has to fetch.
    (startup / "charts.py").write_text("import altair\naltair.renderers.enable('mimetype')\n", encoding="utf-8")
    notebook = read_notebook()
    for cell in code_cells(notebook):
        cell["outputs"], cell["execution_count"] = [], None
    work = folder / "work"
    work.mkdir()
    client = NotebookClient(notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(work)}})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Jupyter's own parts, which are none of ours
        client.execute(env={**os.environ, "IPYTHONDIR": str(folder / "ipython")})
    assert list(work.iterdir()) == []
    return tidied(notebook)


def read_notebook() -> Any:
    return notebook_of(NOTEBOOK.read_text(encoding="utf-8"), as_version=4)


def transformed(source: str) -> str:
    """A cell as Python, its shell lines made calls."""
    made: str = as_python().transform_cell(source)
    return made


def code_cells(notebook: Any) -> Iterator[Any]:
    return (cell for cell in notebook["cells"] if cell["cell_type"] == "code")


def tidied(notebook: Any) -> Any:
    """The notebook without what only its kernel knows, and without a second form of what is shown well already."""
    notebook["metadata"] = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook["cells"]:
        cell["metadata"] = {}
    for cell in code_cells(notebook):
        for output in cell["outputs"]:
            data = output.get("data", {})
            if {"text/html", CHART} & set(data):
                data.pop("text/plain", None)
    return notebook


def shown(output: Any) -> str:
    """An output as text, with what differs in each run left out; a chart is its data and its form."""
    content = {name: value for name, value in output.get("data", {}).items() if name != "image/png"}
    text = json.dumps([output["output_type"], output.get("text"), content], sort_keys=True, ensure_ascii=False)
    text = text.replace('\\"', '"')
    for pattern in OTHER_EACH_TIME:
        text = re.sub(pattern, "…", text)
    return text


def with_picture(output: Any) -> Any:
    """The output with a picture of its chart beside it, for whoever draws no charts."""
    chart = output.get("data", {}).get(CHART)
    if chart is not None:
        drawn = vl_convert.vegalite_to_png(json.dumps(chart), vl_version="5.20", scale=DRAWN_FOR_GITHUB)
        picture, small = Image.open(BytesIO(drawn)), BytesIO()
        # Few colours, a tenth of the bytes.
        picture.convert("RGB").quantize(64).save(small, "PNG", optimize=True)
        output["data"]["image/png"] = base64.b64encode(small.getvalue()).decode("ascii")
        width, height = (round(side / DRAWN_FOR_GITHUB) for side in picture.size)
        output["metadata"] = {"image/png": {"height": height, "width": width}}
    return output


def updated(kept: Any, fresh: Any) -> Any:
    """The fresh notebook, with every kept output that says the same."""
    made = copy.deepcopy(fresh)
    for old, new in zip(code_cells(kept), code_cells(made), strict=True):
        outputs = list(new["outputs"])
        for place, output in enumerate(outputs):
            before = old["outputs"][place] if place < len(old["outputs"]) else None
            is_same = before is not None and shown(before) == shown(output)
            outputs[place] = before if is_same and has_its_picture(before) else with_picture(output)
        new["outputs"] = outputs
    return made


def has_its_picture(output: Any) -> bool:
    data = output.get("data", {})
    return CHART not in data or "image/png" in data


def test_the_kept_outputs_are_those_of_a_fresh_run(kept: Any, fresh: Any, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("update_examples"):
        made = updated(kept, fresh)
        NOTEBOOK.write_text(text_of(made).rstrip() + "\n", encoding="utf-8")
        PICTURE.write_bytes(picture_of_accuracy(made))
        return
    for old, new in zip(code_cells(kept), code_cells(fresh), strict=True):
        told = [shown(output) for output in old["outputs"]]
        assert told == [shown(output) for output in new["outputs"]], f"{new['source']}\nrun: pytest --update-examples"
        assert old["execution_count"] == new["execution_count"]


def test_the_run_printed_no_warning(fresh: Any) -> None:
    errors = [output for cell in code_cells(fresh) for output in cell["outputs"] if output.get("name") == "stderr"]
    assert errors == []


def test_every_chart_has_a_picture_that_needs_no_script(kept: Any) -> None:
    outputs = [output for cell in code_cells(kept) for output in cell["outputs"]]
    charts = [output["data"] for output in outputs if CHART in output.get("data", {})]
    assert len(charts) >= 4
    assert all(base64.b64decode(data["image/png"]).startswith(b"\x89PNG") for data in charts)


def picture_of_accuracy(notebook: Any) -> bytes:
    (cell,) = [cell for cell in code_cells(notebook) if "Accuracy against gold" in cell["source"]]
    return base64.b64decode(cell["outputs"][0]["data"]["image/png"])


def test_the_tutorial_shows_the_notebooks_own_picture(kept: Any) -> None:
    assert PICTURE.read_bytes() == picture_of_accuracy(kept)


def test_nothing_in_the_file_belongs_to_one_machine_or_fetches_anything() -> None:
    text = NOTEBOOK.read_text(encoding="utf-8")
    chart_schema = r"https://vega\.github\.io/schema/vega-lite/v5[\d.]*\.json"
    without_schemas = re.sub(chart_schema, "", text)
    assert not re.search(r"https?://|<script|/home/|/Users/|/root/|/tmp/|[A-Z]:\\\\", without_schemas)
    assert len(text) < 1_000_000


def test_the_prose_praises_nothing_and_hurries_nobody(kept: Any) -> None:
    prose = "\n".join(cell["source"] for cell in kept["cells"] if cell["cell_type"] == "markdown")
    prose = re.sub(r"`[^`]*`", "", prose)
    assert re.findall(rf"\b(?:{'|'.join(WORDS_NOT_USED)})\b", prose, flags=re.IGNORECASE) == []


def source_of(kept: Any, having: str) -> str:
    (found,) = [cell["source"] for cell in code_cells(kept) if having in cell["source"]]
    return transformed(found)


def test_the_first_cell_installs_the_wheel_beside_it_where_the_package_is_missing(
    kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    cell = source_of(kept, "pip install")
    assert next(code_cells(kept))["source"].count("pip install") == 1
    shell = SimpleNamespace(system=asked.append)
    code = compile(cell, "first cell", "exec")
    exec(code, {"get_ipython": lambda: shell})  # noqa: S102  the notebook's own cell
    assert asked == []
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    exec(code, {"get_ipython": lambda: shell})  # noqa: S102  the notebook's own cell
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    wheel = f"./cortex_tickets-{version}-py3-none-any.whl[evaluate,train]"
    assert asked == [f'pip install --quiet --find-links . "{wheel}"']
    page = (ROOT / "docs" / "how-to" / "install-in-snowflake.md").read_text(encoding="utf-8")
    assert f'!pip install --quiet "{wheel}"' in page


def test_on_an_account_that_may_not_fine_tune_the_story_goes_on_with_the_head(
    kept: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise FineTuneRefusedError("not here")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cortex_tickets.fine_tune_job.FineTuneJob.start", refused)
    shown: list[object] = []
    names: dict[str, Any] = {"display": shown.append}
    with local.connect() as active:
        # The tests have sessions of their own, and where there are several none is the active one.
        monkeypatch.setattr("snowflake.snowpark.context.get_active_session", lambda: active)
        for cell in itertools.takewhile(lambda cell: "ResponseGenerator(" not in cell["source"], code_cells(kept)):
            exec(transformed(cell["source"]), names)  # noqa: S102  the notebook's own cell
        # Where a session is active, as in Snowflake, the notebook takes it instead of making one.
        assert names["session"] is active
    assert isinstance(names["trained"].student, EmbeddingStudent)
    assert "not here" in names["trained"].reason
    assert [type(one).__name__ for one in shown] == ["Certificate"]
    assert [score.name for score in names["evaluation"].scores] == ["teacher", "base", "head", "linear baseline"]
    assert "The evaluation does not meet:" in capsys.readouterr().out
