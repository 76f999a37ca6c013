"""邻舍+: checking in, and what helping brought: points, hours, gifts, the ranking, a certificate."""

from __future__ import annotations

import re

from rasa_sdk.events import EventType

from actions.base import LinsheAction
from actions.ticket_text import payload
from actions.turn import Choice, Turn
from community.errors import LinsheError
from community.model.points import hours_text
from community.services import certificates, checkin, points

_CODE = re.compile(r"(?<!\d)\d{4}(?!\d)")
_TOPICS = (
    ("certificate", re.compile(r"证明|证书|开证|盖章")),
    ("ranked_off", re.compile(r"(?:不想?要?|别|退出|取消|不).{0,3}(?:上|显示|参加|进).{0,3}(?:排|榜)|不显示")),
    ("ranked_on", re.compile(r"(?:我要|我想|让我|参加|加入|同意).{0,3}(?:上|进|参加)?(?:排|榜)")),
    ("ranking", re.compile(r"排行|排名|第几|最高|榜")),
    ("gifts", re.compile(r"换|兑|礼品|礼物|商城")),
)


class ActionCheckIn(LinsheAction):
    def name(self) -> str:
        return "action_check_in"

    async def act(self, turn: Turn) -> list[EventType]:
        code = _CODE.search(turn.text)
        if code is None:
            here = await checkin.open_now(turn.community, turn.resident_id)
            if here:
                turn.say(f"到“{here[0].title}”了？把现场海报上的4位签到码发给我，比如：签到 1234。")
            else:
                turn.say(
                    "现在没有您能签到的活动：开始前30分钟到结束前可以签。没报名就来了的，请找现场负责人登记。",
                    [Choice("看我的活动", "/volunteer_mine")],
                )
            return []
        done = await checkin.check_in(turn.community, turn.resident_id, code[0])
        if done.again:
            turn.say(f"“{done.shift.title}”您已经签过到了，放心。")
        else:
            turn.say(f"签到好了：{done.people}，“{done.shift.title}”。辛苦啦，结束后时长和积分自动记上。")
        return []


async def checked_in_by_code(turn: Turn) -> list[EventType] | None:
    """Four digits and nothing else, while an activity of theirs takes check-ins: they are there. None when it is anything else."""
    if not _CODE.fullmatch(turn.text) or not await checkin.open_now(turn.community, turn.resident_id):
        return None
    return await ActionCheckIn().act(turn)


class ActionPoints(LinsheAction):
    """What is asked for by words, or by the button under an answer (`answer`)."""

    def name(self) -> str:
        return "action_points"

    async def act(self, turn: Turn) -> list[EventType]:
        asked = turn.entity("answer") if turn.is_payload else topic_of(turn.text)
        if asked == "gifts":
            await self._gifts(turn)
        elif asked and asked.startswith("gift_") and asked[5:].isdigit() and len(asked) < 15:
            await self._exchange(turn, int(asked[5:]))
        elif asked == "certificate":
            await self._certificate(turn)
        elif asked in ("ranked_on", "ranked_off"):
            await points.set_ranked(turn.community, turn.resident_id, asked == "ranked_on")
            on = "好，您上榜了，只显示姓和时长，随时可以退出。" if asked == "ranked_on" else "好，排行里不显示您了，积分和时长都还在。"
            turn.say(on, [_ask("看排行", "ranking")])
        elif asked == "ranking":
            await self._ranking(turn)
        else:
            await self._balance(turn)
        return []

    async def refused(self, turn: Turn, refusal: LinsheError) -> list[EventType]:
        turn.say(refusal.message, [_ask("看我的积分", "balance"), Choice("看看有哪些活动", "/volunteer_list")])
        return []

    async def _balance(self, turn: Turn) -> None:
        own = await points.balance(turn.community, turn.resident_id)
        if not own.entries:
            turn.say("您还没有积分。参加一次志愿活动、现场签到，时长和积分就自动记上。", [Choice("看看有哪些活动", "/volunteer_list")])
            return
        lines = []
        for entry in own.entries:
            whose = f"（{entry.who}）" if entry.who else ""
            served = f"{hours_text(entry.minutes)}，" if entry.minutes else ""
            lines.append(f"· {entry.what}{whose}：{served}{entry.delta:+d}分")
        waiting = "".join(f"\n待领：{title}，领取码{code}，到社区服务台领。" for title, code in own.waiting[:3])
        turn.say(
            f"您有{own.points}积分，累计{hours_text(own.minutes)}。最近几笔：\n" + "\n".join(lines) + waiting,
            [_ask("换礼品", "gifts"), _ask("开时长证明", "certificate"), _ask("看排行", "ranking")],
        )

    async def _gifts(self, turn: Turn) -> None:
        own = await points.balance(turn.community, turn.resident_id, 1)
        offered = (await points.gifts(turn.community, turn.resident_id))[:6]
        if not offered:
            turn.say(f"您有{own.points}积分。现在没有可换的礼品，上了新的再来看。")
            return
        choices = [_ask(f"{g.title}，{g.points}分（还有{g.stock}份）", f"gift_{g.id}") for g in offered]
        turn.say(f"您有{own.points}积分，回数字就换：", choices)

    async def _exchange(self, turn: Turn, gift_id: int) -> None:
        done = await points.exchange(turn.community, turn.resident_id, gift_id, turn.key(f"gift-{gift_id}"))
        turn.say(f"换好了：{done.title}。领取码 {done.code}，工作时间到社区服务台报码领取。还剩{done.left}积分。")

    async def _certificate(self, turn: Turn) -> None:
        c, who = turn.community, turn.resident_id
        whose = await certificates.people(c, who)
        if not whose:
            turn.say("还没有记上的志愿时长，参加一次活动、现场签到后就能开证明。", [Choice("看看有哪些活动", "/volunteer_list")])
            return
        lines = [
            f"{name or '您本人'}，{hours_text(minutes)}：\n{certificates.address(c, who, name)}" for name, minutes in whose[:4]
        ]
        turn.say("时长证明开好了（PDF），点开就能保存、打印，7天内有效：\n" + "\n".join(lines))

    async def _ranking(self, turn: Turn) -> None:
        found = await points.ranking(turn.community, turn.resident_id)
        own = await points.balance(turn.community, turn.resident_id, 1)
        choice = _ask("不显示我", "ranked_off") if own.ranked else _ask("我也上榜", "ranked_on")
        if not found:
            turn.say("还没有邻居上榜。上榜要自己愿意，只显示姓和时长。", [choice])
            return
        rows = "\n".join(f"第{n}名 {name} {hours_text(minutes)}" for n, (name, minutes) in enumerate(found, 1))
        turn.say(f"本社区愿意上榜的邻居：\n{rows}", [choice])


def topic_of(text: str) -> str:
    """What of points a text asks for; 'balance' when it is only about points or hours."""
    return next((topic for topic, pattern in _TOPICS if pattern.search(text)), "balance")


def _ask(title: str, answer: str) -> Choice:
    return Choice(title, payload("ask_points", answer=answer))
