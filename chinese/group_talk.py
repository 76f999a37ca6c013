"""What was said in a group, copied into one message: who said what, and when.

Ways in which it comes (copied out of a chat on a computer, typed from memory, quoted, exported as text):
a line with a name and a time and what was said below it; `name：words` lines; 群消息 before any of them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from chinese.contacts import find_names
from chinese.normalise import normalise

MOST = 80
"""Sayings of one block; what is more was a day's talk, not a report."""
LONGEST_NAME = 20


@dataclass(frozen=True)
class Saying:
    """`who` is the name as the group shows it, '' when nobody is named. `at` is '10:32', '' when no time stood there."""

    who: str
    at: str
    text: str


_TIME = r"(?P<time>(?:[01]?\d|2[0-3])[:：][0-5]\d)(?:[:：][0-5]\d)?"
_DAY = r"(?:(?:\d{4}[-/年.])?\d{1,2}[-/月.]\d{1,2}日?|今天|昨天|前天|(?:星期|周)[一二三四五六日天])"
_HALF = r"(?:上午|下午|早上|晚上|中午|凌晨)?"
_STAMP = rf"(?:{_DAY}\s*)?{_HALF}\s*{_TIME}"
_NAME_THEN_TIME = re.compile(rf"\s*(?P<who>\S(?:.{{0,{LONGEST_NAME + 8}}}?\S)?)[\s,，(（\[]+{_STAMP}[)）\]]?\s*[:：]?\s*(?P<text>.*)\Z")
_TIME_THEN_NAME = re.compile(rf"\s*[\[(（]?{_STAMP}[)）\]]?\s+(?P<who>[^\s:：]{{1,{LONGEST_NAME}}})\s*[:：]\s*(?P<text>.*)\Z")
_NAME_COLON = re.compile(
    rf"\s*(?P<who>(?:[\d#—-]+(?:幢|栋|号楼?|室)?[\d#—-]*\s)?[^\s:：,，。!！?？、]{{1,{LONGEST_NAME}}})"
    r"\s*[:：]\s*(?P<text>\S.*)\Z"
)
_PREFIX = re.compile(
    r"\s*[【\[]?(?:(?:转发?|记)?(?:一[下条])?(?:业主|居民|小区|微信|邻里)?群(?:里|内)?(?:的)?(?:消息|聊天记录?|聊天|留言|反映|转发)"
    rf"|(?:业主|居民|小区|微信|邻里)群(?:里|内)?(?=[\s:：,，]+[^\s:：]{{1,{LONGEST_NAME}}}[:：]\s*\S)"
    rf"|(?:群聊的)?聊天记录)[】\]]?\s*(?:[:：,，\n]|\s|\Z|(?=[^\s:：]{{1,{LONGEST_NAME}}}[:：]\s*\S))\s*"
)
_SAID = re.compile(
    rf"\s*(?:刚才|刚刚|今天|早上)?(?:业主|居民|小区|微信)?群(?:里|内)面?(?:的)?(?P<who>[^\s:：,，。]{{1,{LONGEST_NAME}}}?)"
    r"(?:说|反映|反应|讲|问|报|发)(?:了|的)?(?:是)?[:：,，]?\s*(?P<text>\S[\s\S]*)\Z"
)
_NOISE_LINE = re.compile(
    r"\s*(?:[-—–=_*·.]\s*){4,}.*|\s*[-—–=]*\s*(?:\d{4}[-/年]\d{1,2}[-/月]\d{1,2}日?)\s*[-—–=]*\s*|\s*以(?:下|上)是.*消息.*"
)
_TOLD = re.compile(r"\s*(?P<who>[^\s:：,，。]{2,8}?)(?:说|反映|讲)(?:是)?[,，]?\s*(?P<text>[^\s:：][\s\S]*)\Z")
_NOBODY = re.compile(r"(?:有人|有业主|有居民|有邻居|大家|业主|居民|邻居们?|好几个人|好多人|都?在?)")
_ROOM_AS_NAME = re.compile(r"\d{1,3}[-#](?:\d{1,2}[-#])?\d{3,4}")
"""12-1-302 as a nickname; a day has no three digits at its end."""
_SOURCE = re.compile(r"[@＠](?:微信|企业微信|WeChat)|(?:\s|(?<=\S))<[^>]*>", re.IGNORECASE)
_NOT_A_NAME = re.compile(
    r"(?:地址|地点|位置|时间|电话|手机|联系人|联系电话|内容|问题|备注|原因|情况|注意|通知|公告|解释|办结|接单|到场|退回|转派|暂缓|恢复|日记|记|改|更正|提醒"
    r"|标题|主题|姓名|注|附|ps|p\.s|http|https)\Z",
    re.IGNORECASE,
)


