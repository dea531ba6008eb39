"""Replies: what letters may say, drafts with their findings, and a person's decision about each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from cortex_tickets import PlaybookEntry, Reply, ReplyDecision, ReplyStatus, TableRun
from cortex_tickets.app.asking import deciding, drafting
from cortex_tickets.app.asking.drafting import Brief
from cortex_tickets.app.asking.labelling import stored_run
from cortex_tickets.app.drawing import parts, work_under_way
from cortex_tickets.app.drawing.colours import STATUS_BADGES
from cortex_tickets.app.drawing.plain_text import escaped, escaped_lines
from cortex_tickets.app.here import Here
from cortex_tickets.app.letter_words import words_of

_PAGE = 8
_SAID, _EDITING = "reply_said", "reply_editing"
_CAMPAIGN = "promote a plan that saves costs"
_EXPORTS = {
    "Approved": (ReplyStatus.APPROVED,),
    "To review": (ReplyStatus.NEEDS_REVIEW, ReplyStatus.DRAFT),
    "All": tuple(ReplyStatus),
}


@dataclass(frozen=True, slots=True)
class _Said:
    """What a reader is told of their last decision, on the card of its letter where that is shown."""

    key: str
    text: str
    is_done: bool = False
    words: str = ""
    """What they wrote into a letter that is not there any more."""


@dataclass(frozen=True, slots=True)
class _Editing:
    """A letter in a reader's editor."""

    opened: Reply
    """As it was when they began: what their words are an edit of, to the editor's fields."""
    read: Reply
    """As they know it: what their decision is about."""

    @property
    def key(self) -> str:
        """The letter's own."""
        return self.opened.key

    def told(self, now: Reply | None) -> _Editing | None:
        """Return the same after they were told what became of the letter; `None` where it is not there any more."""
        return None if now is None else replace(self, read=now)


def show(here: Here) -> None:
    """Show the page."""
    desk = here.desk
    parts.heading(
        "Replies", "E-mails and text messages by category: drafts for a person to decide about. Nothing is sent."
    )
    run = stored_run(desk, here.labelling_model)
    if run is None:
        st.info("Replies are written for labelled tickets. Label them on the page Overview.")
        return
    labels = drafting.labels_that_count(desk, run)
    label_place, model_place = st.columns(2)
    names = desk.settings.labels.names
    label = label_place.selectbox("Category", names, **parts.restored("reply_label", names[0]))
    if not drafting.n_tickets(desk, labels, label):
        st.info(f"No ticket has the label {escaped(label)}. Choose another category.")
        _told(st.session_state.pop(_SAID, None))
        return
    last = drafting.last_brief(desk, label)
    models = list(desk.settings.writing_models)
    usual = last.model if last and last.model in models else models[0]
    model = model_place.selectbox("Model", models, **parts.restored(f"reply_model_{label}", usual))
    brief = _brief(label, model, last or drafting.default_brief(desk, label, model), is_new=last is None)
    work_under_way.priced_work(
        here.board,
        "replies",
        verb="Write the replies",
        about=brief.as_json(),
        named=f"{label}, {model}",
        estimate=lambda: [drafting.estimate_replies(desk, labels, brief)],
        limit=lambda estimates: drafting.reply_limit(desk, estimates),
        most=desk.settings.choices.ai_credits,
        task=lambda estimates, limit: drafting.reply_task(desk, labels, brief, estimates[0], limit),
        is_engine=desk.is_engine,
    )
    _drafts(here, labels, brief)


def _brief(label: str, model: str, start: Brief, *, is_new: bool) -> Brief:
    with st.expander("What the letters may say", expanded=is_new):
        entry = start.entry
        goal = st.text_area("What a letter is to achieve", **parts.restored(f"goal_{label}", entry.goal), height=68)
        facts = st.text_area(
            "Facts that it may state, one on a line",
            **parts.restored(f"facts_{label}", "\n".join(entry.facts)),
            height=90,
        )
        tone_place, signature_place = st.columns(2)
        tone = tone_place.text_input("Tone", **parts.restored(f"tone_{label}", entry.tone or start.tone))
        signature = signature_place.text_input(
            "Signature", **parts.restored(f"signature_{label}", entry.signature or start.signature)
        )
        may_offer = st.toggle("These customers may get an offer", **parts.restored(f"offer_{label}", entry.may_offer))
        campaign = st.text_input(
            "The campaign, as you would tell a colleague",
            **parts.restored(f"campaign_{label}", start.campaign or ""),
            placeholder=_CAMPAIGN,
            disabled=not may_offer,
        )
    made = PlaybookEntry(
        label=label,
        goal=goal,
        facts=tuple(line.strip() for line in facts.splitlines() if line.strip()),
        may_offer=may_offer,
        tone=tone,
        signature=signature,
    )
    return Brief(label, model, made, start.tone, start.signature, campaign.strip() or None if may_offer else None)


