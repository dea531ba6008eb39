"""What a model is asked to answer with: the two forms of a letter, whose schema Cortex holds it to."""

from __future__ import annotations

from cortex_tickets.records.record import Received
from cortex_tickets.records.reply import Channel


class EmailLetter(Received):
    """An e-mail as a model writes it."""

    subject: str
    """The subject line."""
    body: str
    """The letter itself, greeting and signature among it."""


class MessageLetter(Received):
    """A text message as a model writes it."""

    body: str
    """The message itself."""


LETTER_FORMS: dict[Channel, type[EmailLetter | MessageLetter]] = {
    Channel.EMAIL: EmailLetter,
    Channel.TEXT_MESSAGE: MessageLetter,
}
"""The form of each channel's letter."""
