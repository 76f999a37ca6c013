"""Days and parts of the day in residents' words: 周六上午, 明天, 这个周末, 12月3日, 月底."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from community.model.calendar import SHANGHAI, local
from community.model.numerals import CHARS, to_int

_N = rf"(?:[0-9]{{1,4}}|[{CHARS}]{{1,4}})"
_ADDRESS = re.compile(rf"{_N}\s*(?:号楼|号(?=\s*{_N}\s*单元)|幢|栋|单元|室)")
_WEEKDAY = re.compile(r"(?P<which>下下|下个?|这个?|本|上个?)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天末])")
_DATE = re.compile(rf"(?:(?P<month>{_N})月份?)?(?P<day>{_N})[日号](?!楼|线|门)")
_RELATIVE = {"大后天": 3, "后天": 2, "明天": 1, "明早": 1, "明晚": 1, "今天": 0, "今晚": 0, "今早": 0}
_PARTS = (
    (re.compile(r"早上|上午|早晨|今早|明早|清早"), (time(5), time(12))),
    (re.compile(r"中午"), (time(11), time(14))),
    (re.compile(r"下午"), (time(12), time(18))),
    (re.compile(r"晚上|傍晚|今晚|明晚|夜里"), (time(17), time(23, 59))),
)


@dataclass(frozen=True)
class Period:
    """Half-open [start, end), aware Asia/Shanghai."""

    start: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


def _span(first: date, last: date, text: str) -> Period:
    for pattern, (begin, end) in _PARTS:
        if first == last and pattern.search(text):
            return Period(datetime.combine(first, begin, SHANGHAI), datetime.combine(first, end, SHANGHAI))
    return Period(
        datetime.combine(first, time(0), SHANGHAI), datetime.combine(last + timedelta(days=1), time(0), SHANGHAI)
    )


def find_period(text: str, now: datetime) -> Period | None:
    """The day or days `text` speaks of, seen from `now` (aware), today or later; None when it names none.

    Addresses are masked first: 3号楼 is not the 3rd. A bare weekday means the coming one, today included.
    """
    text = _ADDRESS.sub(lambda m: "□" * len(m.group()), text)
    today = local(now).date()
    for word, days in _RELATIVE.items():
        if word in text:
            return _span(today + timedelta(days=days), today + timedelta(days=days), text)
    if match := _WEEKDAY.search(text):
        monday = today - timedelta(days=today.weekday())
        which = match["which"] or ""
        weeks = 2 if which == "下下" else 1 if which.startswith("下") else -1 if which.startswith("上") else 0
        if match["day"] == "末":
            first = monday + timedelta(days=5, weeks=weeks)
            return _span(first, first + timedelta(days=1), text)
        weekday = 6 if match["day"] in "日天" else "一二三四五六".index(match["day"])
        day = monday + timedelta(days=weekday, weeks=weeks)
        if not which and day < today:
            day += timedelta(days=7)
        return _span(day, day, text)
    if "周末" in text:
        first = today + timedelta(days=(5 - today.weekday()) % 7)
        return _span(first, first + timedelta(days=1), text)
    if match := _DATE.search(text):
        month = to_int(match["month"]) if match["month"] else today.month
        number = to_int(match["day"])
        try:
            day = date(today.year, month or 0, number or 0)
        except ValueError:
            return None
        if day < today:
            if match["month"]:
                day = day.replace(year=day.year + 1)
            else:
                following = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
                try:
                    day = following.replace(day=number or 1)
                except ValueError:
                    return None
        return _span(day, day, text)
    if "月底" in text:
        last = (today.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        return _span(max(today, last - timedelta(days=4)), last, text)
    if re.search(r"(这|本|这个|本)周(?![一二三四五六日天末])|这几天", text):
        return _span(today, today + timedelta(days=6 - today.weekday()), text)
    if re.search(r"下(个)?(周|星期|礼拜)(?![一二三四五六日天末])", text):
        first = today + timedelta(days=7 - today.weekday())
        return _span(first, first + timedelta(days=6), text)
    return None
