"""What the demonstration leaves behind: a report and three tables, each written whole or not at all."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cortex_tickets.errors import InvalidInputError
from cortex_tickets.evaluation import Report
from cortex_tickets.records.reply import Reply

if TYPE_CHECKING:
    from cortex_tickets.cli.demo import DemoResult

_SHOWN_REPLIES = 25


def write_files(session: Any, output: Path, result: DemoResult) -> None:
    """Write `report.html`, `labels.csv`, `training_set.csv` and `replies.csv` into `output`."""
    labels = f"({result.teacher_run.rows_query()} UNION ALL {result.base_run.rows_query()})"
    _write_query(
        session,
        output / "labels.csv",
        "SELECT TICKET_ID, TEXT_HASH, ANSWERED_BY, LABEL, OUTCOME, ANSWER, INPUT_TOKENS, OUTPUT_TOKENS "
        f"FROM {labels} ORDER BY ANSWERED_BY, TICKET_ID, TEXT_HASH",
    )
    _write_query(
        session,
        output / "training_set.csv",
        "SELECT SPLIT, TICKET_ID, TEXT_HASH, GROUP_ID, PROMPT, COMPLETION, GOLD_LABEL, DROPPED "
        f"FROM ({result.training_set.rows_query()}) ORDER BY SPLIT, TICKET_ID, TEXT_HASH",
    )
    _write_rows(output / "replies.csv", _REPLY_COLUMNS, _reply_rows(result))
    make_report(result).save(output / "report.html")


def make_report(result: DemoResult) -> Report:
    """Return the report of the demonstration."""
    report = Report(
        "Support tickets, from labels to replies",
        "The main job on the 151 tickets of Snowflake's public quickstart, on the embedded engine.",
    )
    report.add_text("Summary", result.evaluation.verdict, figures=_figures(result))
    report.add_counts(
        "Labels",
        result.label_counts,
        note="Tickets by label. No ticket is about a lost phone, although the label is offered.",
    )
    report.add_training_set(result.training_set.report)
    report.add_text(
        "Fine-tuning",
        [
            f"{result.model.base_model} was tuned on {result.training_set.n_training} tickets.",
            "The losses are those at the end of training, as the job tells them.",
        ],
        figures={
            "training loss": _loss(result.model.training_loss),
            "validation loss": _loss(result.model.validation_loss),
            "tokens trained on": f"{result.model.trained_tokens or 0:,}",
        },
    )
    report.add_evaluation(result.evaluation)
    shown = sorted(result.replies, key=lambda reply: (reply.ticket_id, reply.body or ""))[:_SHOWN_REPLIES]
    report.add_table(
        "Replies",
        ("ticket", "label", "channel", "status", "subject", "reply", "findings"),
        [_shown_reply(reply) for reply in shown],
        note=f"{len(shown)} of {len(result.replies)}. They are drafts for a person to approve; nothing is sent.",
    )
    return report.add_engine()


def _figures(result: DemoResult) -> dict[str, str]:
    run = result.teacher_run
    return {
        "tickets": f"{run.n_rows}",
        "texts asked": f"{run.n_texts_asked}",
        "test tickets": f"{result.training_set.n_test}",
        "replies": f"{len(result.replies)}",
    }


def _loss(value: float | None) -> str:
    return "not told" if value is None else f"{value:.4f}"


def _shown_reply(reply: Reply) -> tuple[str, ...]:
    findings = "; ".join(finding.message for finding in reply.findings) or "none"
    channel = reply.channel.value.replace("_", " ")
    status = reply.status.value.replace("_", " ")
    return (reply.ticket_id, reply.label or "", channel, status, reply.subject or "", reply.body or "", findings)


_REPLY_COLUMNS = (
    "TICKET_ID",
    "TEXT_HASH",
    "CUSTOMER_NAME",
    "CHANNEL",
    "LABEL",
    "STATUS",
    "SUBJECT",
    "BODY",
    "FINDINGS",
)


def _reply_rows(result: DemoResult) -> Iterable[Sequence[object]]:
    for reply in sorted(result.replies, key=lambda reply: (reply.ticket_id, reply.ticket_text_hash)):
        findings = "; ".join(finding.message for finding in reply.findings)
        yield (
            reply.ticket_id,
            reply.ticket_text_hash,
            reply.customer_name,
            reply.channel.value,
            reply.label,
            reply.status.value,
            reply.subject,
            reply.body,
            findings,
        )


def _write_query(session: Any, path: Path, query: str) -> None:
    rows = session.sql(query).collect()
    _write_rows(path, rows[0].as_dict().keys() if rows else (), (tuple(row) for row in rows))


def _write_rows(path: Path, columns: Iterable[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file beside its place and move it there, so that a half-written one is never seen."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(rows)
        Path(file.name).replace(path)
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be written ({error.strerror}). Give another folder.") from None
