"""SPLIT_TEXT_RECURSIVE_CHARACTER and SPLIT_TEXT_MARKDOWN_HEADER: long texts in parts, without any model."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from cortex_tickets.local.functions.refused_call import refused
from cortex_tickets.local.functions.signature import CortexFunction, Parameter, Rows, SqlType
from cortex_tickets.local.functions.text_call import categories_of, texts_of_rows
from cortex_tickets.local.language.text_splitting import PLAIN_SEPARATORS, sections, split_text


class _SplitText(CortexFunction):
    """What both have in common: a text, a size, an overlap, and an array."""

    def returns(self, given: Mapping[str, Any]) -> SqlType:
        """An array."""
        del given
        return "JSON"

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """The parts of each text."""
        size = _whole(rows.settings.get("CHUNK_SIZE"))
        if size is None or size < 1:
            raise refused(self.name, 400, "invalid chunk_size: a whole number greater than 0 is expected")
        given = rows.settings.get("OVERLAP")
        overlap = 0 if given is None else _whole(given)
        if overlap is None or not 0 <= overlap < size:
            raise refused(self.name, 400, "invalid overlap: a whole number from 0 to below chunk_size is expected")
        texts, _ = texts_of_rows(rows, "TEXT_TO_SPLIT")
        parts = self._parts([text or "" for text in texts], rows, size, overlap)
        return [
            None if text is None else json.dumps(of_text, ensure_ascii=False)
            for text, of_text in zip(texts, parts, strict=True)
        ]

    @abstractmethod
    def _parts(self, texts: Sequence[str], rows: Rows, size: int, overlap: int) -> list[list[Any]]:
        """The parts of each text."""


class SplitTextRecursiveCharacter(_SplitText):
    """SPLIT_TEXT_RECURSIVE_CHARACTER(text, 'none' | 'markdown', chunk_size[, overlap[, separators]]).

    Source:
        docs.snowflake.com/en/sql-reference/functions/split_text_recursive_character-snowflake-cortex, read
        2026-11-25; how neighbours are joined is read off the examples of snowflake-snowpark-python 1.56.0.
    """

    name: ClassVar[str] = "SNOWFLAKE.CORTEX.SPLIT_TEXT_RECURSIVE_CHARACTER"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("TEXT_TO_SPLIT", is_row=True, is_required=True),
        Parameter("FORMAT", is_required=True),
        Parameter("CHUNK_SIZE", is_required=True),
        Parameter("OVERLAP"),
        Parameter("SEPARATORS"),
    )

    def _parts(self, texts: Sequence[str], rows: Rows, size: int, overlap: int) -> list[list[Any]]:
        form = rows.text("FORMAT")
        if form not in {"none", "markdown"}:
            raise refused(self.name, 400, f'invalid format "{form}": none or markdown is expected')
        given = rows.settings.get("SEPARATORS")
        separators = list(PLAIN_SEPARATORS) if given is None else categories_of(given)
        if separators is None or not all(isinstance(item, str) for item in separators):
            raise refused(self.name, 400, "invalid separators: an array of strings is expected")
        named = [str(item) for item in separators]
        is_markdown = form == "markdown"
        return [
            [*split_text(text, size=size, overlap=overlap, separators=named, is_markdown=is_markdown)] for text in texts
        ]


class SplitTextMarkdownHeader(_SplitText):
    """SPLIT_TEXT_MARKDOWN_HEADER(text, {'#': 'header_1'}, chunk_size[, overlap]).

    Source:
        docs.snowflake.com/en/sql-reference/functions/split_text_markdown_header-snowflake-cortex, read 2026-11-25.
    """

    name: ClassVar[str] = "SNOWFLAKE.CORTEX.SPLIT_TEXT_MARKDOWN_HEADER"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("TEXT_TO_SPLIT", is_row=True, is_required=True),
        Parameter("HEADERS_TO_SPLIT_ON", is_required=True),
        Parameter("CHUNK_SIZE", is_required=True),
        Parameter("OVERLAP"),
    )

    def _parts(self, texts: Sequence[str], rows: Rows, size: int, overlap: int) -> list[list[Any]]:
        headers = rows.settings.get("HEADERS_TO_SPLIT_ON")
        if not isinstance(headers, Mapping) or not all(
            sign and not sign.strip("#") and isinstance(name, str) for sign, name in headers.items()
        ):
            raise refused(self.name, 400, "invalid headers_to_split_on: an object like {'#': 'header_1'} is expected")
        return [
            [
                {"chunk": part, "headers": dict(section.headers)}
                for section in sections(text, headers)
                for part in split_text(section.text, size=size, overlap=overlap)
            ]
            for text in texts
        ]


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
