"""How untrusted text is put into a prompt: between tags that it cannot close."""

from __future__ import annotations

from cortex_tickets.records.sendable import clean

__all__ = ["BLANKS", "clean", "inert", "is_blank"]

BLANKS = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
    "\xad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
)
"""What a blank text may consist of: Unicode's white space, and marks that are not seen. SQL trims the same."""


def is_blank(text: str) -> bool:
    """Return whether there is nothing to read in the text."""
    return not text.strip(BLANKS)


def inert(text: str) -> str:
    """Return the text with every `<` written as `&lt;`, so that it can neither close nor open a tag."""
    return text.replace("<", "&lt;")
