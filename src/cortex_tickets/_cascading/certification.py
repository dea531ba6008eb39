"""One certification, step by step: look, write the attempt down, ask both models, conclude."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from cortex_tickets._cascading.attempts import Attempt, Question
from cortex_tickets._cascading.certificates_table import CertificatesTable
from cortex_tickets._cascading.certifying import credits_per_1000, proof_of, student_answers, teacher_answers
from cortex_tickets._cascading.drawing import (
    Drawn,
    gold_table_problems,
    label_problems,
    read_sample,
    sample_source,
    shape_problems,
    size_problems,
)
from cortex_tickets._cascading.judging import (
    AnsweredTicket,
    answerer_problems,
    error_problems,
    judged,
    read_answers,
    reference_counts,
)
from cortex_tickets._cascading.members import Member
from cortex_tickets._cascading.overlap import Learned, compared, read_learned
from cortex_tickets._cascading.sample_shape import balance_problem
from cortex_tickets._cascading.sealing import sealed
from cortex_tickets._cascading.serving import left_of
from cortex_tickets._cascading.time_left import seconds_for
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets.binomial import fewest_tickets
from cortex_tickets.calibration_sample import CalibrationSample
from cortex_tickets.errors import CortexTicketsError, IncompleteRunError, NotCertifiedError
from cortex_tickets.ledger.schema import ledger_problems
from cortex_tickets.ledger.source_check import checked_source
from cortex_tickets.problems import Problems
from cortex_tickets.progress import RowListener
from cortex_tickets.records.budget import Budget
from cortex_tickets.records.certificate import Certificate
from cortex_tickets.records.prediction import Outcome
from cortex_tickets.records.table_name import TableName
from cortex_tickets.training_set import TrainingSet

ANSWERS_SUFFIX = "_ANSWERS"
_ASKED_AT_MOST = 2
"""What failed is asked once more before it counts."""


@dataclass(frozen=True, slots=True)
class Certification:
    """One call of `certify`."""

    student: Member
    teacher: Member
    training_sets: Sequence[TrainingSet]
    examples: Sequence[str]
    """Texts that the prompts show."""
    calibration: CalibrationSample
    target: float
    delta: float
    n_attempts: int
    into: TableName
    ledger: TableName
    budget: Budget | None
    progress: bool | RowListener

    def question(self, drawn: Drawn) -> Question:
        """Return what is asked of the sample."""
        return Question(
            self.student.classifier_hash,
            self.teacher.classifier_hash,
            self.target,
            self.delta,
            self.n_attempts,
            self.calibration.reference,
            drawn,
        )


@dataclass(frozen=True, slots=True)
class LookedAt:
    """The sample, and what it was compared with."""

    drawn: Drawn
    learned: Learned
    n_groups: int
    """Groups of near-copies among its tickets."""


def certified(client: CortexClient, work: Certification) -> Certificate:
    """Return the certificate.

    Raises:
        InvalidInputError: Before anything is billed, with all that is wrong with the sample.
        NotCertifiedError: If the sample proves no threshold.
        IncompleteRunError: If budget or time ran out; the same call goes on.
    """
    table = CertificatesTable(client, work.into)
    found = _looked_at(client, work, table)
    drawn = found.drawn
    question = work.question(drawn)
    attempt = table.begin(question)
    if attempt.certificate is not None:
        return attempt.certificate
    try:
        tickets = _answered(client, work, found)
    except CortexTicketsError:
        # Nothing was concluded from them, so it is no attempt yet. What went wrong is what the caller has to hear.
        with suppress(CortexTicketsError):
            table.pause(question)
        raise
    try:
        certificate = _concluded(client, work, found, tickets, attempt)
    except NotCertifiedError as refusal:
        table.refuse(attempt, refusal)
        raise
    table.certify(attempt, certificate)
    return certificate


def _looked_at(client: CortexClient, work: Certification, table: CertificatesTable) -> LookedAt:
    """Return the sample and what was learned from, having looked for all that speaks against the sample."""
    problems = Problems()
    with problems:
        checked_source(client, work.calibration.source)
    problems.add(gold_table_problems(client, work.calibration.gold))
    problems.add(table.problems())
    problems.add(ledger_problems(client, work.ledger, {}))
    problems.require_none()
    drawn = read_sample(client, work.calibration)
    standing = table.standing(work.question(drawn))
    problems.add(standing.problems())
    # Where nothing is left of delta, that is said, and not what more tickets would do.
    level = standing.level or work.delta / work.n_attempts
    least = fewest_tickets(1 - work.target, level)
    problems.add(size_problems(work.calibration, drawn, least=least, target=work.target, level=level))
    problems.add(label_problems(drawn, work.teacher.labels.names))
    by_group = work.calibration.group is not None
    learned = read_learned(client, work.training_sets, work.examples, by_group=by_group)
    problems.add(shape_problems(client, work.calibration, drawn, learned.natural_mix))
    with_learned = compared(client, work.calibration, learned)
    problems.add(with_learned.problems)
    problems.require_none()
    return LookedAt(drawn, learned, with_learned.n_groups)


def _answered(client: CortexClient, work: Certification, found: LookedAt) -> list[AnsweredTicket]:
    source, budget = sample_source(work.calibration), work.budget
    for member in (work.student, work.teacher):
        for _ in range(_ASKED_AT_MOST):
            run = member.classify_table(
                source,
                into=str(work.ledger),
                budget=budget,
                timeout=seconds_for(client),
                progress=work.progress,
            )
            if not run.is_complete:
                raise IncompleteRunError(
                    run_id=run.run_id,
                    n_left=run.n_left,
                    reason=f"{member.model}: {run.reason or 'no reason given'}",
                    advice="Certify again with a larger budget= or timeout=: it goes on, and is the same attempt.",
                )
            budget = left_of(budget, run)
            if not run.n_by_outcome.get(Outcome.ERROR):
                break
    hashes = work.student.classifier_hash, work.teacher.classifier_hash
    tickets = read_answers(client, work.calibration, found.drawn, work.ledger, hashes)
    problems = Problems()
    problems.add(error_problems(tickets, work.ledger))
    problems.add(answerer_problems(tickets, (work.student.model, work.teacher.model), work.ledger))
    if work.calibration.reference == "teacher":
        problem = balance_problem(reference_counts(tickets), found.learned.natural_mix)
        problems.add(
            []
            if problem is None
            else [
                (
                    f"{work.calibration.name} is not what comes in, in use: {problem}. Draw from all tickets, and not "
                    "from some of each label."
                )
            ]
        )
    problems.require_none()
    return tickets


def _concluded(
    client: CortexClient, work: Certification, found: LookedAt, tickets: Sequence[AnsweredTicket], attempt: Attempt
) -> Certificate:
    n = len(tickets)
    proof = proof_of(
        judged(tickets, work.calibration.reference),
        target=work.target,
        level=attempt.level,
        teacher=work.teacher.model,
        further=max(work.delta, attempt.spent + 2 * attempt.level),
    )
    share = proof.chosen.n_escalated / n
    of_student = credits_per_1000(student_answers(tickets), work.student.price)
    of_teacher = credits_per_1000(teacher_answers(tickets), work.teacher.price)
    drawn = found.drawn
    window = drawn.window
    made = Certificate(
        reference=work.calibration.reference,
        target=work.target,
        delta=work.delta,
        level=attempt.level,
        attempt=attempt.number,
        n_attempts=work.n_attempts,
        n_of_pair=attempt.n_of_pair,
        n_refused=attempt.n_refused,
        attempts_table=str(work.into),
        unit="ticket" if work.calibration.group is None else "group",
        n=n,
        n_texts=drawn.n_texts,
        n_groups=found.n_groups if work.calibration.group is None else n,
        n_errors=proof.chosen.n_errors,
        n_student_failed=sum(ticket.student.outcome == Outcome.ERROR for ticket in tickets),
        n_teacher_failed=sum(ticket.teacher.outcome == Outcome.ERROR for ticket in tickets),
        bound=proof.bound,
        threshold=proof.chosen.threshold,
        share_escalated=share,
        credits_per_1000=None if of_student is None or of_teacher is None else of_student + share * of_teacher,
        teacher_credits_per_1000=of_teacher,
        student=work.student.model,
        teacher=work.teacher.model,
        student_hash=work.student.classifier_hash,
        teacher_hash=work.teacher.classifier_hash,
        sample_hash=drawn.hash,
        training_set_id=work.training_sets[0].id,
        further_training_set_ids=tuple(one.id for one in work.training_sets[1:]),
        tickets=work.calibration.name,
        gold_table=work.calibration.gold,
        n_population=drawn.n_population,
        window_from=None if window is None else window[0],
        window_until=None if window is None else window[1],
        certified_at=client.clock.now(),
    )
    return sealed(made)
