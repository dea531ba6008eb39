from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from cortex_tickets.errors import IncompleteRunError, InvalidInputError, ModelNotFoundError
from cortex_tickets.records.draft import Draft
from cortex_tickets.records.playbook import Playbook
from cortex_tickets.records.prediction import Outcome
from cortex_tickets.records.reply import Channel, ReplyStatus
from cortex_tickets.records.ticket import Ticket
from cortex_tickets.response_generator import ResponseGenerator
from cortex_tickets.table_run import RunState, TableRun
from cortex_tickets.testing import FakeClock, FakeSession, SentStatement, snowflake_error

ANN = Ticket(id="TR1", text="I lost my phone.", customer_name="Ann", contact_preference="Text Message")
GOOD = "Hi Ann, the line can be suspended on request. Customer Support"


def answered(body: str | None, **changes: Any) -> dict[str, Any]:
    row = {"ANSWER": body, "ERROR": None, "OUTCOME": "valid", "SUBJECT": None, "BODY": body}
    return {**row, "INPUT_TOKENS": 100, "OUTPUT_TOKENS": 20, **changes}


class Model:
    """Answers every prompt of a statement with what `write` makes of it."""

    def __init__(self, write: Callable[[str], Mapping[str, Any]]) -> None:
        self.session = FakeSession()
        self.asked: list[list[str]] = []
        self._write = write
        self.session.answer("AI_COMPLETE", self._answer)
        self.generator = ResponseGenerator(self.session, model="claude-haiku-4-5")

    def _answer(self, statement: SentStatement) -> list[dict[str, Any]]:
        prompts = json.loads(statement.values[0])
        self.asked.append(prompts)
        return [{"POSITION": position, **self._write(prompt)} for position, prompt in enumerate(prompts)]


def a_run(**changes: Any) -> TableRun:
    values: dict[str, Any] = {
        "run_id": "r1", "source": "T", "into": "DB.PUBLIC.L", "classifier_hash": "c", "model": "m",
        "state": RunState.COMPLETE, "n_rows": 1, "n_tickets": 1, "n_left": 0, "n_by_outcome": {}, "n_texts_asked": 1,
        "input_tokens": 1, "output_tokens": 1, "ai_credits": None, "seconds": 1.0,
        "started_at": datetime(2026, 11, 22, tzinfo=UTC),
    }  # fmt: skip
    return TableRun(**{**values, **changes})


def test_a_generator_sends_nothing_until_it_is_asked_and_knows_its_playbook() -> None:
    session = FakeSession()
    generator = ResponseGenerator(session, model=" claude-haiku-4-5 ")
    assert generator.model == "claude-haiku-4-5"
    assert generator.playbook is Playbook.default()
    assert generator.reply_many([], labels=[]) == []
    assert not session.sent


def test_many_prompts_go_in_bounded_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cortex_tickets._cortex.text_blocks.BLOCK_TEXTS", 2)
    model = Model(lambda _: answered(GOOD))
    tickets = [ANN.model_copy(update={"text": f"I lost phone {chr(65 + number)}."}) for number in range(5)]
    replies = model.generator.reply_many(tickets, labels=["Lost phone"] * 5)
    assert [len(asked) for asked in model.asked] == [2, 2, 1]
    assert len(replies) == 5


def test_all_that_can_change_a_reply_changes_the_hash() -> None:
    playbook = Playbook.default().model_copy(update={"tone": "Brisk."})
    session = FakeSession()
    hashes = {
        ResponseGenerator(session, model="a").generator_hash,
        ResponseGenerator(session, model="b").generator_hash,
        ResponseGenerator(session, model="a", campaign="A plan").generator_hash,
        ResponseGenerator(session, model="a", playbook=playbook).generator_hash,
    }
    assert len(hashes) == 4


@pytest.mark.parametrize("options", [{"model": " "}, {"model": "m", "campaign": ""}])
def test_bad_settings_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        ResponseGenerator(FakeSession(), **options)


