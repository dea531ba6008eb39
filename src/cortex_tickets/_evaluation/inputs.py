"""What speaks against an evaluation, found before anything is billed."""

from __future__ import annotations

from collections.abc import Mapping

from cortex_tickets._evaluation.baseline import BASELINE_NAME
from cortex_tickets._evaluation.labelling import Evaluable
from cortex_tickets._evaluation.models import MAX_TEST_TICKETS, STORED_TEACHER
from cortex_tickets.ledger.settings import CHUNK_ROWS
from cortex_tickets.problems import seconds_problems, whole_number_problems
from cortex_tickets.records.budget import Budget
from cortex_tickets.records.label_set import LabelSet
from cortex_tickets.training_set import TrainingSet


def input_problems(
    classifiers: Mapping[str, Evaluable],
    training_set: TrainingSet,
    *,
    teacher: str | None,
    baseline: bool,
    seed: int = 0,
    timeout: float | None = None,
    budget: Budget | None = None,
    chunk_rows: int = CHUNK_ROWS,
) -> list[str]:
    """Return every problem with the classifiers, their names, the test split and the options. Sends nothing."""
    options = [
        *whole_number_problems("seed", seed, least=0),
        *whole_number_problems("chunk_rows", chunk_rows, least=1),
        *seconds_problems(timeout),
        *_budget_problems(budget),
    ]
    given: object = training_set
    if not isinstance(given, TrainingSet):
        options.append(
            f"on= must be a TrainingSet, not a {type(given).__name__}. Give what TrainingSetBuilder.build(...) or "
            "TrainingSet.load(session, table) returned."
        )
    named: object = classifiers
    if not isinstance(named, Mapping):
        options.append(f"The classifiers are a {type(named).__name__}; give evaluate({{'name': classifier, ...}}).")
    if not isinstance(given, TrainingSet) or not isinstance(named, Mapping):
        return options
    return options + _problems_of(classifiers, training_set, teacher=teacher, baseline=baseline)


def _budget_problems(budget: object) -> list[str]:
    if budget is None or isinstance(budget, Budget):
        return []
    return [f"budget={budget!r} is no Budget. Write budget=Budget(ai_credits=...)."]


def _problems_of(
    classifiers: Mapping[str, Evaluable], training_set: TrainingSet, *, teacher: str | None, baseline: bool
) -> list[str]:
    problems = [] if classifiers else ["There is no classifier to evaluate; give evaluate({'name': classifier, ...})."]
    for name, classifier in classifiers.items():
        problems += _name_problems(name, baseline=baseline)
        problems += _classifier_problems(name, classifier, training_set.prompt.labels)
    problems += _twins(classifiers)
    if teacher is not None and teacher not in classifiers:
        problems.append(
            f"teacher={teacher!r} is none of the classifiers: {', '.join(map(str, classifiers)) or 'none'}."
        )
    return problems + _split_problems(training_set)


def _name_problems(name: object, *, baseline: bool) -> list[str]:
    if not isinstance(name, str) or not name.strip():
        return [f"A classifier's name is {name!r}; give every one a name that is not blank."]
    if name == BASELINE_NAME and baseline:
        return [f"The name {name!r} is the built-in baseline's; give another name, or baseline=False."]
    if name == STORED_TEACHER:
        return [f"The name {name!r} is kept for the labels that the training set holds; give another name."]
    return []


def _classifier_problems(name: object, classifier: object, expected: LabelSet) -> list[str]:
    if not isinstance(classifier, Evaluable):
        return [f"{name!r} is a {type(classifier).__name__}, not a classifier; give a TicketClassifier."]
    ours, theirs = set(classifier.labels.names), set(expected.names)
    if ours == theirs:
        return []
    parts = [f"lacks {', '.join(sorted(theirs - ours))}"] if theirs - ours else []
    parts += [f"also has {', '.join(sorted(ours - theirs))}"] if ours - theirs else []
    return [f"{name!r} has other labels than the training set: it {' and '.join(parts)}. Use the same label set."]


def _twins(classifiers: Mapping[str, Evaluable]) -> list[str]:
    first: dict[str, str] = {}
    problems = []
    for name, classifier in classifiers.items():
        if isinstance(classifier, Evaluable):
            twin = first.setdefault(classifier.classifier_hash, name)
            if twin is not name:
                problems.append(f"{name!r} and {twin!r} are the same classifier; leave one of them out.")
    return problems


def _split_problems(training_set: TrainingSet) -> list[str]:
    if training_set.n_test == 0:
        return [f"The training set {training_set.id[:12]} has no test tickets; build one with a test split."]
    if training_set.n_test > MAX_TEST_TICKETS:
        problem = (
            f"The test split has {training_set.n_test:,} tickets, and an evaluation reads at most "
            f"{MAX_TEST_TICKETS:,} to the client; build the training set with a smaller test split."
        )
        return [problem]
    return []
