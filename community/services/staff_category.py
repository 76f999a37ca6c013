"""A ticket's category put right by a member's word in WeCom: 改类别 1234 噪音."""

from __future__ import annotations

import re

from community.errors import Forbidden, IllegalMove
from community.model.calendar import day_text
from community.model.category import Category, categories_named, category_name
from community.model.ticket import MOVE_NAMES, Move, Status
from community.services import desk
from community.services.recategorising import recategorise
from community.services.staff_cards import STAFF_STATUS
from community.services.staff_turn import Reply, Turn, may
from community.services.staff_words import MOST, which

ASK = "recategorise"
_IN_DANGER = re.compile(r"(?:^|(?<=[\s，,、]))危急(?=$|[\s，,。！!：:、])")
"""The word by itself. 不危急, 没有危急情况 and 危急的不是这件 are about it and do not say it."""


def says_danger(words: str) -> bool:
    return bool(_IN_DANGER.search(words.strip()))


async def do(turn: Turn, number: str, to: str, words: str, *, again: bool = False) -> Reply:
    """`to` is a category as it was said, or its code. Asks which when it is none, or may be several."""
    turn.number = number
    found = await desk.open_ticket(turn.c, turn.me, number, household=False)
    view = found.detail.ticket
    if not again and Move.RECATEGORISE not in found.allowed:
        if may(view, Move.RECATEGORISE):
            raise Forbidden("这件工单在别的同事手里，请先转给自己。")
        raise IllegalMove(f"工单{number}现在是“{STAFF_STATUS[Status(view.status)]}”，不能{MOVE_NAMES[Move.RECATEGORISE]}。")
    danger = says_danger(to) or says_danger(words)
    named = [view.category] if again else categories_named(_IN_DANGER.sub("", to))
    if len(named) != 1:
        return _ask(number, view.category_name, to, named, words)
    done = await recategorise(
        turn.c, turn.me, number, named[0], turn.key(ASK), _IN_DANGER.sub("", words).strip("，, "), seen=view.category, danger=danger
    )
    ticket = done.ticket
    by = day_text(ticket.resolve_by, turn.now)
    told = "，已告诉居民" if done.told else ""
    text = f"已改类别：工单{number}（{ticket.title}）按“{ticket.category_name}”，{by}前办结{told}。"
    if done.elsewhere is None:
        return Reply(text, number)
    staff, label = done.elsewhere
    options = [{"kind": "to", "number": number, "staff": staff, "words": f"类别改为{ticket.category_name}"}]
    question = f"{text}\n按新类别，这件归{label}。要改派给他，回复1；不用就不回。"
    return Reply(question, number, ask="transfer", options=options, words=f"类别改为{ticket.category_name}")


def _ask(number: str, now: str, to: str, named: list[Category], words: str) -> Reply:
    if named:
        options = [{"kind": ASK, "number": number, "words": words, "to": str(one)} for one in named[:MOST]]
        question = which(f"工单{number}改成哪一类？", [category_name(one) for one in named])
        return Reply(question, number, ask=ASK, options=options, words=words)
    said = f"没有“{to.strip()[:10]}”这一类。" if to.strip() else ""
    names = "、".join(category_name(one) for one in Category)
    return Reply(f"{said}工单{number}现在是“{now}”，改成哪一类？请回复：{names}。写“算了”就不改。", number, ask=ASK, words=words)
