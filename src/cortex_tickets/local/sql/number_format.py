"""Numbers as text by a fixed-position format, such as 999.00 or $9,999.00MI."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

import duckdb

from cortex_tickets.local.sql.errors import StatementError

NUMBER_TEXT = "_engine_number_text"
"""The function's name in DuckDB."""

_FORMAT = re.compile(
    r"(?P<compact>FM)?(?P<before>S|MI)?(?P<dollar>\$)?(?P<whole>[90][90,G]*)?(?:[.D](?P<fraction>[90]*))?(?P<after>S|MI)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A format, read.

    Attributes:
        is_compact: Whether nothing stands where the number has no digit; a blank does otherwise.
        sign: S, MI or empty for the sign as it is by default.
        is_sign_last: Whether the sign stands behind the number.
        has_dollar: Whether a dollar sign stands before the digits.
        whole: Places before the point: 9, 0 and commas.
        fraction: Places behind it; `None` where there is no point.
    """

    is_compact: bool
    sign: str
    is_sign_last: bool
    has_dollar: bool
    whole: str
    fraction: str | None

    def text(self, number: Decimal) -> str:
        """The number in this format; number signs where it does not fit.

        Source:
            docs.snowflake.com/en/sql-reference/sql-format-models, read 2026-11-25.
        """
        places = len(self.fraction or "")
        rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        digits, _, decimals = f"{abs(rounded):f}".partition(".")
        digits = digits.lstrip("0")
        n_places = sum(place != "," for place in self.whole)
        if len(digits) > n_places:
            whole, behind = re.sub(r"\d", "#", self.whole), "#" * places
        else:
            whole, behind = self._whole(digits.rjust(n_places)), self._decimals(decimals)
        blanks = len(whole) - len(whole.lstrip())
        point = "" if self.fraction is None else "."
        before, after = self._signs(is_negative=rounded < 0)
        body = f"{before}{'$' if self.has_dollar else ''}{whole.lstrip()}{point}{behind}{after}"
        return body.replace(" ", "") if self.is_compact else " " * blanks + body

    def _whole(self, digits: str) -> str:
        """The digits at their places, zeros from the first 0 of the format on."""
        remaining = iter(digits)
        out = ""
        has_begun = False
        for place in self.whole:
            if place == ",":
                out += "," if has_begun else " "
                continue
            digit = next(remaining)
            if digit == " " and (place == "0" or has_begun):
                digit = "0"
            has_begun |= digit != " "
            out += digit
        return out

    def _decimals(self, decimals: str) -> str:
        """Zeros at the end are printed where the format has a 0, or one behind them."""
        form = self.fraction or ""
        kept = len(decimals.rstrip("0"))
        last_zero = form.rfind("0") + 1
        shown = max(kept, last_zero)
        return decimals[:shown].ljust(len(form))

    def _signs(self, *, is_negative: bool) -> tuple[str, str]:
        plus = "+" if self.sign == "S" else " "
        sign = "-" if is_negative else plus
        return ("", sign) if self.is_sign_last else (sign, "")


@lru_cache(maxsize=256)
def number_format(form: str) -> NumberFormat | None:
    """The format, read; `None` for one that the engine does not know."""
    found = _FORMAT.fullmatch(form.strip())
    if found is None or (found["before"] and found["after"]) or not (found["whole"] or found["fraction"]):
        return None
    return NumberFormat(
        is_compact=bool(found["compact"]),
        sign=(found["before"] or found["after"] or "").upper(),
        is_sign_last=bool(found["after"]),
        has_dollar=bool(found["dollar"]),
        whole=(found["whole"] or "").upper().replace("G", ","),
        fraction=found["fraction"],
    )


def is_known_format(form: str) -> bool:
    """Whether the engine knows the format."""
    return number_format(form) is not None


def register_number_text(duck: duckdb.DuckDBPyConnection) -> str:
    """Make the function known to DuckDB; its name there."""
    duck.create_function(NUMBER_TEXT, _number_text, ["VARCHAR", "VARCHAR"], "VARCHAR")
    return NUMBER_TEXT


def _number_text(value: str, form: str) -> str | None:
    read = number_format(form)
    if read is None:  # refused when the statement was read
        return None
    try:
        return read.text(Decimal(value))
    except InvalidOperation:
        raise StatementError(100038, "Numeric value is not recognized", "22018") from None
