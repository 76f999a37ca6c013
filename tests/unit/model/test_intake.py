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
