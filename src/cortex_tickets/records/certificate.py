"""What was proved of a cascade, with all that the proof rests on."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Literal

from cortex_tickets.notebook_card import card, facts
from cortex_tickets.records.record import Received


class Certificate(Received):
    """A statement about a cascade that someone can sign: how often it agrees with the reference, and how sure that is.

    `print(certificate)` says it in words, what it does not say included.
    """

    reference: Literal["gold", "teacher"]
    """Whose labels count as right: people's, or the teacher's, with whom tickets that it answers agree by
    construction."""
    target: float
    """Share of all tickets, whoever answers them, that are answered as the reference does, at least; 0 to 1."""
    delta: float
    """Probability, over the draw of calibration samples, that any attempt of this student, teacher and reference so far
    certified what is not so, at most; 0 to 1."""
    level: float
    """What this attempt spent of `delta`: the level that each threshold was tested at; 0 to 1."""
    attempt: int
    """Which attempt on this calibration sample it was, from 1."""
    n_attempts: int
    """Attempts that were planned on it beforehand; `delta` is divided among them."""
    n_of_pair: int
    """Attempts of this student, teacher and reference so far, on whatever sample, this one included."""
    n_refused: int
    """Those of them that were refused."""
    attempts_table: str
    """The table that the attempts are counted in, with database and schema: those made elsewhere it does not know."""
    unit: Literal["ticket", "group"]
    """What is counted: tickets as they stand, or groups of near-copies, each once, with one ticket for it. It is groups
    where the sample is of a training set's test split."""
    n: int
    """Tickets of the calibration sample, equal texts included."""
    n_texts: int
    """Distinct texts among them."""
    n_groups: int
    """Groups of near-copies among them."""
    n_errors: int
    """Those among them that the cascade answers otherwise than the reference."""
    n_student_failed: int
    """Tickets of the sample that the student gave an error for; the teacher answers them, whatever the threshold."""
    n_teacher_failed: int
    """Those that the teacher gave an error for; they count as answered otherwise."""
    bound: float
    """Exact lower bound of the agreement at this threshold alone, 0 to 1; never below the target, which is what holds
    whatever threshold came out."""
    threshold: float
    """The student answers where its probability is at least this; 0 to 1."""
    share_escalated: float
    """Share of the sample that the teacher answers, 0 to 1."""
    credits_per_1000: float | None
    """AI credits that 1,000 distinct tickets are expected to cost, both models together; `None` if a price or tokens
    are unknown."""
    teacher_credits_per_1000: float | None
    """AI credits that they would cost with the teacher alone; `None` if its price or tokens are unknown."""
    student: str
    """The student's model."""
    teacher: str
    """The teacher's model."""
    student_hash: str
    """`classifier_hash` of the student, SHA-256 in hexadecimal; another one is not certified."""
    teacher_hash: str
    """`classifier_hash` of the teacher, SHA-256 in hexadecimal; another one is not certified."""
    sample_hash: str
    """SHA-256, in hexadecimal, of the calibration sample: ids, hashes of texts, gold labels."""
    training_set_id: str
    """The training set that the sample was checked to have nothing of; of several, that of the student's labels."""
    tickets: str
    """What the sample was drawn from."""
    gold_table: str | None
    """Where people's labels stand; `None` where the teacher is the reference."""
    n_population: int
    """Tickets with a text that it was drawn from; groups of them where `unit` is `group`."""
    window_from: datetime | None
    """When the oldest ticket of the sample was opened; `None` if the source has no such column."""
    window_until: datetime | None
    """When the newest one was opened; `None` if the source has no such column."""
    further_training_set_ids: tuple[str, ...] = ()
    """Further ones that it was checked against: of the head that scores the student, of the teacher."""
    certified_at: datetime
    """When, in UTC."""
    content_hash: str = ""
    """SHA-256, in hexadecimal, of all that it says: one that was changed afterwards is refused. Empty for one that
    `certify` did not write."""
    schema_version: int = 2
    """Version of this record's form."""

    @property
    def cascade_hash(self) -> str:
        """SHA-256, in hexadecimal, of all that can change an answer: both hashes, the threshold, and the rule."""
        content = {
            "rule": "the student's label where its probability is at least the threshold, else the teacher's",
            "student": self.student_hash,
            "teacher": self.teacher_hash,
            "threshold": self.threshold,
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def __str__(self) -> str:
        return "\n".join([self._statement, *(f"  {name + ':':<12}{value}" for name, value in self._facts)])

    def _repr_html_(self) -> str:
        return card(self._statement, facts(dict(self._facts)))

    @property
    def _statement(self) -> str:
        whom = "people do" if self.reference == "gold" else f"{self.teacher} does"
        counted = "" if self.unit == "ticket" else ", near-copies counted once"
        return (
            f"With a confidence of {_percent(1 - self.delta)}, this cascade answers at least {_percent(self.target)} "
            f"of tickets like these as {whom}{counted}."
        )

    @property
    def _facts(self) -> list[tuple[str, str]]:
        share = f"{self.share_escalated:.1%} of the sample go to the teacher"
        window = (
            "not known: the source has no column of when tickets were opened"
            if self.window_from is None or self.window_until is None
            else f"{self.window_from:%Y-%m-%d} to {self.window_until:%Y-%m-%d}"
        )
        return [
            ("reference", self._reference),
            ("sample", self._sample),
            ("seen", f"{self.n_errors} answered otherwise; exact bound {self.bound:.2%}{self._failed}"),
            ("threshold", f"{self.threshold:.4f}; {share}"),
            ("cost", self._cost),
            ("attempt", self._attempts),
            ("tickets of", window),
            ("student", f"{self.student} ({self.student_hash[:12]})"),
            ("teacher", f"{self.teacher} ({self.teacher_hash[:12]})"),
            ("hashes", self._hashes),
            ("date", f"{self.certified_at:%Y-%m-%d %H:%M} UTC"),
            ("not said", self._not_said),
        ]

    @property
    def _learned_from(self) -> str:
        return " and ".join(one[:12] for one in (self.training_set_id, *self.further_training_set_ids))

    @property
    def _sample(self) -> str:
        if self.unit == "group":
            return (
                f"{self.n:,} tickets in {self.n_groups:,} groups of near-copies, one of each, of {self.n_population:,} "
                f"groups in {self.tickets}"
            )
        return (
            f"{self.n:,} of {self.n_population:,} tickets of {self.tickets}, drawn at random: "
            f"{self.n_texts:,} different texts in {self.n_groups:,} groups of near-copies"
        )

    @property
    def _hashes(self) -> str:
        return (
            f"this certificate {self.content_hash[:12]}, sample {self.sample_hash[:12]}, training set "
            f"{self._learned_from}"
        )

    @property
    def _failed(self) -> str:
        if not self.n_student_failed and not self.n_teacher_failed:
            return ""
        return (
            f"; errors of the student on {self.n_student_failed}, which go to the teacher, and of the teacher on "
            f"{self.n_teacher_failed}, which count as answered otherwise"
        )

    @property
    def _attempts(self) -> str:
        return (
            f"{self.attempt} of {self.n_attempts} planned on this sample; {self.n_of_pair} of this student and teacher "
            f"so far, {self.n_refused} refused: the confidence of {_percent(1 - self.delta)} is over all of them, this "
            f"one was tested at a level of {self.level:.4g}; counted in {self.attempts_table}"
        )

    @property
    def _reference(self) -> str:
        if self.reference == "gold":
            return f"labels of people on a random sample ({self.gold_table})"
        return "the teacher itself; tickets that it answers agree by construction"

    @property
    def _cost(self) -> str:
        if self.credits_per_1000 is None:
            return "unknown: a price, or the tokens, are not known"
        alone = (
            ""
            if self.teacher_credits_per_1000 is None
            else f"; {self.teacher_credits_per_1000:.4f} with the teacher alone"
        )
        return f"{self.credits_per_1000:.4f} AI credits for 1,000 distinct tickets{alone}"

    @property
    def _not_said(self) -> str:
        others = (
            "nothing of single labels or customers, of tickets of another kind or another time, or of models that "
            "change under the same name"
        )
        if self.unit == "group":
            others += (
                "; nothing of tickets as they come in, where what is written often counts often, and nothing of groups "
                "too large for a split, which are never in it"
            )
        if self.reference == "gold":
            return f"{others}; people's labels are taken as right"
        return (
            "how often the labels are true: if the teacher is right for a share A of the tickets, the cascade is for "
            f"at least A - {_percent(1 - self.target)}; {others}"
        )


def _percent(share: float) -> str:
    return f"{share * 100:.10g} %"
