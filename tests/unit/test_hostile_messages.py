"""What a server prints of a ticket reaches no message, no log and no class of failure, whatever the ticket is."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from cortex_tickets import CortexError, ResponseGenerator, Ticket, TicketClassifier
from cortex_tickets.testing import FakeClock, FakeSession, SentStatement, snowflake_error
from hostile.pack import LABELS, MARK, TEXTS, marked

WITHIN = [f"{MARK} {text} {MARK}" for text in TEXTS if len(text) < 1000] + [marked(0, "long " * 40_000)]
"""Each text between two marks, so that neither its beginning nor its end can be shown."""

ENVELOPE = "Request failed for external function COMPLETE with remote service error:"
ECHOES: dict[str, tuple[str, int | None]] = {
    "too long": ("String '{}' is too long and would be truncated", 100078),
    "too long, without a code": ("String '{}' is too long and would be truncated", None),
    "a number": ("Numeric value '{}' is not recognized", 100038),
    "a variant, unquoted": ("Failed to cast variant value {} to FIXED(10,0)", 100071),
    "a variant": ('Failed to cast variant value "{}" to DATE', 100071),
    "JSON": ('Error parsing JSON: unknown keyword "{}", pos 4', 100069),
    "an unknown code": ("Something is wrong with '{}' here", 100999),
    "a duplicate": ("Duplicate row detected during DML action\nRow Values: [{}]", 100090),
    "the model's answer": (
        f"{ENVELOPE} '422 'json mode output validation error: {{}}''; requests batch-id: 01c7",
        512513,
    ),
    "an unknown refusal": (f"{ENVELOPE} '400 'no: {{}}''", 512513),
    "a server's fault, in the older form": (f"{ENVELOPE} 500 '\"internal error: {{}}\"'", 100351),
}


class EchoingServer:
    """A session whose every statement fails with a message that prints a text."""

    def __init__(self) -> None:
        self.session = FakeSession()
        self.session.answer("", self._fail)
        self.says: tuple[str, int | None] = ("", None)

    def _fail(self, _: SentStatement) -> Any:
        message, code = self.says
        raise snowflake_error(message, code or 0)


Verb = Callable[[str], object]


def verbs(session: FakeSession) -> dict[str, Verb]:
    """Return ways to ask about one text."""
    classifier = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6", clock=FakeClock())
    writer = ResponseGenerator(session, model="claude-haiku-4-5", clock=FakeClock())
    return {
        "classify": classifier.classify,
        "classify_many": lambda text: classifier.classify_many([text, "another"]),
        "reply": lambda text: writer.reply(
            Ticket(id="1", text=text, customer_name=text, customer_email=text), label=text
        ),
    }


def told(error: BaseException) -> str:
    """Return all that somebody who prints, logs or inspects an error is shown."""
    # What the server said is not printed below it either.
    assert error.__cause__ is None
    assert error.__suppress_context__
    return "\n".join([str(error), repr(error), *map(repr, error.args), repr(vars(error))])


def test_no_text_that_a_server_prints_is_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="cortex_tickets")
    server = EchoingServer()
    asked = verbs(server.session)
    kinds: dict[str, set[object]] = {echo: set() for echo in ECHOES}
    for number, text in enumerate(WITHIN):
        # Each text in some of the messages, so that every message has had texts of each family.
        for place, (echo, (form, code)) in list(enumerate(ECHOES.items()))[number % 3 :: 3]:
            server.says = (form.format(text), code)
            with pytest.raises(CortexError) as raised:
                list(asked.values())[(number + place) % len(asked)](text)
            assert MARK not in told(raised.value)
            kinds[echo].add((type(raised.value), raised.value.reason))
    assert "statement failed" in caplog.text
    assert MARK not in caplog.text
    # And none of the texts makes another failure of it.
    assert {echo for echo, found in kinds.items() if len(found) != 1} == set()


@pytest.mark.parametrize("verb", ["classify", "classify_many", "reply"])
def test_the_texts_themselves_are_bound(verb: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="cortex_tickets")
    server = EchoingServer()
    for text in WITHIN:
        with pytest.raises(CortexError):
            verbs(server.session)[verb](text)
    sent = server.session.sent
    assert len(sent) >= len(WITHIN)
    assert not any(MARK in statement.text or MARK in repr(statement.parameters) for statement in sent)
    assert all(MARK in str(statement.values) for statement in sent)
    assert MARK not in caplog.text
