"""The documentation's pictures: each stands on a page, and none keeps a reader waiting."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PICTURES = sorted((ROOT / "docs" / "img").iterdir())
LARGEST = 200_000
_SHOWN = re.compile(r"""(?:\]\(|src=")[^)"\s]*\bimg/([^)"\s]+)""")


def shown() -> set[str]:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    return {name for page in pages for name in _SHOWN.findall(page.read_text(encoding="utf-8"))}


def test_every_picture_stands_on_a_page_and_every_page_has_its_pictures() -> None:
    assert shown() == {picture.name for picture in PICTURES}


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_is_small(picture: Path) -> None:
    assert picture.stat().st_size <= LARGEST
