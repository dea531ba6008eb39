"""Replies go to people in a file, and come back decided and edited: all of a file or nothing, and once."""

from __future__ import annotations

import csv
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cortex_tickets.errors import InvalidInputError
from cortex_tickets.records.draft import Draft
from cortex_tickets.records.prediction import Outcome
from cortex_tickets.records.reply import Reply, ReplyStatus
from cortex_tickets.records.reply_decision import ReplyDecision
from cortex_tickets.records.review_report import ReviewReport
from cortex_tickets.response_generator import ResponseGenerator
from cortex_tickets.table_run import TableRun
from cortex_tickets.ticket_classifier import TicketClassifier

LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]
ROWS = [
    ["01", "I lost my phone on the train to Rome and want it blocked.", "Ann", "Email"],
    ["02", "I was charged $90 for roaming in Japan.", '=HYPERLINK("x")', "Text Message"],
    ["03", "My data is slow at home in Leeds.", "Cy", "Email"],
    ["04", " ", "Di", "Email"],
]
Cells = dict[str, str]


@pytest.fixture(scope="session")
def written(shared_session: Any) -> TableRun:
    """Write replies once, into WRITTEN.R; each test has a copy of the ledger."""
    session = shared_session
    session.sql("CREATE SCHEMA WRITTEN").collect()
    session.use_schema("WRITTEN")
    session.sql(
        "CREATE TABLE T (TICKET_ID VARCHAR, REQUEST VARCHAR, CUSTOMER_NAME VARCHAR, CONTACT_PREFERENCE VARCHAR)"
    ).collect()
    session.sql(
        "INSERT INTO T SELECT F.VALUE[0]::VARCHAR, F.VALUE[1]::VARCHAR, F.VALUE[2]::VARCHAR, F.VALUE[3]::VARCHAR "
        "FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) F",
        params=[json.dumps(ROWS)],
    ).collect()
    labels = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6").classify_table("T", into="L")
    ResponseGenerator(session, model="claude-haiku-4-5").reply_table("T", labels=labels, into="R")
    return labels


class Desk:
    """A ledger of replies, and the file that people review them in."""

    def __init__(self, session: Any, labels: TableRun, folder: Path) -> None:
        self.session = session
        self.labels = labels
        self.path = folder / "review.csv"
        for table in ("T", "R", "R_RUNS", "R_LEASES"):
            session.sql(f"CREATE TABLE {table} AS SELECT * FROM WRITTEN.{table}").collect()
        self.writer = ResponseGenerator(session, model="claude-haiku-4-5")

    def write(self) -> TableRun:
        return self.writer.reply_table("T", labels=self.labels, into="R")

    def replies(self) -> dict[str, Reply]:
        return {reply.ticket_id: reply for reply in self.writer.replies("T", labels=self.labels, into="R")}

    def statuses(self) -> dict[str, str]:
        return {id_: reply.status.value for id_, reply in self.replies().items()}

    def export(self, **options: Any) -> int:
        return self.writer.export_for_review("T", labels=self.labels, into="R", path=self.path, **options)

    def read(self) -> dict[str, Cells]:
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            return {cells["TICKET_ID"]: cells for cells in csv.DictReader(file)}

    def change(self, *rows: tuple[str, Cells]) -> None:
        """Write the file as a reviewer saves it, with these cells filled."""
        found = self.read()
        for id_, cells in rows:
            found[id_].update(cells)
        self.save(list(found.values()))

    def save(self, rows: list[Cells], *, encoding: str = "utf-8", **options: Any) -> None:
        with self.path.open("w", encoding=encoding, newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), **options)
            writer.writeheader()
            writer.writerows(rows)

    def take(self, reviewer: str | None = "Rita") -> Any:
        return self.writer.import_review("T", labels=self.labels, into="R", path=self.path, reviewer=reviewer)

    def table(self) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.session.sql("SELECT * FROM R ORDER BY TICKET_ID, TEXT_HASH").collect()]


@pytest.fixture
def desk(written: TableRun, session: Any, tmp_path: Path) -> Desk:
    return Desk(session, written, tmp_path)


