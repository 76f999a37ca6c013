"""What can be done with one ticket, each move one service and one message. Shared by the form and by its way inside other forms."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions import slots
from actions.reading import read_score
from actions.ticket_text import holder, next_choices, payload, progress, score_choices
from actions.turn import Choice, Turn
from community.model.calendar import day_text
from community.model.ticket import Status
from community.services import tickets

TASKS = frozenset({
    "ask_progress", "urge", "add_note", "withdraw_ticket", "confirm_resolved", "partly_resolved", "not_resolved", "rate",
})  # fmt: skip

FITTING: dict[str, frozenset[Status]] = {
    "confirm_resolved": frozenset({Status.RESOLVED}),
    "not_resolved": frozenset({Status.RESOLVED, Status.CONFIRMED, Status.CLOSED}),
    "partly_resolved": frozenset({Status.RESOLVED, Status.CONFIRMED, Status.CLOSED}),
    "rate": frozenset({Status.CONFIRMED, Status.CLOSED}),
}
"""The states a task is about. When exactly one of several tickets fits, that is the one meant."""


async def do(turn: Turn, task: str, number: str, text: str = "", photos: tuple[str, ...] = ()) -> list[EventType]:
    """Make the move and tell what came of it. Raises LinsheError."""
    c, who = turn.community, turn.resident_id
    if task == "ask_progress":
        detail = await tickets.progress(c, who, number)
        turn.say(progress(detail, c.clock.now()), [] if turn.in_form else next_choices(detail.ticket))
    elif task == "urge":
        await _urge(turn, number)
    elif task == "add_note":
        ticket = await tickets.add_note(c, who, number, text, photos, turn.key("note"))
        sent = f"和{len(photos)}张照片" if photos and text else f"{len(photos)}张照片" if photos else ""
        turn.say(
            f"补充好了，您的话{sent}已记到工单{number}，{holder(ticket)}能看到。"
            if text
            else (f"{sent}已加到工单{number}，{holder(ticket)}能看到。")
        )
    elif task == "withdraw_ticket":
        ticket = await tickets.withdraw(c, who, number, text, turn.key("withdraw"))
        if ticket.status is Status.WITHDRAWN:
            turn.say(f"工单{number}（{ticket.title}）已撤回，不会再派人来。以后还有问题随时跟我说。")
        else:
            turn.say(f"好的，工单{number}不用您再管了。还有邻居在等，会接着办，有进展不再打扰您。")
    elif task == "confirm_resolved":
        await _confirm(turn, number)
    elif task in ("not_resolved", "partly_resolved"):
        partly = task == "partly_resolved"
        ticket = await tickets.reopen(c, who, number, text, turn.key("reopen"), partly=partly)
        by = day_text(ticket.resolve_by, c.clock.now())
        if partly and ticket.partly:
            turn.say(f"好的，工单{number}记为办了一部分，由{holder(ticket)}接着把剩下的办完，新的承诺是{by}前。")
        else:
            turn.say(f"对不住，让您又跑一趟。工单{number}已退回重办，由{holder(ticket)}负责，新的承诺是{by}前。")
    elif task == "rate":
        await _rate(turn, number, text)
    return [slots.LAST_TICKET.to(number)]


async def _urge(turn: Turn, number: str) -> None:
    c = turn.community
    urged = await tickets.urge(c, turn.resident_id, number, turn.key("urge"))
    ticket, again = urged.ticket, day_text(urged.next_at, c.clock.now())
    if not urged.counted:
        turn.say(f"工单{number}半小时内刚催过，{again}以后可以再催。急的话直接打给{holder(ticket)}。")
        return
    by = day_text(ticket.resolve_by, c.clock.now())
    late = "已经超过承诺时间，" if ticket.overdue else ""
    turn.say(f"已帮您催办工单{number}（第{ticket.urge_count}次），{late}{holder(ticket)}会看到。承诺{by}前办好。")


async def _confirm(turn: Turn, number: str) -> None:
    c = turn.community
    ticket = (await tickets.progress(c, turn.resident_id, number)).ticket
    if ticket.is_open:
        turn.say(
            f"工单{number}还在“{ticket.status_name}”，办好后我会请您确认。要是已经好了、不用来人了，可以撤回。",
            [Choice("撤回这件", payload("withdraw_ticket", ticket_number=number)), Choice("先不撤", payload("thanks"))],
        )
        return
    ticket = await tickets.confirm(c, turn.resident_id, number, turn.key("confirm"))
    if ticket.status is Status.RESOLVED:
        turn.say(f"记下了，您认可调解结果（工单{number}），等另一方也说一声就结案。")
        return
    if ticket.second:
        turn.say(f"记下了，两方都认可，调解（工单{number}）到此结束，谢谢您。")
        return
    turn.say(f"太好了，工单{number}已按您的意思确认办好。这次办得怎么样，给打个分吧：", score_choices(number))


async def _rate(turn: Turn, number: str, text: str) -> None:
    score = read_score(text)
    if score is None:
        turn.say(f"工单{number}办得怎么样，给打个分吧：", score_choices(number))
        return
    await tickets.rate(turn.community, turn.resident_id, number, score, turn.key("rate"))
    sorry = "没让您满意，很抱歉，您的评价会转给社区改进。" if score <= 2 else "谢谢您的评价！"
    turn.say(f"已记下：工单{number}，{score}分。{sorry}")


async def which(turn: Turn, task: str, text: str, options: list[str] | None = None) -> tickets.Found:
    """The ticket `text` means for `task`; among several, the only one in a fitting state, or the one just spoken of.

    `options` are the numbers offered before: only these count then. Raises NotFound for a number that is not the resident's.
    """
    found = await tickets.find(turn.community, turn.resident_id, text)
    candidates = [t for t in found.candidates if not options or t.number in options]
    if found.ticket is not None or found.wrong_number or len(candidates) < 2:
        only = candidates[0] if len(candidates) == 1 else None
        return tickets.Found(found.ticket or only, [] if only else candidates, found.wrong_number)
    fitting = [t for t in candidates if t.status in FITTING[task]] if task in FITTING else []
    if len(fitting) == 1:
        return tickets.Found(fitting[0], [])
    last = slots.LAST_TICKET.of(turn.tracker)
    spoken_of = next((t for t in candidates if t.number == last), None)
    if spoken_of is not None and not (task == "ask_progress" and wants_all(text)):
        return tickets.Found(spoken_of, [])
    return tickets.Found(None, fitting or candidates)


def wants_all(text: str) -> bool:
    """Whether a resident asks for the list rather than for one ticket. No words at all (a button) means the list."""
    return not text or any(
        word in text for word in ("哪些", "所有", "全部", "几个", "几件", "我的工单", "报过", "记录", "名下")
    )
