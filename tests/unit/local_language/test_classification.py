"""Sorting texts into categories by their words."""

from concurrent.futures import ThreadPoolExecutor
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortex_tickets.local.language.classification import Category, Example, classify_many
from cortex_tickets.local.language.label_matching import label_matcher
from cortex_tickets.local.language.label_options import LabelOption
from cortex_tickets.local.language.words import stem

LABELS = ("Late delivery", "Damaged item", "Cancel order")


def classify(texts: list[str], *labels: str, multiple: bool = False) -> list[list[str]]:
    categories = [Category(label) for label in labels]
    return classify_many(texts, categories, task_description=None, examples=[], multiple=multiple)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("The delivery came three weeks late!", "Late delivery"),
        ("My parcel is overdue, when does it arrive?", "Late delivery"),
        ("The glass is broken.", "Damaged item"),
        ("CANCELLING MY ORDER NOW", "Cancel order"),
        ("Please call off the purchase.", "Cancel order"),
    ],
)
def test_names_and_ordinary_synonyms_decide(text: str, label: str) -> None:
    assert classify([text], *LABELS) == [[label]]


def test_descriptions_and_examples_count() -> None:
    categories = [Category("A1", "questions about roaming"), Category("B2")]
    examples = [Example("the umbrella blew away", ("B2",), None)]
    texts = ["What does roaming cost?", "Where did my umbrella go?"]

    assert classify_many(texts, categories, task_description="Sort.", examples=examples, multiple=False) == [
        ["A1"],
        ["B2"],
    ]


def test_how_people_ask_counts_where_examples_show_it() -> None:
    examples = [Example("How is a fee charged?", ("A1",)), Example("Why was I charged a fee?", ("B2",))]

    assert classify_many(
        ["Why did you take a fee?", "How do you take a fee?"],
        [Category("A1"), Category("B2")],
        task_description=None,
        examples=examples,
        multiple=False,
    ) == [["B2"], ["A1"]]


def test_words_without_content_speak_for_no_label() -> None:
    categories = [Category("Fees", "Why there is a fee for this."), Category("Other", "Greetings, and all the rest.")]

    assert classify_many(
        ["Why is there this?", "Greetings, is there anybody?"],
        categories,
        task_description=None,
        examples=[],
        multiple=False,
    ) == [["Other"], ["Other"]]


def test_descriptions_without_a_word_change_nothing() -> None:
    categories = [Category("Fees", "???"), Category("!!!", "...")]

    assert classify_many(
        ["What are the fees?", "?"], categories, task_description=None, examples=[], multiple=False
    ) == [["Fees"], ["Fees"]]
    assert classify_many(
        ["?"], [Category("!", "?"), Category("#")], task_description=None, examples=[], multiple=False
    ) == [["!"]]


def test_ties_go_to_the_first_category() -> None:
    assert classify(["", "nothing of the kind"], *LABELS) == [["Late delivery"], ["Late delivery"]]


def test_a_catch_all_is_given_only_where_nothing_fits() -> None:
    texts = ["zzz", "The item is damaged, among other things."]

    assert classify(texts, "Other", "Damaged item") == [["Other"], ["Damaged item"]]


def test_several_labels_or_none() -> None:
    texts = ["Late delivery and a damaged item.", "zzz"]

    assert classify(texts, *LABELS, multiple=True) == [["Late delivery", "Damaged item"], []]


def test_no_texts_no_answers() -> None:
    assert classify([], *LABELS) == []


def test_a_small_matcher_knows_no_synonyms() -> None:
    options = tuple(LabelOption(label, "purchase call") for label in LABELS)

    assert label_matcher(options, "small").scores(["Please call off the purchase."]).max() == 0
    assert label_matcher(options, "large").scores(["Please call off the purchase."]).max() > 0


@given(st.lists(st.text(max_size=40), max_size=5), st.text(max_size=40))
def test_a_text_is_judged_alone(texts: list[str], text: str) -> None:
    assert classify([*texts, text], *LABELS)[-1] == classify([text], *LABELS)[0]


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=15), st.tuples(st.text(max_size=25), st.text(max_size=25)), min_size=2
    ),
    st.lists(st.text(max_size=25), max_size=3),
    st.text(max_size=25),
)
def test_a_text_is_judged_alone_by_all_that_is_told(
    told: dict[str, tuple[str, str]], texts: list[str], text: str
) -> None:
    categories = [Category(label, description) for label, (description, _) in told.items()]
    examples = [Example(example, (label,)) for label, (_, example) in told.items()]

    def judged(asked: list[str]) -> list[str]:
        found = classify_many(asked, categories, task_description=None, examples=examples, multiple=False)
        return [label for (label,) in found]

    assert judged([*texts, text])[-1] == judged([text])[0]
    assert judged([text])[0] in told


@given(st.lists(st.text(min_size=1, max_size=20), min_size=2, max_size=6, unique=True))
def test_any_labels_can_be_matched(labels: list[str]) -> None:
    (answer,) = classify([labels[0]], *labels)

    assert answer[0] in labels


def test_threads_do_not_disturb_one_another() -> None:
    stem.cache_clear()
    words = [
        f"{letter}{ending}" for letter in ascii_lowercase for ending in ("ationing", "fulness", "ically", "ations")
    ]
    alone = [stem(word) for word in words]
    stem.cache_clear()

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda _: [stem(word) for word in words], range(8)))

    assert together == [alone] * 8
