"""When: what residents say of days, hours and how long already, seen from a Tuesday morning, 24 November 2026."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chinese.times import SHANGHAI, TimeMention, find_times
from chinese.times.lunar import eve, holiday, lunar_day

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=SHANGHAI)


def one(text: str, now: datetime = NOW) -> TimeMention:
    (mention,) = find_times(text, now)
    return mention


def said(moment: datetime | None) -> str | None:
    return moment.strftime("%m-%d %H:%M") if moment else None


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("今天", "11-24 00:00", "11-25 00:00"),
        ("昨晚", "11-23 18:00", "11-24 00:00"),
        ("这周六下午", "11-28 12:00", "11-28 18:00"),
        ("上个礼拜", "11-16 00:00", "11-23 00:00"),
        ("下周三", "12-02 00:00", "12-03 00:00"),
        ("月底", "11-26 00:00", "12-01 00:00"),
        ("下午3点到5点", "11-24 15:00", "11-24 17:00"),
        ("中午十二点到两点", "11-24 12:00", "11-24 14:00"),
        ("晚上11点到凌晨2点", "11-24 23:00", "11-25 02:00"),
        ("凌晨两点多", "11-24 02:00", "11-24 03:00"),
        ("晚上七八点", "11-24 19:00", "11-24 19:00"),
        ("12月3日上午9点到11点", "12-03 09:00", "12-03 11:00"),
        ("五月份开始", "05-01 00:00", None),
        ("晚上八点以后", "11-24 20:00", None),
        ("从昨天下午三点到现在", "11-23 15:00", "11-24 10:00"),
        ("国庆期间", "10-01 00:00", "10-08 00:00"),
        ("除夕", "02-05 00:00", "02-06 00:00"),
        ("大前天", "11-21 00:00", "11-22 00:00"),
        ("12月24日到26日", "12-24 00:00", "12-27 00:00"),
        ("去年冬天", "12-01 00:00", "03-01 00:00"),
        ("上半月", "11-01 00:00", "11-16 00:00"),
        ("每天晚上十点", None, None),
    ],
)
def test_a_time_means_what_a_neighbour_would_understand(text: str, start: str | None, end: str | None) -> None:
    mention = one(text)
    assert (said(mention.start_at), said(mention.end_at)) == (start, end)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("半个月了", 15 * 86400),
        ("三天了", 3 * 86400),
        ("一个半小时", 5400),
        ("四五个小时", 4 * 3600),
        ("8天20时", 763200),
        ("两年多", 730 * 86400),
    ],
)
def test_how_long_already_is_counted_back_from_now(text: str, seconds: int) -> None:
    mention = one(text)
    assert (mention.kind, mention.value) == ("duration", str(seconds))
    assert mention.end_at == NOW
    assert mention.start_at == NOW - timedelta(seconds=seconds)


def test_what_is_left_is_counted_on_from_now() -> None:
    assert one("还剩3小时").end_at == NOW + timedelta(hours=3)
    assert one("两小时前").start_at == NOW - timedelta(hours=2)
    assert one("三天前").value == "2026-11-21"


@pytest.mark.parametrize(
    ("text", "timex"), [("三天两头", "P3D"), ("天天", "P1D"), ("每周六上午", "XXXX-WXX-6TMO"), ("每隔三天", "P3D")]
)
def test_again_and_again_is_a_set(text: str, timex: str) -> None:
    mention = one(text)
    assert (mention.kind, mention.timex) == ("set", timex)


@pytest.mark.parametrize(
    "text",
    [
        "3号楼2单元",
        "三幢502",
        "5号线",
        "3号门",
        "十一楼",
        "漏了一点水",
        "有三点意见",
        "墙上一点一点的",
        "一时半会儿",
        "《明日之后》",
        "第三条",
    ]
    + ["生日快乐", "日常保洁", "分明", "春节联欢"[2:], "192.168.1.1", "天然气", "周边", "星星", "三百一个月"],
)
def test_what_only_looks_like_a_time_is_none(text: str) -> None:
    assert find_times(text, NOW) == []


def test_an_address_is_masked_and_the_day_beside_it_is_not() -> None:
    text = "3号楼2单元3号晚上停水"
    assert [mention.text for mention in find_times(text, NOW)] == ["3号晚上"]


def test_which_saturday_is_meant_can_be_asked_for() -> None:
    sunday = datetime(2026, 11, 29, 9, 0, tzinfo=SHANGHAI)
    days = {prefer: find_times("周六", sunday, prefer=prefer)[0].value for prefer in ("near", "past", "future")}  # type: ignore[arg-type]
    assert days == {"near": "2026-11-28", "past": "2026-11-28", "future": "2026-12-05"}
    assert find_times("5号", NOW, prefer="past")[0].value == "2026-11-05"
    assert find_times("5号", NOW, prefer="future")[0].value == "2026-12-05"


def test_a_day_that_does_not_exist_is_heard_and_not_invented() -> None:
    mention = one("2026年2月29日")
    assert (mention.start_at, mention.end_at, mention.value) == (None, None, "")


def test_a_naive_moment_is_taken_as_shanghai_and_an_aware_one_is_turned() -> None:
    utc = datetime(2026, 11, 24, 18, 0, tzinfo=timezone.utc)  # already the 25th in Shanghai
    assert one("今天", utc).value == "2026-11-25"
    assert one("今天", datetime(2026, 11, 24, 18, 0)).value == "2026-11-24"


@pytest.mark.parametrize(
    ("name", "year", "day"),
    [
        ("春节", 2026, "2026-02-17"),
        ("端午", 2026, "2026-06-19"),
        ("中秋", 2026, "2026-09-25"),
        ("清明", 2026, "2026-04-05"),
    ]
    + [
        ("中秋", 2025, "2025-10-06"),
        ("元宵", 2025, "2025-02-12"),
        ("重阳", 2025, "2025-10-29"),
        ("清明", 2024, "2024-04-04"),
    ],
)
def test_holidays_fall_where_the_calendar_has_them(name: str, year: int, day: str) -> None:
    days = holiday(name, year, whole=False)
    assert days is not None
    assert str(days[0]) == day


def test_the_moon_has_no_thirtieth_in_a_short_month() -> None:
    assert eve(2026) == date(2026, 2, 16)
    assert lunar_day(2026, 1, 30) == date(2026, 3, 18)
    assert lunar_day(2026, 2, 30) is None
    assert lunar_day(1800, 1, 1) is None


ALPHABET = (
    "今昨明前后天日周星期礼拜六月年号点半分时晚早上下午个到至从之以每三十二一0123456789:-/. 正初农历国庆节第最近多几了"
)


@given(
    st.text(alphabet=ALPHABET, max_size=30),
    st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1)),
)
def test_no_mixture_of_words_of_time_breaks_it(text: str, now: datetime) -> None:
    last = 0
    for mention in find_times(text, now):
        assert last <= mention.start < mention.end <= len(text)
        assert mention.text == text[mention.start : mention.end]
        last = mention.end
        if mention.start_at and mention.end_at:
            assert mention.start_at <= mention.end_at
