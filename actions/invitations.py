"""Digits under what somebody is asked for by others: a mediation, a volunteer's hand. Answered at once, whatever form is open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from rasa_sdk.events import EventType

from actions import slots
from actions.base import LinsheAction
from actions.ticket_text import payload
from actions.turn import Choice, Turn
from community.services import care, mediation, noticing

GONE = "这个选项已经不在了，请直接打字告诉我。"


async def _mediate(turn: Turn, number: str, yes: bool) -> None:
    who = await mediation.answer(turn.community, turn.resident_id, number, yes, turn.key("mediate"))
    if yes:
        turn.say(f"谢谢您愿意谈（工单{number}）。{who}会和您约时间；您说的话对方看不到，想先说几句，随时说“补充工单{number}”。")
    else:
        turn.say("好的，不勉强您，也不会再问。以后想谈了，跟社区说一声就行。")


async def _agree(turn: Turn, number: str, yes: bool) -> None:
    asked = await care.agree(turn.community, turn.resident_id, number, yes)
    if asked:
        turn.say("好的，正在问附近的志愿者，有人接了马上告诉您是谁。")
    else:
        turn.say("好的，不找志愿者了，由网格员接着安排。" if not yes else "附近一时没有可问的志愿者，由网格员接着安排。")


async def _take(turn: Turn, number: str, yes: bool) -> None:
    taken = await care.take(turn.community, turn.resident_id, number, yes)
    if taken is None:
        turn.say("没关系，谢谢您，下次再请您。")
        return
    phone = f"，电话{taken.phone}" if taken.phone else ""
    done = [("帮好了", "done_yes"), ("去不了了", "done_no")]
    turn.say(
        f"太谢谢您了！{taken.what}，{taken.when}。找{taken.name or '这位邻居'}，住{taken.address}{phone}。"
        "门牌和电话只给您一个人，用完请别转给别人。帮完了回1：",
        [Choice(title, payload("answer_invitation", ticket_number=number, answer=answer)) for title, answer in done],
    )


async def _done(turn: Turn, number: str, yes: bool) -> None:
    await care.done(turn.community, turn.resident_id, number, yes)
    turn.say("辛苦您了，谢谢！我再问问对方满不满意。" if yes else "知道了，谢谢您告诉我，社区会接着安排人。")


async def _notice(turn: Turn, number: str, yes: bool) -> None:
    notice = await noticing.read(turn.community, turn.resident_id, int(number) if number.isdecimal() else 0)
    turn.say(f"好的，记下您知道了。{notice.title}，{notice.when}。有什么不方便的，随时跟我说。")


ANSWERS: dict[str, Callable[[Turn, str, bool], Awaitable[None]]] = {
    "mediate": _mediate, "agree": _agree, "take": _take, "done": _done, "notice": _notice,
}  # fmt: skip


class ActionAnswerInvitation(LinsheAction):
    keeps_list = True

    def name(self) -> str:
        return "action_answer_invitation"

    async def act(self, turn: Turn) -> list[EventType]:
        number, answer = turn.entity("ticket_number"), turn.entity("answer") or ""
        what, _, said = answer.rpartition("_")
        if number is None or what not in ANSWERS or said not in ("yes", "no"):
            turn.say(GONE)
            return []
        await ANSWERS[what](turn, number, said == "yes")
        return [slots.LAST_TICKET.to(number)] if what == "mediate" and said == "yes" else []
