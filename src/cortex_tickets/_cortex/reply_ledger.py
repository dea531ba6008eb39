"""What is read from and written into the rows of a ledger of replies after they were asked, as SQL.

A reply has a row of its first try, which is the reply itself, and where it was asked again a row of its second try,
with the same TICKET_ID and TEXT_HASH under the second try's hash: what was asked and paid for stands there.
"""

from __future__ import annotations

from dataclasses import dataclass

from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.reply_source import rendered_prompt
from cortex_tickets._cortex.text_sql import text_hash
from cortex_tickets.prompts.reply_prompt import ReplyPrompt
from cortex_tickets.records.table_name import TableName

BLOCK_ROWS = 500
"""Replies that come to the client at once, at most."""
BLOCK_CHARACTERS = 1_000_000
"""Characters of tickets and replies that come to the client at once; one that is longer comes by itself."""
_MENDED = "T.OUTCOME = 'error' AND S.BODY IS NOT NULL"
_OPEN = "L.STATUS IN ('draft', 'needs_review')"


@dataclass(frozen=True, slots=True)
class ReplyLedger:
    """One generator's rows in a ledger, for the tickets of a relation as `reply_source.reply_relation` makes it."""

    relation: str
    into: TableName
    first_hash: str
    """The generator's hash: CLASSIFIER_HASH of the replies."""
    second_hash: str
    """The same of the second tries."""

    def stored(self, where: str = "TRUE") -> str:
        """Return a SELECT of the replies beside their tickets and, where there is one, the second try.

        Rows of the relation that are equal in id and key are one ticket.
        """
        kept = ", ".join(
            f"IFF(L.KEPT_TRY = 2, A.{name}, L.{name}) AS {name}"
            for name in ("OUTCOME", "ANSWER", "ERROR", "ANSWERED_BY")
        )
        again = ", ".join(f"A.{name} AS AGAIN_{name}" for name in _AGAIN)
        return (
            "SELECT S.TICKET_ID, S.TICKET_TEXT, S.CUSTOMER_NAME, S.CUSTOMER_EMAIL, S.SERVICE_TYPE, "
            f"S.CONTACT_PREFERENCE, S.TICKET_LABEL, L.TEXT_HASH, L.RUN_ID, {kept}, L.SUBJECT, L.BODY, L.INPUT_TOKENS, "
            "L.OUTPUT_TOKENS, L.STATUS, L.FINDINGS, L.N_TRIES, L.KEPT_TRY, L.FEEDBACK, L.CHECKED_WITH, L.REVIEWED_BY, "
            f"L.REVIEWED_AT, L.IS_EDITED, {again} FROM {self.relation} S "
            f"JOIN {self.into.sql} L ON L.TICKET_ID = S.TICKET_ID AND L.TEXT_HASH = {text_hash('S.REPLY_KEY')} "
            f"AND L.CLASSIFIER_HASH = {literal(self.first_hash)} "
            f"LEFT JOIN {self.into.sql} A ON A.TICKET_ID = L.TICKET_ID AND A.TEXT_HASH = L.TEXT_HASH "
            f"AND A.CLASSIFIER_HASH = {literal(self.second_hash)} WHERE {where} "
            "QUALIFY ROW_NUMBER() OVER (PARTITION BY L.TICKET_ID, L.TEXT_HASH ORDER BY S.CUSTOMER_EMAIL) = 1"
        )

    def unsettled(self, checked_with: str) -> str:
        """Return the condition of replies that have to be looked at: their checks, or a second try, are missing."""
        return (
            f"(L.STATUS IS NULL OR ({_OPEN} AND COALESCE(L.CHECKED_WITH, '') <> {literal(checked_with)}) "
            "OR (L.STATUS = 'needs_review' AND L.FEEDBACK IS NOT NULL AND L.N_TRIES = 1 AND A.TICKET_ID IS NOT NULL))"
        )

    def create_unsettled(self, table: TableName, checked_with: str) -> str:
        """Return the statement that gathers them in a temporary table, in blocks that the client can take."""
        size = "COALESCE(LENGTH(TICKET_TEXT), 0) + COALESCE(LENGTH(BODY), 0) + COALESCE(LENGTH(AGAIN_BODY), 0)"
        share = BLOCK_CHARACTERS // BLOCK_ROWS
        return (
            f"CREATE OR REPLACE TEMPORARY TABLE {table.sql} AS SELECT *, "
            f"FLOOR((SUM(GREATEST({size}, {share})) OVER (ORDER BY TICKET_ID, TEXT_HASH "
            f"ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - 1) / {BLOCK_CHARACTERS})::NUMBER AS BLOCK "
            f"FROM ({self.stored(self.unsettled(checked_with))})"
        )

    def write_settled(self, checked_with: str) -> str:
        """Return the statement that writes what was found, bound as one JSON list.

        It touches no row that was answered anew, edited or decided about since it was read.
        """
        listed = ", ".join(
            f"F.VALUE:{name.lower()}::{kind} AS {name}"
            for name, kind in {**_SETTLED_KEY, **SETTLED_COLUMNS, "SUBJECT": "VARCHAR", "BODY": "VARCHAR"}.items()
        )
        changes = ", ".join(f"T.{name} = S.{name}" for name in (*SETTLED_COLUMNS, "SUBJECT", "BODY"))
        return (
            f"MERGE INTO {self.into.sql} T USING (SELECT {listed} FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) F) S "
            f"ON T.CLASSIFIER_HASH = {literal(self.first_hash)} AND T.TICKET_ID = S.TICKET_ID "
            f"AND T.TEXT_HASH = S.TEXT_HASH AND T.RUN_ID = S.RUN_ID AND {letter_hash('T')} = S.WAS "
            "AND (T.STATUS IS NULL OR T.STATUS IN ('draft', 'needs_review')) "
            f"WHEN MATCHED THEN UPDATE SET {changes}, T.CHECKED_WITH = {literal(checked_with)}, "
            # A letter that was found in an answer all the same, or by a second try: no later run asks again.
            f"T.OUTCOME = IFF({_MENDED}, 'repaired', T.OUTCOME), T.REPAIR = IFF({_MENDED}, 'loose_text', T.REPAIR), "
            f"T.ERROR = IFF({_MENDED}, NULL, T.ERROR)"
        )

    def write_reviewed(self, checked_with: str) -> str:
        """Return the statement that writes what people decided and edited, bound as one JSON list and its length.

        It writes all of it, or nothing where one of the replies is no more what was read. A reply that a person wrote
        in place of an error is no error any more: no later run asks about it.
        """
        listed = ", ".join(f"F.VALUE:{name.lower()}::{kind} AS {name}" for name, kind in _REVIEWED.items())
        changes = ", ".join(f"T.{name} = S.{name}" for name in _REVIEWED if not name.startswith(("WAS", "TEXT_HASH")))
        mine = f"CLASSIFIER_HASH = {literal(self.first_hash)}"
        by_hand = "S.IS_EDITED AND T.OUTCOME = 'error'"
        return (
            f"MERGE INTO {self.into.sql} T USING ("
            f"WITH LISTED AS (SELECT {listed} FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) F) "
            "SELECT R.* FROM LISTED R WHERE (SELECT COUNT(DISTINCT L.TEXT_HASH) FROM LISTED N "
            f"JOIN {self.into.sql} L ON L.{mine} AND L.TEXT_HASH = N.TEXT_HASH AND L.STATUS = N.WAS_STATUS "
            f"AND {letter_hash('L')} = N.WAS) = ?) S ON T.{mine} AND T.TEXT_HASH = S.TEXT_HASH "
            f"WHEN MATCHED THEN UPDATE SET {changes}, T.REVIEWED_AT = CURRENT_TIMESTAMP(), "
            f"T.CHECKED_WITH = {literal(checked_with)}, T.FEEDBACK = IFF(S.IS_EDITED, NULL, T.FEEDBACK), "
            f"T.OUTCOME = IFF({by_hand}, 'repaired', T.OUTCOME), T.REPAIR = IFF({by_hand}, 'person', T.REPAIR), "
            f"T.ERROR = IFF({by_hand}, NULL, T.ERROR)"
        )

    def second_tries(self, prompt: ReplyPrompt) -> str:
        """Return the relation of replies that are to be asked again, with AGAIN_INPUT, the second prompt."""
        due = (
            f"SELECT S.*, L.FEEDBACK FROM {self.relation} S JOIN {self.into.sql} L ON L.TICKET_ID = S.TICKET_ID "
            f"AND L.TEXT_HASH = {text_hash('S.REPLY_KEY')} WHERE L.CLASSIFIER_HASH = {literal(self.first_hash)} "
            "AND L.STATUS = 'needs_review' AND L.FEEDBACK IS NOT NULL AND L.N_TRIES = 1"
        )
        return f"(SELECT D.*, {rendered_prompt(prompt, feedback='FEEDBACK')} AS AGAIN_INPUT FROM ({due}) D)"

    def count_by_status(self) -> str:
        """Return a SELECT that counts the relation's replies by status."""
        return (
            f"SELECT COALESCE(L.STATUS, 'unchecked') AS STATUS, COUNT(*) AS N FROM {self.into.sql} L JOIN "
            f"(SELECT DISTINCT TICKET_ID, {text_hash('REPLY_KEY')} AS TEXT_HASH FROM {self.relation}) S "
            "ON S.TICKET_ID = L.TICKET_ID AND S.TEXT_HASH = L.TEXT_HASH "
            f"WHERE L.CLASSIFIER_HASH = {literal(self.first_hash)} GROUP BY 1 ORDER BY N DESC, 1"
        )

    def count_errors(self) -> str:
        """Return a SELECT that counts the relation's replies whose outcome is an error."""
        return (
            f"SELECT COUNT(*) FROM {self.into.sql} L JOIN "
            f"(SELECT DISTINCT TICKET_ID, {text_hash('REPLY_KEY')} AS TEXT_HASH FROM {self.relation}) S "
            "ON S.TICKET_ID = L.TICKET_ID AND S.TEXT_HASH = L.TEXT_HASH "
            f"WHERE L.CLASSIFIER_HASH = {literal(self.first_hash)} AND L.OUTCOME = 'error'"
        )