def test_a_good_reply_is_a_draft_after_one_statement() -> None:
    model = Model(lambda _: answered(GOOD))
    reply = model.generator.reply(ANN, label="Lost phone")
    assert (reply.body, reply.status, reply.findings, reply.n_tries) == (GOOD, ReplyStatus.DRAFT, (), 1)
    assert (reply.channel, reply.label, reply.customer_name, reply.ticket_id) == (
        Channel.TEXT_MESSAGE, "Lost phone", "Ann", "TR1"
    )  # fmt: skip
    assert (reply.input_tokens, reply.n_words) == (100, 11)
    assert reply.generator_hash == model.generator.generator_hash
    assert model.asked == [[model.generator.prompt.render(ANN, label="Lost phone")]]


def test_no_text_of_a_ticket_or_a_name_stands_in_a_statement() -> None:
    model = Model(lambda _: answered(GOOD))
    model.generator.reply(ANN, label="Lost phone")
    assert "I lost my phone" not in model.session.texts()[0]
    assert "Ann" not in model.session.texts()[0]


def test_a_failing_reply_is_asked_once_more_with_what_was_found() -> None:
    model = Model(lambda prompt: answered(GOOD if "<findings>" in prompt else GOOD.replace("Ann", "Bob")))
    reply = model.generator.reply(ANN, label="Lost phone")
    assert (reply.body, reply.status, reply.n_tries) == (GOOD, ReplyStatus.DRAFT, 2)
    assert (reply.input_tokens, reply.output_tokens) == (200, 40)
    assert 'greets "Bob"' in model.asked[1][0]


def test_a_reply_that_fails_twice_needs_review_and_is_not_asked_a_third_time() -> None:
    model = Model(lambda _: answered("Hi Bob, we refund [amount]"))
    reply = model.generator.reply(ANN, label="Lost phone")
    assert reply.status is ReplyStatus.NEEDS_REVIEW
    assert {finding.check for finding in reply.findings} >= {"right_customer", "leftover_placeholder"}
    assert len(model.asked) == 2


@pytest.mark.parametrize("second", [answered(None, ERROR="too long", OUTCOME="error"), answered("Hi Bob, [x] and")])
def test_a_worse_second_try_does_not_replace_the_first(second: dict[str, Any]) -> None:
    first = GOOD.replace("Ann", "Ann, as promised [date],")
    model = Model(lambda prompt: second if "<findings>" in prompt else answered(first))
    reply = model.generator.reply(ANN, label="Lost phone")
    assert (reply.body, reply.n_tries, reply.status) == (first, 2, ReplyStatus.NEEDS_REVIEW)


def test_replies_keep_order_and_length_and_only_the_failing_ones_are_asked_again() -> None:
    def write(prompt: str) -> dict[str, Any]:
        name = prompt.partition("<customer_name>")[2].partition("<")[0]
        return answered(GOOD.replace("Ann", name if "<findings>" in prompt or name != "Bo" else "Cy"))

    model = Model(write)
    tickets = [ANN.model_copy(update={"customer_name": name}) for name in ("Ann", "Bo", "Ann", "Cy")]
    replies = model.generator.reply_many(tickets, labels=["Lost phone"] * 4)
    assert [reply.body for reply in replies] == [GOOD.replace("Ann", name) for name in ("Ann", "Bo", "Ann", "Cy")]
    assert [len(asked) for asked in model.asked] == [3, 1]
    assert [reply.input_tokens for reply in replies] == [100, 200, None, 100]
    assert [reply.n_tries for reply in replies] == [1, 2, 1, 1]


def test_two_customers_with_the_same_words_get_two_letters() -> None:
    letters = iter([GOOD, GOOD.replace("request.", "request, Ann."), GOOD.replace("Hi", "Hello")])
    model = Model(lambda _: answered(next(letters)))
    tickets = [
        ANN,
        ANN.model_copy(update={"id": "TR2"}),
        ANN.model_copy(update={"customer_email": "ann@example.com"}),
        ANN,
    ]
    replies = model.generator.reply_many(tickets, labels=["Lost phone"] * 4)
    assert len(set(model.asked[0])) == 1
    assert len(model.asked[0]) == 3
    assert len({reply.key for reply in replies}) == 3
    assert len({reply.body for reply in replies[:3]}) == 3
    assert replies[3].body == replies[0].body
    assert [reply.input_tokens for reply in replies] == [100, 100, 100, None]


