"""Shows an example in a command's help so that it can be copied from there."""

from __future__ import annotations

_AS_IT_STANDS = "\b\n"
"""Tells the writer of help texts to leave the lines of a paragraph as they are."""
HEADING = "Example:"


def with_example(example: str, *, before: str = "") -> str:
    """Return what stands at the end of a help text.

    Args:
        example: Command lines, narrower than a terminal of 80 columns by 4; a longer one goes on after a backslash.
        before: A paragraph that stands above, which is folded to the terminal's width.
    """
    shown = "\n".join(f"  {line}" for line in example.splitlines())
    above = f"{before}\n\n" if before else ""
    return f"{above}{_AS_IT_STANDS}{HEADING}\n{shown}"
