"""What is being talked about in the community, when they meet next, what was decided and what became of it."""

from __future__ import annotations

import re

from rasa_sdk.events import EventType

from actions.base import LinsheAction
from actions.guide_card import lean_on_guide
from actions.proposing import ask_which_to_sign, sign_choice
from actions.ticket_text import payload
from actions.turn import Choice, Turn
from community.model.ballot import Ballot, BallotStatus, Kind
from community.model.calendar import day_text
from community.model.deliberation import MEETING_NAMES, OUTCOME_NAMES, SIGNABLE, SIGNS, Outcome, Status
from community.services import guides, meetings, proposals
from community.services.ballot_count import result_text
from community.services.deliberation import ProposalView
from community.services.proposals import Overview, ProposalNews

SHOWN = 5
_MINUTES = re.compile(r"纪要|记要|会议记录|记录|讲了|讲点|说了什么|讲啥|开得怎么样|会上都|上(次|趟|回|礼拜|周).{0,6}会|没(去|赶上)")
_REVIEW = re.compile(r"评议|物业.{0,4}(得分|分数|考核|打分|多少分)")
_RESULT = re.compile(r"结果|通过|多少票|票数|几比几|几票|谁赢|赢了|定下来|结论|定了|选上|开票|反对的|赞成的|够(不够|了)?三分之二|过半")
_MEETING = re.compile(
    r"什么时候|啥辰光|几号|哪天|几点|几时|何时|日子|日程|议程|开会|会议|下(次|回|一次)|在哪|几楼|通知|旁听|参加|改期|坝坝会|恳谈会|听证会"
)


class ActionAskDeliberation(LinsheAction):
    keeps_list = True

    def name(self) -> str:
        return "action_ask_deliberation"

    async def act(self, turn: Turn) -> list[EventType]:
        c, who = turn.community, turn.resident_id
        # 人大代表什么时候接待 sounds like a meeting.
        if guides.asks_contact(turn.text) and (asked := await lean_on_guide(turn)) is not None:
            return asked
        answer = (turn.entity("answer") or "") if turn.is_payload else ""
        what, _, rest = answer.partition(":")
        if what == "proposal" and rest.isdigit() and len(rest) < 10:
            detail(turn, await proposals.news(c, who, int(rest)))
            return []
        seen = await proposals.overview(c, who)
        if not seen.community:
            turn.say("先要知道您住哪里，才知道是哪个社区的会。", () if turn.in_form else [Choice("绑定住址", "/bind_home")])
            return []
        text = turn.text
        if SIGNS.search(text) and not turn.in_form and re.search(r"我家?也?要?(附议|联名)|^附议", text):
            await ask_which_to_sign(turn)
            return []
        found = await proposals.find(c, who, text) if text else []
        if len(found) == 1:
            detail(turn, await proposals.news(c, who, found[0].id))
        elif found:
            listed(turn, "您问的是哪一个？回数字：", found)
        elif _REVIEW.search(text):
            results(turn, [one for one in seen.counted if one.kind is Kind.SCORES], "还没有物业评议的结果。")
        elif _MINUTES.search(text) and seen.last is not None:
            turn.say(meetings.minutes_text(seen.last))
        elif _RESULT.search(text) and seen.counted:
            results(turn, list(seen.counted), "")
        elif _MEETING.search(text):
            meeting(turn, seen)
        else:
            everything(turn, seen)
        return []


def meeting(turn: Turn, seen: Overview) -> None:
    one, now = seen.meeting, turn.community.clock.now()
    if one is None:
        last = f"上一次是“{seen.last.title}”。" if seen.last is not None else ""
        turn.say(f"{seen.community}下一次议事会还没定日子，一个季度开一次，定了就通知您。{last}", _choices(turn, seen.proposals))
        return
    rows = [f"下一次是{MEETING_NAMES[one.kind]}“{one.title}”：", f"{day_text(one.starts_at, now)}，{one.where_text}。"]
    if seen.agenda:
        rows += ["要议：", *(f"· {title}" for title in seen.agenda)]
    rows.append("本社区居民都可以来听、来说。")
    turn.say("\n".join(rows))


