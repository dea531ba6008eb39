"""A head in SQL: its rows, whether they are what they were, and the softmax over what they say of each text."""

from __future__ import annotations

from cortex_tickets._cortex.quoting import literal
from cortex_tickets.records.embedding_head import EmbeddingHead
from cortex_tickets.records.table_name import TableName

HEAD_COLUMNS = ("HEAD_HASH", "POSITION", "LABEL", "BIAS", "WEIGHTS")
SCORE_COLUMNS = {"PROBABILITY": "FLOAT", "RUNNER_UP": "VARCHAR", "RUNNER_UP_PROBABILITY": "FLOAT"}
"""What a head adds to an answer, with the types of these columns in a ledger."""
_TEXT_OF_NUMBER = "ROUND({number} * {scale})::NUMBER(38,0)::VARCHAR"


def fingerprint_query(head: EmbeddingHead) -> str:
    """Return a SELECT of one value: the hash of the rows as they stand; NULL if there are none.

    Weights are whole multiples of a power of two, so that their text is the same in SQL and in Python, however either
    writes a fraction.
    """
    scale = 2**head.scale_bits
    bias = _TEXT_OF_NUMBER.format(number="H.BIAS", scale=scale)
    weight = _TEXT_OF_NUMBER.format(number="F.VALUE::FLOAT", scale=scale)
    rows = (
        f"SELECT H.POSITION, SHA2(CONCAT(H.POSITION::VARCHAR, ':', H.LABEL, ':', {bias}, ':', "
        f"LISTAGG({weight}, ',') WITHIN GROUP (ORDER BY F.INDEX)), 256) AS ROW_HASH "
        f"FROM {TableName.parse(head.table).sql} H, LATERAL FLATTEN(INPUT => H.WEIGHTS::ARRAY) F "
        f"WHERE H.HEAD_HASH = {literal(head.head_hash)} GROUP BY H.POSITION, H.LABEL, H.BIAS"
    )
    return f"SELECT SHA2(LISTAGG(ROW_HASH, ',') WITHIN GROUP (ORDER BY POSITION), 256) AS FINGERPRINT FROM ({rows})"


def is_intact(head: EmbeddingHead) -> str:
    """Return a condition, one value for the whole statement: the head's rows are what was trained."""
    return f"COALESCE(({fingerprint_query(head)}) = {literal(head.head_hash)}, FALSE)"


def scored(head: EmbeddingHead, relation: str, passed: tuple[str, ...], *, key: tuple[str, ...], of: str = "") -> str:
    """Return a SELECT of one row for each row of `relation`: `passed`, and what the head says of its EMBEDDING.

    Args:
        head: The head. If its rows are no longer what they were, HAS_HEAD is false, and there is no answer.
        relation: Has the columns `passed` and EMBEDDING.
        passed: Columns that are passed on.
        key: Those that tell the rows apart.
        of: A column of the relation with a label whose probability is wanted; empty for the likeliest label.

    Returns:
        Its further columns are HAS_HEAD, SCORED (the label), PROBABILITY, RUNNER_UP (the likeliest of the other
        labels) and RUNNER_UP_PROBABILITY; NULL where there is no vector, or no such label.
    """
    kept = "".join(f"{name}, " for name in passed)
    by = f"PARTITION BY {', '.join(key)}"
    # The rows only count if all of them are as they were trained: a changed weight must not give other labels.
    rows = (
        f"(SELECT POSITION AS HEAD_POSITION, LABEL AS HEAD_LABEL, BIAS, WEIGHTS FROM {TableName.parse(head.table).sql} "
        f"WHERE HEAD_HASH = {literal(head.head_hash)} AND ({fingerprint_query(head)}) = {literal(head.head_hash)})"
    )
    logits = (
        f"SELECT {kept}HEAD_POSITION, HEAD_LABEL, "
        f"(VECTOR_INNER_PRODUCT(EMBEDDING, WEIGHTS) + BIAS) / {head.temperature!r} AS LOGIT "
        f"FROM {relation} LEFT JOIN {rows} ON TRUE"
    )
    topped = f"SELECT {kept}HEAD_POSITION, HEAD_LABEL, LOGIT, MAX(LOGIT) OVER ({by}) AS TOP_LOGIT FROM ({logits})"
    weighed = (
        f"SELECT {kept}HEAD_POSITION, HEAD_LABEL, LOGIT, "
        f"EXP(LOGIT - TOP_LOGIT) / SUM(EXP(LOGIT - TOP_LOGIT)) OVER ({by}) AS SHARE FROM ({topped})"
    )
    # Equal numbers go by the labels' order, so that the same rows always give the same answer.
    wanted = f"IFF(HEAD_LABEL = {of}, 0, 1), " if of else ""
    order = f"OVER ({by} ORDER BY {wanted}LOGIT DESC, HEAD_POSITION)"
    ranked = (
        f"SELECT {kept}HEAD_POSITION, HEAD_LABEL, SHARE, ROW_NUMBER() {order} AS PLACE, "
        f"LEAD(HEAD_LABEL) {order} AS NEXT_LABEL, LEAD(SHARE) {order} AS NEXT_SHARE FROM ({weighed})"
    )
    known = f"SHARE IS NOT NULL AND HEAD_LABEL = {of}" if of else "SHARE IS NOT NULL"
    return (
        f"SELECT {kept}HEAD_POSITION IS NOT NULL AS HAS_HEAD, IFF({known}, HEAD_LABEL, NULL) AS SCORED, "
        f"IFF({known}, SHARE, NULL) AS PROBABILITY, IFF({known}, NEXT_LABEL, NULL) AS RUNNER_UP, "
        f"IFF({known}, NEXT_SHARE, NULL) AS RUNNER_UP_PROBABILITY FROM ({ranked}) WHERE PLACE = 1"
    )


def no_head(head: EmbeddingHead) -> str:
    """Return what is said where the head's rows are not what they were."""
    return (
        f"The head {head.head_hash[:12]} (version {head.version} of {head.table}) is missing, or was changed after it "
        "was trained. Restore its rows, load another version, or train again."
    )
