"""How long and how often: 半个月了, 两小时前, 还剩5分钟, 8天20时, 每周六晚上, 三天两头."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chinese.times.days import number
from chinese.times.words import UNITS, Word

SECONDS = {
    "Y": 365 * 86400,
    "T": 90 * 86400,
    "M": 30 * 86400,
    "W": 7 * 86400,
    "D": 86400,
    "H": 3600,
    "Q": 900,
    "m": 60,
    "S": 1,
}
_GAP = re.compile(r"[\s,]*(?:又|零|余|加|多)?\s*")
_TAIL_HOURS = re.compile(r"\s*(?:又|零)?([0-9]{1,2})\s*时(?![候间])")
_ABOUT = re.compile("一两|一二|两三|二三|三四|三五|四五|五六|六七|七八|八九")
_MOST = {"M": 240, "W": 520, "H": 2400}
"""三百一个月 is a rent."""
_ORDER = "YTMWDHQmS"


@dataclass(frozen=True)
class Length:
    """How long words[start:end] says. `about` when 多, 几 or 来 leaves it open."""

    start: int
    end: int
    amounts: tuple[tuple[float, str], ...]
    about: bool

    @property
    def seconds(self) -> int:
        return round(sum(amount * SECONDS[unit] for amount, unit in self.amounts))

    @property
    def timex(self) -> str:
        def said(units: str) -> str:
            parts = sorted((a for a in self.amounts if a[1] in units), key=lambda a: _ORDER.index(a[1]))
            return "".join(f"{n:g}{ {'m': 'M', 'Q': 'Q'}.get(unit, unit) }" for n, unit in parts)

        days, clock = said("YTMWD"), said("HQmS")
        return f"P{days}" + (f"T{clock}" if clock else "")

    @property
    def in_days(self) -> bool:
        return all(unit in "YTMWD" for _, unit in self.amounts)


def _amount(words: str) -> float:
    if words in ("半", "大半", "小半"):
        return 0.5
    if words in ("几", "好几", "数", "多"):
        return 3
    if _ABOUT.fullmatch(words):
        return number(words[0])  # 一两分钟, 四五个小时
    try:
        return float(words)
    except ValueError:
        return number(words)


def _one(word: Word) -> tuple[float, str]:
    said = word.said
    if "half_unit" in said:
        return 0.5, UNITS[said["half_of"]]
    unit = said["length_unit"]
    more = 0.5 if "半" in unit or said.get("length_tail") == "半" else 0.0
    bare = re.sub(r"^个(?:多|半)?", "", unit)
    return _amount(said["length_n"]) + more, UNITS[bare]


def read_lengths(words: str, found: list[Word]) -> list[Length]:
    """Neighbouring lengths are one: 一年多三个月又20天."""
    out: list[Length] = []
    for word in found:
        if word.kind != "length":
            continue
        amount, unit = _one(word)
        if not 0 < amount < _MOST.get(unit, 10_000):
            continue
        about = any(sign in word.said["length"] for sign in ("多", "几", "来", "数")) or bool(
            _ABOUT.match(word.said.get("length_n", ""))
        )
        if out and _GAP.fullmatch(words, out[-1].end, word.start):
            last = out.pop()
            out.append(Length(last.start, word.end, (*last.amounts, (amount, unit)), last.about or about))
        else:
            out.append(Length(word.start, word.end, ((amount, unit),), about))
        if unit == "D" and (hours := _TAIL_HOURS.match(words, word.end)):
            last = out.pop()
            out.append(Length(last.start, hours.end(), (*last.amounts, (float(hours[1]), "H")), last.about))
    return out


_PERIODS = {
    "天": "P1D",
    "日": "P1D",
    "周": "P1W",
    "月": "P1M",
    "年": "P1Y",
    "小": "PT1H",
    "钟": "PT1H",
    "分": "PT1M",
    "季": "P3M",
}
_OFTEN = {
    "天天": "P1D",
    "日日": "P1D",
    "夜夜": "P1D",
    "年年": "P1Y",
    "月月": "P1M",
    "隔天": "P2D",
    "隔日": "P2D",
    "一天到晚": "P1D",
    "一日到夜": "P1D",
}


def read_set(word: Word) -> str:
    """How often, as timex: P1D for 每天, XXXX-WXX-1 for 每周一; P3D for 三天两头 and its like, which only say: again and again."""
    said = word.said
    if word.kind == "often":
        return "P1D" if said["often"].startswith("一天") else _OFTEN.get(said["often"], "P3D")
    if day := said.get("every_day"):
        return "XXXX-WXX-WE" if day == "末" else f"XXXX-WXX-{'一二三四五六日'.index(day.replace('天', '日')) + 1}"
    unit = said.get("every_unit", "天")
    if unit in "早晚夜":
        unit = "天"
    period = _PERIODS["周" if unit in ("星期", "礼拜") else unit[0]]
    n = number(said.get("every_n")) or 1
    if said["every"].startswith("每隔") and n == 1 and "every_n" in said:
        n = 2  # 每隔一天 is every other day
    return period.replace("1", str(n)) if period != "P3M" else f"P{3 * n}M"
