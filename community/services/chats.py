"""Counting residents' sessions with the assistant, and forms left half way.

Inside other use cases' units of work, but for `forget_silent`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from community.model.chat import CHATTER, GAP, PATIENCE, ChatSession, OpenForm, says_out
from community.model.message import InboxMessage
from community.model.understanding import UNSURE, Heard
from community.ports import Community, UnitOfWork
from community.services import understandings

MOST = 200
"""Silent forms looked at in one tick."""

Turn = tuple[InboxMessage, Heard | None, str | None]
"""A message, what it was taken for, and the form that is open after it: '' for none, None where it is not known."""


async def keep_in(uow: UnitOfWork, turns: Sequence[Turn], now: datetime) -> dict[int, int]:
    """Count these messages in their residents' sessions, and look after the forms; the session of each message, by the message's id."""
    if not turns:
        return {}
    residents = {message.resident_id for message, _, _ in turns}
    running = await uow.chats.running(residents, now - GAP)
    forms = await uow.chats.forms(residents)
    found: dict[int, int] = {}
    for message, heard, form in turns:
        session = running.get(message.resident_id)
        if session is None:
            session = running[message.resident_id] = ChatSession(0, message.resident_id, now, now)
            await uow.chats.add(session)
        session.last_at = now
        if heard is not None and understandings.counts(message, heard):
            session.messages += 1
            session.unclear += heard.intent == UNSURE
            if session.intent in CHATTER and (session.intent == "" or heard.intent not in CHATTER):
                session.intent = heard.intent[:48]
        found[message.id] = session.id
        if form is not None:
            await _form(uow, forms, message, heard, form, now)
    return found


async def _form(
    uow: UnitOfWork, forms: dict[int, OpenForm], message: InboxMessage, heard: Heard | None, form: str, now: datetime
) -> None:
    before = forms.get(message.resident_id)
    if before is not None and before.form == form:
        before.last_at, before.answers = now, before.answers + 1
        return
    if before is not None:
        out = _out(message, heard)
        if out or form:
            # Left for something else, or given up; a form that is done ends without either.
            await understandings.abandoned(uow, before, at_once=out and before.answers == 0)
        await uow.chats.close(forms.pop(message.resident_id))
    if form:
        made = OpenForm(0, message.resident_id, form[:48], f"in-{message.id}", now, now)
        await uow.chats.open(made)
        forms[message.resident_id] = made


def _out(message: InboxMessage, heard: Heard | None) -> bool:
    said = (message.payload or message.text).strip()
    if said.startswith("/"):
        return said.startswith("/cancel")
    return says_out(said, heard.intent if heard else "", heard.confidence if heard else 0.0)


async def handed(uow: UnitOfWork, resident_id: int, now: datetime) -> None:
    """A person is asked for, before the message that asks is finished: it may be the first one of its session."""
    running = await uow.chats.running({resident_id}, now - GAP)
    session = running.get(resident_id)
    if session is None:
        await uow.chats.add(ChatSession(0, resident_id, now, now, handed=True))
    else:
        session.handed, session.last_at = True, now


async def wrote(uow: UnitOfWork, resident_id: int | None, now: datetime) -> None:
    """A member of staff wrote to the resident; outside of a session that is news, not a talk."""
    if resident_id is None:
        return
    session = (await uow.chats.running({resident_id}, now - GAP)).get(resident_id)
    if session is not None:
        session.staff, session.last_at = True, now


async def forget_silent(c: Community) -> int:
    """Forms nobody answered until their session was over were left half way, too. How many. Safe in several processes."""
    async with c.uow() as uow:
        found = await uow.chats.silent(c.clock.now() - PATIENCE, MOST)
        for form in found:
            await understandings.abandoned(uow, form)
            await uow.chats.close(form)
        if found:
            await uow.commit()
        return len(found)
