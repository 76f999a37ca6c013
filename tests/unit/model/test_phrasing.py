"""What a writer may not slip in: each of these would be told to a resident as if it were the law."""

from __future__ import annotations

import pytest

from community.model.phrasing import LONGEST, misses

MATERIAL = """退租了，房东不退押金怎么办
租期到了、房子没坏，押金该退。先书面要，不退再起诉，时效三年。可以打12348问法律援助。
《民法典》第七百零八条：出租人应当按照约定将租赁物交付承租人，逾期三十日的，支付百分之五的违约金，最多2,000元。"""
ASKED = "我交了3500块押金，房东不退"


@pytest.mark.parametrize(
    "text",
    [
        "房子没坏、租期到了，押金该退给您。依据是《民法典》第七百零八条。",
        "您交的3500元押金该退。依据《民法典》第708条，逾期30天要付5%的违约金，最多两千元。",
        "先书面要，不退再起诉，三年之内都行，也可以打12348问问。见《民法典》第七百零八条。",
        "可以这样做：1、先书面要；2、不退再起诉。依据是民法典第七百零八条，这样做合法，找法院，不用别的办法。",
        "“出租人应当按照约定将租赁物交付承租人”，这是《民法典》第七百零八条写的。",
    ],
)
def test_what_was_given_may_be_said_in_other_words(text: str) -> None:
    assert misses(text, MATERIAL, ASKED) == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("押金该退，依据是《民法典》第七百零九条。", "article"),
        ("押金该退，依据是《民法典》第七百零八条第二款。", "article"),
        ("押金该退，依据是第九百条，还有民法典第七百零八条。", "article"),
        ("押金该退，依据是民法典第708条之一。", "article"),
        ("押金该退，依据是《合同法》，还有《民法典》第七百零八条。", "law"),
        ("押金该退，合同法也这么说，见《民法典》第七百零八条。", "law"),
        ("押金该退，房屋租赁条例也这么说，见《民法典》第七百零八条。", "law"),
        ("押金该退，见《最高人民法院关于租赁的解释》和《民法典》第七百零八条。", "law"),
        ("押金该退，逾期六十日要付违约金，见《民法典》第七百零八条。", "number"),
        ("押金该退，逾期30年要付违约金，见《民法典》第七百零八条。", "number"),
        ("押金该退，可以要双倍也就是7000元，见《民法典》第七百零八条。", "number"),
        ("押金该退，最多两万元，见《民法典》第七百零八条。", "number"),
        ("押金该退，最多2万块，见《民法典》第七百零八条。", "number"),
        ("押金该退，违约金百分之十，见《民法典》第七百零八条。", "number"),
        ("押金该退，半年内去要，见《民法典》第七百零八条。", "number"),
        ("押金该退，打0575-83001234咨询，见《民法典》第七百零八条。", "number"),
        ("押金该退，打13812345678咨询，见《民法典》第七百零八条。", "number"),
        ("押金该退，打一三八一二三四五六七八，见《民法典》第七百零八条。", "number"),
        ("押金该退，打12345咨询，见《民法典》第七百零八条。", "number"),
        ("押金该退，“出租人不退押金的，应当双倍返还给承租人”，见《民法典》第七百零八条。", "quote"),
        ("押金该退，详见www.example.com，见《民法典》第七百零八条。", "link"),
        ("押金该退，加微信号abc，见《民法典》第七百零八条。", "link"),
        ("Sure! The deposit must be returned under article 708.", "not_chinese"),
        ("押金\x00该退，见《民法典》第七百零八条。", "not_chinese"),
        ("", "empty"),
        ("押金该退。" * LONGEST, "long"),
    ],
)
def test_what_was_not_given_is_refused(text: str, why: str) -> None:
    assert misses(text, MATERIAL, ASKED) == why


def test_a_law_that_the_resident_named_is_not_the_writers_to_cite() -> None:
    assert misses("按照物权法，押金该退，见《民法典》第七百零八条。", MATERIAL, "物权法怎么说") == "law"