def letter_hash(table: str) -> str:
    """Return the expression of what tells whether subject or body of a row have changed."""
    return f"SHA2(CONCAT({text_hash(f'{table}.SUBJECT')}, {text_hash(f'{table}.BODY')}), 256)"


_AGAIN = ("OUTCOME", "ANSWER", "ERROR", "SUBJECT", "BODY", "ANSWERED_BY", "INPUT_TOKENS", "OUTPUT_TOKENS")
_SETTLED_KEY = {"TICKET_ID": "VARCHAR", "TEXT_HASH": "VARCHAR", "RUN_ID": "VARCHAR", "WAS": "VARCHAR"}
_REVIEWED = {
    "TEXT_HASH": "VARCHAR",
    "WAS": "VARCHAR",
    "WAS_STATUS": "VARCHAR",
    "STATUS": "VARCHAR",
    "FINDINGS": "VARCHAR",
    "SUBJECT": "VARCHAR",
    "BODY": "VARCHAR",
    "IS_EDITED": "BOOLEAN",
    "REVIEWED_BY": "VARCHAR",
}
SETTLED_COLUMNS = {
    "STATUS": "VARCHAR",
    "FINDINGS": "VARCHAR",
    "N_TRIES": "NUMBER",
    "KEPT_TRY": "NUMBER",
    "FEEDBACK": "VARCHAR",
}
"""What a look at a reply writes, beside the better of two letters."""
