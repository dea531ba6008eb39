"""The rows that replies are written for, as SQL: each ticket with its label, its channel and its rendered prompt."""

from __future__ import annotations

from cortex_tickets._cortex.calls import INERT
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.text_sql import is_blank, text_hash
from cortex_tickets.prompts.reply_prompt import LINE_BREAKS, ReplyPrompt
from cortex_tickets.records.prediction import LABELLED
from cortex_tickets.records.reply import Channel
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket_source import TicketSource

DETAILS = {
    "CHANNEL": "CHANNEL",
    "CUSTOMER_NAME": "CUSTOMER_NAME",
    "CUSTOMER_EMAIL": "CUSTOMER_EMAIL",
    "CONTACT_PREFERENCE": "CONTACT_PREFERENCE",
    "TICKET_LABEL": "TICKET_LABEL",
    "TICKET_TEXT_HASH": "TICKET_TEXT_HASH",
}
"""What the ledger of replies has beside the answer, from the relation below."""


KEY_PARTS = ("INPUT", "TICKET_ID", "CUSTOMER_NAME", "CUSTOMER_EMAIL")
"""Whose hashes, and then the channel, are the key of a reply: `_replies.making.reply_key` is the same."""


def labelled_tickets(source: TicketSource, labels: TableName, classifier_hash: str) -> str:
    """Return a SELECT of the tickets with their labels, joined on id and text: ids repeat.

    TICKET_LABEL is NULL where the classifier gave no label; IS_LABELLED tells whether it was asked.
    """
    id_, text = source.column("id"), source.column("text")
    usable = ", ".join(literal(outcome.value) for outcome in LABELLED)
    return (
        f"SELECT S.*, L.OUTCOME IS NOT NULL AS IS_LABELLED, "
        f"IFF(L.OUTCOME IN ({usable}), L.LABEL, NULL) AS TICKET_LABEL "
        f"FROM (SELECT {id_}::VARCHAR AS TICKET_ID, {text} AS TICKET_TEXT, {text_hash(text)} AS TICKET_TEXT_HASH, "
        f"{_text_column(source, 'customer_name')} AS CUSTOMER_NAME, "
        f"{_text_column(source, 'customer_email')} AS CUSTOMER_EMAIL, "
        f"{_text_column(source, 'service_type')} AS SERVICE_TYPE, "
        f"{_text_column(source, 'contact_preference')} AS CONTACT_PREFERENCE FROM {source.relation}) S "
        f"LEFT JOIN (SELECT TICKET_ID, TEXT_HASH, LABEL, OUTCOME FROM {labels.sql} "
        f"WHERE CLASSIFIER_HASH = {literal(classifier_hash)} "
        # One label for a ticket, even where two runs wrote at once.
        "QUALIFY ROW_NUMBER() OVER (PARTITION BY TICKET_ID, TEXT_HASH ORDER BY ANSWERED_AT DESC, LABEL) = 1) L "
        "ON L.TICKET_ID = S.TICKET_ID AND L.TEXT_HASH = S.TICKET_TEXT_HASH"
    )


def reply_relation(source: TicketSource, labels: TableName, classifier_hash: str, prompt: ReplyPrompt) -> str:
    """Return the relation of a reply table: the labelled tickets with CHANNEL, INPUT and REPLY_KEY.

    INPUT is the rendered prompt, NULL for a blank ticket: there is nothing to answer. REPLY_KEY is what no two replies
    share: the prompt, and whom the reply is for.
    """
    channel = (
        f"IFF(LOWER(TRIM(CONTACT_PREFERENCE, ' ')) = 'text message', {literal(Channel.TEXT_MESSAGE.value)}, "
        f"{literal(Channel.EMAIL.value)})"
    )
    with_channel = f"SELECT T.*, {channel} AS CHANNEL FROM ({labelled_tickets(source, labels, classifier_hash)}) T"
    rendered = f"IFF({is_blank('TICKET_TEXT')}, NULL, {rendered_prompt(prompt)})"
    with_input = f"SELECT C.*, {rendered} AS INPUT FROM ({with_channel}) C"
    return f"(SELECT P.*, CONCAT({', '.join(map(text_hash, KEY_PARTS))}, CHANNEL) AS REPLY_KEY FROM ({with_input}) P)"


def rendered_prompt(prompt: ReplyPrompt, *, feedback: str | None = None) -> str:
    """Return the expression that renders a ticket's prompt, byte for byte as `ReplyPrompt.render` does.

    `feedback` is an expression of what a second prompt says of the first reply.
    """
    playbook = prompt.playbook
    entries = " ".join(
        f"WHEN TICKET_LABEL = {literal(entry.label)} THEN {literal(prompt.after_label(entry))}"
        for entry in playbook.entries
    )
    generic = literal(prompt.after_label(playbook.generic))
    parts = (
        _by_channel(prompt.opening(Channel.EMAIL), prompt.opening(Channel.TEXT_MESSAGE)),
        single_line("COALESCE(CUSTOMER_NAME, '')"),
        literal(prompt.before_label()),
        single_line(f"COALESCE(TICKET_LABEL, {literal(playbook.generic.label)})"),
        f"CASE {entries} ELSE {generic} END" if entries else generic,
        *([] if feedback is None else [feedback]),
        literal(prompt.before_text()),
        INERT.format(text="TICKET_TEXT"),
        _by_channel(prompt.closing(Channel.EMAIL), prompt.closing(Channel.TEXT_MESSAGE)),
    )
    return f"CONCAT({', '.join(parts)})"


def single_line(text: str) -> str:
    """Return the expression of untrusted text on one line: the same as `prompts.reply_prompt.single_line`."""
    without_breaks = f"TRANSLATE({text}, {literal(LINE_BREAKS)}, {literal(' ' * len(LINE_BREAKS))})"
    return INERT.format(text=f"TRIM(REGEXP_REPLACE({without_breaks}, ' +', ' '), ' ')")


def _by_channel(email: str, message: str) -> str:
    return f"IFF(CHANNEL = {literal(Channel.EMAIL.value)}, {literal(email)}, {literal(message)})"


def _text_column(source: TicketSource, role: str) -> str:
    return f"{source.column(role)}::VARCHAR"
