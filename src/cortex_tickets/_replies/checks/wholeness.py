"""Is the reply a finished letter: whole, and without gaps?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from cortex_tickets.records.draft import Draft
from cortex_tickets.records.reply import Channel, Finding

_PLACEHOLDER = re.compile(
    r"\[[^\]\n]{1,200}\]|\[[A-Za-z][\w ]{0,40}$|\{\{?[^}\n]{1,80}\}?\}|<<?[A-Za-z][^>\n]{0,80}>>?|\b[xX]{3,}\b|_{3,}|"
    r"\.{5,}|\$[xX]+\b|[$€£]\?+|%[A-Z][A-Z_]*%|%\w+%|"
    r"\b(?:YOUR|INSERT|COMPANY|CUSTOMER|AGENT|SPECIALIST|Your|Insert|Company|Customer|Agent|Representative|Specialist)"
    r"[ _](?:NAME|HERE|COMPANY|NUMBER|Name|Here|Company|Number|Title)\b|\bTBD\b|\blorem ipsum\b",
    re.MULTILINE,
)
_MARKUP = re.compile(
    r"\*\*|__\w|^#{1,6} |^[ \t]*[-*•] |^[ \t]*\d{1,2}[.)] |`|~~|</?[a-z][^<>]*>|\]\(|&(?:lt|gt|amp|nbsp|quot);|"
    r"(?<![\w*])\*\S(?:[^*\n]*\S)?\*(?![\w*])|(?<![\w@./])_[^\W_](?:[^_\n]*[^\W_])?_(?![\w@./])",
    re.MULTILINE,
)
_ENDS = tuple(".!?…\"'”’»)\N{IDEOGRAPHIC FULL STOP}\N{FULLWIDTH EXCLAMATION MARK}\N{FULLWIDTH QUESTION MARK}")
_SIGN_OFF_WORDS = 5
_SIGN_OFF_LINES = 4
_GREETS = re.compile(
    r"(?i)^\W*(?:hi|hello|hey|dear|greetings|good (?:day|morning|afternoon|evening)|hola|bonjour|hallo|guten tag|"
    r"liebe[rs]?|"
    r"sehr geehrte[rs]?|estimad[oa]|cher|chère|ciao|car[oa])\b[^\n.!?]{0,80}[,.!:]?$"
)
_QUOTED = re.compile(r"«[^»]*»|„[^“”]*[“”]|“[^”]*”|(?<!\w)\"[^\"]*\"")
_THANKS = re.compile(
    r"(?i)^\W*(?:thank|thanks|vielen dank|danke|merci|gracias|grazie|obrigad|dank u|bedankt|you wrote|sie schrieben|"
    r"vous avez écrit|usted escribió|ha scritto)"
)
_CLOSES = re.compile(
    r"(?i)^(?:(?:kind|best|warm|many)(?:est)?\s+)?(?:regards|wishes|sincerely|yours|best|cordialement|atentamente|saludos|"
    r"mit\s+(?:freundlichen|besten)\s+gr\u00fc\u00dfen|viele\s+gr\u00fc\u00dfe|cordiali\s+saluti|met\s+vriendelijke\s+groet)"
    r"(?:\s+\w+){0,2},?$"
)
_LETTERS = re.compile(r"[^\W\d_]")
_FEWEST_LETTERS = 6
"""Of a sentence that says something, as `We read it.` does."""


def empty_or_truncated(draft: Draft) -> Iterator[Finding]:
    """The body says something, comes to its end and is signed if it is an e-mail, which has a subject."""
    body = _without_last_signs(draft.body)
    has_last_sign = len(body) < len(draft.body.strip())
    blocks = [block for part in re.split(r"\n\s*\n", body) if (block := part.strip())]
    if not body:
        yield _found("The body is empty.")
    elif any(_breaks_off(block, draft, is_last=block is blocks[-1]) for block in blocks[: len(blocks) - has_last_sign]):
        yield _found("The body breaks off before its end.")
    elif not _says_something(body, draft):
        yield _found("The body says nothing but a greeting, thanks and the ticket's own words.")
    elif draft.channel is Channel.EMAIL and not _is_signed(body, draft.signature):
        yield _found("The email is not signed.")
    if draft.channel is Channel.EMAIL and not (draft.subject or "").strip():
        yield _found("The email has no subject.")


def leftover_placeholder(draft: Draft) -> Iterator[Finding]:
    """No gap is left to be filled in, unless the ticket's text has those very characters."""
    left = [found for found in _PLACEHOLDER.findall(draft.said) if found not in draft.stated]
    if left:
        yield Finding(check="leftover_placeholder", message=f"A placeholder is left: {quoted(left)}.")


