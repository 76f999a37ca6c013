"""When the assistant did not understand: it says so, offers the nearest things it can do, and twice in a row a person."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions import slots, unclear
from actions.base import LinsheAction
from actions.guide_card import lean_on_guide
from actions.legal import answer_misheard, follow_up
from actions.points import checked_in_by_code
from actions.reading import has_words
from actions.report_card import category_of
from actions.ticket_moves import do
from actions.turn import Choice, Turn
from actions.volunteer import chosen_by_words
from chinese.numerals import to_int
from chinese.ticket_numbers import find_numbers

OFFERS: dict[str, Choice] = {
    "report": Choice("报修、反映这件事", "/report"),
    "ask_legal": Choice("问法律问题", "/ask_legal"),
    "ask_progress": Choice("查工单进度", "/ask_progress"),
    "urge": Choice("催办工单", "/urge"),
    "volunteer_list": Choice("看志愿活动", "/volunteer_list"),
    "volunteer_mine": Choice("看我报的活动", "/volunteer_mine"),
    "ask_person": Choice("找工作人员", "/ask_person"),
    "ask_hours": Choice("问上班时间", "/ask_hours"),
    "bind_home": Choice("绑定住址", "/bind_home"),
    "ask_mediation": Choice("请社区调解", "/ask_mediation"),
    "need_help": Choice("请人搭把手", "/need_help"),
    "ask_guide": Choice("问办事要带什么", "/ask_guide"),
    "ask_notice": Choice("问停水停电等通知", "/ask_notice"),
    "my_data": Choice("看、改我的资料", "/my_data"),
    "link_person": Choice("帮家人绑定", "/link_person"),
    "ask_lawyer": Choice("找律师", "/ask_lawyer"),
    "propose": Choice("提一个议题", "/propose"),
    "vote": Choice("投票", "/vote"),
    "ask_deliberation": Choice("看议事会", "/ask_deliberation"),
    "help": Choice("看看我能做什么", "/help"),
}
SAME_AS = {
    "inform": "report", "not_resolved": "ask_progress", "add_note": "ask_progress", "withdraw_ticket": "ask_progress",
    "confirm_resolved": "ask_progress", "rate": "ask_progress", "volunteer_signup": "volunteer_list",
    "volunteer_cancel": "volunteer_mine", "me_too": "report", "abuse": "ask_person", "out_of_scope": "help",
    "bot_challenge": "help", "greet": "help", "thanks": "help", "bye": "help",
}  # fmt: skip
NEITHER = Choice("都不是", "/help")
USUAL = ("report", "ask_progress", "ask_person", "help")


def nearest(ranking: tuple[tuple[str, float], ...], most: int = 3) -> list[Choice]:
    """The nearest things the assistant can do, each once; filled up with the usual ones."""
    names = [SAME_AS.get(name, name) for name, _ in ranking] + list(USUAL)
    kept: list[str] = []
    for name in names:
        if name in OFFERS and name not in kept:
            kept.append(name)
    return [OFFERS[name] for name in kept[:most]]


CLOSE = 0.6
"""From this share of the first guess's chance on, the second one is as good."""
NEAR_ENOUGH = 0.2
"""A first guess less likely than this is none."""


def two_close(ranking: tuple[tuple[str, float], ...]) -> tuple[Choice, Choice] | None:
    """The two things a message may mean, when both are about as likely and either can be offered."""
    if len(ranking) < 2 or ranking[0][1] < NEAR_ENOUGH or ranking[1][1] < CLOSE * ranking[0][1]:
        return None
    first, second = (OFFERS.get(SAME_AS.get(name, name)) for name, _ in ranking[:2])
    if first is None or second is None or first == second or OFFERS["help"] in (first, second):
        return None
    return first, second


async def meant_by_what_was_shown(turn: Turn) -> list[EventType] | None:
    """What words that mean nothing by themselves mean here: an activity just listed, the code seen at one that takes check-ins, what
    leans on an answer, a ticket by its number, a legal question misheard."""
    if (chosen := await chosen_by_words(turn)) is not None:
        return chosen
    if (here := await checked_in_by_code(turn)) is not None:
        return here
    if (asked := await lean_on_guide(turn)) is not None:
        return asked
    if (leant := await follow_up(turn)) is not None:
        return leant
    if turn.text and (numbers := find_numbers(turn.text)[0]):
        # A ticket number and nothing else: the commonest question about it.
        return await do(turn, "ask_progress", numbers[0])
    return await answer_misheard(turn)


class ActionNotUnderstood(LinsheAction):
    understood = False
    keeps_list = True

    def name(self) -> str:
        return "action_not_understood"

    async def act(self, turn: Turn) -> list[EventType]:
        if (meant := await meant_by_what_was_shown(turn)) is not None:
            return [slots.NOT_UNDERSTOOD.to(0), *meant]
        if to_int(turn.text) is not None:
            turn.say("没有这个选项，请直接用文字告诉我。")
            return []
        if not has_words(turn.text):
            turn.say("表情收到啦。有什么事用文字跟我说一句，我来帮您：", nearest(()))
            return []
        times = (slots.NOT_UNDERSTOOD.of(turn.tracker) or 0) + 1
        kept = unclear.keep(turn, str(category_of(turn.category())))
        if times >= 2:
            turn.say(
                "还是没听明白，不好意思。要不要请工作人员来回您？",
                [
                    Choice("请工作人员来", "/ask_person"),
                    Choice("看看我能做什么", "/help"),
                    Choice("这是要反映的问题", "/report"),
                ],
            )
        elif close := two_close(turn.ranking):
            one, other = close
            turn.say(f"您是想{one.title}，还是{other.title}？回个数字就行：", [*close, NEITHER])
        else:
            turn.say("这句我没听明白，您是不是想：", nearest(turn.ranking))
        return [slots.NOT_UNDERSTOOD.to(times), slots.SHIFTS_SHOWN.to(None), *kept]


class ActionOutOfTurn(LinsheAction):
    """An answer when nothing was asked: 好的, 取消, 3幢."""

    understood = False
    keeps_list = True

    def name(self) -> str:
        return "action_out_of_turn"

    async def act(self, turn: Turn) -> list[EventType]:
        if turn.intent in ("inform", "deny"):
            return await ActionNotUnderstood().act(turn)
        if turn.intent == "cancel":
            turn.say(
                "现在没有正在填的内容。您是想：",
                [
                    Choice("撤回工单", "/withdraw_ticket"),
                    Choice("取消活动报名", "/volunteer_cancel"),
                    Choice("没事了", "/thanks"),
                ],
            )
            return []
        turn.say("好的。还有什么要我办的，直接说就行。")
        return []
