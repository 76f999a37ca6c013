"""The moves of a ticket by a member's word or press. Each is made once by the message's id; rights are the desk's to judge."""

from __future__ import annotations

from datetime import timedelta

from community.errors import IllegalMove, InvalidInput
from community.model.calendar import day_text
from community.model.pausing import read_pause
from community.model.ticket import MOVE_NAMES, Move, Outcome, Status
from community.services import desk, staff_category
from community.services.staff_cards import STAFF_STATUS
from community.services.staff_turn import MOVES, Order, Reply, Turn, may
from community.services.staff_words import MOST, NOT_UNDERSTOOD, which
from community.services.views import TicketView

ASKED_FOR = {
    "resolve": "请回复一句办结说明（10分钟内），居民会看到；也可以先发照片。写“算了”就不办结。",
    "explain": "请回复为什么办不了、怎么跟居民解释的（10分钟内），居民会看到。写“算了”就不办。",
    "return": "请回复退回的原因（10分钟内），居民和社区都会看到。写“算了”就不退回。",
    "pause": "请回复为什么要等、等到哪天（10分钟内），比如：等配件，到12月5日。居民会看到。写“算了”就不暂缓。",
}
UNTIL_WHEN = "暂缓到哪天？请回复日子（10分钟内，最多60天），比如：12月5日。写“算了”就不暂缓。"
WHY = "为什么要等？请回复一句原因（10分钟内），居民会看到。写“算了”就不暂缓。"


async def do(turn: Turn, kind: str, number: str, words: str = "", to: str = "", *, again: bool = False) -> Reply:
    """Make the move, or ask for what is missing. `again`: it was made before we died, and only the answer is owed."""
    turn.number = number
    words = words.strip()[:1000]
    c, me, key = turn.c, turn.me, turn.key(kind)
    match kind:
        case "accept":
            view = await desk.accept(c, me, number, key)
            by = day_text(view.resolve_by, turn.now)
            return Reply(f"已接单：工单{number}（{view.title}），{by}前办结。办好后写：办结 {number} 做了什么", number)
        case "start":
            view = await desk.start(c, me, number, words, key)
            return Reply(f"已记到场：工单{number}（{view.title}）。办好后写：办结 {number} 做了什么", number)
        case "pause":
            return await _pause(turn, number, words, again)
        case "resume":
            view = await desk.resume(c, me, number, words, key)
            return Reply(f"已恢复计时：工单{number}（{view.title}），{day_text(view.resolve_by, turn.now)}前办结。", number)
        case "resolve" | "explain" | "return" if len(words) < 2:
            return await _ask_words(turn, kind, number, ASKED_FOR[kind])
        case "resolve" | "explain":
            return await _resolve(turn, number, words, explained=kind == "explain")
        case "return":
            view = await desk.return_ticket(c, me, number, words, key)
            return Reply(f"已退回：工单{number}（{view.title}），由社区重新安排。", number)
        case "transfer":
            return await pass_on(turn, number, 0, "") if again else await to_whom(turn, number, to, words)
        case "recategorise":
            return await staff_category.do(turn, number, to, words, again=again)
    raise InvalidInput(NOT_UNDERSTOOD)


async def _resolve(turn: Turn, number: str, words: str, *, explained: bool) -> Reply:
    photos = turn.talk.photos if turn.talk.ticket(turn.now) == number else []
    outcome = Outcome.EXPLAINED if explained else Outcome.SOLVED
    key = turn.key("explain" if explained else "resolve")
    view = await desk.resolve(turn.c, turn.me, number, words, tuple(photos), key, outcome)
    with_photos = f"，附照片{len(photos)}张" if photos else ""
    done = "已按办不了、已解释办结" if explained else "已办结"
    return Reply(f"{done}：工单{number}（{view.title}）{with_photos}，等居民确认。", number, photos=[])


