"""A person at a browser: opens pages, clicks, reads, and takes pictures."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Literal, Self

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from browser.reruns import Reruns

WIDE, NARROW = 1280, 400
_HEIGHT, _TALLEST = 900, 1_800
_PATIENCE = 90_000
"""Milliseconds: other tests may keep the machine busy."""
_LOOK_AGAIN = 20
"""Milliseconds between two looks at what is under way."""
_DRAWN = "n => new Promise(done => { const next = () => n-- > 0 ? requestAnimationFrame(next) : done(); next(); })"
"""Waits until the page was drawn so often."""


class Reader:
    """One browser window at a time.

    Args:
        browser: The browser.
        url: Where the app is.
        pictures: Where pictures go; `None` to take none.
    """

    def __init__(self, browser: Browser, url: str, pictures: Path | None) -> None:
        self._browser = browser
        self._url = url
        self._pictures = pictures
        self._context: BrowserContext | None = None
        self._page: Page | None = None
        self._reruns: Reruns | None = None
        self._foreign: list[str] = []

    def __enter__(self) -> Self:
        self.sit_down()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._context is not None:
            self._context.close()
        assert self._foreign == [], "the app asks this machine alone"

    @property
    def page(self) -> Page:
        assert self._page is not None
        return self._page

    def sit_down(self, width: int = WIDE, colours: Literal["light", "dark"] = "light") -> None:
        """Take a new window, without anything that the one before knew."""
        if self._context is not None:
            self._context.close()
        self._context = self._browser.new_context(
            viewport={"width": width, "height": _HEIGHT}, color_scheme=colours, reduced_motion="reduce"
        )
        self._page = self._context.new_page()
        self._reruns = Reruns(self._page)
        self._page.on("request", lambda request: self._note(request.url))
        self.page.set_default_timeout(_PATIENCE)
        expect.set_options(timeout=_PATIENCE)

    def _note(self, url: str) -> None:
        if not url.startswith((self._url, self._url.replace("http", "ws", 1), "data:", "blob:")):
            self._foreign.append(url)

    def open(self, title: str) -> None:
        """Open a page by its address, as after a reload. The first page has the app's own address."""
        self.page.goto(f"{self._url}/{'' if title == 'Overview' else title.lower()}")
        expect(self.page.get_by_role("heading", name=title, level=1)).to_be_visible()
        self.settle()
        expect(self.page.get_by_role("dialog")).to_have_count(0)

    def go_to(self, title: str) -> None:
        """Go to a page by the navigation."""
        self.page.get_by_role("link", name=title).click()
        expect(self.page.get_by_role("heading", name=title, level=1)).to_be_visible()
        self.settle()

    @contextmanager
    def beside(self) -> Iterator[Self]:
        """Give another reader in a window of their own."""
        with type(self)(self._browser, self._url, None) as other:
            yield other

    def settle(self) -> None:
        """Wait until the page has nothing to do, and shows what came of all that was done on it."""
        assert self._reruns is not None
        deadline = monotonic() + _PATIENCE / 1_000
        self.page.evaluate("null")  # its answer comes after what the page sent
        while not self._reruns.is_answered:
            assert monotonic() < deadline, "the app did not answer"
            self.page.wait_for_timeout(_LOOK_AGAIN)
        self.page.evaluate(_DRAWN, 2)
        self.page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()

    def part(self, key: str) -> Locator:
        """A part of the page by the key that the app gave it."""
        return self.page.locator(f".st-key-{key}")

    def part_nth(self, prefix: str, place: int) -> Locator:
        """The part that stands there among those whose keys begin so, counted from the top."""
        return self.page.locator(f'[class*="st-key-{prefix}"]').nth(place)

    def press(self, key: str) -> None:
        self.part(key).get_by_role("button").first.click()
        self.settle()

    def press_nth(self, prefix: str, place: int) -> None:
        """Press the button that stands there among those whose keys begin so, counted from the top."""
        self.part_nth(prefix, place).get_by_role("button").first.click()
        self.settle()

    def write(self, key: str, text: str) -> None:
        field = self.part(key).locator("input, textarea").first
        field.fill(text)
        field.press("Tab")
        self.settle()

    def choose(self, key: str, option: str) -> None:
        self.part(key).get_by_role("combobox").click()
        self.page.get_by_role("option", name=option, exact=True).click()
        self.settle()

    def chosen(self, key: str) -> Locator:
        """What shows the option that is chosen in a field."""
        return self.part(key).get_by_role("combobox")

    def sees(self, words: str) -> None:
        expect(self.page.get_by_text(words).first).to_be_visible()

    def sees_no_more(self, words: str) -> None:
        expect(self.page.get_by_text(words)).to_have_count(0)

    def scroll_down(self) -> None:
        """Go to the end of the page."""
        self.page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 1e6)")

    def sees_no_overflow(self) -> None:
        """Nothing makes the page wider than the window."""
        wide = self.page.evaluate(
            "() => { const main = document.querySelector('[data-testid=stMain]');"
            " return main.scrollWidth - main.clientWidth; }"
        )
        assert wide <= 0

    def picture(self, name: str) -> None:
        """Take a picture for the documentation, if pictures are wanted."""
        if self._pictures is None:
            return
        self.settle()
        size = self.page.viewport_size
        assert size is not None
        self.page.mouse.move(size["width"] - 5, 5)
        self.page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
        height = int(self.page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight"))
        self.page.set_viewport_size({"width": size["width"], "height": max(_HEIGHT, min(height, _TALLEST))})
        self.page.evaluate("document.fonts.ready")
        # A chart draws itself anew after the window has changed, and tells nobody when it is done.
        self.page.evaluate(_DRAWN, 60)
        self.page.screenshot(path=self._pictures / f"app-{name}.png")
        self.page.set_viewport_size(size)
