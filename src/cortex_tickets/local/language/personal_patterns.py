"""Forms of personal data, in the order in which they claim a piece of text. In each the group `it` is the piece."""

from __future__ import annotations

from cortex_tickets.local.language.value_patterns import DATE, EMAIL

_WORD = r"[A-Z][a-z\u00c0-\u017f]+(?:[-'][A-Z][a-z]+)?"
NAMED = rf"(?P<it>{_WORD}(?: (?:[A-Z]\.|{_WORD})){{0,2}})"
_STREET = (
    r"Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Way|Square|Sq|Terrace|Parkway"
    r"|Highway|Circle"
)
_TITLE = r"Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Madam"
_ID = r"(?:number|no\.?|#|num|id)?\s*(?:is|:)?\s*#?"
# The order is the order of claim: what an earlier pattern took, a later one leaves.
PATTERNS: tuple[tuple[str, str], ...] = (
    ("EMAIL", rf"(?P<it>{EMAIL.pattern})"),
    ("IP_ADDRESS", r"(?<![\d.])(?P<it>(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d))(?![\d.]\d)"),
    ("IP_ADDRESS", r"(?<![\w:])(?P<it>(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4})(?![\w:])"),
    ("PAYMENT_CARD_DATA", r"(?<!\d)(?P<it>\d(?:[ -]?\d){12,18})(?!\d)"),
    ("PAYMENT_CARD_DATA", r"(?i)\b(?:cvv|cvc|security code)\s*(?:is|:)?\s*(?P<it>\d{3,4})\b"),
    (
        "TAX_IDENTIFIER",
        (
            rf"(?i)\b(?:tax\s+(?:id(?:entification)?|identifier)|ein|itin|tin|vat)\s*{_ID}\s*"
            r"(?P<it>[A-Z]{0,2}\d[\d-]{6,}\d)\b"
        ),
    ),
    ("TAX_IDENTIFIER", r"(?<![\d-])(?P<it>9\d\d-[5-9]\d-\d{4}|\d{2}-\d{7})(?![\d-])"),
    ("NATIONAL_ID", r"(?<![\d-])(?P<it>(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4})(?![\d-])"),
    (
        "NATIONAL_ID",
        (
            rf"(?i)\b(?:ssn|social security|national id|social insurance|sin|national insurance)\s*{_ID}\s*"
            r"(?P<it>[A-Z]{0,2}\s?\d[\d -]{5,}\d(?:\s?[A-Z])?)\b"
        ),
    ),
    ("PASSPORT", rf"(?i)\bpassport\s*{_ID}\s*(?P<it>[A-Z]{{0,2}}\d{{6,9}})\b"),
    ("DRIVERS_LICENSE", rf"(?i)\b(?:driver'?s?|driving)\s+licen[sc]e\s*{_ID}\s*(?P<it>[A-Z0-9][A-Z0-9-]{{5,}}\d)\b"),
    (
        "DATE_OF_BIRTH",
        (
            rf"(?i:\b(?:date of birth|d\.?o\.?b\.?|birthday|birth date|born)\s*(?:is|was|on|:)?\s*(?:on\s+)?)"
            rf"(?P<it>{DATE.pattern})"
        ),
    ),
    (
        "ADDRESS",
        (
            rf"(?P<it>\b\d{{1,6}}[A-Z]?(?: (?:[NSEW]\.?|{_WORD}|\d+(?:st|nd|rd|th))){{1,4}} (?:{_STREET})\b\.?"
            r"(?:,? (?:Apt|Apartment|Suite|Unit|#)\.? ?\w+)?"
            rf"(?:,? {_WORD}(?: {_WORD}){{0,2}})?(?:,? [A-Z]{{2}}\b)?(?:,? \d{{5}}(?:-\d{{4}})?\b)?)"
        ),
    ),
    ("ADDRESS", r"\b(?P<it>[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[A-Z] \d[A-Z]\d)\b"),
    ("AGE", r"(?i)\b(?P<it>\d{1,3}[ -]years?[ -]old)\b"),
    ("AGE", r"(?i)\b(?:age|aged|i am|i'm)\s*(?:is|:)?\s*(?P<it>\d{1,3})\b(?! ?(?:%|minutes|hours|days|weeks|months))"),
    ("GENDER", r"(?i)\b(?:gender|sex)\s*(?:is|:)\s*(?P<it>\w+)"),
    ("GENDER", r"(?i)\b(?P<it>(?:fe)?male|non-binary|transgender)\b"),
    ("NAME", rf"\b(?:{_TITLE})\.? {NAMED}"),
    ("NAME", rf"(?:\b(?:Hi|Hello|Dear|Hey)\b,? )(?!(?:{_TITLE}|Support|Customer|Team|There|All|Everyone)\b){NAMED}"),
    ("NAME", rf"(?:\b[Mm]y name is|\b[Tt]his is|\bname's|\b[Nn]ame:|\bI am|\bI'm|\bI\u2019m|\bI go by) {NAMED}"),
    (
        "NAME",
        rf"(?:(?:[Rr]egards|[Ss]incerely|[Tt]hanks|[Tt]hank you|[Cc]heers|[Bb]est|[Yy]ours),?!?\s*\n\s*){NAMED}\s*$",
    ),
)
