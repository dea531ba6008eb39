"""A student that answers what it is sure of, a teacher for the rest, and a certificate of how often they are right."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal, Self

from cortex_tickets._cascading.certificates_table import CertificatesTable
from cortex_tickets._cascading.certification import ANSWERS_SUFFIX, Certification, certified
from cortex_tickets._cascading.checks import (
    certificate_problems,
    purchase_problems,
    require_arguments,
)
from cortex_tickets._cascading.learned_sets import GivenSets, given_sets, learned_by
from cortex_tickets._cascading.loading import chosen_certificate, wanted_problems
from cortex_tickets._cascading.members import Member, member_problems
from cortex_tickets._cascading.queries import cascade_query
from cortex_tickets._cascading.sealing import seal_problems
from cortex_tickets._cascading.serving import TableWork, classify_source
from cortex_tickets._cascading.texts import classify_texts, combined_estimate
from cortex_tickets._cascading.time_left import seconds_for
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets.calibration_sample import CalibrationSample
from cortex_tickets.clock import SYSTEM_CLOCK, Clock
from cortex_tickets.errors import CertificateMismatchError, InvalidInputError
from cortex_tickets.ledger.ledger_name import ledger_name
from cortex_tickets.ledger.schema import fully_qualified, ledger_problems
from cortex_tickets.ledger.settings import CHUNK_ROWS
from cortex_tickets.ledger.source_check import checked_source
from cortex_tickets.ledger.views import current_query
from cortex_tickets.problems import Problems
from cortex_tickets.progress import RowListener
from cortex_tickets.records.budget import Budget, Estimate, ModelPrice
from cortex_tickets.records.certificate import Certificate
from cortex_tickets.records.label_set import LabelSet
from cortex_tickets.records.prediction import Prediction
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket import Ticket
from cortex_tickets.records.ticket_source import TicketSource
from cortex_tickets.session import Session
from cortex_tickets.table_run import TableRun

CERTIFICATES = "CASCADE_CERTIFICATES"
"""The table of attempts and certificates, unless told otherwise."""
_TAG = json.dumps({"app": "cortex_tickets", "operation": "cascade"})


class Cascade:
    """A student that answers the tickets it is sure of, and a teacher that answers the others.

    How sure is sure enough is learned by `certify`, which gives a `Certificate`: with a stated confidence, the cascade
    answers at least a stated share of all tickets as a reference does. Without one, or where student or teacher are not
    those that were certified, a cascade answers nothing. The constructor stores and checks; it sends nothing.
    Statements go over the student's session. Safe to share between threads.

    Args:
        student: A classifier whose answers have a probability, such as an `EmbeddingStudent`.
        teacher: The classifier that answers where the student is not sure, such as a `TicketClassifier`.
        certificate: What `certify` returned before; `None` for a cascade that is to be certified.
        training_set: What the models learned from, one set or a list, so that calibration can be checked to have
            nothing of it; `None` for what they name themselves. A model whose job was made elsewhere names none.
        clock: Time; a fake one in tests.

    Raises:
        InvalidInputError: With every problem: a student that gives no probability, other labels than the teacher's,
            another session than the teacher's, the teacher itself with a score, a member that may ask several models,
            of which a certificate could name only one.
        CertificateMismatchError: If the certificate is of another student or teacher, or was changed after `certify`.

    Source:
        Angelopoulos, Bates, Candès, Jordan and Lei (2021), Learn then Test, arXiv:2110.01052; exact binomial bounds:
        Clopper and Pearson (1934), Biometrika 26:404-413; tests in a fixed sequence: Bauer (1991), Statistics in
        Medicine 10:871-890, and Wiens (2003), Pharmaceutical Statistics 2:211-215.
    """

    def __init__(
        self,
        student: Member,
        teacher: Member,
        *,
        certificate: Certificate | None = None,
        training_set: GivenSets = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        problems = member_problems(student, teacher)
        if problems:
            raise InvalidInputError(problems)
        self._student = student
        self._teacher = teacher
        self._training_sets = given_sets(training_set)
        self._certificate = certificate
        self._client = CortexClient(student.session, tag=_TAG, clock=clock)
        if certificate is not None:
            self._certified()
            if changed := seal_problems(certificate):
                raise CertificateMismatchError(changed)

    @classmethod
    def load(
        cls,
        student: Member,
        teacher: Member,
        *,
        table: str = CERTIFICATES,
        target: float | None = None,
        delta: float | None = None,
        reference: Literal["gold", "teacher"] | None = None,
        timeout: float | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> Self:
        """Return a cascade with a certificate of these two models: the newest one that says what is asked for.

        Args:
            student: The student that was certified.
            teacher: The teacher that was certified.
            table: What `certify` wrote `into`.
            target: Its target; `None` if all that there are have the same.
            delta: Its delta; `None` if all that there are have the same.
            reference: Whose labels count as right in it; `None` if all that there are have the same.
            timeout: Seconds, retries included; `None` for the session's own limit.
            clock: Time; a fake one in tests.

        Raises:
            InvalidInputError: If there is no such table, the two do not make a cascade, or several certificates differ
                in what was not asked for.
            CertificateMismatchError: If the table has no such certificate, or it was changed after it was written.
        """
        wanted = {"target": target, "delta": delta, "reference": reference}
        if problems := wanted_problems(wanted):
            raise InvalidInputError(problems)
        made = cls(student, teacher, clock=clock)
        client = made._client.within_given(timeout)
        name = fully_qualified(client, TableName.parse(table, role="certificates table"))
        rows = CertificatesTable(client, name).of_pair(student.classifier_hash, teacher.classifier_hash)
        made._certificate = chosen_certificate(rows, (student, teacher), str(name), wanted)
        return made

    @property
    def student(self) -> Member:
        """The classifier that is asked about every ticket."""
        return self._student

    @property
    def teacher(self) -> Member:
        """The classifier that answers where the student is not sure."""
        return self._teacher

    @property
    def certificate(self) -> Certificate | None:
        """What was proved; `None` before `certify`."""
        return self._certificate

    @property
    def labels(self) -> LabelSet:
        """The labels that it chooses from."""
        return self._teacher.labels

    @property
    def model(self) -> str:
        """The models of both, the student's first."""
        return f"{self._student.model}, {self._teacher.model}"

    @property
    def is_tuned(self) -> bool:
        """Whether it has a part that was trained for these labels: it has."""
        return True

    @property
    def price(self) -> ModelPrice | None:
        """`None`: a cascade has two prices; its runs, its certificate and an evaluation add them up."""
        return None

    @property
    def session(self) -> Session:
        """The student's session."""
        return self._student.session

    @property
    def classifier_hash(self) -> str:
        """SHA-256, in hexadecimal, of both classifiers, the threshold and the rule.

        Raises:
            CertificateMismatchError: If there is no certificate of these two.
        """
        return self._certified().cascade_hash

    def certify(
        self,
        calibration: CalibrationSample,
        target: float = 0.95,
        delta: float = 0.05,
        *,
        attempts: int = 1,
        into: str = CERTIFICATES,
        answers: str | None = None,
        budget: Budget | None = None,
        timeout: float | None = None,
        progress: bool | RowListener = False,
    ) -> Certificate:
        """Learn the threshold from a calibration sample, and return the certificate; the cascade can serve then.

        With probability at least `1 - delta` over the draw of the sample, the cascade answers at least `target` of all
        tickets of the kind it was drawn from as the reference does. Asks the student and the teacher about every ticket
        of the sample, which is billed, and writes the tables `into` and `answers`. The same call made again finds what
        it came to, and is no further attempt.

        The texts of the training and validation split of each training set, of the student's labels and of the head
        that scores them, come to the client, and the sample's, to be compared: at most what `TrainingSetBuilder`
        brought there, and 10,000. Where people say what is right, so do those of a fine-tuned teacher, and the examples
        in both prompts are compared, too.

        Args:
            calibration: A simple random sample of tickets with the reference that says what is right.
            target: Share of all tickets to be answered as the reference does, between 0 and 1.
            delta: Probability, between 0 and 1, of a certificate that is wrong, over all attempts of this student,
                teacher and reference that the table `into` has, on whatever samples: what they spent is subtracted.
            attempts: How many attempts will be made in all, planned with the first one: other students, teachers or
                targets on this sample, or other samples. Each is tested at `delta / attempts`; one more is refused.
            into: The table of attempts and certificates. It is made if it is not there.
            answers: The ledger that both models answer into; answers that stand there are not bought again. `None` for
                `<into>_ANSWERS`.
            budget: A hard stop for both models together; `None` for no limit.
            timeout: Seconds for all of it, counted from the call; `None` for no limit.
            progress: True for a bar on standard error, or a function that is told of each chunk with a `RunProgress`.

        Raises:
            InvalidInputError: Before anything is billed, with every problem: a sample that overlaps with what the
                student learned from, as it stands or as near-copies; one that is balanced, deduplicated or too small;
                no label of a random sample; no attempt left on it; nothing left of delta; a head that is not what was
                trained.
            NotCertifiedError: If the sample does not prove the target, with what it would take. The attempt counts.
            IncompleteRunError: If budget or time ran out; the same call goes on, as the same attempt.
            LedgerInUseError: If another run asks one of the models into the same ledger.
            CortexError: If a statement fails; the same call goes on.
        """
        problems, client = Problems(), self._client
        require_arguments(calibration, target, delta, attempts=attempts, into=into, answers=answers, timeout=timeout)
        client = client.within(timeout)
        problems.add(purchase_problems(client, (self._student, self._teacher), budget=budget))
        problems.require_none()
        learned = learned_by(client, self._student, self._teacher, calibration.reference, self._training_sets)
        name = fully_qualified(client, TableName.parse(into, role="certificates table"))
        ledger = name.sibling(ANSWERS_SUFFIX) if answers is None else fully_qualified(client, ledger_name(answers))
        work = Certification(
            self._student,
            self._teacher,
            *learned,
            calibration,
            target=float(target),
            delta=float(delta),
            n_attempts=attempts,
            into=name,
            ledger=ledger,
            budget=budget,
            progress=progress,
        )
        self._certificate = certificate = certified(client, work)
        return certificate

    def classify(self, ticket: str | Ticket, *, timeout: float | None = None) -> Prediction:
        """Return the label of one ticket: one billed statement, two where the student is not sure.

        Args:
            ticket: The text, or the ticket.
            timeout: Seconds, counted from the call, retries included; `None` for the session's own limit.

        Raises:
            CertificateMismatchError: If there is no certificate of these two models.
            InvalidInputError: If the account does not have a model.
            CortexError: If Snowflake fails for another reason than this ticket.
        """
        return self.classify_many([ticket], timeout=timeout)[0]

    def classify_many(self, tickets: Sequence[str | Ticket], *, timeout: float | None = None) -> list[Prediction]:
        """Return the labels of a list of tickets; the teacher is asked about those that the student is not sure of.

        Args:
            tickets: Shape `(n_tickets,)`. Order is kept. Empty is allowed and sends nothing.
            timeout: Seconds for all of it, counted from the call, retries included; `None` for the session's own
                limit.

        Returns:
            Shape `(n_tickets,)`; element `i` is for `tickets[i]`. `answered_by` says who answered, with the student's
            probability where it did. Tokens are those of the model that answered.

        Raises:
            CertificateMismatchError: If there is no certificate of these two models.
            InvalidInputError: If an element is neither text nor ticket, or the account does not have a model.
            StatementTimeoutError: If the time is over.
            CortexError: If Snowflake fails for another reason than one ticket.
        """
        certificate = self._certified()
        return classify_texts(self._client.within_given(timeout), certificate, self._student, self._teacher, tickets)

    def classify_table(
        self,
        source: Any,
        *,
        into: str,
        budget: Budget | None = None,
        chunk_rows: int = CHUNK_ROWS,
        timeout: float | None = None,
        progress: bool | RowListener = False,
    ) -> TableRun:
        """Label every ticket of a table: the student all of them, the teacher those that it is not sure of.

        Writes into one ledger, in this order: the student's rows, the teacher's, and the cascade's own, under its
        `classifier_hash`, whose ANSWERED_BY says who answered, and PROBABILITY how sure the student was where it did.
        Why a ticket went to the teacher is in the student's row. Stopped at any moment, the next call does what is
        missing; no text is asked twice.

        Args:
            source: A table's name, a `TicketSource`, or a Snowpark DataFrame of one query without bind values.
            into: The ledger table. It is made if it is not there.
            budget: A hard stop for both models together; `None` for no limit.
            chunk_rows: Distinct texts in one statement.
            timeout: Seconds for the whole run, counted from the call; `None` for no limit.
            progress: True for a bar on standard error, or a function that is told of each chunk with a `RunProgress`.

        Returns:
            One record of it all: COMPLETE, or INCOMPLETE with a reason. A ticket without a settled answer is left.

        Raises:
            CertificateMismatchError: If there is no certificate of these two models.
            InvalidInputError: Before anything is billed or written, with every problem.
            LedgerInUseError: If another run of one of the models works into the ledger.
            CortexError: If a statement fails; what was written before stands, and the next run goes on from there.
        """
        certificate, problems, client = self._certified(), Problems(), self._client.within_given(timeout)
        members = self._student, self._teacher
        problems.add(purchase_problems(client, members, budget=budget, chunk_rows=chunk_rows))
        with problems:
            table = fully_qualified(client, ledger_name(into))
            problems.add(ledger_problems(client, table, {}))
        with problems:
            check = checked_source(client, TicketSource.of(source))
        problems.require_none()
        current = current_query(client, check.source, table, certificate.cascade_hash)
        work = TableWork(certificate, self._student, self._teacher, check, table, budget, chunk_rows, progress)
        run = classify_source(client, work)

        def again() -> TableRun:
            return self.classify_table(
                source, into=into, budget=budget, chunk_rows=chunk_rows, timeout=timeout, progress=progress
            )

        return run.attached(self.session, again, current=current)

    def to_sql(self, source: Any) -> str:
        """Return one SELECT that labels every row of the source: for dbt or a Task.

        Sends nothing. Row by row and without a ledger: equal texts are asked as often as they stand there. The
        certificate is of the models as they are now, and its threshold stands in the statement. So does each head's
        hash: where its rows are others when the statement runs, every row has the outcome `error` and says so, and
        neither model is asked.

        Args:
            source: A table's name, a `TicketSource`, or a Snowpark DataFrame of one query without bind values.

        Raises:
            CertificateMismatchError: If there is no certificate of these two models.
            InvalidInputError: If the source cannot stand inside a statement.
        """
        return cascade_query(self._certified(), self._student, self._teacher, TicketSource.of(source))

    def to_dataframe(self, source: Any) -> Any:
        """Return the labels as the session's own lazy DataFrame; it is billed when it is collected, each time anew.

        Args:
            source: As for `to_sql`.

        Raises:
            CertificateMismatchError: If there is no certificate of these two models.
            InvalidInputError: If the source cannot stand inside a statement.
        """
        return self.session.sql(self.to_sql(source))

    def estimate(self, source: Any, *, into: str | None = None, timeout: float | None = None) -> Estimate:
        """Return what `classify_table` is expected to ask and cost. Nothing is billed but the warehouse.

        The student's part is counted; the teacher's is counted and taken for the share that was escalated in the
        calibration sample, so it may come out as more.

        Args:
            source: As for `classify_table`.
            into: The ledger; texts that stand in it are not counted. `None` to count all.
            timeout: Seconds for all of it, counted from the call; `None` for the session's own limit.

        Raises:
            CertificateMismatchError: If there is no certificate of these two models.
            InvalidInputError: With every problem: no such table or column, no rows, a model that the account lacks.
            UnexpectedAnswerError: If a model's tokens cannot be counted.
        """
        certificate, client = self._certified(), self._client.within_given(timeout)
        first = self._student.estimate(source, into=into, timeout=seconds_for(client))
        second = self._teacher.estimate(source, into=into, timeout=seconds_for(client))
        return combined_estimate(first, second, certificate.share_escalated, model=self.model)

    def _certified(self) -> Certificate:
        problems = certificate_problems(self._certificate, self._student, self._teacher)
        if problems or self._certificate is None:
            raise CertificateMismatchError(problems)
        return self._certificate
