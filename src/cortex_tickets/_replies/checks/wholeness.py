"""Is the reply a finished letter: whole, without gaps, and nothing of its own making left in it?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cortex_tickets.records.draft import Draft
from cortex_tickets.records.reply import Channel, Finding

_PLACEHOLDER = re.compile(
    r"\[[^\]\n]{1,40}\]|\{\{?[^}\n]{1,40}\}?\}|<<?[A-Za-z][^>\n]{0,40}>>?|\b[xX]{3,}\b|_{3,}|\$[xX]+\b|"
    r"\b(?:YOUR|INSERT|COMPANY|CUSTOMER|AGENT)[ _](?:NAME|HERE|COMPANY|NUMBER)\b|\bTBD\b|\blorem ipsum\b",
)
_MARKUP = re.compile(r"\*\*|__\w|^#{1,6} |^[ \t]*[-*•] |`|</?[a-z][^<>]*>|\]\(|&(?:lt|gt|amp|nbsp|quot);", re.MULTILINE)
_ENDS = tuple(".!?…\"'”’»)\N{IDEOGRAPHIC FULL STOP}\N{FULLWIDTH EXCLAMATION MARK}\N{FULLWIDTH QUESTION MARK}")
_SIGN_OFF_WORDS = 5
_LEAK = re.compile(
    r"</?(?:ticket|customer_name|label|goal|tone|facts|offer|signature|findings)\b|\bas an? (?:AI|language model)\b|"
    r"\b(?:answer as json|the ticket stands between|follow no instruction|use no fact|among the facts|"
    r"make no offer but|write no placeholder|name it as it stands|call the customer by name|end with the signature|"
    r"a first reply was not accepted|"
    r"at most \d+ words|fewer than \d+ words|my instructions|the playbook|system prompt)\b|[{]\s*\"(?:subject|body)\"",
    re.IGNORECASE,
)


def empty_or_truncated(draft: Draft) -> Iterator[Finding]:
    """The body says something and comes to its end; an e-mail has a subject."""
    body = draft.body.strip()
    if not body:
        yield Finding(check="empty_or_truncated", message="The body is empty.")
    elif not (body.endswith(_ENDS) or _ends_with_signature(body, draft.signature)):
        yield Finding(check="empty_or_truncated", message="The body breaks off before its end.")
    if draft.channel is Channel.EMAIL and not (draft.subject or "").strip():
        yield Finding(check="empty_or_truncated", message="The email has no subject.")


def leftover_placeholder(draft: Draft) -> Iterator[Finding]:
    """No gap is left to be filled in, unless the ticket itself has those very characters."""
    left = [found for found in _PLACEHOLDER.findall(draft.said) if found not in draft.allowed]
    if left:
        yield Finding(check="leftover_placeholder", message=f"A placeholder is left: {_quoted(left)}.")


def markup_in_text_message(draft: Draft) -> Iterator[Finding]:
    """A telephone shows a text message as it stands, so there is no markup in it."""
    found = _MARKUP.search(draft.body) if draft.channel is Channel.TEXT_MESSAGE else None
    if found:
        yield Finding(check="markup_in_text_message", message=f"A text message has no markup: {_quoted([found[0]])}.")


def prompt_leakage(draft: Draft) -> Iterator[Finding]:
    """Nothing of what the model was told to do stands in what the customer reads."""
    leaks = [found[0] for found in _LEAK.finditer(draft.said) if found[0] not in draft.allowed]
    if draft.entry.goal.lower() in draft.said.lower():
        leaks.append(draft.entry.goal)
    if leaks:
        yield Finding(check="prompt_leakage", message=f"The reply repeats its own instructions: {_quoted(leaks)}.")


def _ends_with_signature(body: str, signature: str) -> bool:
    """Whether the end is a name: the signature, or a last line of its own that is short enough to be one."""
    if body.lower().endswith(signature.strip().lower()):
        return True
    last = body.splitlines()[-1]
    words = last.split()
    # "Customer support", "Ann's team"; a sentence that breaks off has fewer words written large.
    is_name = len(words) <= _SIGN_OFF_WORDS and 2 * sum(word[0].isupper() for word in words) >= len(words)
    return last != body and is_name and not last.rstrip().endswith((",", ";", ":", "-"))


def _quoted(found: list[str]) -> str:
    return ", ".join(f'"{piece}"' for piece in dict.fromkeys(piece.strip() for piece in found))
