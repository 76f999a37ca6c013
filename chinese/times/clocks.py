"""Hours: 下午3点半, 晚上9:30, 凌晨两点多, 2:00pm, and the parts of a day without an hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chinese.times.days import number
from chinese.times.mention import midnight
from chinese.times.words import PARTS, Word

_LATE = frozenset(
    (
        "半夜",
        "深夜",
        "大半夜",
        "夜里",
        "夜间",
        "夜",
        "下半夜",
        "后半夜",
        "三更半夜",
        "夜头",
        "午夜",
        "晚上",
        "晚",
        "晚间",
    )
)
_CODES = {
    "上午": "TMO",
    "早": "TMO",
    "早上": "TMO",
    "早间": "TMO",
    "早晨": "TMO",
    "下午": "TAF",
    "晚上": "TEV",
    "晚": "TEV",
    "夜": "TNI",
}


@dataclass(frozen=True)
class Clock:
    """An hour as it was said; `sure` is False for 五点 with neither 下午 nor anything else that says which."""

    hour: int
    minute: int = 0
    second: int = 0
    exact: str = "H"
    sure: bool = False
    length: timedelta = timedelta(0)

    def on(self, day: date) -> datetime:
        return midnight(day) + timedelta(hours=self.hour, minutes=self.minute, seconds=self.second)

    @property
    def timex(self) -> str:
        hour = self.hour % 24
        return {"H": f"T{hour:02}", "M": f"T{hour:02}:{self.minute:02}"}.get(
            self.exact, f"T{hour:02}:{self.minute:02}:{self.second:02}"
        )


def read_clock(word: Word, part: str | None) -> Clock | None:
    """The hour that `word` says after `part` of the day; None when 一点 is only a little, or there is no such hour."""
    said = word.said
    if word.kind == "clock_noon":
        return Clock(12 if said["clock_noon"] == "正午" else 0, sure=True)
    hour = number(said["clock_h"])
    if said["clock_h"] == "一" and part is None and "一时" in said["clock"]:
        return None  # 一时半会儿
    if hour > 24 and not said["clock_h"].isascii():
        hour = number(said["clock_h"][0])  # 七八点
    more = ("clock_m", "clock_half", "clock_mm", "clock_about")
    if (
        said["clock_h"] == "一"
        and part is None
        and not any(name in said for name in more)
        and "钟" not in said["clock"]
    ):
        return None  # 漏了一点: a little
    minute, second, exact = 0, 0, "H"
    if half := said.get("clock_half"):
        minute, exact = {"半": 30, "一刻": 15, "二刻": 30, "三刻": 45, "整": 0}[half], "H" if half == "整" else "M"
    elif minutes := said.get("clock_m") or said.get("clock_mm"):
        minute, exact = number(minutes), "M"
    if seconds := said.get("clock_s") or said.get("clock_ss"):
        second, exact = number(seconds), "S"
    if hour > 24 or minute > 59 or second > 59:
        return None
    if suffix := said.get("clock_ampm"):
        part = "下午" if suffix[0] == "p" else "上午"
    sure = part is not None or hour > 12 or hour == 0
    length = timedelta(hours=1) if "clock_about" in said and "多" in said["clock_about"] else timedelta(0)
    return Clock(_turned(hour, part), minute, second, exact, sure, length)


def _turned(hour: int, part: str | None) -> int:
    """12-hour to 24-hour by the part of the day; beyond 24 is the next morning (晚上一点)."""
    if part is None or hour > 12:
        return hour
    begin, _ = PARTS[part]
    if part == "中午":
        return hour + 12 if hour < 6 else hour
    if part in _LATE:
        if hour == 12:
            return 24
        # 半夜两点 is told of the night that began the day before only when a day was named: find.py leaves it on its own date.
        return hour if hour < 5 else hour + 12
    if part == "凌晨":
        return hour % 12
    return hour + 12 if begin >= 12 and hour < 12 else hour


def read_part(part: str, day: date) -> tuple[datetime, datetime]:
    begin, end = PARTS[part]
    return midnight(day) + timedelta(hours=begin), midnight(day) + timedelta(hours=end)


def part_code(part: str) -> str:
    return _CODES.get(part, f"T{PARTS[part][0] % 24:02}")
