"""Replies: what letters may say, drafts with their findings, and a person's decision about each."""

from __future__ import annotations

import streamlit as st

from cortex_tickets import PlaybookEntry, Reply, ReplyDecision, ReplyStatus, TableRun
from cortex_tickets.app.asking import drafting
from cortex_tickets.app.asking.drafting import Brief
from cortex_tickets.app.asking.labelling import stored_run
from cortex_tickets.app.drawing import parts
from cortex_tickets.app.drawing.colours import STATUS_BADGES
from cortex_tickets.app.drawing.plain_text import escaped
from cortex_tickets.app.here import Here

_PAGE = 8
_CAMPAIGN = "promote a plan that saves costs"
_EXPORTS = {
    "Approved": (ReplyStatus.APPROVED,),
    "To review": (ReplyStatus.NEEDS_REVIEW, ReplyStatus.DRAFT),
    "All": tuple(ReplyStatus),
}


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
    label = label_place.selectbox("Category", desk.settings.labels.names, key="reply_label")
    if not drafting.n_tickets(desk, labels, label):
        st.info(f"No ticket has the label {escaped(label)}. Choose another category.")
        return
    last = drafting.last_brief(desk, label)
    models = list(desk.settings.writing_models)
    model = model_place.selectbox(
        "Model",
        models,
        index=models.index(last.model) if last and last.model in models else 0,
        key=f"reply_model_{label}",
    )
    brief = _brief(label, model, last or drafting.default_brief(desk, label, model), is_new=last is None)
    parts.priced_work(
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
        goal = st.text_area("What a letter is to achieve", start.entry.goal, key=f"goal_{label}", height=68)
        facts = st.text_area(
            "Facts that it may state, one on a line", "\n".join(start.entry.facts), key=f"facts_{label}", height=90
        )
        tone_place, signature_place = st.columns(2)
        tone = tone_place.text_input("Tone", start.entry.tone or start.tone, key=f"tone_{label}")
        signature = signature_place.text_input(
            "Signature", start.entry.signature or start.signature, key=f"signature_{label}"
        )
        may_offer = st.toggle("These customers may get an offer", start.entry.may_offer, key=f"offer_{label}")
        campaign = st.text_input(
            "The campaign, as you would tell a colleague",
            start.campaign or "",
            key=f"campaign_{label}",
            placeholder=_CAMPAIGN,
            disabled=not may_offer,
        )
    entry = PlaybookEntry(
        label=label,
        goal=goal,
        facts=tuple(line.strip() for line in facts.splitlines() if line.strip()),
        may_offer=may_offer,
        tone=tone,
        signature=signature,
    )
    return Brief(label, model, entry, start.tone, start.signature, campaign.strip() or None if may_offer else None)


def _drafts(here: Here, labels: TableRun, brief: Brief) -> None:
    replies = drafting.drafts(here.desk, labels, brief)
    st.subheader("Drafts", anchor=False)
    if not replies:
        st.caption("No letters by this brief yet.")
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
    person = st.text_input("Your name", st.session_state.get("person", ""), key="reply_person", max_chars=80)
    st.session_state["person"] = person
    if said := st.session_state.pop("reply_said", None):
        kind, text = said
        if kind == "done":
            st.toast(escaped(text), icon=":material/check_circle:")
        else:
            st.warning(escaped(text), icon=":material/rule:")
    matching = [reply for reply in replies if chosen is None or reply.status is chosen]
    last = max(0, (len(matching) - 1) // _PAGE)
    page = 0
    if last:
        page = st.selectbox(
            "Page", range(last + 1), format_func=lambda n: f"{n + 1} of {last + 1}", key=f"reply_page_{last}"
        )
    for place, reply in enumerate(matching[page * _PAGE : (page + 1) * _PAGE]):
        _card(here, labels, brief, reply, place=place, person=person)
    _export(here, labels, brief)


def _card(here: Here, labels: TableRun, brief: Brief, reply: Reply, *, place: int, person: str) -> None:
    with st.container(border=True, key=f"reply_{place}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{escaped(reply.ticket_id)}** {escaped(reply.customer_name or '')}", width="content")
            st.badge(reply.status.value.replace("_", " "), color=STATUS_BADGES[reply.status.value])
            st.caption(f"{reply.channel.value.replace('_', ' ')}, {reply.n_words} words", width="content")
            if reply.reviewed_by:
                st.caption(
                    f"{'edited' if reply.is_edited else 'decided'} by {escaped(reply.reviewed_by)}", width="content"
                )
        if st.session_state.get("reply_editing") == reply.key:
            _editor(here, labels, brief, reply, person=person)
            return
        if reply.subject:
            st.markdown(f"**{escaped(reply.subject)}**")
        st.text(reply.body or reply.error or "There is no reply.")
        if reply.findings:
            st.warning("\n".join(f"- {escaped(finding.message)}" for finding in reply.findings), icon=":material/rule:")
        with st.container(horizontal=True):
            approve = st.button(
                "Approve", key=f"approve_{place}", type="primary", disabled=reply.status is ReplyStatus.APPROVED
            )
            if approve:
                _decide(here, labels, brief, ReplyDecision(reply=reply, decision=ReplyStatus.APPROVED), person)
            if st.button("Edit", key=f"edit_{place}"):
                st.session_state["reply_editing"] = reply.key
                st.rerun()
            if st.button("Reject", key=f"reject_{place}", disabled=reply.status is ReplyStatus.REJECTED):
                _decide(here, labels, brief, ReplyDecision(reply=reply, decision=ReplyStatus.REJECTED), person)


def _editor(here: Here, labels: TableRun, brief: Brief, reply: Reply, *, person: str) -> None:
    with st.form("reply_editor", border=False):
        subject = (
            st.text_input("Subject", reply.subject or "", key=f"editor_subject_{reply.key}")
            if reply.subject is not None
            else None
        )
        body = st.text_area("Letter", reply.body or "", height=160, key=f"editor_body_{reply.key}")
        with st.container(horizontal=True):
            is_approved = st.form_submit_button("Save and approve", type="primary", key="editor_approve")
            is_saved = st.form_submit_button("Save", key="editor_save")
            is_left = st.form_submit_button("Leave it", key="editor_leave")
    if is_left:
        st.session_state["reply_editing"] = None
        st.rerun()
    if is_approved or is_saved:
        decision = ReplyDecision(
            reply=reply, decision=ReplyStatus.APPROVED if is_approved else None, subject=subject, body=body
        )
        _decide(here, labels, brief, decision, person)


def _decide(here: Here, labels: TableRun, brief: Brief, decision: ReplyDecision, person: str) -> None:
    with parts.errors_told():
        report = drafting.decide(here.desk, labels, brief, decision, reviewer=person)
        ticket = decision.reply.ticket_id
        if report.sent_back:
            found = " ".join(finding.message for finding in report.sent_back[0].findings)
            st.session_state["reply_said"] = ("back", f"{ticket} needs another look: {found}")
        else:
            what = "edited" if report.n_edited else "approved" if report.n_approved else "rejected"
            st.session_state["reply_said"] = ("done", f"{ticket} is {what}.")
        st.session_state["reply_editing"] = None
        st.rerun()


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
