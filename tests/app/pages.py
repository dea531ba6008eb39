"""What tests do with pages: press buttons, wait for work, count what models were asked."""

from typing import Any

from streamlit.testing.v1 import AppTest

from cortex_tickets.app import main
from cortex_tickets.app.background import Work
from cortex_tickets.app.desk import Desk

SECONDS = 60


def press(page: AppTest, key: str) -> AppTest:
    return page.button(key=key).click().run()


def press_nth(page: AppTest, prefix: str, place: int) -> AppTest:
    """Press the button that stands there among those whose keys begin so, counted from the top."""
    return press(page, keys_of(page, prefix)[place])


def keys_of(page: AppTest, prefix: str) -> list[str]:
    """Keys of the buttons that begin so, from the top."""
    return [key for key in (str(button.key) for button in page.button) if key.startswith(prefix)]


def finished(page: AppTest, kind: str) -> Work:
    """Wait for the work of a kind, and show the page again."""
    work = main.the_board().find(kind)
    assert work is not None
    assert work.wait(SECONDS)
    page.run()
    return work


def n_asked(desk: Desk) -> int:
    """Texts that any model of the engine was asked, ever."""
    return int(desk.rows("SELECT COUNT(*) AS N FROM SNOWFLAKE.ENGINE.ASKED")[0]["N"])


def told(page: AppTest) -> list[str]:
    """All messages of a page, without the signs that keep them from being markup."""
    boxes: list[Any] = [*page.error, *page.warning, *page.success, *page.info]
    return [as_read(box.value) for box in boxes]


def as_read(shown: object) -> str:
    """Return what a reader sees of escaped words."""
    return str(shown).replace(":small[]", "").replace("\\", "")


def keys(page: AppTest) -> set[str]:
    return {str(button.key) for button in page.button}


def found(widgets: Any, prefix: str) -> Any:
    """Return the one widget whose key begins so."""
    (widget,) = [each for each in widgets if str(each.key).startswith(prefix)]
    return widget
