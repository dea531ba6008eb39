"""What a cascade needs of the classifiers that it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from cortex_tickets._cortex.scored_labelling import ScoredLabelling
from cortex_tickets.ledger.operation import Operation
from cortex_tickets.progress import RowListener
from cortex_tickets.records.budget import Budget, Estimate, ModelPrice
from cortex_tickets.records.embedding_head import EmbeddingHead
from cortex_tickets.records.label_set import LabelSet
from cortex_tickets.records.prediction import Prediction
from cortex_tickets.records.ticket import Ticket
from cortex_tickets.session import Session
from cortex_tickets.table_run import TableRun

PROBABILITY = "PROBABILITY"
"""The column that a student's answers must have."""


class Question(Operation, Protocol):
    """What a classifier asks."""

    @property
    def is_listed(self) -> bool:
        """Whether its models are among those that an account lists."""
        ...


@runtime_checkable
class Member(Protocol):
    """A classifier: `TicketClassifier` and the students are."""

    @property
    def labels(self) -> LabelSet:
        """The labels that it chooses from."""
        ...

    @property
    def model(self) -> str:
        """The model that it asks."""
        ...

    @property
    def models(self) -> tuple[str, ...]:
        """The models that it may ask, in order."""
        ...

    @property
    def price(self) -> ModelPrice | None:
        """AI credits per million tokens; `None` if unknown."""
        ...

    @property
    def session(self) -> Session:
        """The session that it sends its statements over."""
        ...

    @property
    def classifier_hash(self) -> str:
        """SHA-256 of all that can change an answer."""
        ...

    @property
    def operation(self) -> Any:
        """What it asks: a `Question`, whose attributes may belong to its class, which no protocol can say of both."""
        ...

    def classify_many(self, tickets: Sequence[str | Ticket], *, timeout: float | None = None) -> list[Prediction]:
        """Label a list of tickets."""
        ...

    def classify_table(
        self,
        source: Any,
        *,
        into: str,
        budget: Budget | None = None,
        chunk_rows: int = ...,
        timeout: float | None = None,
        progress: bool | RowListener = False,
    ) -> TableRun:
        """Label every ticket of the source that has no answer in the ledger `into` yet."""
        ...

    def estimate(self, source: Any, *, into: str | None = None, timeout: float | None = None) -> Estimate:
        """Count what `classify_table` would ask and cost."""
        ...


def question_of(member: Member) -> Question:
    """Return what the classifier asks, as SQL."""
    question: Question = member.operation
    return question


@runtime_checkable
class WithHead(Protocol):
    """A question that a head answers, or scores."""

    @property
    def head(self) -> EmbeddingHead:
        """The head, which knows what it was trained on, and what its rows have to be."""
        ...


def heads_of(*members: Member) -> list[EmbeddingHead]:
    """Return the heads that these classifiers ask, each of them once."""
    questions: list[object] = [question_of(member) for member in members]
    heads = {question.head.head_hash: question.head for question in questions if isinstance(question, WithHead)}
    return list(heads.values())


def member_problems(student: object, teacher: object) -> list[str]:
    """Return what speaks against making a cascade of the two. Sends nothing."""
    problems = [
        f"{role}= is a {type(given).__name__}, not a classifier; give {example}."
        for role, given, example in (
            ("student", student, "an EmbeddingStudent"),
            ("teacher", teacher, "a TicketClassifier"),
        )
        if not isinstance(given, Member)
    ]
    if not isinstance(student, Member) or not isinstance(teacher, Member):
        return problems
    problems += [
        f"The {role} may ask any of {len(member.models)} models ({', '.join(member.models)}), and a certificate is of "
        f"one: what another answers it does not cover. Give {role}= a classifier with one model= and certify that."
        for role, member in (("student", student), ("teacher", teacher))
        if len(member.models) > 1
    ]
    if PROBABILITY not in question_of(student).extra_columns:
        problems.append(
            f"The student {student.model} gives no probability, so a cascade cannot tell when to ask the teacher. Take "
            "an EmbeddingStudent, or have its head score this model's labels: ScoredStudent(classifier, head)."
        )
    if student.session is not teacher.session:
        problems.append(
            "Student and teacher are of two sessions, where one name may mean two tables. Make both over one session."
        )
    ours, theirs = set(student.labels.names), set(teacher.labels.names)
    if ours != theirs:
        parts = [f"lacks {', '.join(sorted(theirs - ours))}"] if theirs - ours else []
        parts += [f"also has {', '.join(sorted(ours - theirs))}"] if ours - theirs else []
        problems.append(
            f"The student has other labels than the teacher: it {' and '.join(parts)}. Train it under the teacher's "
            "label set."
        )
    if student.classifier_hash == teacher.classifier_hash:
        problems.append("Student and teacher are the same classifier; a cascade needs two.")
    scored = question_of(student)
    if isinstance(scored, ScoredLabelling) and scored.labelling.hash == teacher.classifier_hash:
        problems.append(
            f"The student is the teacher, {teacher.model}, with a score: it would be asked twice and agree with "
            "itself. Take a smaller model, or the EmbeddingStudent alone, as the student."
        )
    return problems