def test_a_file_has_what_a_person_needs_to_decide_and_only_its_owner_may_read_it(desk: Desk) -> None:
    assert desk.export() == 4
    assert stat.S_IMODE(desk.path.stat().st_mode) == 0o600
    assert desk.path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = desk.read()
    assert list(rows) == ["04", "01", "02", "03"]  # what needs review comes first
    replies = desk.replies()
    assert rows["01"]["TICKET"] == ROWS[0][1]
    assert (rows["01"]["BODY"], rows["01"]["SUBJECT"]) == (replies["01"].body, replies["01"].subject)
    assert (rows["01"]["STATUS"], rows["04"]["STATUS"]) == ("draft", "needs_review")
    assert rows["04"]["FINDINGS"] == "The ticket has no text, so nothing was asked."
    assert {cells["DECISION"] for cells in rows.values()} == {""}
    assert list(desk.path.parent.iterdir()) == [desk.path]


def test_no_cell_is_a_formula_to_a_spreadsheet(desk: Desk) -> None:
    desk.export()
    rows = desk.read()
    assert rows["02"]["CUSTOMER_NAME"] == "'" + ROWS[1][2]
    for cells in rows.values():
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in cells.values())
    desk.change(("02", {"DECISION": "approved"}))
    assert desk.take().n_approved == 1


def test_decisions_come_back_with_who_and_when(desk: Desk) -> None:
    desk.export()
    desk.change(("01", {"DECISION": "Approved ", "REVIEWER": " Bo "}), ("03", {"DECISION": "reject"}))
    report = desk.take()
    assert (report.n_rows, report.n_approved, report.n_rejected, report.n_edited) == (4, 1, 1, 0)
    assert (report.n_unchanged, report.n_undecided, report.sent_back) == (0, 2, ())
    assert str(report) == "4 rows: 1 approved, 1 rejected, 0 edited, 0 as before, 2 undecided"
    assert desk.statuses() == {"01": "approved", "02": "draft", "03": "rejected", "04": "needs_review"}
    replies = desk.replies()
    assert (replies["01"].reviewed_by, replies["03"].reviewed_by, replies["02"].reviewed_by) == ("Bo", "Rita", None)
    now = desk.session.sql("SELECT CURRENT_TIMESTAMP() AS T").collect()[0]["T"]
    assert replies["01"].reviewed_at is not None
    assert abs((now - replies["01"].reviewed_at).total_seconds()) < 600
    assert not replies["01"].is_edited
    assert desk.write().n_by_status == {"approved": 1, "draft": 1, "needs_review": 1, "rejected": 1}


def test_a_file_that_is_read_twice_changes_nothing_the_second_time(desk: Desk) -> None:
    desk.export()
    body = "Dear Ann,\n\nThe line can be suspended on request.\n\nCustomer Support"
    bad = "Dear Cy,\n\nWe will refund you $500.\n\nCustomer Support"
    desk.change(
        ("01", {"BODY": body, "DECISION": "approved"}),
        ("02", {"DECISION": "rejected"}),
        ("03", {"BODY": bad, "DECISION": "approved"}),
    )
    first = desk.take()
    assert (first.n_approved, first.n_rejected, first.n_edited, len(first.sent_back)) == (1, 1, 2, 1)
    before = desk.table()
    again = desk.take("Somebody else")
    assert (again.n_approved, again.n_rejected, again.n_edited, again.sent_back) == (0, 0, 0, ())
    assert (again.n_unchanged, again.n_undecided) == (3, 1)
    assert desk.table() == before


def test_an_edited_reply_is_checked_again_and_comes_back_where_it_fails(desk: Desk) -> None:
    desk.export()
    desk.change(("01", {"BODY": "Dear Ann,\n\nWe will refund you $500.\n\nCustomer Support", "DECISION": "approved"}))
    report = desk.take()
    assert (report.n_approved, report.n_edited) == (0, 1)
    (reply,) = report.sent_back
    assert {finding.check for finding in reply.findings} == {"unsupported_fact", "promise_not_allowed"}
    assert "- 01: " in str(report)
    assert "$500" in str(report)
    stored = desk.replies()["01"]
    assert (stored.status, stored.is_edited, stored.findings) == (ReplyStatus.NEEDS_REVIEW, True, reply.findings)
    assert (stored.body, stored.reviewed_by) == (reply.body, "Rita")
    # A person who knows the findings may approve it; no run asks the model about what a person wrote.
    assert desk.write().n_texts_asked == 0
    desk.export(overwrite=True)
    assert "$500" in desk.read()["01"]["FINDINGS"]
    desk.change(("01", {"DECISION": "approved"}))
    assert desk.take().n_approved == 1
    assert desk.replies()["01"].findings == reply.findings


