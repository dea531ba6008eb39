"""The linear baseline: what a model of the nineties, trained in seconds on the client, gets on the same tickets."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from importlib.util import find_spec

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import MissingExtraError
from cortex_tickets.records.split import Split
from cortex_tickets.training_set import TrainingSet

BASELINE_NAME = "linear baseline"
BASELINE_MODEL = "TF-IDF and logistic regression"
MAX_TRAINING_ROWS = 20_000
"""Training rows that are read to the client, chosen by hash of seed and text where there are more."""
_MAX_ITERATIONS = 300
_INVERSE_REGULARISATION = 10.0
"""Fixed beforehand: nothing is tuned on the test split."""
_WORD = r"(?u)\w+|\S"


def require_extra() -> None:
    """Check that scikit-learn is there, before anything is billed.

    Raises:
        MissingExtraError: If it is not.
    """
    if find_spec("sklearn") is None:
        raise MissingExtraError("evaluate")


def read_pairs(
    client: CortexClient, training_set: TrainingSet, *, seed: int, timeout: float | None = None
) -> list[tuple[str, str]]:
    """Return the training rows' texts and completions, at most `MAX_TRAINING_ROWS`, in a fixed order."""
    chosen = f"SHA2(CONCAT({literal(f'{seed}:')}, TEXT_HASH), 256), TICKET_ID"
    rows = client.rows(
        Statement(
            f"SELECT TEXT, COMPLETION FROM ({training_set.rows_query(Split.TRAINING)}) "
            f"WHERE DROPPED IS NULL AND COMPLETION IS NOT NULL ORDER BY {chosen} LIMIT {MAX_TRAINING_ROWS}"
        ),
        timeout=timeout,
    )
    return [(row["TEXT"] or "", row["COMPLETION"]) for row in rows]


def predict(pairs: Sequence[tuple[str, str]], texts: Sequence[str]) -> list[str | None]:
    """Return a label for each text, learned from the pairs alone; `None` for a blank text, or without pairs.

    TF-IDF over words (1 and 2) and letters within words (3 to 5), and multinomial logistic regression.
    """
    labels = sorted({label for _, label in pairs})
    asked = [place for place, text in enumerate(texts) if text.strip()]
    said: list[str | None] = [None] * len(texts)
    if not labels or not asked:
        return said
    # With one label there is nothing to learn.
    found = [labels[0]] * len(asked) if len(labels) == 1 else _fitted(pairs, [texts[place] for place in asked])
    for place, label in zip(asked, found, strict=True):
        said[place] = label
    return said


def _fitted(pairs: Sequence[tuple[str, str]], texts: Sequence[str]) -> list[str]:
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415  an extra, and slow to import
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415  the same
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  the same
    from sklearn.pipeline import make_pipeline, make_union  # noqa: PLC0415  the same

    model = make_pipeline(
        make_union(
            # Single letters and signs count as words too, so that no text can leave the vocabulary empty.
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=_WORD),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True),
        ),
        LogisticRegression(C=_INVERSE_REGULARISATION, max_iter=_MAX_ITERATIONS),
    )
    with warnings.catch_warnings():
        # After so many steps the labels no longer change, whether or not the last digit of the loss does.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit([text for text, _ in pairs], [label for _, label in pairs])
    return [str(label) for label in model.predict(texts)]
