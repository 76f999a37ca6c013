"""Long answers arrive in parts that can be read."""

from __future__ import annotations

import time

import pytest

from gateway.wechat.replies import split_text

FAMILY = "👨‍👩‍👧‍👦"


def test_a_short_text_stays_whole() -> None:
    assert split_text("电梯修好了。") == ["电梯修好了。"]
    assert split_text("好" * 682) == ["好" * 682]


def test_nothing_is_sent_for_nothing() -> None:
    assert split_text("") == []
    assert split_text(" \n ") == []


def test_a_long_text_is_cut_behind_a_sentence() -> None:
    text = "电梯坏了。请等一等！马上来人，别着急。"
    for limit in (30, 45):  # in 45 the clause behind it would fit, too
        assert split_text(text, limit) == ["电梯坏了。请等一等！", "马上来人，别着急。"]


def test_without_the_end_of_a_sentence_it_is_cut_behind_a_clause() -> None:
    assert split_text("马上来人，别着急，先坐下休息一会儿吧", 40) == ["马上来人，别着急，", "先坐下休息一会儿吧"]


def test_without_any_pause_it_is_cut_where_it_must_be() -> None:
    assert split_text("好" * 10, 16) == ["好" * 5, "好" * 5]


def test_marks_and_quotes_stay_with_their_sentence() -> None:
    assert split_text("他说：“真的吗？！”我说是的", 30) == ["他说：“真的吗？！”", "我说是的"]
    assert split_text("请等一等……\n\n好了没有", 24) == ["请等一等……\n\n", "好了没有"]


def test_numbers_addresses_and_list_points_are_no_end_of_a_sentence() -> None:
    assert split_text("费用是3.5元请缴费", 14) == ["费用是3.5", "元请缴费"]
    assert split_text("好。见https://a.cn/x?y=1,2了", 27) == ["好。", "见https://a.cn/x?y=1,2了"]
    assert split_text("好的 1. 提交工单", 17) == ["好的 1. ", "提交工单"]


@pytest.mark.parametrize("emoji", [FAMILY, "👍🏽", "🇨🇳", "❤️", "1️⃣", "e\u0301", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "\u1112\u1161\u11ab", "\r\n"])
def test_what_is_shown_as_one_character_is_never_cut(emoji: str) -> None:
    size = len(emoji.encode())
    for limit in range(max(4, size), 3 * size + 1):
        for part in split_text("x" + emoji * 7 + "x", limit):
            assert part.strip("x").replace(emoji, "") == ""


def test_a_letter_under_a_thousand_marks_still_fits() -> None:
    text = "e" + "\u0301" * 1000
    parts = split_text(text, 100)
    assert "".join(parts) == text
    assert max(len(part.encode()) for part in parts) <= 100


def test_the_least_room_is_that_of_one_character() -> None:
    assert split_text("a😀", 4) == ["a", "😀"]
    with pytest.raises(ValueError):
        split_text("a", 3)


@pytest.mark.parametrize("unit", ["好", "。", "e" + "\u0301" * 50, " ", "\u200d", "🇨", "“", "a."])
def test_a_megabyte_is_split_in_linear_time(unit: str) -> None:
    def seconds(count: int) -> float:
        began = time.process_time()
        split_text(unit * count)
        return time.process_time() - began

    length = 40_000 // len(unit)
    seconds(length)
    assert seconds(4 * length) < max(0.5, 9 * seconds(length))
