"""Words of time put together: a day with its hour, from one to another, before and after, again and again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from chinese.normalise import Normalised, normalise
from chinese.times.clocks import part_code, read_part
from chinese.times.days import DAY, When
from chinese.times.groups import Group, read_groups
from chinese.times.lengths import Length, read_lengths
from chinese.times.mention import Kind, Prefer, TimeMention, here, midnight
from chinese.times.stretches import add
from chinese.times.words import Word, find_words

_TO = re.compile(r"\s*(?:一直)?(?:到|至|-+|~|—+|和|与)\s*")
_FROM = re.compile(r"(?:从|自从|自|由|于)\s*$")
_UNTIL = re.compile(r"(?:截止到?|截至|直到)\s*$")
_AND = re.compile(r"\s*(?:之间|中间|期间)")
_BEFORE = re.compile(r"\s*(?P<until>(?:及|或)(?:之|以)?前)|\s*(?:之前|以前|前(?![面后门天台排])|为止)")
_AFTER = re.compile(r"\s*(?:(?:及|或)(?:之|以)?后|(?:之后|以后|后(?![面门天来排])|起(?![来火码])|以来|开始(?!了吗)))")
_AGO = re.compile(r"\s*(?:了)?(?:之前|以前|前(?![面后门]))")
_LATER = re.compile(r"\s*(?:之后|以后|后(?![面门来]))")
_LEFT = re.compile(r"(?:还剩下?|只剩下?|还有|再过|剩下?|未来|接下来|今后)\s*(?:最后)?\s*$")
_WEEKS = frozenset(("近期", "前段时间", "这段时间", "近来", "最近", "这阵子", "这一阵", "前阵子"))
_QUOTED = re.compile(r"《[^》\n]*》")


class _Finder:
    """One text, seen from one moment."""

    def __init__(self, words: str, now: datetime, prefer: Prefer) -> None:
        self.words, self.now, self.prefer = words, now, prefer
        self.today = now.date()

    def find(self, found: list[Word]) -> list[TimeMention]:
        # A length that is only the first half of 三天两头 or of a year never gets here: the longer word was found first.
        mentions = [self.length(length) for length in read_lengths(self.words, found)]
        mentions += filter(None, (self.lone(word) for word in found))
        mentions += self.moments(read_groups(self.words, found, self.today, self.prefer))
        mentions.sort(key=lambda m: (m.start, -m.end))
        out: list[TimeMention] = []
        for mention in mentions:
            if not out or mention.start >= out[-1].end:
                out.append(mention)
                if (
                    mention.timex == "PRESENT_REF"
                    and len(out) > 1
                    and _TO.fullmatch(self.words, out[-2].end, mention.start)
                ):
                    out[-2:] = [self.until_now(*out[-2:])]
        return out

    def until_now(self, mention: TimeMention, now: TimeMention) -> TimeMention:
        """从昨天下午三点到现在."""
        since = _FROM.search(self.words, max(0, mention.start - 3), mention.start)
        start = since.start() if since else mention.start
        timex = f"({mention.timex},PRESENT_REF)"
        return self.mention(start, now.end, "datetimerange", mention.start_at, now.end_at, "", timex)

    def mention(
        self,
        start: int,
        end: int,
        kind: Kind,
        start_at: datetime | None,
        end_at: datetime | None,
        value: str,
        timex: str,
    ) -> TimeMention:
        return TimeMention(start, end, self.words[start:end], kind, start_at, end_at, value, timex)

    # Lengths, and the words that stand alone.

    def length(self, length: Length) -> TimeMention:
        start, end = length.start, length.end
        span = timedelta(seconds=length.seconds)
        for pattern, sign in ((_AGO, -1), (_LATER, 1)):
            if match := pattern.match(self.words, end):
                return self.away(length, match.end(), span * sign)
        if match := _LEFT.search(self.words, max(0, start - 6), start):
            past = self.shift(span)
            return self.mention(match.start(), end, "duration", self.now, past, str(length.seconds), length.timex)
        return self.mention(start, end, "duration", self.shift(-span), self.now, str(length.seconds), length.timex)

    def away(self, length: Length, end: int, span: timedelta) -> TimeMention:
        """两小时前 is a moment, 三天前 a day, 五年前 some day of that year."""
        at = self.shift(span)
        if not length.in_days:
            return self.mention(length.start, end, "datetime", at, at, _text(at), _text(at).replace(" ", "T"))
        day = midnight(at.date())
        return self.mention(length.start, end, "date", day, day + DAY, str(at.date()), str(at.date()))

    def shift(self, span: timedelta) -> datetime:
        try:
            return self.now + span
        except OverflowError:
            return self.now

    def lone(self, word: Word) -> TimeMention | None:
        if word.kind == "now":
            at = self.now
            return self.mention(word.start, word.end, "datetime", at, at, _text(at), "PRESENT_REF")
        if word.kind == "hour_rel":
            sign = -1 if word.said["hour_rel_w"] == "上" else 1
            first, past = sorted((self.now, self.shift(timedelta(hours=sign))))
            return self.mention(
                word.start, word.end, "datetimerange", first, past, "", f"({_text(first)},{_text(past)},PT1H)"
            )
        if word.kind == "lasting":
            said = word.said["lasting"]
            ahead = said == "过几天"
            days = 2 if "两" in said else 30 if said in _WEEKS else 3
            span = timedelta(days=days)
            first, past = (self.now, self.shift(span)) if ahead else (midnight(self.today) - span, self.now)
            return self.mention(word.start, word.end, "datetimerange", first, past, "", f"P{days}D")
        return None

    # Days and hours.

    def moments(self, groups: list[Group]) -> Iterable[TimeMention]:
        skip = False
        for group, following in zip(groups, [*groups[1:], None], strict=False):
            if skip:
                skip = False
                continue
            if following is not None and not group.every and not following.every:
                to = _TO.fullmatch(self.words, group.end, following.start)
                between = to is not None and to.group().strip() in ("和", "与")
                closing = _AND.match(self.words, following.end)
                if to is not None and (not between or closing):
                    yield self.range(group, following, closing.end() if closing else following.end)
                    skip = True
                    continue
            yield self.one(group)

    def bounds(self, group: Group) -> tuple[datetime | None, datetime | None, Kind]:
        """What a group means by itself; without a day, today is meant."""
        if group.when.wrong:
            return None, None, "datetime" if group.clock else "date"
        first, past = group.when.days or (self.today, self.today + DAY)
        if group.clock is not None:
            at = group.clock.on(first)
            return at, at + group.clock.length, "datetime" if group.dated else "time"
        if group.part is not None:
            begin, end = read_part(group.part, first)
            return begin, end, "datetimerange" if group.dated else "timerange"
        return midnight(first), midnight(past), "date" if group.when.unit == "D" else "daterange"

    def one(self, group: Group) -> TimeMention:
        begin, past, kind = self.bounds(group)
        timex = self.timex(group)
        if group.every:
            return self.mention(group.start, group.end, "set", None, None, timex, timex)
        value = _value(group, begin, kind)
        plain = self.mention(group.start, group.end, kind, begin, past, value, timex)
        return self.open(group, plain)

    def open(self, group: Group, plain: TimeMention) -> TimeMention:
        """With 之前, 以后, 从…起, 截止到 around it, a moment is one end of something longer."""
        start, end = plain.start, plain.end
        ranged: Kind = (
            "timerange"
            if plain.kind in ("time", "timerange")
            else "datetimerange"
            if group.clock or group.part
            else "daterange"
        )
        since = _FROM.search(self.words, max(0, start - 3), start)
        until = _UNTIL.search(self.words, max(0, start - 4), start)
        if until:
            return replace(plain, start=until.start(), kind=ranged, start_at=None, text=self.words[until.start() : end])
        if match := _BEFORE.match(self.words, end):
            last = plain.end_at if match["until"] else plain.start_at
            return replace(
                plain, end=match.end(), kind=ranged, start_at=None, end_at=last, text=self.words[start : match.end()]
            )
        if match := _AFTER.match(self.words, end):
            # 2018年之后 begins when the year is over; 五点以后, 1月10日之后 begin right there.
            over = match.group().strip() in ("之后", "以后", "后") and plain.kind == "daterange"
            first = plain.end_at if over else plain.start_at
            begin = since.start() if since and "后" not in match.group() else start
            if first is not None and first > self.now and re.search("开始|以来|起", match.group()):
                first = self.earlier(plain, first)
            text = self.words[begin : match.end()]
            return replace(plain, start=begin, end=match.end(), kind=ranged, start_at=first, end_at=None, text=text)
        return plain

    def earlier(self, plain: TimeMention, first: datetime) -> datetime:
        """从五月份开始 has begun already: without a year, the last May."""
        if plain.timex.startswith("XXXX-WXX"):
            return first - DAY * 7
        return _years_on(first, -1) if plain.timex.startswith("XXXX-") else first

    def range(self, left: Group, right: Group, end: int) -> TimeMention:
        """What the right side does not say, the left side said: 12月15日晚上7点到8点."""
        left, right = self.shared(left, right)
        begin, begin_past, _ = self.bounds(left)
        last, past, _ = self.bounds(right)
        since = _FROM.search(self.words, max(0, left.start - 3), left.start)
        start = since.start() if since else left.start
        clocked = bool(left.clock or right.clock or left.part or right.part)
        kind: Kind = ("datetimerange" if left.dated or right.dated else "timerange") if clocked else "daterange"
        finish = last if right.clock else past
        if begin is None or finish is None:
            begin = finish = None
        elif finish < begin:
            if not right.dated or right.when.unit == "D" and not right.when.month:
                finish += DAY
            elif right.when.unit in ("M", "D") and not right.when.year:
                finish = _years_on(finish, 1)
        if begin is not None and finish is not None and finish < begin:
            begin = finish = None  # 六一至2日: the words contradict each other
        text = self.words[start:end]
        return TimeMention(start, end, text, kind, begin, finish, "", f"({self.timex(left)},{self.timex(right)})")

    def shared(self, left: Group, right: Group) -> tuple[Group, Group]:
        if right.when.unit == "D" and left.when.unit == "D" and right.when.day and not right.when.year:
            # 2016年一月十日到十二日, 2019年6月1日-6月30日
            year = left.when.year
            month = right.when.month or left.when.month
            if month:
                words = f"{month}月{right.when.day}日"
                when = When(year=year, days=(self.today, self.today + DAY) if year else None)
                for word in find_words(words):
                    when = add(
                        when,
                        word,
                        left.when.days[0] if left.when.days else self.today,
                        "future" if not year else "near",
                    )
                right = replace(right, when=when)
        elif right.when.unit == "M" and left.when.year and not right.when.year and right.when.month:
            days = date(left.when.year, right.when.month, 1), _a_month_on(date(left.when.year, right.when.month, 1))
            right = replace(right, when=replace(right.when, year=left.when.year, days=days))
        if right.clock and not right.dated and left.dated:
            right = replace(right, when=left.when)
            same_day = True
        else:
            same_day = not right.dated
        if right.clock and left.clock and same_day and left.clock.sure and not right.clock.sure:
            hour, before = right.clock.hour, left.clock.hour
            if hour < 12 and hour < before % 24 and before < hour + 12:  # 下午3点到5点
                right = replace(right, clock=replace(right.clock, hour=hour + 12))
        if left.part and right.part is None and right.clock is None and right.dated and not left.dated:
            right = replace(right, part=left.part)
        return left, right

    def timex(self, group: Group) -> str:
        said = group.every or group.when.timex
        if group.clock:
            return said + group.clock.timex
        return said + (part_code(group.part) if group.part else "")


def _years_on(moment: datetime, years: int) -> datetime:
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:  # 29 February, or the end of the calendar
        return moment + timedelta(days=365 * years)


def _a_month_on(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _value(group: Group, begin: datetime | None, kind: Kind) -> str:
    if begin is None:
        return ""
    if kind == "date":
        return str(begin.date())
    if kind == "time":
        return begin.strftime("%H:%M:%S")
    return _text(begin) if kind == "datetime" else ""


def find_times(
    text: str | Normalised,
    now: datetime,
    masked: Sequence[tuple[int, int]] | None = None,
    prefer: Prefer = "near",
) -> list[TimeMention]:
    """Every time that `text` speaks of, left to right, seen from `now`. Never raises.

    `masked` are spans of the original that are something else, addresses above all; without it they are looked for here.
    `prefer` says which 12月3日 or 周六 is meant when none is named: the nearest (of a weekday: this week's), the last, or the next.
    """
    flat = normalise(text)
    if masked is None:
        from chinese.address import find_places

        masked = [(place.start, place.end) for place in find_places(flat)]
    words = _without(flat, masked)
    found = find_words(words)
    if not found:
        return []
    out = []
    for mention in _Finder(words, here(now), prefer).find(found):
        start, end = flat.span(mention.start, mention.end)
        out.append(replace(mention, start=start, end=end, text=flat.original[start:end]))
    return out


def _without(flat: Normalised, masked: Sequence[tuple[int, int]]) -> str:
    """The words with everything masked out; what stands in 《》 is a title (《明日之后》)."""
    words = flat.text
    if "《" in words:
        words = _QUOTED.sub(lambda match: "□" * len(match.group()), words)
    if not masked:
        return words
    return "".join(
        "□" if any(start <= at < end for start, end in masked) else char
        for char, at in zip(words, flat.offsets, strict=True)
    )