def begins_as_group(text: str) -> bool:
    """群消息 …, 【群聊天记录】 …, 群里张阿姨说…: said to be from a group."""
    return _PREFIX.match(text) is not None or _SAID.match(text) is not None


def is_block(text: str) -> bool:
    """Whether this can only have come out of a group: it says so, or has a line of a name and a time with words under it, or two
    `name：words` lines."""
    if begins_as_group(text) or text.lstrip().startswith("「") and _colon(_lines(_unquoted(text))[0]):
        return True
    lines = _lines(text)
    stamped = [index for index, line in enumerate(lines) if _stamped(line)]
    if any((_stamped(lines[index]) or ("", "", ""))[2] or index + 1 < len(lines) for index in stamped):
        return True
    return sum(_colon(line) is not None for line in lines) >= 2


def is_quote(text: str) -> bool:
    """张阿姨：3幢电梯又坏了, alone: only for what is a person's name beyond doubt."""
    found = _colon(_unquoted(text).strip())
    return found is not None and "\n" not in text.strip() and is_person(found[0]) and len(found[1]) >= 4


def is_person(who: str) -> bool:
    """张阿姨, 老王, 王建国: not a nickname."""
    flat = normalise(who).text
    whole = any(name.end - name.start >= len(flat) for name in find_names(flat))
    return whole or any(name.end - name.start >= len(flat) + 2 for name in find_names(f"我叫{flat}。")) or _called(flat)


def _called(flat: str) -> bool:
    return 2 <= len(flat) <= 4 and any(name.name == flat for name in find_names(f"我叫{flat}。"))


def read_block(text: str) -> list[Saying]:
    """Who said what, in order. What stands before the first name is of nobody. Never raises."""
    body = _unquoted(text)
    if match := _SAID.match(body):
        who = "" if _NOBODY.fullmatch(match["who"]) else match["who"]
        return [Saying(who, "", match["text"].strip())]
    if match := _PREFIX.match(body):
        body = body[match.end() :]
        told = _TOLD.match(body)
        if told and is_person(told["who"]):
            return [Saying(told["who"], "", told["text"].strip())]
    found: list[Saying] = []
    who = at = ""
    words: list[str] = []

    def close() -> None:
        said = "\n".join(words).strip()
        if said:
            found.append(Saying(who, at, said))
        words.clear()

    stamped_before = False
    for line in _lines(body):
        if stamp := _stamped(line):
            close()
            who, at, rest = stamp
            stamped_before = True
            if rest:
                words.append(rest)
            continue
        # Under a name with a time a colon belongs to what was said.
        colon = None if stamped_before else _colon(line)
        if colon is not None:
            close()
            who, at = colon[0], ""
            words.append(colon[1])
            continue
        words.append(line)
    close()
    return found[:MOST]


def _unquoted(text: str) -> str:
    """A quoted message stands in 「」, its answer under a dashed line."""
    return text.replace("「", "").replace("」", "") if text.lstrip().startswith("「") else text


def _lines(text: str) -> list[str]:
    flat = text.replace("\r\n", "\n").replace("\r", "\n")
    return [line.strip() for line in flat.split("\n") if line.strip() and not _NOISE_LINE.fullmatch(line)]


def _stamped(line: str) -> tuple[str, str, str] | None:
    for shape in (_TIME_THEN_NAME, _NAME_THEN_TIME):
        match = shape.match(line)
        if match is None:
            continue
        who = _name(match["who"])
        if who and not (shape is _NAME_THEN_TIME and match["text"] and not _is_header(line, match)):
            return who, match["time"].replace("：", ":").zfill(5), match["text"].strip()
    return None


def _is_header(line: str, match: re.Match[str]) -> bool:
    """王建国 10:32 3号楼堵了 is a name and a time; 电梯 10:32 又停了 is a sentence."""
    return line[match.end("time") : match.start("text")].strip() in (":", "：") or is_person(match["who"])


def _colon(line: str) -> tuple[str, str] | None:
    match = _NAME_COLON.match(line)
    if match is None:
        return None
    who = _name(match["who"])
    return (who, match["text"].strip()) if who and not _NOT_A_NAME.fullmatch(who) else None


def _name(who: str) -> str:
    """A name as the group shows it, without where it comes from; '' for what is none (a number, a whole sentence)."""
    kept = "".join(char for char in _SOURCE.sub("", who) if unicodedata.category(char) not in ("Cf", "Cc", "So"))
    kept = kept.strip(" 　:：,，@＠[]【】()（）~～")
    if _ROOM_AS_NAME.fullmatch(kept):
        return kept
    if not 0 < len(kept) <= LONGEST_NAME or not re.search(r"[^\W\d_]", kept):
        return ""
    return "" if re.search(r"[。!！?？;；]", kept) or _NOT_A_NAME.fullmatch(kept) else kept
