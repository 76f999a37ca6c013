"""The diary as it is typed or dictated: 记 走访3幢李奶奶, and what is to become of the note just written. No I/O."""

from __future__ import annotations

import re

from gateway.wecom.grammar import HURRY, PARTICLE, QUESTION, Command, Kind, any_of, ends, is_talk
from gateway.wecom.numbers import SEP, number_at
from gateway.wecom.typed import SEPARATORS, Typed

_DIARY = re.compile(
    rf"\A{SEP}*(?:好的?{SEP}*)?(?:请|帮我)?(?:(?:写|记)?(?:一下)?(?:民情|工作|走访)?日[记志]|记录?一下|记录|记个?事|记下来|记下|记)"
    rf"(?:一下|一笔)?(?:{SEP}+|\Z|(?=走访|巡[查逻视]|上门|入户|探望|看望|排查|今天|昨天|上午|下午|刚才|\d))"
)
_DIARY_ENOUGH = re.compile(rf"{SEP}*(?:(?:写|记)?(?:民情|工作|走访)?日[记志]|记录?一下|记一笔){SEP}*|{SEP}*记\s*[:]\s*")

_ASKED = rf"\A{SEP}*{HURRY}(?:请|帮我|麻烦)?"
_FILE = re.compile(
    rf"{_ASKED}(?:把?(?:[这那刚]才?)?(?:那|这)?(?:一?条)?(?:民情)?(?:日记)?)?"
    rf"(?:{any_of('转成 转为 转 生成 立 建 开')}(?:一?[个张件])?\s*工\s*单|立单){PARTICLE}"
)
_DAY_BEGINS = (
    r"(?:\d{1,2}\s*[月日号]|\d{4}[-年]\d|[一二三四五六七八九十廿卅]{1,3}[月日号]|[一二两三四五六七八九十半\d]{1,3}个?(?:天|周|星期|礼拜|月)[后以之]"
    r"|今天|明[天早]|后天|大后天|下下?个?(?:周|星期|礼拜|月)|[这本]个?(?:周|星期|礼拜|月)|周[一二三四五六日天末]|星期[一二三四五六日天]|礼拜"
    r"|月[底末初]|年底|再?过[一二两三四五六七八九十半\d]|元旦|春节|清明|五一|端午|中秋|国庆)"
)
_REMIND = re.compile(
    rf"{_ASKED}(?:提醒(?:我|一下)*|(?:下次)?回访(?:时间|日期)?(?:改到|改成|改为|定在|在|到)?|改到|改天)(?=(?:{SEP}|在|到)*{_DAY_BEGINS})"
)
_NO_VISIT = re.compile(rf"{_ASKED}(?:不用|不必|不|取消|无需)(?:再)?(?:回访|提醒)(?:了|吧)?{SEP}*\Z")
_VISITED = re.compile(
    rf"{_ASKED}我?(?:(?:已经?|都)(?:回访|复访)(?:过|完)?了?|(?:回访|复访)(?:过|完)?了|(?:已经?)?去过了(?={SEP}|\Z))"
)
_CHANGE = re.compile(rf"{_ASKED}(?:(?:更正|改成|改为|改一下)|改(?={SEP}))")


def diary(typed: Typed) -> Command | None:
    match = _DIARY.match(typed.text)
    if match is None:
        return None
    words = typed.words(match.end())
    if not words and not _DIARY_ENOUGH.fullmatch(typed.text):
        return None
    if re.match("怎么|如何|在哪|什么", words):
        return None
    return Command(Kind.DIARY, words=words)


def about_note(typed: Typed) -> Command | None:
    """What is to become of the note just written, or of a visit that is due."""
    text = typed.text
    if match := _FILE.match(text):
        # 转工单 1234 张三 passes a ticket on.
        if not ends(text, match.end()) or is_talk(text, match.end()) or number_at(text, match.end()):
            return None
        return Command(Kind.FILE, words=typed.words(match.end()))
    if _NO_VISIT.match(text):
        return Command(Kind.NO_VISIT)
    if (match := _REMIND.match(text)) and not QUESTION.search(text):
        return Command(Kind.REMIND, words=typed.words(match.end()))
    if (match := _VISITED.match(text)) and not QUESTION.search(text) and not is_talk(text, match.end()):
        return Command(Kind.VISITED, words=typed.words(match.end()))
    if match := _CHANGE.match(text):
        words = typed.words(match.end())
        # 改 1234: a number is no note.
        if len(words) < 2 or words.strip(SEPARATORS + " ").isdigit() or QUESTION.search(text):
            return None
        return Command(Kind.CHANGE, words=words)
    return None
