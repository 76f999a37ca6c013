"""Who and by which number: phones, people, tickets, laws, activities; and that no stretch of words is read as two of them."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chinese.contacts import find_activities, find_names, find_phones
from chinese.entities import find_entities
from chinese.laws import find_laws
from chinese.numerals import to_chinese
from chinese.ticket_numbers import find_number_mentions, find_numbers, ticket_number

NOW = datetime(2026, 11, 24, 10, 0)
ESTATES = (("剡溪花园", "剡溪花园"),)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("我的电话138-0013-8000", "13800138000"),
        ("138 0013 8000", "13800138000"),
        ("幺三八零零幺三八零零零", "13800138000"),
        ("+86 13800138000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("0575-83001234", "057583001234"),
        ("座机是83001234", "83001234"),
        ("400-820-8820", "4008208820"),
    ],
)
def test_a_phone_number_is_read_as_it_is_told(text: str, number: str) -> None:
    assert [phone.number for phone in find_phones(text)] == [number]


@pytest.mark.parametrize("text", ["138001380001", "12345678", "单号100014", "110", "2026-11-24", "3-502"])
def test_other_numbers_are_no_phones(text: str) -> None:
    assert find_phones(text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("楼上李奶奶摔倒了", "李奶奶"),
        ("找张师傅来修", "张师傅"),
        ("我叫王秀英住在3幢", "王秀英"),
        ("联系人陈建国，", "陈建国"),
        ("我姓钱今年八十", "钱"),
        ("我是1幢的老赵，", "老赵"),
        ("欧阳老师", "欧阳老师"),
    ],
)
def test_people_are_heard_by_title_and_by_name(text: str, name: str) -> None:
    assert [person.name for person in find_names(text)] == [name]


@pytest.mark.parametrize(
    "text",
    ["请修理师傅来", "小区门口", "谢谢师傅", "工程部经理", "由于婆婆", "我是江滨小区的", "养老金，", "百家姓名单"],
)
def test_what_only_sounds_like_a_name_is_none(text: str) -> None:
    assert find_names(text) == []


def test_a_ticket_number_is_found_dictated_and_spaced() -> None:
    number = ticket_number(1)
    spoken = "".join("零一二三四五六七八九"[int(digit)] for digit in number)
    assert find_numbers(f"{number[:3]} {number[3:]}和{spoken}") == ([number, number], [])
    text = f"工单{spoken}怎么样了"
    (mention,) = find_number_mentions(text)
    assert text[mention.start : mention.end] == spoken


@pytest.mark.parametrize(
    ("text", "laws"),
    [
        ("请问民法典942条和943条", [("民法典", "第九百四十二条", 0), ("民法典", "第九百四十三条", 0)]),
        ("《民法典》第九百四十二条第二款", [("民法典", "第九百四十二条", 2)]),
        ("治安处罚法 88", [("治安处罚法", "第八十八条", 0)]),
        ("按照物业管理条例第三十五条", [("物业管理条例", "第三十五条", 0)]),
        ("中华人民共和国道路交通安全法第九十条", [("中华人民共和国道路交通安全法", "第九十条", 0)]),
        ("《消防法》怎么说", [("消防法", "", 0)]),
        ("违法3次，没办法第3条路", []),
    ],
)
def test_a_law_is_named_without_the_words_before_it(text: str, laws: list[tuple[str, str, int]]) -> None:
    assert [(found.law, found.label, found.paragraph) for found in find_laws(text)] == laws


@given(st.integers(1, 1260), st.booleans())
def test_any_article_is_found_in_figures_and_in_characters(number: int, figures: bool) -> None:
    said = str(number) if figures else to_chinese(number)
    (found,) = find_laws(f"我想问一下民法典第{said}条是什么意思")
    assert (found.law, found.label) == ("民法典", f"第{to_chinese(number)}条")


def test_the_longer_activity_wins() -> None:
    found = find_activities("报名垃圾分类督导", ("垃圾分类", "垃圾分类督导"))
    assert [name for _, _, name in found] == ["垃圾分类督导"]


def test_each_kind_takes_its_words_and_leaves_the_rest() -> None:
    number = ticket_number(7)
    text = f"剡溪花园3幢2单元502的李奶奶，电话13800138000，工单{number}，昨晚又漏了，民法典942条怎么说"
    found = [(entity.kind, text[entity.start : entity.end]) for entity in find_entities(text, NOW, ESTATES)]
    assert found == [
        ("place", "剡溪花园3幢2单元502"),
        ("name", "李奶奶"),
        ("phone", "13800138000"),
        ("ticket_number", number),
        ("time", "昨晚"),
        ("law", "民法典942条"),
    ]


def test_an_activity_that_begins_like_an_estate_is_no_place() -> None:
    estates = (*ESTATES, ("剡溪", "剡溪花园"))
    assert [e.kind for e in find_entities("报名剡溪清滩护河", NOW, estates, ("剡溪清滩护河", "护河"))] == ["activity"]


def test_home_is_a_place_of_its_own() -> None:
    (home,) = find_entities("我家", NOW)
    assert (home.kind, home.value, home.detail) == ("place", "home", {"home": "1"})


def test_without_a_moment_the_present_is_meant() -> None:
    (now,) = find_entities("现在")
    assert now.value.startswith(str(datetime.now().year))


@given(st.text(max_size=200))
def test_odd_text_breaks_nothing(text: str) -> None:
    _sound(text)


SIGNS = "3幢二单元502室剡溪花园昨晚周六10点半三天138001380001王阿姨民法典第九百条《》电话，。我家是 ００工单100014！！！繁體🙏\u200b"


@given(st.text(alphabet=SIGNS, max_size=60))
def test_no_mixture_of_signs_breaks_it_and_no_words_are_read_twice(text: str) -> None:
    _sound(text)


def _sound(text: str) -> None:
    last = 0
    for entity in find_entities(text, NOW, ESTATES, ("垃圾分类",)):
        assert last <= entity.start < entity.end <= len(text)
        assert entity.value
        assert all(isinstance(value, str) for value in entity.detail.values())
        last = entity.end
