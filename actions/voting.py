"""Voting in chat: what is on, a paper, digits, what was chosen read back, and one vote a household.

Of a secret ballot neither this action nor Rasa's tracker ever holds the name of what was chosen: digits, whose meaning is on a paper.
"""

from __future__ import annotations

import re

from rasa_sdk.events import EventType

from actions.base import LinsheAction
from actions.proposing import ask_which_to_sign, sign
from actions.ticket_text import payload
from actions.turn import Choice, Turn
from community.errors import LinsheError
from community.model.ballot import ABSTAIN, AGAINST, AGREE, Ballot
from community.model.calendar import day_text
from community.model.deliberation import SIGNS, mention
from community.services import voting
from community.services.voting import OnFor, Question

_CHOICES = (
    (AGAINST, re.compile(r"不同意|反对|不赞成|不赞同|不支持")),
    (ABSTAIN, re.compile(r"弃权|都不选|空白票")),
    (AGREE, re.compile(r"同意|赞成|赞同|支持")),
)
_ASKS = (
    (re.compile(r"几票|两票|两套|一户能投|一票还是"), "一户一票，按房子算；有两套房、两户都在名册里的，各投一票。"),
    (re.compile(r"能改|改投|改票|重投|收回|投错|重新投"), "投出就不能改了，所以我会先念一遍，您回1才算投出。"),
    (re.compile(r"代|替|帮我?(妈|爸|老)|委托"), "同一户里谁来投都行，先投的算；不住一起的，要本人来投，或者拿委托书找社区办。"),
    (re.compile(r"租客|租房|租户"), "按名册一户一票，租客和房东先商量好由谁来投；业主共同决定的事要业主投。"),
    (re.compile(r"匿名|记名|看得到|谁投|透明"), ""),
    (re.compile(r"纸质|纸票|打不开|验证码|链接|不会(弄|操作|用)"), "不用链接，就在这里回数字投；不方便的，请社区工作人员上门帮忙。"),
)
"""Questions about voting that have the same answer every time."""
_TYPED = "（这次无记名：您打的字会留在聊天记录里，不算投票，请回数字投。）\n"


def said_choice(text: str) -> str:
    return next((option for option, pattern in _CHOICES if pattern.search(text)), "")


def answered(text: str) -> str:
    return "".join(answer for pattern, answer in _ASKS if answer and pattern.search(text))


class ActionVote(LinsheAction):
    keeps_list = True

    def name(self) -> str:
        return "action_vote"

    async def act(self, turn: Turn) -> list[EventType]:
        answer = (turn.entity("answer") or "") if turn.is_payload else ""
        if turn.in_form:
            turn.say("投票等这边先办完，再跟我说“投票”就行。")
            return []
        what, _, rest = answer.partition(":")
        if what == "sign" and rest.isdigit() and len(rest) < 10:
            await sign(turn, int(rest))
        elif what == "ballot" and rest.isdigit() and len(rest) < 10:
            ask(turn, await voting.paper(turn.community, turn.resident_id, int(rest)))
        elif what in ("paper", "cast"):
            await self._marked(turn, what, *rest.partition(":")[::2])
        elif SIGNS.search(turn.text):
            await ask_which_to_sign(turn)
        else:
            await self._begin(turn)
        return []

    async def _marked(self, turn: Turn, what: str, token: str, marks: str) -> None:
        c, who = turn.community, turn.resident_id
        if what == "paper":
            ask(turn, await voting.go_on(c, who, token, marks))
            return
        done = await voting.cast(c, who, token, marks, turn.key("cast"))
        secret = "无记名，谁也查不到您家投了什么；" if done.secret else ""
        turn.say(
            f"投好了：“{done.title}”，您家这一票算上了，谢谢！{secret}投出不能再改。"
            f"{day_text(done.closes_at, c.clock.now())}截止，开票后我把结果告诉您。"
        )

    async def _begin(self, turn: Turn) -> None:
        """Which ballot is meant: the only one, or a list."""
        known = answered(turn.text)
        found = await voting.on_for(turn.community, turn.resident_id)
        waiting = [one for one in found if one.takes and not one.voted]
        if not waiting:
            turn.say(known + _none(found, turn))
            return
        named = [one for one in waiting if mention(turn.text, one.ballot.title) >= 0.34]
        meant = named if len(named) == 1 else waiting
        if len(meant) > 1:
            shown = meant[:5]
            rows = "\n".join(f"{n} {title(one.ballot, turn)}" for n, one in enumerate(shown, 1))
            choices = [Choice(one.ballot.title, payload("vote", answer=f"ballot:{one.ballot.id}")) for one in shown]
            turn.say(f"{known}等您家投的有{len(meant)}件，回数字：\n{rows}", choices, show=False)
            return
        ballot, choice = meant[0].ballot, said_choice(turn.text)
        question = await voting.paper(turn.community, turn.resident_id, ballot.id, choice)
        ask(turn, question, known + (_TYPED if choice and ballot.secret else ""))

    async def refused(self, turn: Turn, refusal: LinsheError) -> list[EventType]:
        known = answered(turn.text)
        turn.say(known + refusal.message, [Choice("看看在议什么", "/ask_deliberation"), Choice("找工作人员", "/ask_person")])
        return []


def title(ballot: Ballot, turn: Turn) -> str:
    return f"{ballot.title}（{day_text(ballot.closes_at, turn.community.clock.now())}截止）"


def _none(found: list[OnFor], turn: Turn) -> str:
    voted = [one.ballot for one in found if one.takes and one.voted]
    if voted:
        return f"您家已经投过“{voted[0].title}”了，一户一票。{day_text(voted[0].closes_at, turn.community.clock.now())}截止，开票后告诉您。"
    later = [one.ballot for one in found if not one.takes]
    if later and later[0].opens_at > turn.community.clock.now():
        return f"“{later[0].title}”{day_text(later[0].opens_at, turn.community.clock.now())}起投，到时候跟我说“投票”。"
    return "现在没有等您家投的表决。有了会通知您，一户一票，就在这里回数字投。"


def ask(turn: Turn, question: Question, before: str = "") -> None:
    """The next item, or all that was chosen read back."""
    token, marks = question.token, question.marks
    several = question.items > 1
    if question.complete:
        chosen = "\n".join(f"{item}：{said}" if several else said for item, said in question.said)
        turn.say(
            f"{before}“{question.title}”，您家选的是：\n{chosen}\n回 1 确定投出（投出不能改），回 2 重新选。",
            [
                Choice("确定投出", payload("vote", answer=f"cast:{token}:{marks}")),
                Choice("重新选", payload("vote", answer=f"paper:{token}:")),
            ],
        )
        return
    how = "无记名。" if question.secret else "记名。"
    rows = "\n".join(f"回 {digit} {name}" for digit, name in question.lines)
    heading = f"【{question.title}】"
    if several:
        heading += f"\n第{question.number}项，共{question.items}项：{question.item}"
    # Titles say nothing: of a secret ballot they are kept in the outbox like the text.
    choices = [Choice(f"选{digit}", payload("vote", answer=f"paper:{token}:{marks}{digit}")) for digit, _ in question.lines]
    turn.say(f"{before}{heading}\n{how}{'' if marks else '一户一票，先选再确认：'}\n{rows}", choices, show=False)
