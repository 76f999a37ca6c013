"""What of a talk is a problem, whose, where, and how many said so."""

from __future__ import annotations

import pytest

from chinese.group_talk import Saying, read_block
from community.model.category import Category
from community.model.intake import Problem, bare_words, category_of, masked_who, problems_in, ticket_words

ESTATES = (("剡溪花园", "剡溪花园"),)


def read(text: str, danger: str = "煤气味") -> tuple[tuple[Problem, ...], list[str]]:
    sayings = [Saying(one.who, one.at, bare_words(one.text)) for one in read_block(text)]
    reading = problems_in(sayings, ESTATES, lambda words: "gas" if danger in words else "")
    return reading.problems, [one.text for one in reading.left]


def test_greetings_stickers_and_plus_ones_are_nobody_s_problem() -> None:
    found, left = read("群消息\n张三：3幢电梯坏了\n李四：[微笑][玫瑰]\n王五：+1\n赵六：大家早上好！\n钱七：收到，谢谢\n孙八：@所有人")
    assert [(p.who, p.category, p.place, p.also) for p in found] == [("张三", Category.ELEVATOR, "3幢", ())]
    assert left == []


@pytest.mark.parametrize("words", ["我家也是", "我们也是啊", "同问", "我们5幢也停了", "我也一样", "我这边也是", "我们也闻到了", "一样的"])
def test_who_has_it_too_is_counted_once_a_name(words: str) -> None:
    found, _ = read(f"群消息\n张三：停水了\n李四：{words}\n李四：{words}")
    assert [p.also for p in found] == [("李四",)]


def test_several_problems_are_several_and_the_same_of_another_building_is_another() -> None:
    found, left = read(
        "群消息\n张三：5幢楼道灯不亮，还有门口垃圾没人收\n李四：剡溪花园6幢楼道灯也坏了\n王五：5幢楼道灯确实不亮\n赵六：物业电话多少"
    )
    assert [(p.category, p.place, len(p.also)) for p in found] == [
        (Category.LIGHTING, "5幢", 1), (Category.SANITATION, "", 0), (Category.LIGHTING, "剡溪花园6幢", 0),
    ]  # fmt: skip
    assert left == ["物业电话多少"]


def test_what_the_same_person_goes_on_to_say_belongs_to_it_and_may_say_where() -> None:
    found, _ = read("王建国 10:32\n电梯坏了\n李四 10:33\n哪幢\n王建国 10:34\n3幢，两天了")
    assert [(p.text, p.place) for p in found] == [("电梯坏了\n3幢，两天了", "3幢")]


def test_where_is_taken_from_the_name_when_nothing_else_says_it() -> None:
    found, _ = read("3幢502王建国 10:32\n我家漏水了")
    assert found[0].place == "3幢502室"


def test_danger_is_never_lost_as_talk_nor_in_somebody_elses_problem() -> None:
    found, _ = read("群消息\n张三：3幢电梯坏了\n张三：好重的煤气味\n李四：早上好")
    assert [p.danger for p in found] == ["", "gas"]


def test_a_single_saying_is_a_problem_whatever_it_says() -> None:
    found, _ = read("群消息 张三：想在小区门口放个长椅")
    assert [p.category for p in found] == [Category.OTHER]


@pytest.mark.parametrize(
    ("text", "category"),
    [("3幢电梯里有人乱扔垃圾袋", Category.SANITATION), ("下水道堵了", Category.DRAINAGE), ("楼道灯又坏了", Category.LIGHTING),
     ("门口乱停车", Category.PARKING), ("半夜太吵了", Category.NOISE), ("你们看球了吗", None)],
)  # fmt: skip
def test_the_category_is_what_the_words_say_most_of(text: str, category: Category | None) -> None:
    assert category_of(text) is category


@pytest.mark.parametrize(
    ("who", "shown"),
    [("王建国", "王某"), ("张阿姨", "张阿姨"), ("快乐的小鸟", "一位邻居"), ("3-502陈建明", "陈某"), ("A业主小李", "李某"),
     ("欧阳娜娜", "欧阳某")],
)  # fmt: skip
def test_a_name_is_masked_and_a_nickname_is_nobody(who: str, shown: str) -> None:
    assert masked_who(who) == shown
    assert who == shown or who not in ticket_words(who, "10:32", "灯坏了", 2)


def test_who_agrees_in_other_words_is_one_more_household_and_no_problem_of_its_own() -> None:
    found, left = read(
        "周国平 18:12\n7幢楼道灯不亮\n钱师傅 18:15\n7幢确实不亮，摸黑走的\n吴老师 18:20\n我们也是，卫生间有味道\n孙 18:21\n还没修好吗"
    )
    assert [(p.category, p.also) for p in found] == [(Category.LIGHTING, ("钱师傅", "吴老师", "孙"))]
    assert left == []


def test_who_has_it_too_and_something_else_besides_is_both() -> None:
    found, _ = read("群消息\n张三：3幢停水了\n李四：我们也是，3幢电梯也坏了")
    assert [p.category for p in found] == [Category.WATER_SUPPLY, Category.ELEVATOR]


def test_the_same_trouble_of_another_building_is_never_swallowed() -> None:
    found, _ = read("群消息\n张三：3幢停水了\n李四：还有5幢门口垃圾没人收\n王五：6幢门口垃圾堆了两天\n赵六：7幢打不开门了，一直这样")
    assert [(p.category, p.place) for p in found] == [
        (Category.WATER_SUPPLY, "3幢"), (Category.SANITATION, "5幢"), (Category.SANITATION, "6幢"), (Category.OTHER, "7幢"),
    ]  # fmt: skip


def test_a_notice_of_the_property_people_is_no_problem_and_what_neighbours_say_to_it_is() -> None:
    found, left = read("物业小王 09:01\n各位业主，明天停水检修，请提前储水\n10-2-301 09:08\n我家现在就没水了")
    assert [(p.who, p.category, p.place) for p in found] == [("10-2-301", Category.WATER_SUPPLY, "10幢2单元301室")]
    # Said to be somewhere only by a neighbour's name: their building is enough.
    found, _ = read("群消息\n张三：又停水了\n10-2-301：停水了")
    assert [(p.place, p.also) for p in found] == [("10幢", ("10-2-301",))]
    assert len(left) == 1