def test_an_edit_without_a_decision_is_kept_and_checked(desk: Desk) -> None:
    desk.export()
    desk.change(("01", {"BODY": desk.read()["01"]["BODY"] + "\nP.S. Thank you.", "SUBJECT": "Your phone"}))
    report = desk.take()
    assert (report.n_edited, report.n_undecided, report.n_approved) == (1, 3, 0)
    reply = desk.replies()["01"]
    assert (reply.status, reply.subject, reply.is_edited) == (ReplyStatus.DRAFT, "Your phone", True)
    assert (reply.body or "").endswith("P.S. Thank you.")


def test_a_blank_ticket_and_an_error_may_be_answered_by_hand(desk: Desk) -> None:
    desk.session.sql(
        "UPDATE R SET OUTCOME = 'error', ERROR = 'timed out', ANSWER = NULL, SUBJECT = NULL, BODY = NULL, "
        "STATUS = NULL WHERE TICKET_ID = '03'"
    ).collect()
    desk.export()
    body = "Dear {},\n\nA technician will look into the connection.\n\nCustomer Support"
    desk.change(
        ("03", {"SUBJECT": "Your connection", "BODY": body.format("Cy"), "DECISION": "approved"}),
        ("04", {"SUBJECT": "Your message", "BODY": body.format("Di"), "DECISION": "rejected"}),
    )
    assert (desk.take().n_approved, desk.statuses()["03"]) == (1, "approved")
    replies = desk.replies()
    assert (replies["03"].outcome, replies["03"].error) == (Outcome.REPAIRED, None)
    assert (replies["04"].outcome, replies["04"].body) == (Outcome.BLANK, body.format("Di"))
    # A later run does not ask about it, although there was an error.
    run = desk.write()
    assert (run.n_texts_asked, run.n_by_status["approved"]) == (0, 1)


def spreadsheet(rows: list[Cells]) -> tuple[list[Cells], dict[str, Any]]:
    """Rows and columns in another order, a column of one's own, zeros lost, and Windows' line ends in the cells."""
    changed = [
        {
            "NOTE": "mine",
            **dict(reversed(cells.items())),
            "TICKET_ID": str(int(cells["TICKET_ID"])),
            "BODY": cells["BODY"].replace("\n", "\r\n") + "\r\n",
        }
        for cells in reversed(rows)
    ]
    return changed, {"delimiter": ";", "encoding": "utf-8-sig", "quoting": csv.QUOTE_ALL}


def test_what_spreadsheets_do_to_a_file_is_no_change(desk: Desk) -> None:
    desk.export()
    desk.change(("01", {"DECISION": "approved"}))
    rows, options = spreadsheet([cells for cells in desk.read().values() if cells["TICKET_ID"] != "02"])
    desk.save(rows, **options)
    report = desk.take()
    assert (report.n_rows, report.n_approved, report.n_edited, report.n_undecided) == (3, 1, 0, 2)
    assert desk.statuses()["01"] == "approved"


