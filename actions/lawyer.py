"""The community's lawyer: an appointment by a digit, or somebody now; and whether legal aid may be had."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from rasa_sdk.events import EventType

from actions import slots
from actions.base import LinsheAction
from actions.ticket_text import payload
from actions.turn import Choice, Turn
from community.errors import Conflict, LinsheError
from community.model.calendar import day_text
from community.model.conversation import Topic
from community.services import consultations, conversations, legal_aid
from community.services.consultations import Booking, Slot
from community.services.legal_text import based_on

NOW = Choice("现在就找人说", payload("ask_lawyer", answer="now"))
BOOK = Choice("约社区律师", payload("ask_lawyer", answer="times"))
_CANCELS = re.compile(
    r"取消.{0,6}(?:预约|律师)|退掉.{0,4}预约|(?:预约|约的?|约好的?).{0,8}(?:取消|不去了|去不了|退掉)"
    r"|律师.{0,4}(?:不约了|不去了)|^(?:不约了|不去了|去不了)"
)
_ASKS_MINE = re.compile(r"(?:什么时候|几点|哪天|约的|约好|约在).{0,8}(?:律师)?|我.{0,3}约(?:了|的|过)")
_AT_ONCE = re.compile(r"(?:现在|马上|立刻|这会儿)(?:就)?(?:想|要)?(?:找|叫|请|跟|和)|(?<![不没])(?:很|着|紧)急|转人工")
GROUPS = (
    ("没有固定收入的老人、孩子、残疾人", "special"),
    ("低保、特困、优抚或受过救助的", "special"),
    ("进城务工的（讨工资、工伤）", "migrant"),
    ("都不是", "no"),
)


FRESH = timedelta(hours=2)
"""A question asked longer ago is not what they come for now."""


def cancel_of(booked: Booking) -> Choice:
    return Choice("取消预约", payload("ask_lawyer", answer=f"cancel:{booked.id}"))


def recent_question(turn: Turn) -> str:
    """What was last asked about the law; '' when that was long ago."""
    at, said = slots.LEGAL_AT.of(turn.tracker), slots.LEGAL_SHOWN.of(turn.tracker)
    fresh = said and at and turn.community.clock.now() - datetime.fromisoformat(at) <= FRESH
    return said if said and fresh else ""


class ActionAskLawyer(LinsheAction):
    def name(self) -> str:
        return "action_ask_lawyer"

    async def act(self, turn: Turn) -> list[EventType]:
        what, _, which = (turn.entity("answer") or "").partition(":") if turn.is_payload else ("", "", "")
        if what == "aid":
            return await check_aid(turn, which)
        if what == "now" or (turn.text and _AT_ONCE.search(turn.text)):
            return await _somebody_now(turn)
        if what == "cancel":
            return await _give_back(turn, int(which) if which.isdigit() else None)
        cancels = what == "ask_cancel" or (turn.text and _CANCELS.search(turn.text))
        if cancels and (booked := await consultations.mine(turn.community, turn.resident_id)) is not None:
            turn.say(f"{_told(booked)}要取消吗？", [cancel_of(booked), Choice("换个时间", BOOK.payload)])
            return []
        if what == "book":
            return await _take(turn, which)
        if turn.text and legal_aid.wants_check(turn.text):
            return await check_aid(turn, "")
        booked = await consultations.mine(turn.community, turn.resident_id)
        if booked is not None and what != "times" and (not turn.text or _ASKS_MINE.search(turn.text)):
            turn.say(f"{_told(booked)}要改吗？", [Choice("换个时间", BOOK.payload), cancel_of(booked)])
            return []
        return await offer(turn)

    async def refused(self, turn: Turn, refusal: LinsheError) -> list[EventType]:
        if isinstance(refusal, Conflict):
            return await offer(turn, refusal.message)
        turn.say(refusal.message, [BOOK])
        return []


async def offer(turn: Turn, opening: str = "") -> list[EventType]:
    """The next free times, and somebody now as the last choice."""
    found = await consultations.free(turn.community, turn.resident_id, turn.text)
    slots_ = found.slots
    if turn.in_form:
        turn.say("手上这件填完，再说“约律师”，我给您看时间。")
        return []
    if not slots_:
        turn.say(f"{opening}这两周没有空的时间了，可以先找人说：", [NOW])
        return []
    places = {slot.place for slot in slots_}
    # Lawyers of the whole city, each at a desk of their own: the place belongs to the time.
    choices = [Choice(f"{slot.when}　{slot.lawyer}" + (f"，{slot.place}" if len(places) > 1 else ""), _payload(slot)) for slot in slots_]
    opening = opening or ("那天没有律师值班，或者约满了。" if found.missed else "")
    at = f"，在{slots_[0].place}" if len(places) == 1 else ""
    turn.say(f"{opening}社区律师免费，每次半小时{at}。哪个时间方便？回数字：", [*choices, NOW])
    return []


def _payload(slot: Slot) -> str:
    return payload("ask_lawyer", answer=f"book:{slot.lawyer_id}:{slot.starts_at.isoformat()}")


async def _take(turn: Turn, which: str) -> list[EventType]:
    lawyer, _, moment = which.partition(":")
    if not lawyer.isdigit() or not moment:
        return await offer(turn)
    question = recent_question(turn)
    booked = await consultations.book(
        turn.community, turn.resident_id, int(lawyer), datetime.fromisoformat(moment), question, turn.key("consultation")
    )
    asked = f"您问的“{question[:30]}”我一并交给律师了。" if question else "来之前把要问的想好。"
    remind = "前一天我再提醒您。" if booked.reminded else ""
    when = f"{booked.when}，{booked.lawyer}，在{booked.place}"
    turn.say(f"约好了：{when}。{asked}带上合同、聊天记录这些材料。{remind}", [cancel_of(booked)])
    return []


async def _give_back(turn: Turn, number: int | None) -> list[EventType]:
    booked = await consultations.cancel(turn.community, turn.resident_id, number)
    turn.say(f"已经取消{booked.when}约的{booked.lawyer}，时间让给别的邻居了。", [Choice("另约时间", BOOK.payload)])
    return []


def _told(booked: Booking) -> str:
    return f"您约的是{booked.when}，{booked.lawyer}，在{booked.place}。"


async def _somebody_now(turn: Turn) -> list[EventType]:
    reason = recent_question(turn) or turn.text or "想找法律顾问"
    asked = await conversations.ask_person(turn.community, turn.resident_id, Topic.LEGAL, reason, turn.key("lawyer"))
    turn.say(waiting(turn, asked, "社区法律顾问"))
    return []


async def check_aid(turn: Turn, answered: str) -> list[EventType]:
    """Up to three questions, each a digit; what was answered so far travels with the choices: matter:group:poor."""
    code, _, rest = answered.partition(":")
    group, _, poor = rest.partition(":")
    matter = legal_aid.matter_of(code)
    if turn.in_form:
        turn.say("能不能申请法律援助，手上这件填完再说“法律援助”，我一步步问您。")
        return []
    if matter is None:
        choices = [Choice(one.said, payload("ask_lawyer", answer=f"aid:{one.code}")) for one in legal_aid.MATTERS]
        turn.say("我帮您看看能不能申请免费的法律援助。是哪一类事？", choices)
        return []
    wanted = legal_aid.next_question(matter, group)
    if wanted == "group":
        groups = [one for one in GROUPS if one[1] != "migrant" or matter.kind == "migrant"]
        choices = [Choice(said, payload("ask_lawyer", answer=f"aid:{code}:{value}")) for said, value in groups]
        turn.say("您或家里人是下面哪一种？", choices)
        return []
    if wanted == "money" and not poor:
        choices = [
            Choice(said, payload("ask_lawyer", answer=f"aid:{code}:no:{value}")) for said, value in (("困难", "yes"), ("还过得去", "no"))
        ]
        turn.say("家里经济困难吗？（标准各省不同，大致是收入接近当地低保）", choices)
        return []
    said = await legal_aid.verdict(turn.community, matter, group, poor)
    based = f"\n{based_on(said.citations)}" if said.citations else ""
    turn.say(f"{said.text}{based}", [BOOK, NOW])
    return []


def waiting(turn: Turn, asked: conversations.AskResult, who: str) -> str:
    """Who comes, and when; said again when it was asked before."""
    if not asked.first:
        return f"已经在帮您找{who}了，来了会直接在这里跟您说话。"
    if asked.in_office:
        return f"好的，正在请{who}过来，来了会直接在这里跟您说话。等的时候您可以先把情况写在这里。"
    opens = day_text(asked.opens_at, turn.community.clock.now())
    return (
        f"好的，已经帮您记下要找{who}。现在不在上班时间（{asked.hours_text}），最早{opens}有人接待。\n"
        "您可以先把情况写在这里，来人就能看到；急事请打110、119、120。"
    )