@pytest.mark.parametrize(
    "failure", [snowflake_error("Numeric value is not recognized", 100038), snowflake_error("unknown model", 512513)]
)
def test_a_second_try_that_cannot_be_made_does_not_cost_the_first_replies(failure: Exception) -> None:
    bad = GOOD.replace("Ann", "Bob")
    session = FakeSession()
    session.answer("SHOW CORTEX", [{"name": "other", "lifecycle_status": "GA"}])
    session.answer("AI_COMPLETE", [{"POSITION": 0, **answered(bad)}], failure)
    reply = ResponseGenerator(session, model="m").reply(ANN, label="Lost phone")
    assert (reply.body, reply.status, reply.n_tries) == (bad, ReplyStatus.NEEDS_REVIEW, 1)


def test_the_time_counts_for_both_tries_together() -> None:
    clock = FakeClock()
    session = FakeSession()

    def slow(_: SentStatement) -> list[dict[str, Any]]:
        clock.sleep(20)
        return [{"POSITION": 0, **answered(GOOD.replace("Ann", "Bob"))}]

    session.answer("AI_COMPLETE", slow)
    writer = ResponseGenerator(session, model="m", clock=clock)
    reply = writer.reply(ANN, label="Lost phone", timeout=30)
    assert reply.status is ReplyStatus.NEEDS_REVIEW
    limits = [sent.parameters["STATEMENT_TIMEOUT_IN_SECONDS"] for sent in session.sent]
    assert limits == [30, 10]
    with pytest.raises(InvalidInputError, match="timeout"):
        writer.reply(ANN, label="Lost phone", timeout=0)


def test_own_checks_are_made_of_one_and_of_many_and_told_to_the_model() -> None:
    def no_request(draft: Draft) -> str | None:
        return 'Do not say "on request".' if "on request" in draft.body else None

    model = Model(lambda prompt: answered(GOOD.replace(" on request", "") if "Do not say" in prompt else GOOD))
    generator = ResponseGenerator(model.session, model="m", checks=[no_request])
    reply = generator.reply(ANN, label="Lost phone")
    assert (reply.status, reply.n_tries) == (ReplyStatus.DRAFT, 2)
    assert generator.generator_hash == ResponseGenerator(model.session, model="m").generator_hash


def test_a_guarded_generator_says_so_and_is_another_one() -> None:
    model = Model(lambda _: answered(None, OUTCOME="refused", ANSWER="Response filtered by Cortex Guard"))
    generator = ResponseGenerator(model.session, model="m", guardrails=True)
    reply = generator.reply(ANN, label="Lost phone")
    assert "'guardrails': TRUE" in model.session.texts()[0]
    assert "guardrail_tokens" in model.session.texts()[0]
    assert (reply.outcome, reply.body, reply.status) == (Outcome.REFUSED, None, ReplyStatus.NEEDS_REVIEW)
    assert reply.findings[0].message == "Cortex Guard kept the model's reply back."
    assert len(model.asked) == 1
    assert generator.generator_hash != ResponseGenerator(model.session, model="m").generator_hash


def test_a_label_that_the_playbook_lacks_is_said() -> None:
    model = Model(lambda _: answered("Hi Ann, a specialist will read the request and reply. Customer Support"))
    reply = model.generator.reply(ANN, label="Lost fone")
    assert [finding.check for finding in reply.findings] == ["label_in_playbook"]
    assert "It has one for 'Lost phone'." in reply.findings[0].message
    assert (reply.status, reply.n_tries) == (ReplyStatus.NEEDS_REVIEW, 1)


def test_a_ticket_over_the_models_window_is_told_before_it_is_sent_and_does_not_stop_the_others() -> None:
    model = Model(lambda _: answered(GOOD))
    model.session.answer("AI_COUNT_TOKENS", [{"POSITION": 0, "TOKENS": 250_000}, {"POSITION": 1, "TOKENS": 190_000}])
    texts = ["x" * 300_000, "I lost my phone.", "y" * 300_000]
    replies = model.generator.reply_many(
        [ANN.model_copy(update={"text": text}) for text in texts], labels=["Lost phone"] * 3
    )
    assert [len(json.loads(sent.values[0])) for sent in model.session.sent] == [2, 2]
    assert [reply.outcome for reply in replies] == [Outcome.ERROR, Outcome.VALID, Outcome.VALID]
    assert (replies[0].n_tries, replies[0].answered_by, replies[0].status) == (0, None, ReplyStatus.NEEDS_REVIEW)
    assert "250,000 tokens, and claude-haiku-4-5 takes 200,000" in replies[0].findings[0].message
    assert "shorten the ticket's text" in replies[0].findings[0].message


