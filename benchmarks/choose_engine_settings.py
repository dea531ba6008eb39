"""What was tried for the engine's trainer and its zero-shot labels, on a fifth of BANKING77's training questions.

Every setting that was chosen by a figure was chosen by these: four fifths of the training questions are learnt from
(or give examples), one fifth is judged. The 3,080 test questions are read by no line of this script.

    python benchmarks/choose_engine_settings.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np
from banking77_data import Question, label_options, split_training
from server_process import timed
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from cortex_tickets.local.fine_tuning import linear_model, text_features, trainer
from cortex_tickets.local.language import label_concepts, label_likeness, label_matching
from cortex_tickets.local.language.label_matching import LabelMatcher, Size
from cortex_tickets.local.language.words import stem, words_of

LEARNT, JUDGED = split_training()
TEXTS, GOLD = [text for text, _ in JUDGED], np.array([label for _, label in JUDGED])
SMALL_SETS = (100, 400)
EPOCHS = 3
LIKE_ENOUGH = 0.6
"""Cosine of the spellings of two words that count as one."""
Vectorizer = Callable[..., TfidfVectorizer]


@contextmanager
def setting(module: ModuleType, **values: object) -> Iterator[None]:
    """Give names of a module other values for a while."""
    kept = {name: getattr(module, name) for name in values}
    for name, value in values.items():
        setattr(module, name, value)
    try:
        yield
    finally:
        for name, value in kept.items():
            setattr(module, name, value)


def characters(shortest: int, longest: int) -> Vectorizer:
    """Return the maker of a vectorizer of runs of letters."""
    return lambda **options: TfidfVectorizer(
        analyzer="char_wb", ngram_range=(shortest, longest), sublinear_tf=True, dtype=np.float32, **options
    )


def words(longest: int) -> Vectorizer:
    """Return the maker of a vectorizer of runs of words."""
    return lambda **options: TfidfVectorizer(
        token_pattern=r"(?u)\b\w+\b",  # noqa: S106  a pattern for words, no password
        ngram_range=(1, longest),
        sublinear_tf=True,
        dtype=np.float32,
        **options,
    )


TRAINER: list[tuple[str, ModuleType, dict[str, Any]]] = [
    ("as it is", linear_model, {}),
    *[(f"learning rate {value}", linear_model, {"_LEARNING_RATE": value}) for value in (0.05, 0.1, 0.4)],
    *[(f"first weights of length {value}", linear_model, {"_FIRST_LENGTH": value}) for value in (0.0, 1.0, 6.0)],
    *[(f"first curvature {value}", linear_model, {"_FIRST_CURVATURE": value}) for value in (1e-7, 1e-3)],
    *[(f"batches of {value} from 1,000 rows on", linear_model, {"_BATCH_ROWS": value}) for value in (8, 128)],
    *[(f"batches of {value} below", linear_model, {"_SMALL_BATCH_ROWS": value}) for value in (2, 32)],
    *[
        (f"letters in runs of {low} to {high}", text_features, {"_character_vectorizer": characters(low, high)})
        for low, high in ((2, 4), (3, 6))
    ],
    ("single words", text_features, {"_word_vectorizer": words(1)}),
    ("words in runs of 1 to 3", text_features, {"_word_vectorizer": words(3)}),
]


def fine_tuning() -> None:
    """Print what the trainer gets, one setting changed at a time."""
    sizes = (len(LEARNT), *SMALL_SETS)
    print(f"| trainer, {EPOCHS} epochs | {' | '.join(f'{size:,} pairs' for size in sizes)} | seconds, all pairs |")
    print(f"|---|{'---:|' * (len(sizes) + 1)}")
    for title, module, values in TRAINER:
        with setting(module, **values):
            results = [trained(spread(size)) for size in sizes]
        shown = " | ".join(f"{accuracy:.1%}" for accuracy, _ in results)
        print(f"| {title} | {shown} | {results[0][1]:.1f} |", flush=True)
    features, rows = text_features.TextFeatures.fit([text for text, _ in LEARNT], 200_000)
    judged = features.rows(TEXTS)
    for title, other in (
        ("scikit-learn's LinearSVC on the same features", LinearSVC(C=0.5)),
        ("scikit-learn's LogisticRegression on them, C=10", LogisticRegression(C=10, max_iter=200)),
    ):
        seconds = timed(lambda other=other: other.fit(rows, [label for _, label in LEARNT]))  # type: ignore[misc]
        print(f"| {title} | {np.mean(other.predict(judged) == GOLD):.1%} | | | {seconds:.1f} |", flush=True)


def spread(size: int) -> list[Question]:
    """Return so many questions, spread over the labels, which the data has in order."""
    return [LEARNT[int(place)] for place in np.linspace(0, len(LEARNT) - 1, size)]


def trained(pairs: list[Question]) -> tuple[float, float]:
    """Return a trained model's share of right answers, and the seconds of training."""
    model: list[trainer.TunedModel] = []

    def train() -> None:
        model.append(
            trainer.train(pairs, None, max_epochs=EPOCHS, seed=0, on_epoch=lambda *_: None, cancelled=lambda: False)
        )

    seconds = timed(train)
    return float(np.mean(np.array(model[0].complete_many(TEXTS)) == GOLD)), seconds


ASKED: tuple[tuple[Size, str, bool, int], ...] = (
    ("small", "names", False, 0),
    ("large", "names", False, 0),
    ("large", "names, descriptions", True, 0),
    ("large", "names, 3 examples", False, 3),
    ("large", "names, descriptions, 3 examples", True, 3),
    ("large", "names, descriptions, 10 examples", True, 10),
)


