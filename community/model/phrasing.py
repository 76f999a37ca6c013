"""Whether a text only says what it was given: no number, name of a law, article, paragraph, quotation or link of its own. No I/O.

It is meant to refuse too much rather than too little: what is refused costs a plainer sentence, what is let through may be false.
What it cannot see is a wrong statement without a number or a name in it.
"""

from __future__ import annotations

import re

from chinese.contacts import find_phones
from chinese.numerals import DIGITS, UNITS, to_int

SHORTEST, LONGEST = 10, 500
"""Characters. Three times what is asked for at most, so that an answer fits a screen."""

_CN = "".join(DIGITS) + "".join(UNITS) + "亿"
_KIND = {
    "块": "元", "圆": "元", "日": "天", "号": "天", "个月": "月", "月份": "月", "周岁": "岁",
    "星期": "周", "礼拜": "周", "个星期": "周", "个礼拜": "周", "钟头": "小时", "个小时": "小时", "个钟头": "小时",
    "个工作日": "工作日", "个交易日": "交易日", "％": "%", "平米": "平方米", "㎡": "平方米",
}  # fmt: skip
_LONG_UNITS = "个?工作日|个?交易日|个?小时|个?钟头|分钟|个?星期|个?礼拜|个月|月份|周岁|平方米|平米|公里|分贝"
_UNIT = "|".join([_LONG_UNITS, *"元块圆角天日号周月年岁倍成折次人户名份米度㎡%％"])
_LITTLE = frozenset("次人户名份米度")
"""One of these is a way to speak (一次, 一份)."""
_AMOUNT = re.compile(
    rf"(?<![第0-9.{_CN}])(?P<number>[0-9]+(?:\.[0-9]+)?[万千百亿]*|[{_CN}半]+)[多余来几]?(?P<unit>{_UNIT})(?P<half>半)?"
)
_SHARE = re.compile(rf"(?P<of>[{_CN}0-9]+)分之(?P<parts>[{_CN}0-9]+)")
_WHOLES = {"百": 100, "千": 1000, "万": 10_000}
_DIGITS = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_CHINESE_RUN = re.compile(rf"[{_CN}]+")
_ENUMERATED = re.compile(r"(?:(?<=^)|(?<=[\n。；;:：，,、 ]))[（(]?[1-9](?:[)）、．]|\.(?![0-9]))", re.MULTILINE)
_COMMAS = re.compile(r"(?<=[0-9])[,，](?=[0-9]{3}(?![0-9]))")
_WIDE = str.maketrans("０１２３４５６７８９．", "0123456789.")
_ARTICLE = re.compile(rf"第?\s*(?P<number>[{_CN}0-9]+)\s*(?P<kind>[条款项])(?P<of>之[{_CN}0-9]{{1,3}})?(?!路|街|腿|狗|命|心|巷)")
_ANY_TITLE = re.compile(r"[《〈](?P<title>[^《》〈〉\n]*)[》〉]?")
_LAW = re.compile(r"(?=(?P<name>[一-龥]{2}(?:法典|法|条例|通则))(?![典院律官规人定条庭治制医学援务子宝]))")
_NO_LAW = re.compile(r"[做想说看方违合非犯没无用手写执司立守设依普书魔语算打吃疗玩讲国办]法$|[这本该此]部?法$|部法$")
_SHORT_LAWS = ("刑法", "民法", "宪法")
_QUOTED = re.compile(r"[“「\"](?P<words>[^”」\"]{12,})[”」\"]")
_LINK = re.compile(r"https?:|www\.|[\w.-]+\.(?:com|cn|net|org)\b|@|微信号|加微信|公众号|QQ|扫码|二维码", re.IGNORECASE)
_HAN = re.compile(r"[一-龥]")
_BREAKS = re.compile(r"\s+")


