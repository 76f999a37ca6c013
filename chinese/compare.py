"""Whether a time was read as Microsoft Recognizers reads it. Judges us and others by the same rules."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True)
class Reading:
    """What a reader says of text[start:end]; naive moments, `past` not included."""

    start: int
    end: int
    first: datetime | None
    past: datetime | None
    seconds: float | None = None
    period: str = ""


DAY = timedelta(days=1)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _unit_on(moment: datetime, timex: str) -> datetime:
    """The end of the last year, month or day that a range names: 到十二日 may mean up to that day, or all of it."""
    if re.search(r"P[0-9X]+Y\)$", timex) or re.fullmatch(r"[0-9]{4}", timex):
        return moment.replace(year=moment.year + 1)
    if re.search(r"P[0-9X]+M\)$", timex):
        return (moment.replace(day=1) + timedelta(days=32)).replace(day=1)
    if re.search(r"P[0-9X]+D\)$", timex) or re.fullmatch(r"[0-9X]{4}-[0-9X]{2}-[0-9]{2}", timex):
        return moment + DAY
    return moment


def _period(timex: str) -> str:
    if timex.startswith("XXXX-WXX"):
        return "P1W"
    return re.split(r"(?<=[A-Z0-9])T", timex)[0] if timex.startswith("P") else timex


def _one(gold: dict[str, Any], reading: Reading, strict: bool) -> bool:
    kind, timex = gold["type"], gold["timex"]
    if kind == "duration":
        return reading.seconds is not None and abs(reading.seconds - float(gold["value"])) < 1
    if kind == "set":
        return bool(reading.period) and _period(reading.period) == _period(timex)
    if reading.period:
        return False
    if gold.get("value") == "not resolved":
        # A season has no days for Recognizers, and any will do; a day that does not exist must stay without.
        return re.fullmatch(r"[0-9X]{4}-(?:SP|SU|FA|WI)", timex) is not None and reading.first is not None
    if kind == "date":
        return (reading.first, reading.past) == (_moment(gold["value"]), _moment(gold["value"]) + DAY)
    if kind == "datetime":
        return reading.first == _moment(gold["value"])
    if kind == "time":
        return reading.first is not None and str(reading.first.time()) == gold["value"]
    if kind == "timerange":
        ends = [m.strftime("%H:%M:%S") if m else None for m in (reading.first, reading.past)]
        return ends == [gold.get("start"), gold.get("end")]
    ends_wanted: list[set[datetime | None]] = []
    for name in ("start", "end"):
        if name not in gold:
            ends_wanted.append({None})
            continue
        at = _moment(gold[name])
        loose = not strict and (name == "end" or gold.get("Mod") == "after")
        ends_wanted.append({at, _unit_on(at, timex)} if loose else {at})
    return reading.first in ends_wanted[0] and reading.past in ends_wanted[1]


def agrees(values: list[dict[str, Any]], readings: list[Reading], strict: bool) -> bool:
    """Whether one of the readings is one of the values. `strict` lets an end only be where Recognizers puts it."""
    unresolved = [v for v in values if v.get("value") == "not resolved" and v["type"] in ("date", "daterange")]
    if unresolved and not any(re.search(r"-(?:SP|SU|FA|WI)$", v["timex"]) for v in unresolved):
        return not any(r.first or r.past for r in readings)
    return any(_one(value, reading, strict) for value in values for reading in readings)


def jionlp_reader() -> Callable[[str, datetime], list[Reading]]:
    """jionlp behind the same interface. Raises ImportError where it is not installed."""
    jio: Any = importlib.import_module("jionlp")

    def at(text: str) -> datetime | None:
        if "inf" in text:
            return None
        moment = _moment(text)
        return moment + timedelta(seconds=1) if text.endswith(":59") else moment

    def _whole(text: str, now: datetime) -> list[Any]:
        """An expression given alone is parsed even where it would not have been found; raises when it cannot be."""
        detail = jio.parse_time(text, time_base=now.timestamp())
        return [{"offset": [0, len(text)], "type": detail["type"], "detail": detail}]

    def read(text: str, now: datetime) -> list[Reading]:
        try:
            found = jio.ner.extract_time(text, time_base=now.timestamp()) or _whole(text, now)
        except Exception:  # noqa: BLE001 - whatever a reader breaks on, it has not read
            return []
        out = []
        for mention in found:
            start, end = mention["offset"]
            detail = mention["detail"]["time"]
            if mention["type"] == "time_delta":
                weights = {
                    "year": 31536000,
                    "month": 2592000,
                    "week": 604800,
                    "day": 86400,
                    "hour": 3600,
                    "minute": 60,
                    "second": 1,
                }
                if not isinstance(detail, dict):
                    continue
                amounts = {unit: n[0] if isinstance(n, list) else n for unit, n in detail.items()}
                seconds = sum(weights.get(unit, 0) * float(n) for unit, n in amounts.items())
                out.append(Reading(start, end, None, None, seconds))
            elif mention["type"] == "time_period":
                (unit, n), *_ = (detail.get("delta") or {"day": 1}).items()
                code = {"year": "Y", "month": "M", "week": "W", "day": "D"}.get(unit, "")
                period = "P1W" if (unit, n) == ("day", 7) else f"P{n}{code}" if code else f"PT{n}{unit[0].upper()}"
                out.append(Reading(start, end, None, None, None, period))
            else:
                out.append(Reading(start, end, at(detail[0]), at(detail[1])))
        return out

    return read
