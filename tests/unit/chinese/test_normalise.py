"""One way of writing: nothing of what was written may be lost, and nothing that means a number may be squeezed."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chinese.normalise import normalise
from chinese.sounds import alike


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("３號樓２單元，電梯壞了", "3号楼2单元,电梯坏了"),
        ("坏了坏了坏了坏了！！！！", "坏了!"),
        ("啊啊啊啊快来", "啊快来"),
        ("快点,快点,快点来", "快点来"),
        ("我家\u200b漏\ufeff水", "我家漏水"),
        ("3\ufe0f\u20e3幢 ①单元", "3幢 1单元"),
        ("辛苦了🙏👍", "辛苦了谢谢好"),
        ("漏水💧😀了", "漏水水了"),
        ("三 \u3000 幢", "三 幢"),
        ("12—3–502", "12—3-502"),
    ],
)
def test_the_many_ways_of_writing_become_one(written: str, read: str) -> None:
    assert normalise(written).text == read


@pytest.mark.parametrize("text", ["110", "13888888888", "八八八", "一一零三", "1000000", "天天", "慢慢来", "www.abc"])
def test_what_means_something_twice_is_not_squeezed(text: str) -> None:
    assert normalise(text).text == text


@given(st.text(max_size=80))
@example("\ud800幢")
@example("½㎡ﬁ……")
def test_every_character_knows_where_it_stood(text: str) -> None:
    flat = normalise(text)
    assert flat.original == text
    assert len(flat.offsets) == len(flat.text)
    assert list(flat.offsets) == sorted(flat.offsets)
    assert all(0 <= at < len(text) for at in flat.offsets)
    for start in range(len(flat.text)):
        first, past = flat.span(start, start + 1)
        assert normalise(text[first:past]).text != "" or flat.text[start] == ""
    assert flat.span(0, 0)[0] <= len(text)


def test_a_span_of_the_reading_is_a_span_of_the_words() -> None:
    text = "救命！！！３號樓\u200b著火了"
    flat = normalise(text)
    at = flat.text.index("3号楼")
    assert text[slice(*flat.span(at, at + 3))] == "３號樓"


def test_characters_that_sound_alike_are_known_and_others_are_not() -> None:
    assert "西" in alike("溪")
    assert "宾" in alike("滨")  # in and ing, zh and z make no difference to many
    assert "江" not in alike("溪")
    assert "溪" not in alike("溪")
    assert alike("x") == ""