def misses(text: str, material: str, asked: str = "") -> str:
    """Why `text` is not said: 'empty', 'long', 'not_chinese', 'link', 'law', 'article', 'quote', 'number'; '' when it may be.

    Numbers may come from the question, too; laws and articles from `material` alone.
    """
    if len(text) < SHORTEST:
        return "empty"
    if len(text) > LONGEST:
        return "long"
    if 3 * len(_HAN.findall(text)) < len(text) or any(not (char.isprintable() or char == "\n") for char in text):
        return "not_chinese"
    if _LINK.search(text):
        return "link"
    if _names_a_law(text, material):
        return "law"
    if not _articles(text) <= _articles(material):
        return "article"
    given = _BREAKS.sub("", material)
    if any(_BREAKS.sub("", quoted["words"]) not in given for quoted in _QUOTED.finditer(text)):
        return "quote"
    return "number" if _new_number(text, f"{material}\n{asked}") else ""


def _names_a_law(text: str, material: str) -> bool:
    for titled in _ANY_TITLE.finditer(text):
        if titled["title"].strip() not in material:
            return True
    return any(not _given(found["name"], material) and not _NO_LAW.search(found["name"]) for found in _LAW.finditer(text))


def _given(name: str, material: str) -> bool:
    """`name` may have a character before it that is none of it (照民法典)."""
    return name in material or (name[1:] in material and (len(name) > 3 or name[1:] in _SHORT_LAWS))


def _articles(text: str) -> set[tuple[str, int, int]]:
    """Every 条, 款 and 项 with its number, whatever law it is of."""
    found = set()
    for match in _ARTICLE.finditer(text.translate(_WIDE)):
        number, of = to_int(match["number"]), to_int((match["of"] or "")[1:])
        # 一条建议 names no article; 十条 without 第 may.
        if number is not None and (match["number"][0].isdigit() or "第" in match[0] or number > 9):
            found.add((match["kind"], number, of or 0))
    return found


def _new_number(text: str, given: str) -> bool:
    said, known = _flat(text), _flat(given)
    phones = {phone.number for phone in find_phones(known)}
    if any(phone.number not in phones for phone in find_phones(said)):
        return True
    if not _amounts(said) <= _amounts(known):
        return True
    return not _values(_ENUMERATED.sub(" ", said), least=3) <= _values(known, least=1)


def _flat(text: str) -> str:
    return _COMMAS.sub("", text.translate(_WIDE))


def _amounts(text: str) -> set[tuple[float, str]]:
    """Numbers with what they count: 三十日, 30天 and 30 日 are one."""
    text = text.replace(" ", "")
    found = set()
    for match in _AMOUNT.finditer(text):
        value, unit = _value(match["number"]), match["unit"]
        unit = _KIND.get(unit, unit)
        if value is not None and not (value == 1 and unit in _LITTLE):
            found.add((value + (0.5 if match["half"] else 0), unit))
    for match in _SHARE.finditer(text):
        of, parts = _WHOLES.get(match["of"]) or to_int(match["of"]), to_int(match["parts"])
        if of and parts is not None:
            found.add((100 * parts / of, "%"))
    return found


def _values(text: str, least: int) -> set[float]:
    """Every number in digits, and in Chinese ones of so many characters (一 is no number of its own)."""
    found = {float(match[0]) for match in _DIGITS.finditer(text)}
    found |= {value for match in re.finditer(r"[0-9]+(?:\.[0-9]+)?[万千百亿]+", text) if (value := _value(match[0])) is not None}
    for match in _CHINESE_RUN.finditer(text):
        value = _value(match[0])
        if value is not None and len(match[0]) >= least:
            found.add(value)
    return found


def _value(number: str) -> float | None:
    if number == "半":
        return 0.5
    scale = 1.0
    if number[0].isdigit():
        while number[-1] in "万千百亿":
            scale *= {"万": 1e4, "千": 1e3, "百": 1e2, "亿": 1e8}[number[-1]]
            number = number[:-1]
        return float(number) * scale
    front, hundred_millions, rest = number.partition("亿")
    if hundred_millions:
        high, low = to_int(front), to_int(rest) if rest else 0
        return None if high is None or low is None else high * 1e8 + low
    value = to_int(number.replace("半", ""))
    return None if value is None else value + (0.5 if number.endswith("半") else 0)
