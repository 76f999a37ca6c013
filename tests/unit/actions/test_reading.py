"""Short answers as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.reading import (
    find_phone,
    has_words,
    only_partly,
    read_number,
    read_score,
    says_no,
    says_partly,
    says_skip,
    says_yes,
    tells_when_or_how_bad,
    without,
)
from actions.report_card import category_named, category_of
from actions.report_words import place_text
from community.model.category import Category


@pytest.mark.parametrize(
    "text", ["0", "跳过", "没有", "不用了", "下一步", "没有照片", "不留了", "无", "跳过吧", "没有了。"]
)
def test_skipping(text: str) -> None:
    assert says_skip(text)


@pytest.mark.parametrize("text", ["没有人管", "不用水也漏", "过道灯坏了", "05", "无人机扰民", "没电了"])
def test_what_only_begins_like_skipping(text: str) -> None:
    assert not says_skip(text)


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("修了一半", True),
        ("部分解决", True),
        ("还有一点没弄好", True),
        ("只办了一部分", True),
        ("100041只办了一部分", True),
        ("修好了一半，楼上那盏还黑着", False),
        ("只修了一盏，另外两盏还是黑的", False),
        ("没完全修好，门还关不上", False),
        ("还差两处没补", False),
        ("处理了一些，楼道里的没动", False),
    ],
)
def test_part_of_it(text: str, alone: bool) -> None:
    assert says_partly(text)
    assert only_partly(text) is alone


@pytest.mark.parametrize(
    "text",
    ["还没好", "根本没修", "问题还在", "处理了一点都没用", "修好了一点效果没有", "又漏了", "处理好了点赞", "什么都没修"],
)
def test_a_plain_no_or_yes_is_not_part_of_it(text: str) -> None:
    assert not says_partly(text)


@pytest.mark.parametrize("text", ["是", "好的", "对的", "提交", "确认提交", "嗯嗯", "可以，谢谢", "OK", "没错"])
def test_yes(text: str) -> None:
    assert says_yes(text)
    assert not says_no(text)


@pytest.mark.parametrize("text", ["不是", "不对", "不要", "先不", "不撤了", "错了"])
def test_no(text: str) -> None:
    assert says_no(text)
    assert not says_yes(text)


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("13800001234", "13800001234"),
        ("我电话138 0000 1234，下午打", "13800001234"),
        ("+86 139-1234-5678", "13912345678"),
        ("0575-83012345", "057583012345"),
        ("83012345", "83012345"),
        ("12345", None),
        ("138000012345", None),
        ("工单100014", None),
        ("3幢2单元502", None),
    ],
)
def test_phones(text: str, phone: str | None) -> None:
    assert find_phone(text) == phone


@pytest.mark.parametrize(
    "text",
    [
        "昨天开始的",
        "坏了三天",
        "好几天了",
        "一下雨就有，很严重",
        "每天晚上",
        "两个多月了",
        "老人没法下楼",
        "水漫到脚背",
        "一直这样",
    ],
)
def test_words_that_tell_when_or_how_bad(text: str) -> None:
    assert tells_when_or_how_bad(text)


@pytest.mark.parametrize("text", ["楼道灯坏了", "3幢2单元电梯不动", "垃圾没人收", "门禁刷不开"])
def test_words_that_tell_neither(text: str) -> None:
    assert not tells_when_or_how_bad(text)


@pytest.mark.parametrize(
    ("text", "most", "number"),
    [
        ("1", 3, 1),
        ("２", 3, 2),
        ("三", 3, 3),
        ("第二个", 3, 2),
        ("选3", 3, 3),
        ("4", 3, None),
        ("0", 3, None),
        ("12", 3, None),
        ("好", 3, None),
    ],
)
def test_choices(text: str, most: int, number: int | None) -> None:
    assert read_number(text, most) == number


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("5", 5),
        ("打4分", 4),
        ("五星好评", 5),
        ("给两星", 2),
        ("非常满意", 5),
        ("不满意", 2),
        ("很不满意", 1),
        ("一般般", 3),
        ("还不错", 4),
        ("我要评价", None),
        ("6", None),
        ("100014", None),
    ],
)
def test_scores(text: str, score: int | None) -> None:
    assert read_score(text) == score


@pytest.mark.parametrize(
    ("text", "words"), [("👍👍", False), ("……", False), ("", False), ("好", True), ("1", True), ("a", True)]
)
def test_whether_there_is_anything_to_read(text: str, words: bool) -> None:
    assert has_words(text) is words


@given(st.text(max_size=300))
def test_no_reader_ever_fails(text: str) -> None:
    for read in (
        find_phone,
        has_words,
        read_score,
        says_no,
        says_skip,
        says_yes,
        tells_when_or_how_bad,
        category_named,
    ):
        read(text)
    read_number(text, 7)
    without(text, r"补充|一下")
    assert len(place_text("剡溪花园3幢", text, False)) <= 80


@pytest.mark.parametrize(
    ("guess", "category"),
    [
        (("elevator", 0.9), Category.ELEVATOR),
        (("elevator", 0.1), Category.OTHER),
        (("no_such", 0.9), Category.OTHER),
        (None, Category.OTHER),
    ],
)
def test_a_category_is_taken_when_sure_and_known(guess: tuple[str, float] | None, category: Category) -> None:
    assert category_of(guess) is category


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("类别改成电梯", Category.ELEVATOR),
        ("类型：停车", Category.PARKING),
        ("应该是邻里纠纷", Category.DISPUTE),
        ("属于物业服务的", Category.PROPERTY_SERVICE),
        ("改成电梯", None),
        ("类别不对", None),
    ],
)
def test_a_category_can_be_named(text: str, category: Category | None) -> None:
    assert category_named(text) is category


def test_a_place_is_the_address_with_the_words_that_say_more() -> None:
    assert place_text("剡溪花园3幢", "3幢", True) == "剡溪花园3幢"
    assert place_text("剡溪花园", "剡溪花园北门进来左手边", False) == "剡溪花园（剡溪花园北门进来左手边）"
    assert place_text("", "东门口", False) == "东门口"
