"""What the models of a cascade learned from: the training sets that they name, or that they are said to have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cortex_tickets._cascading.members import Member, question_of
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.head_labelling import HeadLabelling
from cortex_tickets._cortex.labelling import Labelling
from cortex_tickets._cortex.scored_labelling import ScoredLabelling
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.records.learned_from import LearnedFrom
from cortex_tickets.training_set import TrainingSet

GivenSets = TrainingSet | Sequence[TrainingSet] | None


@dataclass(frozen=True, slots=True)
class _Learner:
    """A trained part of a classifier."""

    model: str
    learned: LearnedFrom | None
    """`None` if it does not say."""


def given_sets(given: GivenSets) -> tuple[TrainingSet, ...]:
    """Return the training sets that were given.

    Raises:
        InvalidInputError: If one of them is something else.
    """
    sets: tuple[object, ...] = () if given is None else tuple(given) if isinstance(given, list | tuple) else (given,)
    problems = [
        f"training_set= has a {type(one).__name__}; give a TrainingSet, or a list of them."
        for one in sets
        if not isinstance(one, TrainingSet)
    ]
    if problems:
        raise InvalidInputError(problems)
    return tuple(one for one in sets if isinstance(one, TrainingSet))


def learned_by(
    client: CortexClient, student: Member, teacher: Member, reference: str, given: Sequence[TrainingSet]
) -> tuple[tuple[TrainingSet, ...], list[str]]:
    """Return the training sets, and the examples in prompts, that a sample must have nothing of.

    What a teacher learned flatters only where somebody else says what is right.

    Raises:
        InvalidInputError: As `training_sets_of`.
    """
    learners = (student, teacher) if reference == "gold" else (student,)
    return training_sets_of(client, learners, given), examples_of(learners)


def training_sets_of(
    client: CortexClient, members: Sequence[Member], given: Sequence[TrainingSet]
) -> tuple[TrainingSet, ...]:
    """Return what these classifiers learned from, each set once, that of the student's labels first.

    A student may have learned twice: a fine-tuned model from one set, and the head that scores it from another.

    Raises:
        InvalidInputError: With every problem: a trained part that does not say what it learned from, where no set was
            given; a set that was given and that is none of those they name; a set that is gone.
    """
    learners = [learner for member in members for learner in _learners(question_of(member), member.model)]
    named = {learner.learned.training_set_id for learner in learners if learner.learned is not None}
    known = {one.id: one for one in given}
    silent = [learner.model for learner in learners if _place(learner, known) is None]
    problems = []
    if silent and not given:
        problems.append(
            f"Nothing says what {' and '.join(silent)} was trained on, so nobody can check that the calibration "
            "sample has nothing of it: give Cascade(..., training_set=...), a list where there are several."
        )
    if not silent:
        shown = ", ".join(sorted(one[:12] for one in named))
        problems += [
            f"training_set= is {one.id[:12]}, and what was trained here names {shown}: leave training_set= out."
            for one in given
            if one.id not in named
        ]
    if problems:
        raise InvalidInputError(problems)
    for learner in learners:
        learned = learner.learned
        if learned is not None and learned.training_set_id not in known and learned.training_table is not None:
            found = TrainingSet.load(client.session, learned.training_table, learned.training_set_id)
            known[found.id] = found
    order = [learner.learned.training_set_id for learner in learners if learner.learned is not None]
    return tuple(known[one] for one in dict.fromkeys([*(one for one in order if one in known), *known]))


def examples_of(members: Sequence[Member]) -> list[str]:
    """Return the texts that stand in their prompts as examples: what a model was shown it has seen, too."""
    prompts = [
        question.prompt
        for member in members
        for question in _questions(question_of(member))
        if isinstance(question, Labelling)
    ]
    return list(dict.fromkeys(text for prompt in prompts for label in prompt.labels.labels for text in label.examples))


def _questions(question: object) -> tuple[object, ...]:
    if isinstance(question, ScoredLabelling):
        return question.labelling, HeadLabelling(question.head)
    return (question,)


def _learners(question: object, model: str) -> list[_Learner]:
    found = []
    for part in _questions(question):
        if isinstance(part, HeadLabelling):
            head = part.head
            learned = LearnedFrom(training_set_id=head.training_set_id, training_table=head.training_table)
            found.append(_Learner(f"the head of {head.table}", learned))
        elif not isinstance(part, Labelling):
            found.append(_Learner(model, None))
        elif part.is_tuned:
            found.append(_Learner(part.model, part.learned))
    return found


def _place(learner: _Learner, known: Mapping[str, TrainingSet]) -> str | None:
    """Return the set's id if its rows can be found."""
    learned = learner.learned
    if learned is None or (learned.training_table is None and learned.training_set_id not in known):
        return None
    return learned.training_set_id
