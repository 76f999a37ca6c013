"""Which law somebody means."""

from __future__ import annotations

import pytest

from community.knowledge.names import EVERYDAY, NameBook, normal_label

P = "中华人民共和国"
BOOK = NameBook(
    P + name
    for name in (
        "民法典", "刑法", "宪法", "治安管理处罚法", "刑事诉讼法", "民事诉讼法", "仲裁法", "劳动争议调解仲裁法", "劳动法",
        "劳动合同法", "草原法", "医师法",
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "short"),
    [
        ("民法典", "民法典"),
        ("中华人民共和国民法典", "民法典"),
        ("《中华人民共和国刑法》", "刑法"),
        ("根据中华人民共和国刑法", "刑法"),
        ("我想问一下民法典", "民法典"),
        ("治安处罚法", "治安管理处罚法"),
        ("依照治安处罚法", "治安管理处罚法"),
        ("刑诉法", "刑事诉讼法"),
        ("民诉法", "民事诉讼法"),
        ("劳动法", "劳动法"),
        ("新劳动合同法", "劳动合同法"),
        ("劳动仲裁法", "劳动争议调解仲裁法"),
        ("草原法", "草原法"),
        ("我国宪法", "宪法"),
    ],
)
def test_a_law_is_found_by_full_short_and_everyday_name_and_behind_other_words(said: str, short: str) -> None:
    assert BOOK.find(said) == P + short


@pytest.mark.parametrize(
    "said",
    [
        "物权法", "合同法", "中华人民共和国婚姻法", "中华人民共和国网络刑法", "美国宪法", "香港刑法", "旧刑法", "原治安管理处罚法",
        "修订前的刑法", "民法典实施条例", "法", "",
    ],
)  # fmt: skip
def test_what_is_no_law_in_the_table_is_not_taken_for_one_that_ends_alike(said: str) -> None:
    assert BOOK.find(said) is None


def test_everyday_names_of_laws_that_are_not_there_mean_nothing() -> None:
    assert NameBook([P + "民法典"]).find("治安处罚法") is None


def test_no_everyday_name_stands_for_itself() -> None:
    assert not [name for name, short in EVERYDAY.items() if name == short]


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("第942条", "第九百四十二条"), ("942", "第九百四十二条"), ("第九百四十二条", "第九百四十二条"), ("第十条", "第十条"),
        ("第120条之1", "第一百二十条之一"), ("第一千〇四十二条", "第一千零四十二条"), ("条目一", "条目一"), ("第０条", "第０条"),
    ],
)  # fmt: skip
def test_labels_are_written_as_the_statutes_print_them(said: str, label: str) -> None:
    assert normal_label(said) == label
