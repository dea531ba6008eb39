"""The tickets and calls of Snowflake's public quickstarts, and labels for the tickets, as packaged files.

They are Apache-2.0 licensed and unchanged; where they come from stands in `NOTICE.txt` beside them. They are few and
easy: a demonstration, never a proof of quality.
"""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from functools import cache
from importlib import resources
from pathlib import Path

_unpacked = ExitStack()
atexit.register(_unpacked.close)


def support_tickets() -> Path:
    """Return the CSV file of 151 telecom support tickets.

    Three ticket ids stand twice, for different customers, and only 130 texts are distinct.

    Examples:
        >>> support_tickets().name
        'support_tickets.csv'

    Source:
        github.com/Snowflake-Labs/sfguide-getting-started-with-snowflake-arctic-and-snowflake-cortex,
        `data/support_tickets.csv`, commit 3fe1ba3c.
    """
    return _file("support_tickets.csv")


def gold_labels() -> Path:
    """Return the CSV file of a label for each of those tickets, given by reading all of them.

    Every ticket was read, so the labels are a sample without bias (`SOURCE` is `random_sample`). No ticket is
    about a lost phone, though the quickstart's prompt offers that label.

    Examples:
        >>> gold_labels().name
        'gold_labels.csv'
    """
    return _file("gold_labels.csv")


def call_transcripts() -> Path:
    """Return the CSV file of 200 calls to a dealer in ski gear: 90 in German, 70 in French, 40 in English.

    Its columns are DATE_CREATED, LANGUAGE, COUNTRY, PRODUCT, CATEGORY, DAMAGE_TYPE and TRANSCRIPT, which has several
    lines. Language and product go together, so a label must not be learnt from them.

    Examples:
        >>> call_transcripts().name
        'call_transcripts.csv'

    Source:
        github.com/Snowflake-Labs/sfguide-spcs-cortex-reactjs-flask-app, `deploy_package/call_transcripts.csv`, commit
        6e4f7dac.
    """
    return _file("call_transcripts.csv")


@cache
def _file(name: str) -> Path:
    """The file itself; out of a zip it is unpacked until this process ends."""
    return _unpacked.enter_context(resources.as_file(resources.files(__name__) / name))
