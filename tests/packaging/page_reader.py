"""Run by the Python of another environment: opens the app's pages as a reader does, and prints what stands there.

Arguments: the file that Streamlit runs, and a file that stands for the token of Snowflake's container runtime, or none.
"""

import json
import sys
from pathlib import Path
from typing import Any

from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from cortex_tickets.app import main, opening

TITLES = ("Overview", "Triage", "Fine-tune", "Compare", "Replies", "Playground")
_SECONDS = 60


def page(title: str) -> None:
    from cortex_tickets.app import main as app  # noqa: PLC0415  Streamlit runs this function's source by itself

    app.show_page(title)


def opened(title: str) -> AppTest:
    return AppTest.from_function(page, default_timeout=_SECONDS, args=(title,)).run()


def pressed(app: AppTest, *prefixes: str) -> AppTest:
    """Press the first button whose key begins so, one after another."""
    for prefix in prefixes:
        button = next((each for each in app.button if str(each.key).startswith(prefix)), None)
        if button is None:
            break  # what stands in its place is told
        button.click().run()
    return app


def worked(title: str, kind: str, *presses: str) -> str:
    pressed(opened(title), *presses)
    work = main.the_board().find(kind)
    if work is None:
        return f"nothing was started on {title}"
    work.wait(_SECONDS)
    return f"{work.state}: {work.said}"


def seen(app: AppTest) -> dict[str, list[Any]]:
    return {
        "headings": [heading.value for heading in app.title],
        "errors": [str(box.value) for box in (*app.error, *app.exception)],
    }


def read(start: Path) -> dict[str, Any]:
    """Look at the app's first page, label, train, compare and write letters, and look at each page with all that."""
    first = seen(AppTest.from_file(start.resolve(), default_timeout=_SECONDS).run())
    work = [
        worked("Overview", "labels", "labels_ask", "labels_start"),
        worked("Fine-tune", "training_set", "build"),
        worked("Compare", "evaluation", "evaluation_ask", "evaluation_start"),
        worked("Replies", "replies", "replies_ask", "replies_start"),
    ]
    # Of the pages with a control that has nothing chosen, the test runs of Streamlit 1.52 press no button.
    pages = {title: seen(pressed(opened(title), *(["triage_open_"] if title == "Triage" else []))) for title in TITLES}
    return {"start": first, "work": work, "pages": pages}


if __name__ == "__main__":
    # Each test run of Streamlit looks through all installed packages for components, and the app has none.
    manifest_scanner.scan_component_manifests = lambda max_workers=None: []  # noqa: ARG005
    if len(sys.argv) > 2:
        opening._TOKEN = Path(sys.argv[2])
    print(json.dumps(read(Path(sys.argv[1]))))  # noqa: T201  it is what this program is for
