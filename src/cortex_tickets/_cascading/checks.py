"""Looks at what a cascade is given, before anything is billed."""

from __future__ import annotations

from collections.abc import Sequence

from cortex_tickets._cascading.members import Member, heads_of, question_of
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.head_check import head_problems
from cortex_tickets._cortex.models import available_model
from cortex_tickets.calibration_sample import CalibrationSample
from cortex_tickets.ledger.ledger_name import ledger_name
from cortex_tickets.problems import Problems, seconds_problems, whole_number_problems
from cortex_tickets.records.budget import Budget
from cortex_tickets.records.certificate import Certificate
from cortex_tickets.records.table_name import TableName


def require_arguments(
    calibration: object,
    target: object,
    delta: object,
    *,
    attempts: object,
    into: str,
    answers: str | None,
    timeout: object,
) -> None:
    """Go on if what `certify` is given can be worked with. Sends nothing.

    Raises:
        InvalidInputError: With everything that is wrong with it.
    """
    problems = [
        f"{name}={value!r} must be a number between 0 and 1, both excluded."
        for name, value in (("target", target), ("delta", delta))
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1
    ]
    if not isinstance(calibration, CalibrationSample):
        problems.append(
            f"calibration is a {type(calibration).__name__}; give CalibrationSample.labelled(tickets, gold=...), or "
            "CalibrationSample.drawn(tickets, n=..., seed=...) with the teacher as the reference."
        )
    found = Problems()
    found.add([*problems, *whole_number_problems("attempts", attempts, least=1), *seconds_problems(timeout)])
    with found:
        TableName.parse(into, role="certificates table")
    if answers is not None:
        with found:
            ledger_name(answers)
    found.require_none()


def purchase_problems(
    client: CortexClient, members: Sequence[Member], *, budget: object, chunk_rows: object = 1
) -> list[str]:
    """Return what speaks against asking both models, so that the first is not paid before the second is refused.

    One free statement where a model is among those that an account lists, and one for each head.
    """
    problems = [*whole_number_problems("chunk_rows", chunk_rows, least=1)]
    if isinstance(budget, Budget):
        if budget.ai_credits is None:
            problems.append("This is paid in AI credits, and the budget limits none: give Budget(ai_credits=...).")
        elif budget.unknown_price == "refuse":
            problems += [
                f"The price of {member.model} is unknown, and a budget needs it: give its classifier "
                f"prices={{{member.model!r}: ModelPrice(input=..., output=...)}}, in AI credits per million tokens."
                for member in members
                if member.price is None
            ]
    elif budget is not None:
        problems.append(f"budget={budget!r} is no Budget. Write budget=Budget(ai_credits=...).")
    for member in members:
        if question_of(member).is_listed:
            problems += available_model(client, member.models)[1]
    for head in heads_of(*members):
        problems += head_problems(client, head)
    return problems


def certificate_problems(certificate: Certificate | None, student: Member, teacher: Member) -> list[str]:
    """Return why a cascade must not serve: nothing if both models are those that were certified."""
    if certificate is None:
        return [
            (
                "This cascade has no certificate, so nobody knows how often it is right. Call certify(...), or "
                "Cascade.load(student, teacher, table=...) for one that was certified."
            )
        ]
    return [
        f"The {role} {member.model} is not what was certified: its classifier hash is {member.classifier_hash[:12]}, "
        f"and the certificate of {certificate.certified_at:%Y-%m-%d} is of {certified[:12]}. Another prompt, label, "
        "head or model is another cascade: certify it."
        for role, member, certified in (
            ("student", student, certificate.student_hash),
            ("teacher", teacher, certificate.teacher_hash),
        )
        if member.classifier_hash != certified
    ]
