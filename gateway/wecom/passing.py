"""Passing a ticket on, to whom and why: 转派 1234 张三, 1234转给张三请他看看. No I/O."""

from __future__ import annotations

import re

from gateway.wecom.grammar import BEGIN, ME, PARTICLE, QUESTION, Command, Kind, any_of, ends, is_talk
from gateway.wecom.numbers import SEP, number_at
from gateway.wecom.typed import Typed

_PASS_ON = any_of("转派 转单 转办 转给 转交 改派 移交 派给 交给 转")
_PASS_ON_ALONE = any_of("转派 转单 转办 转给 转交 改派 移交")
LONGEST_NAME = 6
"""Characters: 物业王经理, 剡溪社区."""
_NAME = re.compile(r"[\u4e00-\u9fff·]{2,}|[a-zA-Z][\w.@-]{1,63}")
_NO_NAME = re.compile(r"[不没这因应太我请无非已要需得那他她它]|一下|(?:告|发|账|弯|达|院|租|让|述|钱|变|换|圈|身|念|眼|载)")
_CUE = re.compile(r"请|让|叫他|麻烦|帮忙|帮着|处理|去看|去办|去修|看看|看一下|跟进|负责|跟一下|来办|办理|接手|吧|他|她")
_TO = rf"(?:{SEP}*(?:转给|转|给|由|到|让)(?!\d))?{SEP}*"


def transfer(typed: Typed) -> Command | None:
    text = typed.text
    begin = re.match(rf"{BEGIN}(?:把|将)?", text)
    assert begin is not None  # all of it may be absent
    if found := number_at(text, begin.end()):
        match = re.compile(rf"{SEP}*{ME}\s*{_PASS_ON}{PARTICLE}{_TO}").match(text, found[1])
        if match is None or is_talk(text, match.end()):
            return None
        return _to_whom(typed, found[0], match.end())
    verb = re.compile(_PASS_ON).match(text, begin.end())
    if verb is None:
        return None
    if found := number_at(text, verb.end()):
        gap = re.compile(_TO).match(text, found[1])
        assert gap is not None  # all of it may be absent
        return None if is_talk(text, found[1]) else _to_whom(typed, found[0], gap.end())
    return _person_first(typed, verb.end(), bool(re.compile(_PASS_ON_ALONE).match(text, begin.end())))


def _to_whom(typed: Typed, number: str, at: int) -> Command:
    end = _name_end(typed.text, at)
    return Command(Kind.TRANSFER, number, typed.words(end), typed.words(at, end))


def _name_end(text: str, at: int) -> int:
    """Where the name that begins at `at` ends; `at` itself when there is none: what is too long for a name is a sentence."""
    match = _NAME.match(text, at)
    if match is None or _NO_NAME.match(text, at):
        return at
    cue = _CUE.search(text, at + 2, match.end())
    end = cue.start() if cue else match.end()
    return at if text[at] >= "\u4e00" and end - at > LONGEST_NAME else end


def _person_first(typed: Typed, at: int, enough: bool) -> Command | None:
    """转张三 1234 请他看看; without a number only behind a verb that is `enough`."""
    text = typed.text
    gap = re.compile(rf"{PARTICLE}{_TO}").match(text, at)
    assert gap is not None  # all of it may be absent
    start = gap.end()
    name = re.compile(rf"(?:[\u4e00-\u9fff·]{{2,6}}?|[a-z][a-z0-9_.@-]{{1,63}})(?={SEP}*(?:工单|单号)?\d)", re.I).match(text, start)
    if name and not _NO_NAME.match(text, start) and (found := number_at(text, name.end())):
        return Command(Kind.TRANSFER, found[0], typed.words(found[1]), typed.words(start, name.end()))
    if not enough or QUESTION.search(text, at):
        return None
    end = _name_end(text, start)
    if end > start and ends(text, end) and end - start <= 4:
        return Command(Kind.TRANSFER, words=typed.words(end), to=typed.words(start, end))
    if end == start and re.match(rf"{PARTICLE}(?:{SEP}|\Z)", text[at:]):
        return Command(Kind.TRANSFER, words=typed.words(at))
    return None
