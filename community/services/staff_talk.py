"""What a member's word, press or photo in WeCom does: read from where the talk stands, done through the desk, answered once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from community.errors import Conflict, LinsheError, Unavailable
from community.model.staffing import Heard, StaffMessage, StaffTalk
from community.ports import Community, UnitOfWork
from community.services import (
    desk,
    staff_groups,
    staff_in,
    staff_moves,
    staff_notify,
    staff_photos,
    staff_visits,
    staff_which,
)
from community.services.access import may_see
from community.services.staff_cards import happened
from community.services.staff_moves import ASKED_FOR
from community.services.staff_turn import MOVES, Order, Reply, Turn
from community.services.staff_words import HELP, MOST, NOT_UNDERSTOOD, ONLY_TEXT, today

CANCELS = frozenset({"算了", "取消", "不用了", "不办了", "放弃"})


async def handle(c: Community, worker: str, message: StaffMessage, read: Callable[[str], Order]) -> bool:
    """Do what this message says, and answer. False when the lease was lost. Raises Conflict, Unavailable: to be tried again."""
    async with c.reading() as uow:
        talk = await uow.staff_talks.peek(message.staff_id)
    conversation = Conversation(c, message, talk or StaffTalk(message.staff_id), c.clock.now())
    try:
        reply = await conversation.reply(read)
    except (Conflict, Unavailable):
        raise
    except LinsheError as error:
        reply = Reply(error.message + await conversation.meanwhile(), conversation.number)
    return await _finish(c, worker, message, reply)


async def _finish(c: Community, worker: str, message: StaffMessage, reply: Reply) -> bool:
    """The answer, what is remembered, and the message as handled: together."""
    async with c.uow() as uow:
        row = await uow.staff_inbox.owned(message.id, worker)
        member = await uow.people.staff(message.staff_id)
        if row is None or member is None:
            return False
        now = c.clock.now()
        talk = await uow.staff_talks.lock(member.id)
        if reply.number:
            talk.speak_of(reply.number, now)
        if reply.photos is not None:
            talk.photos = reply.photos
        talk.answered()
        if reply.ask:
            talk.ask(reply.ask, now, reply.options, reply.words)
        if row.kind is Heard.CLICK and not reply.ask:
            # Asked for words, the code is kept for what they do.
            await _show_what_is(uow, row, now)
        key = f"staff-in-{row.id}"
        if reply.text:
            await staff_notify.say(uow, member, reply.text, key=key, now=now)
        shown = await uow.tickets.by_number(reply.show) if reply.show else None
        if shown is not None:
            escalated = shown.holder_id != member.id
            await staff_notify.show(uow, member.id, shown, "", key=f"{key}:card", now=now, escalated=escalated)
        staff_in.done(row, now)
        uow.announce("staff")
        await uow.commit()
        return True


async def _show_what_is(uow: UnitOfWork, row: StaffMessage, now: datetime) -> None:
    card = await uow.staff_outbox.card(row.task)
    if card is not None and card.staff_id == row.staff_id:
        await staff_notify.renew(uow, card, now)


class Conversation(Turn):
    """One message, answered."""

    async def reply(self, read: Callable[[str], Order]) -> Reply:
        if (done := await self._done()) is not None:
            return done
        match self.message.kind:
            case Heard.CLICK:
                return await self._pressed()
            case Heard.PHOTO:
                return await staff_photos.received(self)
            case Heard.OTHER:
                return Reply(ONLY_TEXT)
        return await self._said(self.message.text.strip(), read(self.message.text))

    async def _done(self) -> Reply | None:
        """The answer, when the move was made and we died before answering. What it was found by may have changed with it."""
        async with self.c.reading() as uow:
            for kind in MOVES:
                if number := await uow.keys.ref(self.key(kind)):
                    break
            else:
                return None
        return await staff_moves.do(self, kind, number, self.message.text.ljust(2, "。"), again=True)

    async def meanwhile(self) -> str:
        """Of a press or a word that came too late: who did what instead."""
        async with self.c.reading() as uow:
            ticket = await uow.tickets.by_number(self.number) if self.number else None
            if ticket is None:
                return ""
            member = await uow.people.staff(self.me)
            if member is None or not await may_see(uow, member, ticket):
                return ""
            what = happened(await uow.tickets.events(ticket.id), self.now)
            return f"（{what}）" if what else ""

    # --- what was said -----------------------------------------------------------------------------------------------

    async def _said(self, text: str, order: Order) -> Reply:
        asking = self.asking
        asks_words = asking in ASKED_FOR or asking in staff_visits.ASKS or asking in ("transfer", "recategorise", "group_why")
        if asks_words and staff_groups.answers_instead(order):
            order = staff_groups.Words("unknown", text)
        if asking and text.strip("。.!！ ") in CANCELS:
            return Reply("好的，先不办。", self.talk.number)
        if asking in ASKED_FOR and (note := staff_moves.note_in(self, text, order)):
            return await staff_moves.do(self, asking, self.talk.number, note)
        if asking == staff_groups.ASK and order.kind == "number":
            return await staff_groups.confirm(self, order.number or "")
        if asking in staff_groups.ASKS and order.kind == "unknown":
            return await staff_groups.answered(self, text)
        if asking and order.kind == "number" and (option := self.option(order.number)) and asking not in staff_visits.ASKS:
            return await self._chosen(option)
        if asking == "transfer" and order.kind == "unknown":
            return await staff_moves.to_whom(self, self.talk.number, text, self.talk.words)
        if asking == "recategorise" and order.kind == "unknown":
            return await staff_moves.do(self, asking, self.talk.number, self.talk.words, text)
        if asking in staff_visits.ASKS and order.kind == "unknown":
            return await staff_visits.answered(self, text)
        if asking and (order.kind == "unknown" or (order.kind == "number" and len(order.number or "") <= 2)):
            # Neither a command nor an answer: what was asked still is.
            again = ASKED_FOR.get(asking) or f"{NOT_UNDERSTOOD}或者回复上面的序号。"
            return Reply(again, self.talk.number, ask=asking, options=self.talk.options, words=self.talk.words)
        match order.kind:
            case "today":
                return await self._today()
            case "help":
                return Reply(HELP)
            case "number":
                return await self._look(order.number)
            case "unknown":
                return await self._look(order.number) if order.number else Reply(NOT_UNDERSTOOD)
            case kind if kind in staff_groups.KINDS:
                return await staff_groups.handle(self, order)
            case kind if kind in staff_visits.KINDS:
                return await staff_visits.handle(self, order)
        found = await staff_which.find(self, order)
        return found if isinstance(found, Reply) else await staff_moves.do(self, order.kind, found, order.words, order.to)

    async def _chosen(self, option: dict[str, Any]) -> Reply:
        kind, number = str(option["kind"]), str(option["number"])
        if kind == "look":
            return await self._look(number)
        if kind == "photo":
            return await staff_photos.attach(self, number, str(option["words"]).split(","))
        if kind == "to":
            return await staff_moves.pass_on(self, number, int(option["staff"]), str(option["words"]))
        if kind == "visited":
            return await staff_visits.chosen(self, option)
        return await staff_moves.do(self, kind, number, str(option["words"]), str(option["to"]))

    async def _today(self) -> Reply:
        views = await self.mine()
        options = [{"kind": "look", "number": view.number} for view in views[:MOST]]
        return Reply(today(views, self.now), ask="pick" if options else "", options=options)

    async def _look(self, number: str | None) -> Reply:
        found = await staff_which.by_number(self, number or "", "look")
        if isinstance(found, Reply):
            return found
        self.number = found
        await desk.open_ticket(self.c, self.me, found, household=False)
        return Reply(number=found, show=found)

    async def _pressed(self) -> Reply:
        async with self.c.reading() as uow:
            card = await uow.staff_outbox.card(self.message.task)
            ticket = await uow.tickets.get(card.ticket_id) if card is not None and card.ticket_id else None
            if card is None or ticket is None or card.staff_id != self.me:
                return Reply("这张卡片已经失效了。写“今日待办”看要办的工单。")
            self.number = ticket.number
        if self.message.text not in MOVES:
            return Reply(number=self.number)
        return replace(await staff_moves.do(self, self.message.text, self.number), number=self.number)