def zero_shot() -> None:
    """Print what matching by words gets, one setting changed at a time."""
    print(f"| zero-shot | {' | '.join(f'{size}: {told}' for size, told, *_ in ASKED)} |\n|---|{'---:|' * len(ASKED)}")
    names = {
        "_PAIR_WEIGHT": (0.25, 0.75),
        "_DESCRIPTION_WEIGHT": (0.3, 0.7),
        "_EXAMPLE_WEIGHT": (0.1, 0.4),
        "_SYNONYM_STRENGTH": (0.0, 0.35, 0.65),
        "_SPREAD_POWER": (0.25, 0.75),
        "_LENGTH_POWER": (0.0, 0.2, 0.5),
    }
    variants: list[tuple[str, ModuleType, dict[str, Any]]] = [
        ("as it is", label_matching, {}),
        *[
            (f"{name.strip('_').lower().replace('_', ' ')} {value}", label_concepts, {name: value})
            for name, values in names.items()
            for value in values
        ],
        *[(f"saturation {value}", label_matching, {"_SATURATION": value}) for value in (0.5, 2.0)],
        *[(f"likeness half trusted at {value}", label_likeness, {"_HALF_TRUSTED": value}) for value in (1.0, 5.0)],
        ("no likeness", label_likeness, {"_HALF_TRUSTED": 1e9}),
        ("stop words of names at 0.4", label_concepts, {"_name_terms": name_terms_with_stop_words}),
    ]
    for title, module, values in variants:
        with setting(module, **values):
            print(row(title, lambda scores, *_: scores), flush=True)
    print(row("likeness by runs of letters added", with_letters))
    print(row("likeness to the nearest told text added", with_nearest))
    print(row("an unknown word read as the known one spelt most like it", with_near_spellings))


Change = Callable[[Any, tuple[Any, ...], Size], Any]


def row(title: str, change: Change) -> str:
    """Return a table's row: the share of right labels for each way of asking."""
    shares = []
    for size, _, has_descriptions, n_examples in ASKED:
        options = label_options(LEARNT, has_descriptions=has_descriptions, n_examples=n_examples)
        scores = change(LabelMatcher(options, size).scores(TEXTS), options, size)
        names = np.array([option.name for option in options])
        shares.append(np.mean(names[scores.argmax(axis=1)] == GOLD))
    return f"| {title} | {' | '.join(f'{share:.1%}' for share in shares)} |"


def name_terms_with_stop_words(name: str) -> dict[tuple[str, ...], float]:
    """Return a name's terms, words such as `why` and `my` among them."""
    terms = ORIGINAL_NAME_TERMS(name)
    for word in words_of(name.replace("_", " ")):
        terms.setdefault((stem(word),), 0.4)
    return terms


ORIGINAL_NAME_TERMS: Callable[[str], dict[tuple[str, ...], float]] = getattr(label_concepts, "_name_terms")  # noqa: B009


def told(options: tuple[Any, ...]) -> tuple[list[str], Any]:
    """Return every text that is told of labels, and whose it is."""
    texts = [[o.name.replace("_", " "), *filter(None, [o.description]), *o.examples] for o in options]
    return [text for some in texts for text in some], np.repeat(np.arange(len(options)), [len(some) for some in texts])


def with_letters(scores: Any, options: tuple[Any, ...], size: Size) -> Any:
    """Add the cosine, by runs of 3 to 5 letters, to the middle of each label's told texts."""
    return with_cosines(scores, options, size, lambda cosines: cosines.mean(axis=1))


def with_nearest(scores: Any, options: tuple[Any, ...], size: Size) -> Any:
    """Add the cosine to the told text that is nearest."""
    return with_cosines(scores, options, size, lambda cosines: cosines.max(axis=1))


def with_cosines(scores: Any, options: tuple[Any, ...], size: Size, merge: Callable[[Any], Any]) -> Any:
    """Add cosines by letters, one for each label."""
    texts, owners = told(options)
    if size == "small":
        return scores
    vectorizer = characters(3, 5)()
    known = vectorizer.fit_transform(texts)
    cosines = (vectorizer.transform(TEXTS) @ known.T).toarray()
    by_label = np.stack([merge(cosines[:, owners == label]) for label in range(len(options))], axis=1)
    return of_best(scores) + 0.5 * of_best(by_label)


def with_near_spellings(scores: Any, options: tuple[Any, ...], size: Size) -> Any:
    """Read slips: a word whose stem no label knows counts as the stem that shares most runs of letters."""
    known = sorted({stem(word) for text in told(options)[0] for word in words_of(text)})
    asked = sorted({stem(word) for text in TEXTS for word in words_of(text)} - set(known))
    vectorizer = characters(2, 4)(use_idf=False)
    cosines = (vectorizer.fit_transform(known) @ vectorizer.transform(asked).T).toarray()
    read = {
        word: known[best]
        for word, best, near in zip(asked, cosines.argmax(0), cosines.max(0), strict=True)
        if near > LIKE_ENOUGH
    }
    texts = [" ".join(read.get(stem(word), word) for word in words_of(text)) for text in TEXTS]
    del scores
    return LabelMatcher(options, size).scores(texts)


def of_best(scores: Any) -> Any:
    """Return scores as shares of each text's best."""
    return scores / np.maximum(scores.max(axis=1, keepdims=True), 1e-9)


if __name__ == "__main__":
    print(f"{len(LEARNT):,} training questions learnt from, {len(JUDGED):,} judged\n")
    fine_tuning()
    print()
    zero_shot()
