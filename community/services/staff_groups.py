"""Group intake in WeCom: a block is passed on, its drafts are shown with a digit each, and a digit or a word decides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chinese.group_talk import is_block
from chinese.normalise import normalise
from chinese.numerals import to_int
from community.errors import InvalidInput
from community.model.category import RULES, Urgency
from community.model.diary import category_said
from community.model.intake import DraftState
from community.services import intake, intake_acts, staff_visits
from community.services.intake import DraftView
from community.services.intake_acts import Change
from community.services.staff_turn import Order, Reply, Turn
from community.services.staff_words import MOST

KINDS = frozenset({"group", "drafts", "confirm", "drop", "merge", "amend", "undo"})
ASK = "group_drafts"
ASKS = frozenset({ASK, "group_why", "group_block"})
NO_LIST = "现在没有正在看的群消息草稿。写“草稿”看一遍，再回复序号。"
NONE_WAITING = "没有等着确认的群消息草稿。把群里的话发过来就行，比如：群消息 张阿姨：3幢电梯又坏了。"
HOW = "回复序号就立单；也可以写：确认 1 2、并入 1、不要 2 已办过、改 1 3幢2单元。"


@dataclass(frozen=True)
class Words:
    """An order that is read as something else than its grammar said."""

    kind: str
    words: str
    number: str | None = None
    to: str = ""


def answers_instead(order: Order) -> bool:
    """Where words were asked for (办结说明), 李奶奶：灯换好了 and 确认 are the words. A block is a block, whatever was asked."""
    return order.kind in KINDS and not (order.kind == "group" and is_block(order.words))


async def handle(turn: Turn, order: Order) -> Reply:
    match order.kind:
        case "group":
            return await _take(turn, order.words)
        case "drafts":
            return await _list(turn)
        case "undo":
            view = await intake_acts.undo(turn.c, turn.me)
            return await _list(turn, f"已撤销，“{_short(view)}”又在草稿里了。")
        case "confirm":
            return await confirm(turn, order.number or _places(order.words))
        case "drop":
            (draft,) = _chosen(turn, order.number or "")
            if not order.words.strip():
                return Reply("为什么不要？请回复一句，或者写“算了”。", ask="group_why", options=[{"kind": ASK, "number": str(draft)}])
            return await _drop(turn, draft, order.words)
        case "merge":
            (draft,) = _chosen(turn, order.number or "")
            view = await intake_acts.merge(turn.c, turn.me, draft, order.words)
            return await _list(turn, f"已并入工单{view.ticket}，经办人看得到。", view.ticket)
    return await _amend(turn, order)


async def answered(turn: Turn, text: str) -> Reply:
    """The words that were asked for: why not, or the block itself."""
    if turn.asking == "group_why":
        return await _drop(turn, int(turn.talk.options[0]["number"]), text)
    if turn.asking == "group_block":
        return await _take(turn, f"群消息\n{text}")
    return Reply(f"没看懂这句。{HOW}", ask=ASK, options=turn.talk.options)


async def confirm(turn: Turn, places: str) -> Reply:
    """One, several, or all. Without a place the only one there is."""
    filed, number = [], ""
    for draft in _chosen(turn, places or ("1" if len(turn.talk.options) == 1 else "")):
        view = await intake_acts.confirm(turn.c, turn.me, draft)
        number = view.ticket
        filed.append(f"工单{view.ticket}（{view.category_name}{'，' + view.place_text if view.place_text else ''}）")
    return await _list(turn, f"已立单：{'、'.join(filed)}。", number)


async def _take(turn: Turn, words: str) -> Reply:
    if len(words.strip()) <= len("群聊天记录"):
        return Reply("请把群里的话贴过来（10分钟内），谁说的、说了什么，一次可以贴几个人的。", ask="group_block")
    taken = await intake.take(turn.c, turn.me, words)
    head = [*taken.alarms]
    waiting = [view for view in taken.drafts if view.state is DraftState.OPEN]
    new = len(taken.drafts) - taken.again
    head.append(f"记下{new}条草稿，还没有立单：" if new else "这些已经转来过了：")
    if new and taken.again:
        head[-1] = f"记下{new}条草稿，另有{taken.again}条之前转来过，都还没有立单："
    ended = [f"“{_short(view)}”{_ended(view)}" for view in taken.drafts if view.state is not DraftState.OPEN]
    if not waiting:
        return Reply("\n".join([*taken.alarms, "这段话之前转来过：", *ended]))
    left = [f"另有{taken.left}句像是闲聊，没有记。"] if taken.left else []
    return _shown(waiting, [*head], [*ended, *left])


async def _list(turn: Turn, head: str = "", number: str = "") -> Reply:
    views, total = await intake.list_drafts(turn.c, turn.me, limit=MOST)
    if not views:
        return Reply(head or NONE_WAITING, number)
    first = f"还有{total}条群消息草稿：" if head else f"等着确认的群消息草稿{total}条："
    return _shown(views, [head, first] if head else [first], [], number)


def _shown(views: Sequence[DraftView], head: list[str], foot: list[str], number: str = "") -> Reply:
    options = [{"kind": ASK, "number": str(view.id)} for view in views[:MOST]]
    lines = [line_of(place, view) for place, view in enumerate(views[:MOST], 1)]
    more = [f"还有{len(views) - MOST}条，请到工作台的“群消息”里看。"] if len(views) > MOST else []
    return Reply("\n".join([*head, *lines, *more, *foot, HOW]), number, ask=ASK, options=options)


def line_of(place: int, view: DraftView) -> str:
    """1 【较急】电梯，剡溪花园3幢，张阿姨：又坏了（另1户）。已有100231，可并入."""
    mark = f"【{view.urgency_name}】" if view.urgency != "normal" else ""
    where = view.place_text or "地点不明"
    said = view.words.replace("\n", "；")
    said = said if len(said) <= 60 else said[:59] + "…"
    also = f"（另{view.also}户也说）" if view.also else ""
    there = ""
    if view.match is not None:
        incident = f"（事件{view.match.incident}）" if view.match.incident else ""
        there = f"\n   已有 #{view.match.number}{incident}{view.match.title}，可写“并入 {place}”"
    return f"{place} {mark}{view.category_name}，{where}，{view.who or '有邻居'}：{said}{also}{there}"


async def _drop(turn: Turn, draft: int, why: str) -> Reply:
    view = await intake_acts.drop(turn.c, turn.me, draft, why)
    return await _list(turn, f"“{_short(view)}”不要了。写错了回复“撤销”。")


async def _amend(turn: Turn, order: Order) -> Reply:
    """改 1 3幢2单元 the place, 改 1 照明 the category, anything else the words. Where no draft is being looked at it is about
    the diary's note."""
    if turn.asking != ASK:
        return await staff_visits.handle(turn, Words("change", f"{order.number} {order.words}"))
    (draft,) = _chosen(turn, order.number or "")
    words = order.words.strip()
    named = category_said(words)
    if named is not None and len(words) <= len(RULES[named].name) + 2:
        change = Change(category=named)
    elif words in ("危急", "较急", "急", "一般", "不急"):
        change = Change(urgency={"危急": Urgency.DANGER, "较急": Urgency.HIGH, "急": Urgency.HIGH}.get(words, Urgency.NORMAL))
    elif await intake.only_a_place(turn.c, words):
        change = Change(place_text=words)
    else:
        change = Change(words=words)
    await intake_acts.amend(turn.c, turn.me, draft, change)
    return await _list(turn, "已改。")


