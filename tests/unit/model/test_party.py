"""Who one sentence signs up."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from community.errors import InvalidInput
from community.model.calendar import local
from community.model.party import (
    ALONE,
    keep,
    kept,
    of_age,
    pack,
    read_party,
    say,
    too_young,
    unknown_age,
    unpack,
    without_party,
)
from community.model.series import read_series
from community.model.volunteer import confirm_until


@pytest.mark.parametrize(
    ("text", "packed"),
    [
        ("我要报名巡河", "我"),
        ("周六上午我和我女儿报名垃圾分类", "我、女儿"),
        ("帮我妈也报一个", "妈"),
        ("给我女儿报名小小志愿者", "女儿"),
        ("我和我老婆一起报名植树", "我、老婆"),
        ("报名，两大一小", "我、家人、孩子"),
        ("报名 2大2小", "我、家人、孩子一、孩子二"),
        ("我家三口人都要参加周末清洁日", "我、同伴一、同伴二"),
        ("我带孩子8岁来报名", "我、孩子8"),
        ("女儿读初二，今年十三岁，帮她报名，我也去", "我、女儿"),
        ("帮女儿（12岁）报书法班", "女儿12"),
        ("我跟隔壁王阿姨都要参加", "我、王阿姨"),
        ("我想报名教小孩写作业", "我"),
        ("想参加陪老人聊天，登记一下", "我"),
        ("帮我和同事六个人一起报名", "我、同伴一、同伴二、同伴三、同伴四、同伴五"),
        ("替我先生报巡逻队", "先生"),
        ("给我爷爷报太极课", "爷爷"),
        ("上次没报上，这次给我报一个", "我"),
        ("", "我"),
    ],
)
def test_who_comes_is_read_from_the_sentence(text: str, packed: str) -> None:
    party = read_party(text)
    assert pack(party) == packed
    assert unpack(packed) == party
    assert kept(keep(party)) == party


def test_what_is_left_of_the_sentence_still_names_the_activity() -> None:
    assert "垃圾分类" in without_party("周六上午我和我女儿报名垃圾分类")
    assert "女儿" not in without_party("周六上午我和我女儿报名垃圾分类")


def test_only_the_young_are_asked_for_their_age_and_only_where_there_is_a_minimum() -> None:
    party = read_party("我和我妈和儿子报名")
    assert [p.who for p in unknown_age(party, 16)] == ["儿子"]
    assert unknown_age(party, None) == ()
    assert unknown_age(of_age(party, 16), 16) == ()
    assert [p.who for p in too_young(read_party("我带孙子9岁报名"), 14)] == ["孙子"]
    assert say(party) == "您、妈和儿子"


def test_a_payload_made_up_by_hand_is_the_resident_alone() -> None:
    for odd in (None, "", "123", "a" * 40, "、、"):
        assert unpack(odd) == ALONE


def test_no_place_runs_out_at_night_nor_after_the_beginning() -> None:
    shanghai = timezone(timedelta(hours=8))
    ten = datetime(2026, 11, 24, 10, tzinfo=shanghai)
    assert local(confirm_until(ten, 12, ten + timedelta(days=3))).isoformat() == "2026-11-25T09:00:00+08:00"
    assert local(confirm_until(ten, 4, ten + timedelta(days=3))).hour == 14
    late = datetime(2026, 11, 24, 20, tzinfo=shanghai)
    assert local(confirm_until(late, 12, late + timedelta(days=3))).isoformat() == "2026-11-25T08:00:00+08:00"
    assert confirm_until(ten, 12, ten + timedelta(hours=3)) == ten + timedelta(hours=2)
    assert confirm_until(ten, 12, ten + timedelta(minutes=40)) == ten + timedelta(minutes=30)
    assert confirm_until(ten, 12, ten + timedelta(minutes=10)) == ten + timedelta(minutes=10)


def test_a_monthly_series_takes_the_last_day_of_a_shorter_month() -> None:
    rule = read_series("monthly 31 09:00-11:00")
    assert rule is not None
    assert list(rule.days(date(2026, 11, 1), date(2027, 2, 28))) == [
        date(2026, 11, 30), date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28),
    ]  # fmt: skip
    for wrong in ("weekly 7 09:00-11:00", "weekly 1 11:00-09:00", "yearly 1 09:00-10:00", "weekly 1 25:00-26:00"):
        with pytest.raises(InvalidInput):
            read_series(wrong)