def _drafts(here: Here, labels: TableRun, brief: Brief) -> None:
    replies = drafting.drafts(here.desk, labels, brief)
    st.subheader("Drafts", anchor=False)
    said: _Said | None = st.session_state.pop(_SAID, None)
    if not replies:
        st.caption("No letters by this brief yet.")
        _told(said)
        return
    counts = {status: sum(reply.status is status for reply in replies) for status in ReplyStatus}
    shown = [status for status in ReplyStatus if counts[status]]
    chosen = st.segmented_control(
        "Where they stand",
        shown,
        format_func=lambda status: f"{status.value.replace('_', ' ')} ({counts[status]})",
        key="reply_status",
        label_visibility="collapsed",
    )
    if len(replies) >= drafting.MOST_READ:
        st.caption(
            f"These are the first {len(replies):,} letters, in the order of ticket ids. Others may be there that are "
            'neither shown nor counted: those to decide about are in the export "To review" once these are decided.'
        )
    person = st.text_input("Your name", st.session_state.get("person", ""), key="reply_person", max_chars=80)
    st.session_state["person"] = person
    matching = [reply for reply in replies if chosen is None or reply.status is chosen]
    last = max(0, (len(matching) - 1) // _PAGE)
    page = 0
    if last:
        page = st.selectbox(
            "Page", range(last + 1), format_func=lambda n: f"{n + 1} of {last + 1}", key=f"reply_page_{last}"
        )
    cards = matching[page * _PAGE : (page + 1) * _PAGE]
    # A letter that somebody writes at, or has to read once more, stays in sight whatever others decide about it.
    editing: _Editing | None = st.session_state.get(_EDITING)
    kept = {editing.key if editing else None, said.key if said and not said.is_done else None}
    kept -= {reply.key for reply in cards}
    cards = [*(reply for reply in replies if reply.key in kept), *cards]
    if said is not None and said.key not in {reply.key for reply in cards}:
        _told(said)
    for reply in cards:
        _card(here, labels, brief, reply, said if said is not None and said.key == reply.key else None)
    _export(here, labels, brief)


def _told(said: _Said | None) -> None:
    if said is None:
        return
    if said.is_done:
        st.toast(escaped(said.text), icon=":material/check_circle:")
    else:
        st.warning(escaped_lines(said.text), icon=":material/rule:")
    if said.words:
        st.caption("What you had written:")
        st.code(said.words, language=None, wrap_lines=True)


def _card(here: Here, labels: TableRun, brief: Brief, reply: Reply, said: _Said | None) -> None:
    # Every part is named after the letter and not after its place: the cards' order changes when anybody decides.
    key = reply.key
    with st.container(border=True, key=f"letter_{key}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{escaped(reply.ticket_id)}** {escaped(reply.customer_name or '')}", width="content")
            st.badge(reply.status.value.replace("_", " "), color=STATUS_BADGES[reply.status.value])
            st.caption(f"{reply.channel.value.replace('_', ' ')}, {reply.n_words} words", width="content")
            if reply.reviewed_by:
                st.caption(
                    f"{'edited' if reply.is_edited else 'decided'} by {escaped(reply.reviewed_by)}", width="content"
                )
        _told(said)
        editing: _Editing | None = st.session_state.get(_EDITING)
        if editing is not None and editing.key == key:
            _editor(here, labels, brief, reply, editing)
            return
        if reply.subject:
            st.markdown(f"**{escaped(reply.subject)}**")
        st.text(reply.body or reply.error or "There is no reply.")
        if reply.findings:
            st.warning("\n".join(f"- {escaped(finding.message)}" for finding in reply.findings), icon=":material/rule:")
        # A callback is given the letter as this reader was shown it, whatever became of it by the time of the click.
        decide = partial(_decide, here, labels, brief)
        with st.container(horizontal=True):
            st.button(
                "Approve",
                key=f"approve_{key}",
                type="primary",
                disabled=reply.status is ReplyStatus.APPROVED,
                on_click=decide,
                args=(ReplyDecision(reply=reply, decision=ReplyStatus.APPROVED),),
            )
            st.button("Edit", key=f"edit_{key}", on_click=_edit, args=(_Editing(reply, reply),))
            st.button(
                "Reject",
                key=f"reject_{key}",
                disabled=reply.status is ReplyStatus.REJECTED,
                on_click=decide,
                args=(ReplyDecision(reply=reply, decision=ReplyStatus.REJECTED),),
            )


def _editor(here: Here, labels: TableRun, brief: Brief, reply: Reply, editing: _Editing) -> None:
    opened, key = editing.opened, editing.key
    if (reply.subject, reply.body) != (opened.subject, opened.body):
        st.caption("As it stands now:")
        st.text(words_of(reply.subject, reply.body))
    # No form: it keeps to itself what is written into it, and a look at another page would lose it.
    subject, body = _fields(key)
    if opened.subject is not None:
        st.text_input("Subject", **parts.restored(subject, opened.subject))
    st.text_area("Letter", height=160, **parts.restored(body, opened.body or ""))
    save = partial(_save, here, labels, brief, editing)
    with st.container(horizontal=True):
        st.button(
            "Save and approve",
            type="primary",
            key=f"editor_approve_{key}",
            on_click=save,
            args=(ReplyStatus.APPROVED,),
        )
        st.button("Save", key=f"editor_save_{key}", on_click=save, args=(None,))
        st.button("Leave it", key=f"editor_leave_{key}", on_click=_edit, args=(None,))


def _fields(key: str) -> tuple[str, str]:
    """Return the keys of the two fields of a letter's editor: subject and words."""
    return f"editor_subject_{key}", f"editor_body_{key}"


def _edit(editing: _Editing | None) -> None:
    before: _Editing | None = st.session_state.get(_EDITING)
    for left in (before, editing):
        if left is not None:
            parts.forget(*_fields(left.key))
    st.session_state[_EDITING] = editing


def _save(here: Here, labels: TableRun, brief: Brief, editing: _Editing, decision: ReplyStatus | None) -> None:
    subject, body = (st.session_state.get(field) for field in _fields(editing.key))
    _decide(here, labels, brief, ReplyDecision(reply=editing.read, decision=decision, subject=subject, body=body))


def _decide(here: Here, labels: TableRun, brief: Brief, decision: ReplyDecision) -> None:
    key, ticket = decision.reply.key, decision.reply.ticket_id
    editing: _Editing | None = st.session_state.get(_EDITING)
    is_edit = decision.body is not None and editing is not None
    try:
        report = deciding.decide(here.desk, labels, brief, decision, reviewer=st.session_state.get("reply_person", ""))
    except deciding.LetterChangedError as changed:
        # Whoever was told may save the same words once more: then they stand in place of what is there now.
        if editing is not None and is_edit:
            st.session_state[_EDITING] = editing.told(changed.now)
        lost = words_of(decision.subject, decision.body) if changed.now is None else ""
        st.session_state[_SAID] = _Said(key, str(changed), words=lost)
        return
    except Exception as error:  # noqa: BLE001  whatever it is, a reader is told in a sentence
        st.session_state[_SAID] = _Said(key, parts.sentence_of(error))
        return
    if is_edit:
        _edit(None)
    if report.sent_back:
        found = " ".join(finding.message for finding in report.sent_back[0].findings)
        st.session_state[_SAID] = _Said(key, f"{ticket} needs another look: {found}")
        return
    if report.n_edited or decision.decision is None:
        done = f"{ticket} is edited." if report.n_edited else f"{ticket} is as it was."
    else:
        done = f"{ticket} is {decision.decision.value}."
    st.session_state[_SAID] = _Said(key, done, is_done=True)


def _export(here: Here, labels: TableRun, brief: Brief) -> None:
    st.subheader("Export", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        which = st.selectbox("Which", list(_EXPORTS), key="export_which", width=220)
        if st.button("Make the file", key="export", icon=":material/table_view:"):
            with parts.errors_told():
                content = drafting.exported(here.desk, labels, brief, _EXPORTS[which])
                st.session_state["export_file"] = (brief.as_json(), which, content)
        kept = st.session_state.get("export_file")
        if kept is not None and kept[:2] == (brief.as_json(), which):
            st.download_button("Download", kept[2], "replies.csv", "text/csv", key="export_download", type="primary")
    st.caption("A CSV that every spreadsheet opens. It holds customers' words.")