def everything(turn: Turn, seen: Overview) -> None:
    now = turn.community.clock.now()
    rows = [f"{seen.community}的协商议事："]
    if seen.meeting is not None:
        rows.append(f"下次开会：{day_text(seen.meeting.starts_at, now)}，{seen.meeting.where_text}")
    for ballot in seen.voting:
        rows.append(f"正在投票：{ballot.title}（{day_text(ballot.closes_at, now)}截止）")
    if seen.counted:
        rows.append(f"最近结果：{_short(seen.counted[0])}")
    shown = [one for one in seen.proposals if one.status not in (Status.WITHDRAWN, Status.REFUSED, Status.DONE)][:SHOWN]
    if not shown and len(rows) == 1:
        turn.say(f"{seen.community}现在没有在议的事。您有想请大家商量的，跟我说一句就行，比如“建议装电瓶车棚”。")
        return
    vote = [Choice(f"投票：{one.title}", payload("vote", answer=f"ballot:{one.id}")) for one in seen.voting[:2]]
    listed(turn, "\n".join(rows) + ("\n回数字看详情：" if shown or vote else ""), shown, vote)


def listed(turn: Turn, opening: str, shown: list[ProposalView], before: list[Choice] | None = None) -> None:
    first = before or []
    if turn.in_form:
        turn.say("\n".join([opening.removesuffix("\n回数字看详情："), *(f"· {one.title}（{one.state}）" for one in shown)]))
        return
    rows = [f"{n} {choice.title}" for n, choice in enumerate(first, 1)]
    rows += [f"{n} {one.title}（{one.state}）" for n, one in enumerate(shown, len(first) + 1)]
    turn.say("\n".join([opening, *rows]), [*first, *_choices(turn, shown)], show=False)


def _choices(turn: Turn, shown: tuple[ProposalView, ...] | list[ProposalView]) -> list[Choice]:
    if turn.in_form:
        return []
    return [Choice(f"看 {one.title}", payload("ask_deliberation", answer=f"proposal:{one.id}")) for one in shown[:SHOWN]]


def _short(ballot: Ballot) -> str:
    if ballot.kind is Kind.SCORES:
        return f"{ballot.title}：{ballot.result.get('words', '')}"
    return f"{ballot.title}，{OUTCOME_NAMES[ballot.outcome or Outcome.NO_QUORUM]}"


def results(turn: Turn, counted: list[Ballot], none: str) -> None:
    if not counted:
        turn.say(none)
        return
    rows = [result_text(counted[0]), *(f"更早的：{_short(one)}" for one in counted[1:3])]
    turn.say("\n".join(rows))


def detail(turn: Turn, news: ProposalNews) -> None:
    one, now = news.proposal, turn.community.clock.now()
    rows = [f"议题{one.id}“{one.title}”：{one.state}。"]
    choices: list[Choice] = []
    if one.status in SIGNABLE:
        if news.signed_by_us:
            rows.append(f"您家附议过了，现在{one.signed}户。")
        else:
            rows.append(f"现在{one.signed}户附议。")
            choices.append(sign_choice(one))
    if one.status is Status.AGENDA and news.meeting is not None:
        rows.append(f"{day_text(news.meeting.starts_at, now)}在{news.meeting.where_text}议。")
    for ballot in news.ballots:
        if ballot.status is BallotStatus.OPEN:
            rows.append(f"正在投票，{day_text(ballot.closes_at, now)}截止；开票前谁也看不到票数。")
            choices.append(Choice("去投票", payload("vote", answer=f"ballot:{ballot.id}")))
    if one.outcome is not None:
        rows.append(f"结果：{OUTCOME_NAMES[one.outcome]}。{one.outcome_words}。".replace("。。", "。"))
    if one.status is Status.REFUSED:
        rows.append(f"没有受理的原因：{one.reason}")
    for task in news.tasks:
        mark = "已完成" if task.done else f"{task.due.month}月{task.due.day}日前"
        rows.append(f"落实：{task.what}（{task.owner}，{mark}）" + (f"，{task.progress}" if task.progress else ""))
    turn.say("\n".join(rows), () if turn.in_form else choices)
