"""Addresses, numerals, dates, numbers, citations and danger: what residents write, read right."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chinese.address import ParsedAddress, parse_address
from chinese.laws import article_label, find_citations
from chinese.numerals import to_chinese, to_int
from chinese.ticket_numbers import find_numbers, is_valid, ticket_number
from community.model.calendar import SHANGHAI, add_working_time, day_text
from community.model.danger import find_danger
from community.model.when import find_period
from community.store.danger_rules import load_danger_rules

ESTATES = [("剡溪花园", "剡溪花园"), ("剡溪", "剡溪花园"), ("鹿山苑", "鹿山苑")]
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=timezone.utc)
RULES = load_danger_rules(Path(__file__).parents[3] / "data" / "lexicon" / "danger.yml")


@given(st.integers(1, 99_999))
def test_chinese_numerals_read_back_as_written(number: int) -> None:
    assert to_int(to_chinese(number)) == number
    assert to_int(str(number)) == number


@given(st.integers(1, 80), st.integers(1, 9), st.integers(101, 3304), st.data())
def test_a_room_is_found_however_it_is_written(building: int, unit: int, room: int, data: st.DataObject) -> None:
    def spoken(number: int) -> str:
        return data.draw(
            st.sampled_from([str(number), to_chinese(number), str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))])
        )

    b, u = spoken(building), spoken(unit)
    r = data.draw(st.sampled_from([str(room), "".join("零一二三四五六七八九"[int(d)] for d in str(room))]))
    form = data.draw(
        st.sampled_from(["{e}{b}幢{u}单元{r}室", "{e}{b}号楼{u}单元{r}", "{e} {b}栋 {u}单元 {r}", "我住{e}{b}幢{u}单元{r}，灯坏了"])
    )
    estate = data.draw(st.sampled_from(["剡溪花园", "剡溪"]))
    parsed = parse_address(form.format(e=estate, b=b, u=u, r=r), ESTATES)
    assert parsed.key == f"剡溪花园/{building}/{unit}/{room}"


@given(st.text(max_size=300))
def test_odd_text_never_breaks_the_readers(text: str) -> None:
    parse_address(text, ESTATES)
    find_period(text, NOW)
    find_numbers(text)
    find_citations(text)
    find_danger(text, RULES)
    to_int(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12-3-502", ParsedAddress(None, "12", "3", "502")),
        ("我家漏水了", ParsedAddress(home=True)),
        ("剡溪花园3幢502", ParsedAddress("剡溪花园", "3", None, "502")),
        ("3号楼有3个人", ParsedAddress(None, "3")),
        ("十二栋的三单元", ParsedAddress(None, "12", "3")),
        ("鹿山苑门口", ParsedAddress("鹿山苑")),
        ("没说在哪里", ParsedAddress()),
    ],
)
def test_addresses_are_read_as_far_as_they_go(text: str, expected: ParsedAddress) -> None:
    assert parse_address(text, ESTATES) == expected


@given(st.integers(1, 80_000), st.integers(0, 5), st.integers(0, 9))
def test_one_digit_misread_over_the_phone_is_noticed(ticket_id: int, position: int, digit: int) -> None:
    number = ticket_number(ticket_id)
    assert is_valid(number)
    wrong = number[:position] + str(digit) + number[position + 1 :]
    assert is_valid(wrong) == (wrong == number)
    if position < 5 and number[position] != number[position + 1]:
        swapped = number[:position] + number[position + 1] + number[position] + number[position + 2 :]
        assert not is_valid(swapped)


def test_numbers_are_found_in_speech_and_phones_are_not_taken_for_them() -> None:
    number = ticket_number(1)
    assert find_numbers(f"工单{number[:3]} {number[3:]}怎么样了") == ([number], [])
    assert find_numbers("我的电话13800138000") == ([], [])


@pytest.mark.parametrize(
    ("text", "start", "hours"),
    [
        ("周六上午", (2026, 11, 28, 5), 7),
        ("这个周末", (2026, 11, 28, 0), 48),
        ("明天下午", (2026, 11, 25, 12), 6),
        ("下周三", (2026, 12, 2, 0), 24),
        ("12月3日", (2026, 12, 3, 0), 24),
        ("5号", (2026, 12, 5, 0), 24),
        ("周二", (2026, 11, 24, 0), 24),
        ("周一", (2026, 11, 30, 0), 24),
    ],
)
def test_days_are_understood_from_a_tuesday(text: str, start: tuple[int, ...], hours: int) -> None:
    period = find_period(text, NOW)
    assert period is not None
    assert period.start == datetime(*start, tzinfo=SHANGHAI)
    assert period.end - period.start == timedelta(hours=hours)


def test_a_building_number_is_no_date() -> None:
    assert find_period("3号楼的灯坏了", NOW) is None
    assert find_period("5号2单元漏水", NOW) is None


def test_working_time_skips_lunch_nights_and_weekends() -> None:
    friday = datetime(2026, 11, 27, 17, 0, tzinfo=SHANGHAI)
    weekdays = lambda day: day.weekday() < 5  # noqa: E731
    done = add_working_time(friday, timedelta(hours=2), weekdays)
    assert done == datetime(2026, 11, 30, 9, 30, tzinfo=SHANGHAI)
    across_lunch = add_working_time(datetime(2026, 11, 24, 11, 30, tzinfo=SHANGHAI), timedelta(hours=1), weekdays)
    assert across_lunch == datetime(2026, 11, 24, 14, 0, tzinfo=SHANGHAI)
    assert day_text(done, friday) == "11月30日（周一）9:30"


@given(st.integers(0, 100_000), st.integers(0, 5_000))
def test_more_working_time_never_ends_earlier(minutes: int, more: int) -> None:
    weekdays = lambda day: day.weekday() < 5  # noqa: E731
    early = add_working_time(NOW, timedelta(minutes=minutes), weekdays)
    late = add_working_time(NOW, timedelta(minutes=minutes + more), weekdays)
    assert early <= late


@pytest.mark.parametrize(
    ("text", "law", "label"),
    [
        ("民法典942条说什么", "民法典", "第九百四十二条"),
        ("《民法典》第九百四十二条第二款", "民法典", "第九百四十二条"),
        ("治安管理处罚法 88", "治安管理处罚法", "第八十八条"),
        ("刑法第二百九十一条之二", "刑法", "第二百九十一条之二"),
    ],
)
def test_an_article_is_recognised_however_it_is_named(text: str, law: str, label: str) -> None:
    (found,) = find_citations(text)
    assert (found.law, found.label) == (law, label)
    assert article_label(942) == "第九百四十二条"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("闻到一股煤气味", "gas"),
        ("厨房里有天然气的味道，很大", "gas"),
        ("电梯里有人出不来", "trapped"),
        ("我被困在电梯里了", "trapped"),
        ("楼道里电瓶车冒烟了", "fire"),
        ("三楼着火了！", "fire"),
        ("老人在楼下摔倒起不来了", "collapsed"),
        ("我妈晕倒了叫不醒", "collapsed"),
        ("我不想活了", "suicide"),
        ("有人拿刀在砍人", "violence"),
    ],
)
def test_danger_is_caught(text: str, code: str) -> None:
    rule = find_danger(text, RULES)
    assert rule is not None
    assert rule.code == code


@pytest.mark.parametrize(
    "text",
    [
        "燃气费怎么交",
        "消防通道停车没人管",
        "电梯坏了三天了",
        "飞线充电容易着火，希望管管",
        "上次电梯困人后一直没检修",
        "没有煤气味，就是想问问怎么开户",
        "天气热死了",
        "高空抛物砸伤人怎么赔",
    ],
)
def test_what_only_sounds_like_danger_is_not(text: str) -> None:
    assert find_danger(text, RULES) is None
