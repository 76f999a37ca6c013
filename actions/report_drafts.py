"""Several problems told in one breath: one draft each, on one card, filed as tickets of their own.

The first draft lives in the form's own slots; the others in `report_more`, a list of `{words, category, place, place_id}` whose place is
empty where it is the first one's.
"""

from __future__ import annotations

import re
from typing import Any

from actions.forms import Values
from actions.report_card import category_of
from actions.report_words import names_a_spot, place_text
from actions.turn import Turn
from chinese.numerals import to_int
from community.services import places

MOST = 5
"""Drafts of one message. Who tells of more than this is better served by a person; the rest stays in the last draft's words."""
_WHICH = re.compile(r"第\s*(?P<n>[1-5一二两三四五])\s*[件个条项样]")
_DROP = re.compile(r"不要|删|去掉|不报|不用|取消|算了|撤")
_JOIN = re.compile(r"合(成|并|在|到)|(当|算|做|是|并)(作|成|为)?(同)?一(件|个)|不要分|别分|一起报")
_SAY = re.compile(
    r"^.{0,6}第\s*[1-5一二两三四五]\s*[件个条项样]\s*(?:事|问题)?\s*"
    r"(?:改成|改为|换成|应该是|是|：|:|说的是|内容)?[，,：:\s]*"
)

Draft = dict[str, Any]


async def further_drafts(turn: Turn) -> tuple[str, str, list[Draft]] | None:
    """(words, category) of the first problem and the drafts of the others; None when the message tells of one thing."""
    told = turn.problems()
    if len(told) < 2:
        return None
    kept, rest = told[:MOST], told[MOST:]
    if rest:
        kept[-1] = (kept[-1][0], "，".join([kept[-1][1], *(words for _, words in rest)]))
    estate = (await places.resolve(turn.community, turn.text, turn.resident_id)).estate or ""
    drafts = [await _draft(turn, words, category, estate) for category, words in kept[1:]]
    return kept[0][1].strip(), str(category_of((kept[0][0], 1.0))), drafts


async def _draft(turn: Turn, words: str, category: str, estate: str = "") -> Draft:
    """`estate` is the one the whole message names: who then says 还有7幢 means the 7th of that."""
    words = words.strip()
    guess = await places.resolve(turn.community, words, turn.resident_id)
    if estate and (not guess.estate or guess.from_home and guess.estate != estate):
        there = await places.resolve(turn.community, estate + words, turn.resident_id)
        guess = there if there.precise in ("room", "unit", "building") else guess
    own = guess.precise in ("room", "unit", "building") or (guess.precise == "estate" and names_a_spot(words))
    return {
        "words": words,
        "category": str(category_of((category, 1.0))),
        "place": place_text(guess.text, words, guess.precise != "estate") if own else "",
        "place_id": guess.place_id if own else None,
    }


async def change(turn: Turn, values: Values) -> Values | None:
    """What words like 第2件不要, 合成一件 or 第2件改成… change. None when they say nothing of the kind."""
    drafts = all_drafts(values)
    if len(drafts) < 2:
        return None
    if _JOIN.search(turn.text):
        words = "，".join(draft["words"].rstrip("，。,. ") for draft in drafts)
        return {"report_words": words, "report_more": None, "report_edit": None}
    which = _WHICH.search(turn.text)
    number = to_int(which["n"]) if which else None
    if number is None or number > len(drafts):
        return None
    if _DROP.search(turn.text):
        del drafts[number - 1]
        return {**_values(drafts, values), "report_edit": None}
    said = _SAY.sub("", turn.text).strip()
    if len(said) < 2:
        return None
    drafts[number - 1] = await _draft(turn, said, str(category_of(turn.category())))
    if number == 1:
        drafts[0] = {"words": said, "category": drafts[0]["category"]}
    return {**_values(drafts, values), "report_edit": None}


def all_drafts(values: Values) -> list[Draft]:
    """The first draft (its place is the form's own) and the further ones."""
    first = {"words": values["report_words"], "category": values["report_category"]}
    return [first, *(dict(draft) for draft in values["report_more"] or [])]


def _values(drafts: list[Draft], values: Values) -> Values:
    first, *more = drafts
    changes: Values = {
        "report_words": first["words"],
        "report_category": first["category"],
        "report_more": more or None,
    }
    if first.get("place"):  # a further draft with a place of its own has moved up
        changes |= {"report_place": first["place"], "report_place_id": first["place_id"]}
        for draft in more:
            if not draft["place"]:  # what stood at the old place stays there
                draft |= {"place": values["report_place"], "place_id": values["report_place_id"]}
    return changes
