"""A look at what staff are about to send a resident: what it leaves out, promises without a date, claims, gives away. No I/O.

It only ever warns. Whoever wrote the words knows more than any rule, so nothing here may stop a message.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chinese.contacts import find_names, find_phones
from chinese.normalise import normalise
from chinese.times import find_times
from community.model.desk import holes
from community.model.reply_points import skipped
from community.model.splitting import MAX_TEXT_BYTES, size, split_text

Kind = Literal["skips", "no_date", "who", "private", "long", "hole"]


@dataclass(frozen=True)
class Remark:
    """`text` is a sentence for the clerk who is about to send."""

    kind: Kind
    text: str


_SOON = re.compile(r"尽快|马上|立刻|立即|很快|抓紧|尽早|第一时间|过段时间|过几天|过些天|近期|稍后|改天|到时候|回头")
_TOLD_AS_DONE = re.compile(r"已|过了|了(?!解|结|吗)")
_ASKS_RESIDENT = re.compile(
    r"(?:请|麻烦|希望|提醒|劝)(?:您|你|大家|各位|居民|业主|车主|家长|住户)?[^，。；！]{0,8}$|(?:您|你)(?:可以|要|得)?$"
)
_FIXED = re.compile(
    r"(?:已经?|都|全部)?(?:修好|修复|弄好|解决|处理好|处理完|处理完毕|处理|办好|办结|整改到位|整改|恢复正常|恢复)(?:好|完)?了"
    r"|(?:已经?|均已|都已)(?:[^，。；！？\n]{0,4})(?:修好|修复|解决|处理完毕|处理好|处理|办好|办结|整改|恢复正常|恢复|完成)"
)
_NOT_FIXED = re.compile(r"(?:没|未|不|无法|等|待|如果|要是|若|才|后|前|尚)[^，。；！？\n]{0,5}$")
_ASKED = re.compile(r"^\s*(?:吗|没有?[？?]|么|后|以后|之后|再|的话|[？?])")
_WHO = re.compile(
    r"物业|师傅|我(?!家)|社区|居委会|网格员|维修|维保|公司|保洁|水务|供水|供电|电力|国网|城管|执法|民警|派出所|交警|消防|施工[队方]|房东|楼上|"
    r"业委会|工程部|电工|水工|管理员|志愿者|工人|人员|厂家|环卫|园林|市政|街道|商[户家]|老板|调解|律师|单位|[队局所办]已|同事|保安|由|本人|车主|邻居|业主"
)
_COURTESY = re.compile(
    r"(?:感谢|谢谢|多谢)[^。！；\n]*|(?:您好|你好)[，,！!]?|(?:如|若|如果)[^。！；\n]*(?:联系|告诉|反馈|拨打|找)[^。！；\n]*"
    r"|(?:如有|有(?:任何|其他)?)(?:问题|疑问|需要)[^。！；\n]*"
)
_SENTENCES = re.compile(r"[^。！!？?；;\n]+[。！!？?；;\n]*")
_ID = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx](?![0-9A-Za-z])")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def check_reply(
    text: str, *, asked: Sequence[str] = (), now: datetime, known_phones: Collection[str] = ()
) -> tuple[Remark, ...]:
    """What to think of before `text` goes to a resident; empty when there is nothing.

    `asked` are the resident's own words that it answers; `now` (aware) is when it is written; `known_phones` are digits of
    the resident's own numbers and of staff, which may be said. Never raises for odd text.
    """
    text = text.strip()
    if not text:
        return ()
    remarks = [Remark("hole", f"还有没填上的：{{{name}}}。") for name in holes(text)]
    for point in skipped(asked, text):
        remarks.append(Remark("skips", f"居民还说到“{_short(point.words)}”，这里没有提到。"))
    remarks += _no_date(text, now)
    remarks += _without_who(text)
    remarks += _private(text, known_phones)
    if size(text) > MAX_TEXT_BYTES:
        parts = len(split_text(text))
        remarks.append(Remark("long", f"太长了：微信一条最多约 {MAX_TEXT_BYTES // 3} 个汉字，居民会收到 {parts} 条。"))
    return tuple(remarks)


def _no_date(text: str, now: datetime) -> list[Remark]:
    if _has_a_time_to_come(text, now):
        return []
    for sentence in (match[0] for match in _SENTENCES.finditer(text)):
        for match in _SOON.finditer(sentence):
            before, after = re.split("[，,]", sentence[: match.start()])[-1], sentence[match.end() :]
            if _ASKS_RESIDENT.search(before) or _TOLD_AS_DONE.search(before[-6:]) or _TOLD_AS_DONE.search(after):
                continue
            return [Remark("no_date", f"说了“{match[0]}”，没说什么时候。写上日期或几点，居民心里有数。")]
    return []


def _has_a_time_to_come(text: str, now: datetime) -> bool:
    for mention in find_times(text, now, prefer="future"):
        if mention.timex == "PRESENT_REF" or mention.kind == "set" or _SOON.search(mention.text):
            continue
        if mention.kind == "duration":
            # 两小时 alone is how long something took; 两小时内 is a promise.
            if re.match(r"\s*(?:[之以]?内|[之以]?后|左右)", text[mention.end :]):
                return True
            continue
        end = mention.end_at or mention.start_at
        if end is not None and end > now:
            return True
    return False


def _without_who(text: str) -> list[Remark]:
    plain = _COURTESY.sub("", text)
    before = ""
    for match in _SENTENCES.finditer(plain):
        sentence = match[0]
        for claim in _FIXED.finditer(sentence):
            # "已更换灯管" is a deed of whoever writes; the bare claim is what leaves a resident asking who says so.
            if _NOT_FIXED.search(sentence[: claim.start()]) or _ASKED.match(sentence[claim.end() :]):
                continue
            if not (_WHO.search(before + sentence) or find_names(before + sentence)):
                said = claim[0].strip()
                return [Remark("who", f"说了“{said}”，没说是谁办的、谁确认的。比如：物业张师傅今天换的，我看过了。")]
        before = sentence
    return []


def _private(text: str, known_phones: Collection[str]) -> list[Remark]:
    """Mobile numbers that are neither the resident's nor staff's, and any identity number. Landlines are offices nearly always."""
    remarks = []
    for phone in find_phones(text):
        if phone.mobile and phone.number not in known_phones:
            shown = phone.number[:3] + "****" + phone.number[-4:]
            remarks.append(Remark("private", f"里面有手机号 {shown}，不是这位居民的，也不是工作人员的。对方同意告诉别人吗？"))
    if any(_is_id(match[0]) for match in _ID.finditer(normalise(text).text)):
        remarks.append(Remark("private", "里面有身份证号，不要在聊天里发。"))
    return remarks


def _is_id(number: str) -> bool:
    """The check digit of GB 11643."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _ID_WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == number[17].upper()


def _short(words: str) -> str:
    return words if len(words) <= 18 else words[:17] + "…"
