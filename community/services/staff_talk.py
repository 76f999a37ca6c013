"""What a member's word, press or photo in WeCom does. Every move is made once by the message's id; rights are the desk's to judge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from community.errors import Conflict, IllegalMove, InvalidInput, LinsheError, NotFound, Unavailable
from community.model.calendar import day_text
from community.model.staffing import DiaryEntry, Heard, StaffMessage, StaffTalk
from community.model.ticket import MOVE_NAMES, TRANSITIONS, Move, Status
from community.ports import Community, UnitOfWork
from community.services import desk, places, staff_in, staff_notify
from community.services.access import may_see
from community.services.desk import DeskFilter
from community.services.staff_cards import STAFF_STATUS, happened
from community.services.staff_words import (
    HELP,
    MOST,
    NOT_UNDERSTOOD,
    ONLY_TEXT,
    line_of,
    today,
    urgent_first,
    which,
)
from community.services.views import TicketView

CANCELS = frozenset({"算了", "取消", "不用了", "不办了", "放弃"})
MOVES = {"accept": Move.ACCEPT, "start": Move.START, "resolve": Move.RESOLVE, "return": Move.RETURN, "transfer": Move.TRANSFER}
ASKED_FOR = {
    "resolve": "请回复一句办结说明（10分钟内），居民会看到；也可以先发照片。写“算了”就不办结。",
    "return": "请回复退回的原因（10分钟内），居民和社区都会看到。写“算了”就不退回。",
}
PLACES_KEPT = frozenset({"room", "unit", "building", "estate"})


class Order(Protocol):
    """A text, read: `kind` is today, accept, start, resolve, return, transfer, diary, help, number or unknown."""

    @property
    def kind(self) -> str: ...
    @property
    def number(self) -> str | None: ...
    @property
    def words(self) -> str: ...
    @property
    def to(self) -> str: ...


@dataclass(frozen=True)
class Reply:
    """What is to be said and remembered. `number`: the ticket spoken of. `ask`: what the next word answers, '' for nothing;
    `options` what a digit chooses from. `show`: a card of that ticket is sent. `photos`: of the ticket, None as they are.
    """

    text: str = ""
    number: str = ""
    ask: str = ""
    options: list[dict[str, Any]] = field(default_factory=list)
    words: str = ""
    show: str = ""
    photos: list[str] | None = None
    diary: DiaryEntry | None = None


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
        if reply.diary is not None:
            await uow.diary.add(reply.diary)
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


class Conversation:
    """One message, from where the talk stands. `number`: the ticket it turned out to be about."""

    def __init__(self, c: Community, message: StaffMessage, talk: StaffTalk, now: datetime) -> None:
        self.c, self.message, self.talk, self.now = c, message, talk, now
        self.me = message.staff_id
        self.number = ""

    def key(self, what: str) -> str:
        return f"staff-in-{self.message.id}:{what}"

    async def reply(self, read: Callable[[str], Order]) -> Reply:
        if (done := await self._done()) is not None:
            return done
        match self.message.kind:
            case Heard.CLICK:
                return await self._pressed()
            case Heard.PHOTO:
                return await self._photo()
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
        if kind == "transfer":
            return await self._transfer(number, 0, "")
        return await self._do(kind, number, self.message.text.ljust(2, "。"))

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
        asking = self.talk.question(self.now)
        if asking and text.strip("。.!！ ") in CANCELS:
            return Reply("好的，先不办。", self.talk.number)
        if asking in ASKED_FOR and (note := _note(asking, text, order)):
            return await self._do(asking, self.talk.number, note)
        if asking and order.kind == "number" and (option := self._option(order.number)):
            return await self._chosen(option)
        if asking == "transfer" and order.kind == "unknown":
            return await self._to_whom(self.talk.number, text, self.talk.words)
        if asking == "diary" and order.kind == "unknown":
            return await self._note_down(text)
        if asking and (order.kind == "unknown" or (order.kind == "number" and len(order.number or "") <= 2)):
            # Neither a command nor an answer: what was asked still is.
            again = ASKED_FOR.get(asking) or f"{NOT_UNDERSTOOD}或者回复上面的序号。"
            return Reply(again, self.talk.number, ask=asking, options=self.talk.options, words=self.talk.words)
        match order.kind:
            case "today":
                return await self._today()
            case "help":
                return Reply(HELP)
            case "diary":
                return await self._note_down(order.words)
            case "number":
                return await self._look(order.number)
            case "unknown":
                return await self._look(order.number) if order.number else Reply(NOT_UNDERSTOOD)
        found = await self._find(order)
        return found if isinstance(found, Reply) else await self._do(order.kind, found, order.words, order.to)

    def _option(self, digit: str | None) -> dict[str, Any] | None:
        place = int(digit) if digit and len(digit) <= 2 and digit.isdecimal() else 0
        return self.talk.options[place - 1] if 1 <= place <= len(self.talk.options) else None

    async def _chosen(self, option: dict[str, Any]) -> Reply:
        kind, number = str(option["kind"]), str(option["number"])
        if kind == "look":
            return await self._look(number)
        if kind == "photo":
            return await self._attach(number, str(option["words"]).split(","))
        if kind == "to":
            return await self._transfer(number, int(option["staff"]), str(option["words"]))
        return await self._do(kind, number, str(option["words"]), str(option["to"]))

    async def _today(self) -> Reply:
        views = await self._mine()
        options = [{"kind": "look", "number": view.number} for view in views[:MOST]]
        return Reply(today(views, self.now), ask="pick" if options else "", options=options)

    async def _mine(self) -> list[TicketView]:
        page = await desk.list_tickets(self.c, self.me, DeskFilter("mine", limit=200))
        return urgent_first(page.items)

    async def _look(self, number: str | None) -> Reply:
        found = await self._by_number(number or "", "look")
        if isinstance(found, Reply):
            return found
        self.number = found
        await desk.open_ticket(self.c, self.me, found)
        return Reply(number=found, show=found)

    async def _note_down(self, words: str) -> Reply:
        if len(words.strip()) < 2:
            return Reply("请写要记的内容，比如：走访3幢李奶奶，身体都好。", ask="diary")
        guess = await places.resolve(self.c, words)
        known = guess.place_id is not None and guess.precise in PLACES_KEPT
        where = guess.text if known else ""
        entry = DiaryEntry(
            0, self.key("diary"), self.me, self.now, words.strip(), guess.place_id if known else None, where[:200]
        )
        return Reply("已记入民情日记" + (f"（{where}）" if where else "") + "。", diary=entry)

    # --- which ticket ------------------------------------------------------------------------------------------------

    async def _find(self, order: Order) -> str | Reply:
        if order.number:
            return await self._by_number(order.number, order.kind, order.words, order.to)
        move = MOVES[order.kind]
        mine = await self._mine()
        if (spoken := self.talk.ticket(self.now)) and any(v.number == spoken and _may(v, move) for v in mine):
            return spoken
        fit = [view for view in mine if _may(view, move)]
        if not fit:
            if spoken:
                return spoken
            raise InvalidInput(f"没有可以{MOVE_NAMES[move]}的工单。写“今日待办”看看，或者写上工单号。")
        if len(fit) == 1:
            return fit[0].number
        return self._ask_which(f"要{MOVE_NAMES[move]}哪一件？", fit, order.kind, order.words, order.to)

    async def _by_number(self, number: str, kind: str, words: str = "", to: str = "") -> str | Reply:
        """The ticket of this number, of which this is the end, or in this place of the list just shown."""
        if self.talk.question(self.now) and (option := self._option(number)):
            return str(option["number"])
        mine = await self._mine()
        fit = [view for view in mine if view.number.endswith(number)]
        if not fit and len(number) >= 3:
            page = await desk.list_tickets(self.c, self.me, DeskFilter("all", status="any", limit=200))
            fit = [view for view in page.items if view.number.endswith(number)]
        exact = [view for view in fit if view.number == number]
        if exact or len(fit) == 1:
            return (exact or fit)[0].number
        if not fit:
            if len(number) < 3:
                raise NotFound(NOT_UNDERSTOOD)
            return number
        return self._ask_which("号码对得上的有几件，是哪一件？", fit, kind, words, to)

    def _ask_which(self, question: str, views: list[TicketView], kind: str, words: str, to: str = "") -> Reply:
        options = [{"kind": kind, "number": v.number, "words": words, "to": to} for v in views[:MOST]]
        return Reply(which(question, [line_of(view, self.now) for view in views]), ask="pick", options=options)

    # --- moves -------------------------------------------------------------------------------------------------------

    async def _do(self, kind: str, number: str, words: str = "", to: str = "") -> Reply:
        self.number = number
        words = words.strip()[:1000]
        match kind:
            case "accept":
                view = await desk.accept(self.c, self.me, number, self.key(kind))
                return Reply(
                    f"已接单：工单{number}（{view.title}），{day_text(view.resolve_by, self.now)}前办结。"
                    f"办好后写：办结 {number} 做了什么",
                    number,
                )
            case "start":
                view = await desk.start(self.c, self.me, number, words, self.key(kind))
                return Reply(f"已记到场：工单{number}（{view.title}）。办好后写：办结 {number} 做了什么", number)
            case "resolve" | "return" if len(words) < 2:
                return await self._ask_words(kind, number)
            case "resolve":
                photos = self.talk.photos if self.talk.ticket(self.now) == number else []
                view = await desk.resolve(self.c, self.me, number, words, tuple(photos), self.key(kind))
                with_photos = f"，附照片{len(photos)}张" if photos else ""
                return Reply(f"已办结：工单{number}（{view.title}）{with_photos}，等居民确认。", number, photos=[])
            case "return":
                view = await desk.return_ticket(self.c, self.me, number, words, self.key(kind))
                return Reply(f"已退回：工单{number}（{view.title}），由社区重新安排。", number)
            case "transfer":
                return await self._to_whom(number, to, words)
        raise InvalidInput(NOT_UNDERSTOOD)

    async def _ask_words(self, kind: str, number: str) -> Reply:
        found = await desk.open_ticket(self.c, self.me, number)
        view, move = found.detail.ticket, MOVES[kind]
        if move not in found.allowed:
            if _may(view, move):
                raise IllegalMove("这件工单在别的同事手里，请先转给自己。")
            first = "请先接单。" if view.status == Status.DISPATCHED else ""
            raise IllegalMove(f"工单{number}现在是“{STAFF_STATUS[Status(view.status)]}”，不能{MOVE_NAMES[move]}。{first}")
        return Reply(f"工单{number}（{view.title}）：{ASKED_FOR[kind]}", number, ask=kind)

    async def _to_whom(self, number: str, name: str, reason: str) -> Reply:
        self.number = number
        found = await desk.open_ticket(self.c, self.me, number)
        if Move.TRANSFER not in found.allowed:
            status = STAFF_STATUS[Status(found.detail.ticket.status)]
            raise IllegalMove(f"工单{number}现在是“{status}”，不能转派。")
        people = [(staff_id, label) for staff_id, label in found.transfer_to if staff_id != self.me]
        fit, sure = _named(people, name) if name.strip() else ([], False)
        if len(fit) == 1 and sure:
            return await self._transfer(number, fit[0][0], reason)
        shown = fit or people
        if not shown:
            raise InvalidInput(f"工单{number}没有可以转派的同事。")
        question = f"工单{number}转给谁？" if fit or not name.strip() else f"没有找到“{name.strip()[:12]}”。工单{number}可以转给："
        options = [{"kind": "to", "number": number, "staff": s, "words": reason} for s, _ in shown[:MOST]]
        return Reply(which(question, [label for _, label in shown]), number, ask="transfer", options=options, words=reason)

    async def _transfer(self, number: str, to: int, reason: str) -> Reply:
        self.number = number
        view = await desk.transfer(self.c, self.me, number, to, reason, self.key("transfer"))
        return Reply(f"已转派：工单{number}（{view.title}）转给{view.holder_role}{view.holder_name}。", number)

    # --- presses and photos ------------------------------------------------------------------------------------------

    async def _pressed(self) -> Reply:
        async with self.c.reading() as uow:
            card = await uow.staff_outbox.card(self.message.task)
            ticket = await uow.tickets.get(card.ticket_id) if card is not None and card.ticket_id else None
            if card is None or ticket is None or card.staff_id != self.me:
                return Reply("这张卡片已经失效了。写“今日待办”看要办的工单。")
            self.number = ticket.number
        if self.message.text not in MOVES:
            return Reply(number=self.number)
        return replace(await self._do(self.message.text, self.number), number=self.number)

    async def _photo(self) -> Reply:
        photos = [self.message.photo]
        if number := self.talk.ticket(self.now):
            return await self._attach(number, photos)
        if self.talk.question(self.now) and self.talk.options and self.talk.options[0]["kind"] == "photo":
            photos = [*str(self.talk.options[0]["words"]).split(","), *photos]
        mine = await self._mine()
        under_way = [view for view in mine if view.status in (Status.ACCEPTED, Status.IN_PROGRESS)]
        if len(under_way) == 1:
            return await self._attach(under_way[0].number, photos)
        if not mine:
            return Reply("照片收到了，但现在没有要您办的工单，没有附上。请先说是哪件工单，再发照片。")
        return self._ask_which("照片附到哪件工单？", mine, "photo", ",".join(photos))

    async def _attach(self, number: str, photos: list[str]) -> Reply:
        self.number = number
        for photo in photos:
            view = await desk.attach_photo(self.c, self.me, number, photo, self.key(f"photo:{photo[:16]}"))
        before = self.talk.photos if self.talk.ticket(self.now) == number else []
        kept = list(dict.fromkeys([*before, *photos]))
        # While the words of what was done are awaited, they still are.
        asking = self.talk.question(self.now)
        still = asking if asking in ASKED_FOR and self.talk.number == number else ""
        text = f"照片已附到工单{number}（{view.title}）" + ("，请再回复一句说明。" if still else "。")
        return Reply(text, number, ask=still, photos=kept)


def _may(view: TicketView, move: Move) -> bool:
    return (Status(view.status), move) in TRANSITIONS


def _note(asking: str, text: str, order: Order) -> str:
    """What was said as the note that was asked for; '' when it is something else."""
    if order.kind == "unknown":
        return text
    if order.kind == asking and not order.number:
        return order.words if len(order.words.strip()) >= 2 else text
    if order.kind in ("accept", "start", "resolve", "return") and not order.number and len(text) > 4:
        # «已处理，换了灯管» while a reason is awaited is the reason.
        return text if not order.words or order.kind == "resolve" else ""
    return ""


def _named(people: list[tuple[int, str]], name: str) -> tuple[list[tuple[int, str]], bool]:
    """Those of this name, or with it in their name: sure. Else those of such a role or place: to be asked for, one too."""
    name = name.strip()
    names = {one: one[1].split(" · ")[0] for one in people}
    fit = [one for one in people if names[one] == name] or [one for one in people if names[one] in name or name in names[one]]
    return (fit, True) if fit else ([one for one in people if name in one[1].replace(" · ", "")], False)
