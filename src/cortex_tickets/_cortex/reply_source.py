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
        f"{_text_column(source, 'contact_preference')} AS CONTACT_PREFERENCE FROM {source.relation}) S "
        f"LEFT JOIN (SELECT TICKET_ID, TEXT_HASH, LABEL, OUTCOME FROM {labels.sql} "
        f"WHERE CLASSIFIER_HASH = {literal(classifier_hash)} "
        # One label for a ticket, even where two runs wrote at once.
        "QUALIFY ROW_NUMBER() OVER (PARTITION BY TICKET_ID, TEXT_HASH ORDER BY ANSWERED_AT DESC, LABEL) = 1) L "
        "ON L.TICKET_ID = S.TICKET_ID AND L.TEXT_HASH = S.TICKET_TEXT_HASH"
    )


def reply_relation(source: TicketSource, labels: TableName, classifier_hash: str, prompt: ReplyPrompt) -> str:
    """Return the relation of a reply table: the labelled tickets with CHANNEL and INPUT, the rendered prompt.

    INPUT is NULL for a blank ticket: there is nothing to answer.
    """
    channel = (
        f"IFF(LOWER(TRIM(CONTACT_PREFERENCE, ' ')) = 'text message', {literal(Channel.TEXT_MESSAGE.value)}, "
        f"{literal(Channel.EMAIL.value)})"
    )
    with_channel = f"SELECT T.*, {channel} AS CHANNEL FROM ({labelled_tickets(source, labels, classifier_hash)}) T"
    rendered = f"IFF({is_blank('TICKET_TEXT')}, NULL, {rendered_prompt(prompt)})"
    return f"(SELECT C.*, {rendered} AS INPUT FROM ({with_channel}) C)"


def rendered_prompt(prompt: ReplyPrompt) -> str:
    """Return the expression that renders a ticket's prompt, byte for byte as `ReplyPrompt.render` does."""
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


def stored_replies(relation: str, into: TableName, generator_hash: str, limit: int) -> str:
    """Return a SELECT of the replies that stand in the ledger for these very prompts, beside their tickets."""
    return (
        "SELECT S.TICKET_ID, S.TICKET_TEXT, S.CUSTOMER_NAME, S.CUSTOMER_EMAIL, S.CONTACT_PREFERENCE, S.TICKET_LABEL, "
        "S.INPUT, L.OUTCOME, L.ANSWER, L.ERROR, L.SUBJECT, L.BODY, L.INPUT_TOKENS, L.OUTPUT_TOKENS, L.ANSWERED_BY "
        f"FROM {relation} S JOIN {into.sql} L "
        f"ON L.TICKET_ID = S.TICKET_ID AND L.TEXT_HASH = {text_hash('S.INPUT')} "
        f"WHERE L.CLASSIFIER_HASH = {literal(generator_hash)} "
        # Rows that are equal in id and prompt are one ticket.
        "QUALIFY ROW_NUMBER() OVER (PARTITION BY L.TICKET_ID, L.TEXT_HASH ORDER BY S.CUSTOMER_EMAIL) = 1 "
        f"ORDER BY L.TICKET_ID, L.TEXT_HASH LIMIT {limit}"
    )