def test_every_problem_of_a_file_is_told_and_nothing_of_it_is_taken(desk: Desk) -> None:
    desk.export()
    rows = desk.read()
    rows["01"].update({"DECISION": "maybe"})
    rows["02"].update({"DECISION": "approved", "SUBJECT": "A subject"})
    rows["03"].update({"DECISION": "approved", "CUSTOMER_NAME": "Ann", "LABEL": "Lost phone"})
    rows["04"].update({"DECISION": "approved"})
    unknown = {**rows["01"], "REPLY_KEY": "0" * 64, "DECISION": "approved"}
    before = desk.table()
    moved = {**rows["01"], "REPLY_KEY": "My name is Ann Smith", "DECISION": ""}
    desk.save([*rows.values(), unknown, {**rows["02"], "VERSION": "v1"}, rows["02"], moved, moved])
    with pytest.raises(InvalidInputError) as raised:
        desk.take(None)
    told = "\n".join(raised.value.problems)
    for expected in (
        "): DECISION is a text of 5 characters; give approved, rejected or nothing.",
        "): VERSION was changed",
        "REPLY_KEY a text of 20 characters stands in 2 rows",
        f"REPLY_KEY {rows['02']['REPLY_KEY'][:12]}… stands in 2 rows",
        "Row 1: there is no reply to approve",
        "Row 3: a text message has no SUBJECT",
        "Row 3: nobody says who decided",
        "Row 4: CUSTOMER_NAME is not that of the row's reply",
        "Row 4: LABEL is not that",
        "Row 5: REPLY_KEY stands for no reply",
    ):
        assert expected in told
    assert desk.table() == before
    assert not any(text in told for _, text, *_ in ROWS if text.strip())


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda text: text.replace("DECISION", "STATE", 1), "has no column DECISION"),
        (lambda text: text.replace("REPLY_KEY", "KEY", 1), "has no column REPLY_KEY"),
        (lambda _: "", "has no header"),
        (lambda text: text.replace(",,v", ",,,v", 1), "cells where the header has"),
        (lambda text: text + '"', "opens a quote that is never closed"),
    ],
    ids=["column", "key", "empty", "cells", "quote"],
)
def test_a_file_of_another_form_is_refused(desk: Desk, spoil: Callable[[str], str], expected: str) -> None:
    desk.export()
    desk.path.write_text(spoil(desk.path.read_text(encoding="utf-8-sig")), encoding="utf-8")
    with pytest.raises(InvalidInputError, match=expected):
        desk.take()


def test_a_reply_that_changed_since_the_export_is_not_overwritten(desk: Desk) -> None:
    desk.export()
    old = desk.path.read_bytes()
    desk.change(("01", {"DECISION": "rejected"}))
    desk.take("Bo")
    # The same decision is no conflict, another one is, and so are other words.
    desk.path.write_bytes(old)
    desk.change(("01", {"DECISION": "rejected"}))
    assert desk.take().n_unchanged == 1
    for cells in ({"DECISION": "approved"}, {"BODY": "Dear Ann, thank you."}):
        desk.path.write_bytes(old)
        desk.change(("01", cells), ("02", {"DECISION": "approved"}))
        with pytest.raises(InvalidInputError, match=r"reply to ticket 01 has changed by Bo since .* is rejected now"):
            desk.take()
    assert desk.statuses()["02"] == "draft"
    # Who leaves it alone is not bothered.
    desk.path.write_bytes(old)
    desk.change(("02", {"DECISION": "approved"}))
    assert desk.take().n_approved == 1


def test_a_change_between_reading_and_writing_is_noticed(desk: Desk) -> None:
    desk.export()
    desk.change(("01", {"DECISION": "approved"}), ("02", {"DECISION": "approved"}))
    session = desk.session

    class Racing:
        def sql(self, query: str, params: Any = None, *args: Any, **kwargs: Any) -> Any:
            if query.startswith("MERGE") and "WAS_STATUS" in query:
                session.sql("UPDATE R SET STATUS = 'rejected' WHERE TICKET_ID = '02'").collect()
            return session.sql(query, params, *args, **kwargs)

    racing = ResponseGenerator(Racing(), model="claude-haiku-4-5")
    with pytest.raises(InvalidInputError, match="changed by others"):
        racing.import_review("T", labels=desk.labels, into="R", path=desk.path, reviewer="Rita")
    assert desk.statuses() == {"01": "draft", "02": "rejected", "03": "draft", "04": "needs_review"}


