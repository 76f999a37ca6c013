"""Where: each way of writing an address that residents use, and everything that only looks like one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chinese.address import find_places, main_place, parse_address
from chinese.estates import find_estates
from chinese.lexicon import read_activities, read_estates
from chinese.numerals import to_chinese

ROOT = Path(__file__).parents[3]
ESTATES = (("剡溪花园", "剡溪花园"), ("剡溪", "剡溪花园"), ("鹿山苑", "鹿山苑"), ("江滨小区", "江滨小区"))


def key(text: str) -> str:
    place = main_place(find_places(text, ESTATES))
    return place.key if place else ""


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("3号楼二单元502", "/3/2/502"),
        ("三幢2单元五零二", "/3/2/502"),
        ("12-3-502", "/12/3/502"),
        ("3-502", "/3//502"),
        ("3#2-502", "/3/2/502"),
        ("5栋B座1203", "/5/B/1203"),
        ("剡溪花园三栋两单元五楼", "剡溪花园/3/2"),
        ("四单元门口", "//4"),
        ("十二幢三单元四零一室", "/12/3/401"),
        ("三杠二杠五零二", "/3/2/502"),
        ("3号楼", "/3"),
        ("剡溪3幢", "剡溪花园/3"),
        ("剡西花园3幢", "剡溪花园/3"),
        ("3幢漏水，鹿山苑的", "鹿山苑/3"),
    ],
)
def test_an_address_is_read_however_it_is_written(text: str, place: str) -> None:
    assert key(text) == place


@pytest.mark.parametrize(
    "text",
    [
        "3楼",
        "我们这幢楼",
        "3号之前",
        "502胶水",
        "12月3日",
        "5路公交",
        "打110",
        "13800138000",
        "2026-11-24",
        "12-3-2024",
        "两幢楼都停电",
    ]
    + [
        "有三幢楼没水",
        "3-500元",
        "一共3幢楼",
        "2室1厅",
        "鹿山路12号",
        "3号线",
        "0575-83001234",
        "第12届",
        "B区117号车位",
    ],
)
def test_what_only_looks_like_an_address_is_none(text: str) -> None:
    assert key(text) == ""


def test_several_places_in_one_message_are_several() -> None:
    places = find_places("剡溪花园3幢和5幢的灯，还有鹿山苑2幢1单元", ESTATES)
    assert [place.key for place in places] == ["剡溪花园/3", "剡溪花园/5", "鹿山苑/2/1"]
    assert [place.key for place in find_places("剡溪花园3幢、5幢", ESTATES)] == ["剡溪花园/3", "剡溪花园/5"]


def test_home_is_heard_and_is_no_address() -> None:
    (place,) = find_places("我家漏水")
    assert (place.home, place.key) == (True, "")
    assert parse_address("我家是3幢502", ESTATES).home


def test_the_floor_is_kept_beside_the_address() -> None:
    (place,) = find_places("3幢2单元5楼502")
    assert (place.floor, place.room) == ("5", "502")


def test_two_estates_that_begin_alike_are_not_guessed() -> None:
    estates = (("江滨小区", "江滨小区"), ("江滨花园", "江滨花园"))
    assert find_estates("江滨3幢", estates) == []
    assert [e.name for e in find_estates("江滨花园3幢", estates)] == ["江滨花园"]


def test_a_short_name_at_the_very_end_is_all_that_is_taken() -> None:
    estates = (("剡溪", "剡溪花园"), ("剡溪花园", "剡溪花园"))
    (place,) = find_places("我在剡溪", estates)
    assert (place.start, place.end) == (2, 4)


def test_a_name_misheard_into_two_estates_is_not_guessed() -> None:
    assert find_estates("路山苑", (("鹿山苑", "鹿山苑"), ("陆山苑", "陆山苑"))) == []


NUMBERS = st.integers(1, 60)


@given(
    NUMBERS,
    st.integers(1, 9),
    st.integers(1, 33),
    st.integers(1, 12),
    st.booleans(),
    st.sampled_from(["幢", "栋", "号楼"]),
)
def test_any_door_is_found_in_the_middle_of_a_sentence(
    b: int, u: int, floor: int, door: int, spoken: bool, sign: str
) -> None:
    room = f"{floor}{door:02}"
    said = "".join("零一二三四五六七八九"[int(d)] for d in room) if spoken else room
    building = to_chinese(b) if spoken else str(b)
    text = f"师傅你好，剡溪花园{building}{sign}{u}单元{said}，昨天开始漏水"
    (place,) = find_places(text, ESTATES)
    assert place.key == f"剡溪花园/{b}/{u}/{room}"
    assert text[place.start : place.end] == f"剡溪花园{building}{sign}{u}单元{said}"


@given(st.text(alphabet="0123一二三十零幢栋单元室号楼-—杠#座 ，的我家剡溪花园ＡＢ３年月日", max_size=40))
def test_no_mixture_of_the_signs_breaks_it(text: str) -> None:
    for place in find_places(text, ESTATES):
        assert 0 <= place.start < place.end <= len(text)
        assert place.home or place.key


def _share(path: Path) -> tuple[int, int, int]:
    estates = read_estates(ROOT / "data" / "lexicon")
    right = named = invented = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        place = main_place(find_places(row["text"], estates))
        found = place.key if place else ""
        if row.get("place"):
            named += 1
            right += found == row["place"]
        else:
            invented += found != ""
    return right, named, invented


@pytest.mark.parametrize("name", ["holdout.jsonl", "places.jsonl"])
def test_places_are_right_on_messages_kept_apart(name: str) -> None:
    right, named, invented = _share(ROOT / "tests" / "nlu" / name)
    assert named >= 80
    assert right / named >= 0.95
    assert invented <= 3


def test_the_lexicon_names_the_demo_estates_by_all_their_names() -> None:
    estates = dict(read_estates(ROOT / "data" / "lexicon"))
    assert estates["剡溪小区"] == estates["剡溪花园"] == "剡溪花园"
    assert read_activities(ROOT / "data" / "lexicon")["交通劝导"] == "路口文明交通劝导"
    assert read_estates(ROOT / "nowhere") == ()