def test_what_snowflake_says_of_a_long_text_gets_the_advice_that_it_lacks() -> None:
    model = Model(lambda _: answered(None, ERROR="max tokens of 16384 exceeded", OUTCOME="error"))
    finding = model.generator.reply(ANN, label="Lost phone").findings[0]
    assert finding.message == (
        "The model gave no reply: max tokens of 16384 exceeded. "
        "Shorten the ticket's text, or give a model that takes more."
    )


def test_a_blank_ticket_is_not_asked_and_not_lost() -> None:
    model = Model(lambda _: answered(GOOD))
    blank = ANN.model_copy(update={"text": " \n"})
    reply = model.generator.reply_many([blank, ANN], labels=[None, "Lost phone"])[0]
    assert (reply.outcome, reply.body, reply.status, reply.n_tries) == (
        Outcome.BLANK,
        None,
        ReplyStatus.NEEDS_REVIEW,
        0,
    )
    assert len(model.asked[0]) == 1


def test_an_error_of_one_ticket_is_told_and_not_asked_again() -> None:
    model = Model(lambda _: answered(None, ERROR="over the window", OUTCOME="error"))
    reply = model.generator.reply(ANN, label="Lost phone")
    assert (reply.outcome, reply.error, reply.status) == (Outcome.ERROR, "over the window", ReplyStatus.NEEDS_REVIEW)
    assert reply.findings[0].message == "The model gave no reply: over the window."
    assert len(model.asked) == 1


def test_an_unknown_preference_gets_an_email_and_a_finding_but_no_second_try() -> None:
    body = "Dear Ann,\n\nThe line can be suspended on request.\n\nCustomer Support"
    model = Model(lambda _: answered(body, SUBJECT="Your line"))
    reply = model.generator.reply(ANN.model_copy(update={"contact_preference": "Fax"}), label="Lost phone")
    assert (reply.channel, reply.status, reply.n_tries) == (Channel.EMAIL, ReplyStatus.NEEDS_REVIEW, 1)
    assert [finding.check for finding in reply.findings] == ["known_preference"]


def test_a_list_of_another_form_is_refused_with_every_problem() -> None:
    generator = ResponseGenerator(FakeSession(), model="m")
    with pytest.raises(InvalidInputError) as caught:
        generator.reply_many([ANN, "text"], labels=["a"])  # type: ignore[list-item]  # what a caller may do wrong
    assert len(caught.value.problems) == 2
    for wrong in ({"labels": "Lost phone"}, {"labels": [5]}, {"labels": None}):
        with pytest.raises(InvalidInputError, match="labels"):
            generator.reply_many([ANN], **wrong)


def test_a_model_that_the_account_lacks_is_told_with_those_it_has() -> None:
    session = FakeSession()
    session.answer("AI_COMPLETE", snowflake_error('unknown model "gone"', 512513))
    session.answer("SHOW CORTEX", [{"name": "LLAMA3.1-8B", "lifecycle_status": "GA"}])
    with pytest.raises(InvalidInputError, match=r"llama3\.1-8b"):
        ResponseGenerator(session, model="gone").reply(ANN, label=None)
    session.answer("SHOW CORTEX", [{"name": "GONE", "lifecycle_status": "GA"}])
    with pytest.raises(ModelNotFoundError):
        ResponseGenerator(session, model="gone").reply(ANN, label=None)


