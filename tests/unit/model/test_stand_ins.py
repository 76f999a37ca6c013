"""A conversation of somebody becomes one of nobody, and can still be said."""

from __future__ import annotations

import pytest

from chinese.masking import mask
from community.model.stand_ins import replaced, sentences, steady

ESTATES = (("剡溪花园", "剡溪花园"), ("鹿山苑", "鹿山苑"), ("东方苑", "东方名苑"))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("我叫张伟，住鹿山苑5幢1单元301，电话13912345678", "我叫王阿姨，住剡溪花园3幢2单元502室，电话13800000000"),
        ("十二幢三单元四零一漏水", "3幢2单元502室漏水"),
        ("5幢和6幢的灯都坏了", "3幢和5幢的灯都坏了"),
        ("东方苑门口路灯坏了", "剡溪花园门口路灯坏了"),
        ("301室漏水，张伟家也漏", "502室漏水，王阿姨家也漏"),
        ("浙A12345占了车位", "浙D12345占了车位"),
        ("身份证330683199001011234", "身份证110101199003070011"),
        ("我家漏水了，北门进来左手边", "我家漏水了，北门进来左手边"),
    ],
)
def test_what_is_personal_is_put_in_other_words_of_its_kind(said: str, kept: str) -> None:
    assert replaced(said, ["张伟"], ESTATES) == kept
    assert replaced(kept, [], ESTATES) == kept, "once more it stays"


@pytest.mark.parametrize("sentence", ["好的，记下了。", "第一次来？", "要不要发张照片、留个电话？", "您好，我是小邻。"])
def test_what_any_city_says_at_any_time_may_be_asked_for(sentence: str) -> None:
    assert steady(sentence, ["王强", "沈芳"], ESTATES)


@pytest.mark.parametrize(
    "sentence", ["网格员王强会来。", "请拨打110。", "三天内办好。", "一般两小时内回复", "鹿山苑的活动：", "①电梯", "车牌浙A12345已登记"]
)
def test_names_places_and_numbers_are_another_citys(sentence: str) -> None:
    assert not steady(sentence, ["王强", "沈芳"], ESTATES)


def test_an_answer_is_asked_for_by_its_sentences_and_a_bracket_is_none() -> None:
    assert sentences("记下了。什么时候开始的？\n- 今天\n）\n记下了。") == ["记下了。", "什么时候开始的？", "今天"]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("在这里看：https://city.example/my-data/abc-DEF_123，一天有效", "在这里看：［链接］，一天有效"),
        ("打开/my-data/k3J9xxYY", "打开［链接］"),
        ("3幢502漏水", "3幢漏水"),
        ("剡溪花园3-2-502的灯", "剡溪花园［门牌］的灯"),
        ("我住1203，门锁坏了", "我住［门牌］，门锁坏了"),
        ("502", "［门牌］"),
        ("住了10天，交了500元，2026年3月", "住了10天，交了500元，2026年3月"),
        ("3幢2楼的灯", "3幢2楼的灯"),
    ],
)
def test_a_trainer_sees_no_door_and_no_way_into_somebodys_data(said: str, shown: str) -> None:
    assert mask(said, rooms=()) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("我妈妈张桂兰电话13912345678", "我妈妈［姓名］电话［电话］"),
        ("李强，13912345678", "［姓名］，［电话］"),
        ("对方是王建国，天天夜里打牌", "对方是［姓名］，天天夜里打牌"),
        ("房东叫李四，不退押金", "房东叫［姓名］，不退押金"),
        ("邻居王师傅修的", "邻居王师傅修的"),
        ("房东高价转租", "房东高价转租"),
        ("对方车停在门口", "对方车停在门口"),
        ("老板不发工资", "老板不发工资"),
    ],
)
def test_names_of_others_are_hidden_where_names_stand_and_words_are_left(said: str, shown: str) -> None:
    assert mask(said) == shown