def markup_in_text_message(draft: Draft) -> Iterator[Finding]:
    """A telephone shows a text message as it stands, so there is no markup in it."""
    found = _MARKUP.search(draft.body) if draft.channel is Channel.TEXT_MESSAGE else None
    if found:
        yield Finding(check="markup_in_text_message", message=f"A text message has no markup: {quoted([found[0]])}.")


def quoted(found: list[str]) -> str:
    """Return what was found, each once, in quotation marks."""
    return ", ".join(f'"{piece}"' for piece in dict.fromkeys(piece.strip() for piece in found))


def _found(message: str) -> Finding:
    return Finding(check="empty_or_truncated", message=message)


def _without_last_signs(text: str) -> str:
    """Return the text without what is no letter and ends no sentence, such as a smiling face."""
    end = len(text)
    while end and (text[end - 1].isspace() or unicodedata.category(text[end - 1]) in ("So", "Sk", "Cf", "Mn")):
        end -= 1
    return text[:end].lstrip()


def _breaks_off(block: str, draft: Draft, *, is_last: bool) -> bool:
    """Tell whether a paragraph ends inside a sentence; greetings, lists and who signs have no full stop."""
    if block.endswith(_ENDS):
        return False
    last = block.splitlines()[-1].strip()
    is_greeting = _GREETS.match(last) is not None
    if is_last:
        return not _ends_with_signature(block, draft.signature, draft.body)
    if is_greeting or last.endswith((",", ":", ";")) or re.match(r"[-*•\d]", last):
        return False
    # "Kind regards" without a comma, "P.S." and headings: few words, and none of them left hanging.
    lines = block.splitlines()
    return (
        len(last.split()) > _SIGN_OFF_WORDS
        or _HANGS.search(last) is not None
        or (len(lines) > _SIGN_OFF_LINES and not _is_name(last))
    )


_HANGS = re.compile(
    r"(?i)\b(?:a|an|the|and|or|but|to|of|for|with|in|on|at|by|from|will|can|is|are|was|were|we|you|your|our|that|this|"
    r"which|be|has|have|und|oder|der|die|das|zu|mit|et|le|la|de|y|el)$"
)


def _ends_with_signature(block: str, signature: str, body: str) -> bool:
    """Whether the end is a name: the signature, or a last line of its own that is short enough to be one."""
    if block.lower().endswith(signature.strip().lower()):
        return True
    last = block.splitlines()[-1]
    if signature.strip().lower() in block.lower() and len(last.split()) <= _SIGN_OFF_WORDS:
        # Where to reach who has signed.
        return _HANGS.search(last) is None
    return last.strip() != body.strip() and _is_name(last)


def _is_name(line: str) -> bool:
    words = line.split()
    # "Customer support", "Ann's team"; a sentence that breaks off has fewer words written large.
    is_large = len(words) <= _SIGN_OFF_WORDS and 2 * sum(word[0].isupper() for word in words) >= len(words)
    return is_large and not line.rstrip().endswith((",", ";", ":", "-")) and _HANGS.search(line) is None


def _is_signed(body: str, signature: str) -> bool:
    if signature.strip().lower() in body.lower():
        return True
    last = [line for line in body.splitlines() if line.strip()][-1]
    return last.strip() != body.strip() and not last.rstrip().endswith((".", "?")) and _is_name(last)


def _says_something(body: str, draft: Draft) -> bool:
    """Tell whether there is a sentence that is no greeting and no quotation with thanks before it."""
    plain = _QUOTED.sub(" ", body)
    name = (draft.ticket.customer_name or "").strip().lower()
    for line in plain.splitlines():
        if line.strip() and not line.rstrip().endswith(_ENDS) and _is_name(line.strip()) and "\n" in plain.strip():
            continue
        if (
            _GREETS.match(line.strip())
            or _CLOSES.match(line.strip())
            or line.strip().lower() == draft.signature.strip().lower()
        ):
            continue
        for sentence in re.split(r"(?<=[.!?:])\s+|(?<=[\u3002\uff01\uff1f])", line):
            said = sentence.lower().replace(draft.signature.strip().lower(), " ")
            said = re.sub(rf"^\W*{re.escape(name)}\W+", "", said) if name else said
            is_cjk = re.search(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]", said) is not None
            n_letters = len(_LETTERS.findall(said)) * (3 if is_cjk else 1)
            # Beside the ticket's own words, thanks alone are no answer.
            if n_letters >= _FEWEST_LETTERS and not (plain != body and _THANKS.match(said)):
                return True
    return False