async def _pause(turn: Turn, number: str, words: str, again: bool) -> Reply:
    reason, until = read_pause(words, turn.now)
    if again:
        # The key answers with the ticket as it is; what was said is not looked at any more.
        reason, until = reason.ljust(2, "。"), until or turn.now + timedelta(days=1)
    if until is None or len(reason) < 2:
        question = ASKED_FOR["pause"] if until is None and len(reason) < 2 else UNTIL_WHEN if until is None else WHY
        return await _ask_words(turn, "pause", number, question, words)
    view = await desk.pause(turn.c, turn.me, number, reason, until, turn.key("pause"))
    end = day_text(view.paused_until or until, turn.now)
    return Reply(f"已暂缓：工单{number}（{view.title}），到{end}。提前好了写：恢复 {number}", number)


async def _ask_words(turn: Turn, kind: str, number: str, question: str, words: str = "") -> Reply:
    found = await desk.open_ticket(turn.c, turn.me, number, household=False)
    view, move = found.detail.ticket, MOVES[kind]
    if move not in found.allowed:
        if may(view, move):
            raise IllegalMove("这件工单在别的同事手里，请先转给自己。")
        raise IllegalMove(_cannot(view, move))
    return Reply(f"工单{number}（{view.title}）：{question}", number, ask=kind, words=words)


def _cannot(view: TicketView, move: Move) -> str:
    first = "请先接单。" if view.status == Status.DISPATCHED else ""
    return f"工单{view.number}现在是“{STAFF_STATUS[Status(view.status)]}”，不能{MOVE_NAMES[move]}。{first}"


def note_in(turn: Turn, text: str, order: Order) -> str:
    """What was said as the note that was asked for; '' when it is something else."""
    asking = turn.asking
    if asking == "pause" and not order.number and order.kind in ("pause", "remind", "diary") or order.kind == "unknown":
        said = order.words if order.kind == "pause" else text
        return f"{turn.talk.words}，{said}" if asking == "pause" and turn.talk.words else said
    if asking == "pause" and order.kind == "number" and len(text) > len(order.number or ""):
        # 5号: of days, not of a list.
        return f"{turn.talk.words}，{text}" if turn.talk.words else text
    if order.kind == asking and not order.number:
        return order.words if len(order.words.strip()) >= 2 else text
    if order.kind in ("accept", "start", "resolve", "explain", "return") and not order.number and len(text) > 4:
        # «已处理，换了灯管» while a reason is awaited is the reason.
        return text if not order.words or order.kind == "resolve" else ""
    return ""


# --- to somebody else -----------------------------------------------------------------------------------------------------


async def to_whom(turn: Turn, number: str, name: str, reason: str) -> Reply:
    turn.number = number
    found = await desk.open_ticket(turn.c, turn.me, number, household=False)
    if Move.TRANSFER not in found.allowed:
        status = STAFF_STATUS[Status(found.detail.ticket.status)]
        raise IllegalMove(f"工单{number}现在是“{status}”，不能转派。")
    people = [(staff_id, label) for staff_id, label in found.transfer_to if staff_id != turn.me]
    fit, sure = _named(people, name) if name.strip() else ([], False)
    if len(fit) == 1 and sure:
        return await pass_on(turn, number, fit[0][0], reason)
    shown = fit or people
    if not shown:
        raise InvalidInput(f"工单{number}没有可以转派的同事。")
    question = f"工单{number}转给谁？" if fit or not name.strip() else f"没有找到“{name.strip()[:12]}”。工单{number}可以转给："
    options = [{"kind": "to", "number": number, "staff": s, "words": reason} for s, _ in shown[:MOST]]
    return Reply(which(question, [label for _, label in shown]), number, ask="transfer", options=options, words=reason)


async def pass_on(turn: Turn, number: str, to: int, reason: str) -> Reply:
    turn.number = number
    view = await desk.transfer(turn.c, turn.me, number, to, reason, turn.key("transfer"))
    return Reply(f"已转派：工单{number}（{view.title}）转给{view.holder_role}{view.holder_name}。", number)


def _named(people: list[tuple[int, str]], name: str) -> tuple[list[tuple[int, str]], bool]:
    """Those of this name, or with it in their name: sure. Else those of such a role or place: to be asked for, one too."""
    name = name.strip()
    names = {one: one[1].split(" · ")[0] for one in people}
    fit = [one for one in people if names[one] == name] or [one for one in people if names[one] in name or name in names[one]]
    return (fit, True) if fit else ([one for one in people if name in one[1].replace(" · ", "")], False)
