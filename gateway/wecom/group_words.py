"""What neighbours said in a group, passed on; and what is to become of the drafts of it. No I/O."""

from __future__ import annotations

import re

from chinese.group_talk import is_block, is_quote
from chinese.numerals import to_int
from gateway.wecom.grammar import HURRY, PARTICLE, QUESTION, Command, Kind
from gateway.wecom.numbers import SEP
from gateway.wecom.typed import Typed

_DRAFTS = re.compile(rf"\A{SEP}*(?:看看?|查看?|还有)?(?:群消息|群里的?)?(?:的)?草稿(?:列表|箱)?(?:有哪些|有几条)?{SEP}*\Z")
_PLACE = r"(?:第?(?:\d{1,2}|[一二三四五六七八九十]{1,3})(?:个|条|号)?)"
_PLACES = rf"(?P<places>{_PLACE}(?:[\s,，、和及]+{_PLACE})*|全部|全都|都|所有的?)"
_CONFIRM = re.compile(
    rf"\A{SEP}*{HURRY}(?:确认|立单|确定)(?:立单)?{SEP}*{_PLACES}{PARTICLE}{SEP}*\Z"
    rf"|\A{SEP}*(?P<all>全部|全都|都)(?:确认|立单){PARTICLE}{SEP}*\Z"
)
_BARE = re.compile(rf"\A{SEP}*(?:确认|确认立单){SEP}*\Z")
_DROP = re.compile(
    rf"\A{SEP}*{HURRY}(?:不要|删掉?|去掉|作废){SEP}*(?P<places>{_PLACE})(?!\d|[幢栋楼号]){PARTICLE}"
    rf"(?:{SEP}+|\Z|(?=[因是不已]))(?P<why>.*)\Z",
    re.DOTALL,
)
_MERGE = re.compile(
    rf"\A{SEP}*{HURRY}(?:并入|合并|并到){SEP}*(?P<places>{_PLACE})(?!\d|[幢栋楼]){SEP}*"
    rf"(?:(?:并?[入到]|和){SEP}*)?#?(?P<number>\d{{4,10}})?{SEP}*\Z"
)
_AMEND = re.compile(
    rf"\A{SEP}*{HURRY}(?:改|修改|更正){SEP}*(?P<places>{_PLACE})(?![\d幢栋楼号月日点.:：-])"
    rf"(?:{SEP}+|(?=[^\d\s]))(?:是|成|为|到)?(?P<words>.+)\Z",
    re.DOTALL,
)
_UNDO = re.compile(rf"\A{SEP}*(?:撤销|恢复草稿|撤回草稿|撤销草稿){SEP}*\Z")


def group(text: str) -> Command | None:
    """A block out of a group. Said to be one (群消息), or of the shape of one."""
    return Command(Kind.GROUP, words=text.strip()) if is_block(text) else None


def quoted(text: str) -> Command | None:
    """张阿姨：3幢电梯又坏了, when it is nothing else."""
    return Command(Kind.GROUP, words=text.strip()) if is_quote(text) else None


def about_draft(typed: Typed) -> Command | None:
    text = typed.text
    if _DRAFTS.match(text):
        return Command(Kind.DRAFTS)
    if _UNDO.match(text):
        return Command(Kind.UNDO)
    if _BARE.match(text):
        return Command(Kind.CONFIRM)
    if (match := _CONFIRM.match(text)) and not QUESTION.search(text):
        which = "all" if match["all"] else "places"
        one = _number(match[which])
        return Command(Kind.CONFIRM, one, "" if one else typed.words(match.start(which), match.end(which)))
    if match := _DROP.match(text):
        return Command(Kind.DROP, _number(match["places"]), typed.words(match.start("why")))
    if match := _MERGE.match(text):
        return Command(Kind.MERGE, _number(match["places"]), typed.words(*match.span("number")) if match["number"] else "")
    if (match := _AMEND.match(text)) and not QUESTION.search(text):
        return Command(Kind.AMEND, _number(match["places"]), typed.words(match.start("words")))
    return None


def _number(places: str) -> str | None:
    """The one place that is named, in digits; None for several, or all."""
    found = {to_int(word) for word in re.findall(r"\d{1,2}|[一二三四五六七八九十]{1,3}", places)}
    one = found.pop() if len(found) == 1 else None
    return str(one) if one else None