def _chosen(turn: Turn, places: str) -> list[int]:
    """Ids of drafts in the list just shown. Raises InvalidInput when there is no list, or no such place in it."""
    options = turn.talk.options if turn.asking == ASK else []
    if not options:
        raise InvalidInput(NO_LIST)
    if places == "all":
        return [int(one["number"]) for one in options]
    found = []
    for place in places.split():
        if not 1 <= int(place) <= len(options):
            raise InvalidInput(f"上面没有第{place}条。{HOW}")
        found.append(int(options[int(place) - 1]["number"]))
    if not found:
        raise InvalidInput(f"有几条，请写上序号。{HOW}")
    return found


def _places(words: str) -> str:
    """1、2和三 -> '1 2 3'; 全部 -> 'all'; '' for nothing."""
    found = [to_int(word) for word in re.findall(r"\d{1,2}|[一二三四五六七八九十]{1,3}", normalise(words).text)]
    return " ".join(dict.fromkeys(str(value) for value in found if value)) or ("all" if words.strip() else "")


def _short(view: DraftView) -> str:
    said = view.words.split("\n")[0]
    return said if len(said) <= 16 else said[:15] + "…"


def _ended(view: DraftView) -> str:
    if view.ticket:
        return f"{view.state_name}（工单{view.ticket}）"
    return f"{view.state_name}（{view.reason}），要用回复“撤销”"
