"""What was tried for the engine's vectors, on a fifth of BANKING77's training questions.

Four fifths of the training questions are learnt from by a linear model, one fifth is judged. The 3,080 test questions
are read by no line of this script. One setting is changed at a time.

    python benchmarks/choose_embedding.py
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from banking77_data import split_training
from choose_engine_settings import setting
from sklearn.linear_model import LogisticRegression

from cortex_tickets.local.language import embedding, word_features

LEARNT, JUDGED = split_training()
TEXTS, LABELS = [text for text, _ in LEARNT], [label for _, label in LEARNT]
ASKED, GOLD = [text for text, _ in JUDGED], np.array([label for _, label in JUDGED])
DIMENSION, WINDOW = 1_024, 512
STRENGTHS = (10.0, 30.0)

VARIANTS: list[tuple[str, ModuleType, dict[str, Any]]] = [
    ("as it is", embedding, {}),
    *[(f"neighbours {value}", embedding, {"_NEIGHBOUR_SHARE": value}) for value in (0.0, 0.3, 0.7)],
    *[(f"pairs {value}", embedding, {"_PAIR_SHARE": value}) for value in (0.0, 0.5)],
    *[(f"parts of words {value}", embedding, {"_PART_SHARE": value}) for value in (0.25, 0.8)],
    *[(f"stop words {value}", word_features, {"_STOP_WORD_WEIGHT": value}) for value in (0.15, 0.6)],
    *[(f"synonyms {value}", word_features, {"_SYNONYM_WEIGHT": value}) for value in (0.0, 0.3)],
    ("a word in one place", word_features, {"_WORD_PLACES": 1}),
    ("everything in one place", word_features, {"_WORD_PLACES": 1, "_NEIGHBOUR_PLACES": 1, "_PAIR_PLACES": 1}),
]


def main() -> None:
    """Print a row for each setting."""
    print(f"{len(LEARNT):,} training questions learnt from, {len(JUDGED):,} judged\n")
    print(f"| vectors of 1,024 | {' | '.join(f'right, C={strength:g}' for strength in STRENGTHS)} |")
    print(f"|---|{'---:|' * len(STRENGTHS)}")
    for title, module, values in VARIANTS:
        with setting(module, **values):
            embedding._WORDS.clear()  # noqa: SLF001  what is remembered of words has the setting in it
            learnt = np.stack(embedding.embed_many(TEXTS, DIMENSION, WINDOW))
            judged = np.stack(embedding.embed_many(ASKED, DIMENSION, WINDOW))
        shares = [share(learnt, judged, strength) for strength in STRENGTHS]
        print(f"| {title} | {' | '.join(f'{found:.1%}' for found in shares)} |", flush=True)


def share(learnt: Any, judged: Any, strength: float) -> float:
    """Return the share of right labels of a linear model over the vectors."""
    model = LogisticRegression(C=strength, max_iter=200, tol=1e-3).fit(learnt, LABELS)
    return float(np.mean(model.predict(judged) == GOLD))


if __name__ == "__main__":
    main()