def test_an_incomplete_run_of_labels_is_refused_before_anything_is_sent_but_for_names() -> None:
    session = checkable_session()
    run = a_run(state=RunState.INCOMPLETE, reason="budget", n_left=3)
    writer = ResponseGenerator(session, model="llama3.1-8b")
    with pytest.raises(IncompleteRunError, match="budget"):
        writer.reply_table("T", labels=run, into="DB.PUBLIC.R")
    with pytest.raises(InvalidInputError, match=r"Run .* is incomplete") as raised:
        writer.reply_table("T", labels=run, into=None, chunk_rows=2.5, timeout=float("nan"), budget=2)  # type: ignore[arg-type]  # what a caller may do wrong
    assert len(raised.value.problems) == 5
    assert all(text.startswith(("DESCRIBE", "SHOW", "SELECT")) for text in session.texts())


def test_an_estimate_looks_at_the_model_and_keeps_its_time() -> None:
    session = checkable_session()
    with pytest.raises(InvalidInputError, match="'nope' is not one that this account lists"):
        ResponseGenerator(session, model="nope").estimate("T", labels=a_run(), timeout=30)
    assert all("STATEMENT_TIMEOUT_IN_SECONDS" in sent.parameters for sent in session.sent)


def test_reading_replies_keeps_its_time_from_the_checks_on() -> None:
    session = checkable_session()
    with pytest.raises(InvalidInputError, match="does not exist"):
        ResponseGenerator(session, model="m").replies("T", labels=a_run(), into="DB.PUBLIC.NONE", timeout=30)
    assert all("STATEMENT_TIMEOUT_IN_SECONDS" in sent.parameters for sent in session.sent)


def checkable_session() -> FakeSession:
    """Return a session that answers every check of a reply table over T."""
    session = FakeSession()
    session.answer("^DESCRIBE", snowflake_error("Object 'X' does not exist or not authorized.", 2003))
    session.answer("^SELECT MAX[(]SCHEMA_VERSION", snowflake_error("Object does not exist or not authorized.", 2003))
    session.answer("^SHOW PARAMETERS LIKE 'AUTOCOMMIT'", [{"value": "true"}])
    session.answer('^DESCRIBE TABLE "T"$', [{"name": "TICKET_ID"}, {"name": "REQUEST"}])
    labels = a_run().into.split(".")
    quoted = ".".join(f'"{part}"' for part in labels)
    session.answer(f"^DESCRIBE TABLE {quoted}$", [{"name": "TICKET_ID"}])
    session.answer("^SHOW CORTEX", [{"name": "llama3.1-8b", "lifecycle_status": "GA"}])
    session.answer("CURRENT_DATABASE", [{"DATABASE_NAME": "DB", "SCHEMA_NAME": "PUBLIC"}])
    session.answer("AS N_WITHOUT_ID", [{"N_ROWS": 5, "N_WITHOUT_ID": 0}])
    session.answer("AS N_MISSING", [{"N_ROWS": 5, "N_MISSING": 0}])
    return session


def test_labels_must_be_a_run() -> None:
    with pytest.raises(InvalidInputError, match="classify_table"):
        ResponseGenerator(checkable_session(), model="m").estimate("T", labels=["Lost phone"])  # type: ignore[arg-type]  # what a caller may do wrong


def test_replies_come_to_the_client_so_their_number_is_bounded() -> None:
    session = checkable_session()
    for limit in (0, 10_001):
        with pytest.raises(InvalidInputError, match="10,000"):
            ResponseGenerator(session, model="m").replies("T", labels=a_run(), into="R", limit=limit)
    assert all(text.startswith(("DESCRIBE", "SELECT", "SHOW PARAMETERS")) for text in session.texts())


def test_every_problem_of_a_table_is_told_before_anything_is_written() -> None:
    session = FakeSession()
    session.answer("DESCRIBE", [{"name": "OTHER"}])
    session.answer("^SELECT MAX[(]SCHEMA_VERSION", snowflake_error("invalid identifier 'SCHEMA_VERSION'", 904))
    session.answer("^SHOW PARAMETERS LIKE 'AUTOCOMMIT'", [{"value": "true"}])
    session.answer("SHOW CORTEX", [{"name": "llama3.1-8b", "lifecycle_status": "GA"}])
    with pytest.raises(InvalidInputError) as caught:
        ResponseGenerator(session, model="gone").reply_table("T", labels=a_run(), into="DB.PUBLIC.R")
    assert len(caught.value.problems) == 6
    assert all(text.split()[0] in ("DESCRIBE", "SHOW", "SELECT") for text in session.texts())
