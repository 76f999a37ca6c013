"""Where residents are served and when: open now, until when, when next, on which day. Inside a unit of work or on a community's sites."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from community.model.calendar import day_text, local
from community.model.opening import WEEKDAYS, DayHours, DayInfo, DayKind, Opening, spans_text, week_text
from community.model.site import KIND_NAMES, KIND_WORDS, Site, SiteKind
from community.model.when import find_period
from community.ports import Community, UnitOfWork

MOST_DAYS = 10
_LUNCH = timedelta(hours=2, minutes=30)
_HOURS = re.compile(
    r"开门|关门|开不开|开着|[还都今日天六]开吗|^开吗|营业|(?<!加班)(?<![在去])上班(?!族|认证)|上不上班|下班|[几啥][点时](?:钟)?(?:才|就|到)?[开关上下]|"
    r"开到[几啥什]|几点(?:开饭|结束|收摊|到几点)|(?:还|有没有|有|还有)人(?:在|值班|上班)?(?:吗|么|不|没|伐)|休息(?:吗|不|么|日|天)|放假|值班|"
    r"什么时候[开关]|啥时候[开关]|办不办公|办公时间|工作时间|时间表|午休|中午(?:有没有人|休息|办不办|开)"
)
_ENDS = re.compile(r"关门|下班|开到|几点关|几点下|什么时候关|啥时候关|结束|收摊")


@dataclass(frozen=True)
class SiteView:
    """A site as it is at one moment. `state` is what is said of now: 现在开着，17:30关门 / 现在没开，明天8:30开."""

    id: int
    kind: SiteKind
    kind_name: str
    name: str
    address: str
    phone: str
    serves: str
    note: str
    community: str
    open_now: bool
    state: str
    week: str


def asks_hours(text: str) -> bool:
    """Whether `text` asks when something is open: 现在开门吗, 周六上班吗, 几点下班."""
    return bool(_HOURS.search(text))


def kind_named(text: str) -> SiteKind | None:
    """The kind of site that `text` names, by the longest of its words; None when it names none."""
    best = max(
        ((len(word), kind) for kind, words in KIND_WORDS.items() for word in words if word in text), default=None, key=lambda one: one[0]
    )
    return best[1] if best else None


async def openings_of(uow: UnitOfWork, c: Community, sites: Sequence[Site]) -> dict[int, Opening]:
    """A site's opening, by its id."""
    first = local(c.clock.now()).date() - timedelta(days=1)
    days = await uow.guides.days([site.id for site in sites], first)
    return {
        site.id: Opening(site.opening_hours(), c.day_info, {one.day: one.exception() for one in days if one.site_id == site.id})
        for site in sites
    }


def view_of(site: Site, community: str, opening: Opening, now: datetime) -> SiteView:
    return SiteView(
        site.id, site.kind, KIND_NAMES[site.kind], site.name, site.address, site.phone, site.serves, site.note, community,
        opening.is_open(now), state_text(opening, now), week_text(site.opening_hours()),
    )  # fmt: skip


def state_text(opening: Opening, now: datetime) -> str:
    """What is said of this moment, with the reason where one date is different."""
    today = opening.on(local(now).date())
    closes, opens = opening.closes_at(now), opening.opens_at(now)
    why = f"（{today.exception.reason}）" if today.exception is not None and today.exception.reason else ""
    if closes is not None:
        if closes - now > timedelta(hours=23):
            return "全天有人"
        again = opens is not None and opens >= closes and local(opens).date() == local(now).date()
        if again and opens is not None:
            break_name = "午休" if opens - closes <= _LUNCH and 11 <= local(closes).hour < 14 else "关门"
            return f"现在开着，{_clock(closes)}{break_name}，{_clock(opens)}再开{why}"
        return f"现在开着，{day_text(closes, now).removeprefix('今天')}关门{why}"
    if not why and today.info.kind is DayKind.HOLIDAY and not today.spans:
        why = f"（{today.info.name}放假）"
    return f"现在没开{why}，" + (f"{day_text(opens, now)}开" if opens is not None else "什么时候再开没有定，先打电话问")


def _clock(moment: datetime) -> str:
    here = local(moment)
    return f"{here.hour}:{here.minute:02d}"


def hours_answer(c: Community, site: SiteView, opening: Opening, text: str) -> str:
    """What `text` asks of the hours of a site: of a day or days it names, else of today and now."""
    now = c.clock.now()
    period = find_period(text, now)
    today = local(now).date()
    if period is None or (period.start.date() == today and period.end.date() <= today + timedelta(days=1)):
        hours = opening.on(today)
        if _ENDS.search(text) and hours.spans and hours.spans != ((0, 24 * 60),):
            return f"{site.name}今天{spans_text(hours.spans)}，{site.state}。"
        return f"{site.name}{site.state}。平时{site.week}。"
    first, past = period.start.date(), period.end.date() + timedelta(days=period.end.time() > _MIDNIGHT)
    days = [first + timedelta(days=n) for n in range(min((past - first).days, MOST_DAYS))]
    days = _whole_holiday(c, days)
    lines = []
    for _, same in groupby(days, key=lambda day: (opening.on(day).spans, opening.on(day).info.name, _reason(opening.on(day)))):
        some = list(same)
        hours = opening.on(some[0])
        lines.append(f"{_days_text(some, hours.info)}{spans_text(hours.spans)}{_reason(hours)}")
    said = f"{site.name}：" + "；".join(lines) + "。"
    if not any(opening.on(day).spans for day in days):
        opens = opening.opens_at(datetime.combine(days[-1], _LAST, local(now).tzinfo))
        said += f"{day_text(opens, now)}开。" if opens is not None else ""
    if not all(c.day_info(day).known for day in days):
        said += f"{days[0].year}年的放假安排还没公布，临近再问我一声。"
    return said


_MIDNIGHT = datetime.min.time()
_LAST = datetime.max.time()


def _whole_holiday(c: Community, days: list[date]) -> list[date]:
    """国庆 means all of it: the days around that belong to the same holiday."""
    info = c.day_info(days[0])
    if info.kind is not DayKind.HOLIDAY or len(days) > 3:
        return days
    first, last = days[0], days[-1]
    while c.day_info(first - timedelta(days=1)).kind is DayKind.HOLIDAY and c.day_info(first - timedelta(days=1)).name == info.name:
        first -= timedelta(days=1)
    while c.day_info(last + timedelta(days=1)).kind is DayKind.HOLIDAY and c.day_info(last + timedelta(days=1)).name == info.name:
        last += timedelta(days=1)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _reason(hours: DayHours) -> str:
    return f"（{hours.exception.reason}）" if hours.exception is not None and hours.exception.reason else ""


def _days_text(days: Sequence[date], info: DayInfo) -> str:
    first, last = days[0], days[-1]
    name = {DayKind.HOLIDAY: info.name, DayKind.MAKE_UP: f"{info.name}调休上班"}.get(info.kind, "")
    if first == last:
        about = "，".join(part for part in (f"周{WEEKDAYS[first.weekday()]}", name) if part)
        return f"{first.month}月{first.day}日（{about}）"
    until = f"{last.day}日" if last.month == first.month else f"{last.month}月{last.day}日"
    return f"{first.month}月{first.day}日至{until}{f'（{name}）' if name else ''}"
