"""Blocks copied out of a group: who said what, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chinese.group_talk import Saying, is_block, is_quote, read_block


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("群消息 张阿姨：3幢电梯又坏了", [("张阿姨", "", "3幢电梯又坏了")]),
        ("【群聊天记录】\n张阿姨: 灯坏了\n张三: 谢谢", [("张阿姨", "", "灯坏了"), ("张三", "", "谢谢")]),
        (
            "王建国 10:32\n3号楼下水道堵了\n李阿姨 10:35\n我家也是",
            [("王建国", "10:32", "3号楼下水道堵了"), ("李阿姨", "10:35", "我家也是")],
        ),
        (
            "张阿姨@微信 11/27 9:32:12\n电梯坏了：两天了\n\n小鸟 2026/11/27 10:40\n+1",
            [("张阿姨", "09:32", "电梯坏了：两天了"), ("小鸟", "10:40", "+1")],
        ),
        ("—————  2026-11-27  —————\n\n3-502王建国  10:32\n\n漏水\n还在漏", [("3-502王建国", "10:32", "漏水\n还在漏")]),
        ("王建国 11月27日 上午10:32\n停水了", [("王建国", "10:32", "停水了")]),
        ("10:32 王建国：水管爆了", [("王建国", "10:32", "水管爆了")]),
        ("群里张阿姨说3幢电梯又坏了", [("张阿姨", "", "3幢电梯又坏了")]),
        ("业主群里有人反映，停水了", [("", "", "停水了")]),
        ("「李奶奶：楼道灯坏了」\n- - - - - - - -\n", [("李奶奶", "", "楼道灯坏了")]),
        ("6-302 小红：停水了\n王五：我家也是", [("6-302 小红", "", "停水了"), ("王五", "", "我家也是")]),
        ("业主群 王大爷：5号楼门口的树倒了", [("王大爷", "", "5号楼门口的树倒了")]),
        ("1-1-101 09:20\n快递柜满了", [("1-1-101", "09:20", "快递柜满了")]),
        ("群消息：李奶奶说她家厕所堵了", [("李奶奶", "", "她家厕所堵了")]),
        ("群消息\n3幢电梯又坏了", [("", "", "3幢电梯又坏了")]),
    ],
)
def test_who_said_what_is_read_however_it_was_copied(text: str, said: list[tuple[str, str, str]]) -> None:
    assert is_block(text)
    assert read_block(text) == [Saying(*one) for one in said]


@pytest.mark.parametrize(
    "text",
    ["今天群里好热闹", "记：走访3幢", "地址：3幢2单元", "电梯 10:32 又停了", "明天 10:30 开会", "办结 1234 已更换灯管", "群消息怎么用",
     "转派 1234 张三", "解释：产权不清\n地点：3幢", "3幢2单元502李奶奶，下周三再去"],
)  # fmt: skip
def test_what_staff_write_themselves_is_no_block(text: str) -> None:
    assert not is_block(text)
    assert not is_quote(text)


def test_one_line_of_a_person_is_a_quote_and_of_a_thing_is_not() -> None:
    assert is_quote("张阿姨：3幢电梯又坏了")
    assert not is_quote("物业：明天停水检修")


@given(st.text(max_size=200))
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    is_quote(text)
    is_block(text)
    assert all(one.text.strip() for one in read_block(text))
