"""Why a run stops before its work is done: a result of it, and no error of its caller's."""

from __future__ import annotations


class RunStoppedError(Exception):
    """The run has to stop; the text is the reason."""