def test_a_file_is_not_overwritten_unless_that_is_asked_for(desk: Desk, tmp_path: Path) -> None:
    desk.export()
    desk.change(("01", {"DECISION": "approved"}))
    before = desk.path.read_bytes()
    with pytest.raises(InvalidInputError, match="may have decisions in it"):
        desk.export()
    assert desk.path.read_bytes() == before
    with pytest.raises(InvalidInputError) as raised:
        desk.writer.export_for_review(
            "T", labels=desk.labels, into="NONE", path=tmp_path / "no" / "x.txt", statuses=["done"], limit=0
        )
    assert len(raised.value.problems) == 5
    with pytest.raises(InvalidInputError, match="statuses="):
        desk.export(statuses="draft", overwrite=True)


def test_what_is_decided_leaves_the_next_file(desk: Desk) -> None:
    assert desk.export(limit=1) == 1
    desk.change(("04", {"DECISION": "rejected"}))
    desk.take()
    assert desk.export(limit=1, overwrite=True) == 1
    assert list(desk.read()) == ["01"]
    assert desk.export(statuses=["rejected"], overwrite=True) == 1
    assert list(desk.read()) == ["04"]


def test_own_checks_look_at_edited_replies_too(desk: Desk) -> None:
    def no_thanks(draft: Draft) -> str | None:
        return "The reply says thanks." if "Thanks" in draft.body else None

    desk.writer = ResponseGenerator(desk.session, model="claude-haiku-4-5", checks=[no_thanks])
    desk.export()
    desk.change(("01", {"BODY": "Dear Ann,\n\nThanks for writing.\n\nCustomer Support", "DECISION": "approved"}))
    assert [finding.check for reply in desk.take().sent_back for finding in reply.findings] == ["no_thanks"]


def decide(desk: Desk, *decisions: ReplyDecision, reviewer: str = "Rita") -> ReviewReport:
    return desk.writer.review("T", labels=desk.labels, into="R", decisions=decisions, reviewer=reviewer)


def test_decisions_are_taken_without_a_file(desk: Desk) -> None:
    seen = desk.replies()
    report = decide(
        desk,
        ReplyDecision(reply=seen["01"], decision=ReplyStatus.APPROVED),
        ReplyDecision(reply=seen["03"], decision=ReplyStatus.REJECTED),
    )
    assert (report.n_rows, report.n_approved, report.n_rejected) == (2, 1, 1)
    now = desk.replies()
    assert (now["01"].status, now["01"].reviewed_by) == (ReplyStatus.APPROVED, "Rita")
    assert now["03"].status is ReplyStatus.REJECTED


def test_an_edit_without_a_file_is_checked_again(desk: Desk) -> None:
    seen = desk.replies()["03"]
    report = decide(
        desk, ReplyDecision(reply=seen, decision=ReplyStatus.APPROVED, body="We will refund $200 tomorrow.")
    )
    assert [reply.ticket_id for reply in report.sent_back] == ["03"]
    now = desk.replies()["03"]
    assert (now.status, now.is_edited, now.body) == (ReplyStatus.NEEDS_REVIEW, True, "We will refund $200 tomorrow.")
    assert now.subject == seen.subject


def test_a_decision_about_what_has_changed_since_it_was_read_writes_nothing(desk: Desk) -> None:
    seen = desk.replies()
    decide(desk, ReplyDecision(reply=seen["01"], decision=ReplyStatus.APPROVED))
    before = desk.table()
    with pytest.raises(InvalidInputError) as raised:
        decide(
            desk,
            ReplyDecision(reply=seen["03"], decision=ReplyStatus.APPROVED),
            ReplyDecision(reply=seen["01"], decision=ReplyStatus.REJECTED),
            reviewer="Bo",
        )
    (problem,) = raised.value.problems
    assert problem.startswith(
        "decisions[1]: the reply to ticket 01 has changed by Rita since it was read, and is approved"
    )
    assert desk.table() == before


def test_decisions_need_a_name_and_one_for_each_reply(desk: Desk) -> None:
    decision = ReplyDecision(reply=desk.replies()["01"], decision=ReplyStatus.APPROVED)
    with pytest.raises(InvalidInputError) as raised:
        decide(desk, decision, decision, reviewer=" ")
    assert len(raised.value.problems) == 2
    with pytest.raises(InvalidInputError, match="decision='draft' is none"):
        ReplyDecision(reply=decision.reply, decision=ReplyStatus.DRAFT)
