"""Frames: one word more or less decides whether an answer may be given at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from community.errors import InvalidInput
from community.knowledge.answer_ranking import BRIEF_CHANCE, AnswerRanking, alone, judge, wordings_of
from community.knowledge.answer_tuning import Verdicts, _records, read_verdicts
from community.knowledge.answer_weights import FEATURES, JUDGED, UNSEEN, AnswerWeights, load
from community.knowledge.answers import read_answers
from community.knowledge.corrections import KNOWLEDGE
from community.knowledge.frames import Frames, read_frames
from community.knowledge.matcher import AnswerMatcher
from community.knowledge.text import load_search_words
from community.model.law import CuratedAnswer
from tests.unit.knowledge.test_fusion import Known, fusion, ranker

FRAMES = read_frames()
SMALL = """
words:
  狗: 狗|犬
frames:
  bite:
  - ["{狗}", "咬", "!我家{狗}"]
  mine:
  - ["我家{狗}", "咬"]
  fee:
  - ["押金"]
guards:
- {said: 公证费, only: fee}
"""


def small(folder: Path, text: str = SMALL) -> Frames:
    (folder / "frames.yml").write_text(text, encoding="utf-8")
    return read_frames(folder)


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("我弟弟能不能申请取保候审", "crime-bail"),
        ("取保候审期间 可以去 外地吗", "crime-bail-rules"),
        ("离婚以后两岁的女儿会判给谁", "family-child-custody"),
        ("前夫不给抚养费怎么办", "family-child-support"),
        ("他不同意离婚，我能不能起诉离婚", "family-divorce-suit"),
        ("房东不退押金", "tenancy-deposit-refund"),
        ("银行卡被冻结了怎么解", "bank-card-frozen"),
    ],
)
def test_a_plain_question_meets_the_frame_of_its_answer_alone(question: str, code: str) -> None:
    assert FRAMES.met(question) == {code}


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("我不想离婚，他要起诉离婚怎么办", "family-divorce-suit"),  # the other side
        ("社会抚养费还要交吗，多少钱", "family-child-support"),  # the state's money
        ("老家的房子继承要交多少公证费", "rural-house-inherit"),  # asks what it costs
        ("我开了个超市，顾客买到过期食品怎么赔", "consumer-expired-food"),  # sells, and did not buy
        ("未婚先孕，男朋友不给抚养费，财产怎么分", "family-property-division"),  # never married
    ],
)
def test_who_stands_on_the_other_side_or_asks_something_else_does_not_get_it(question: str, code: str) -> None:
    assert code not in FRAMES.met(question)


def test_who_asks_two_things_is_not_answered_one_of_them_at_once() -> None:
    assert {"crime-leniency", "crime-bail"} <= FRAMES.met("自首能轻判吗，家里人怎么申请取保候审")


def test_every_frame_belongs_to_an_answer() -> None:
    assert FRAMES.codes <= {answer.code for answer in read_answers(KNOWLEDGE)}
    assert len(FRAMES.codes) > 300


def test_small_talk_meets_no_frame() -> None:
    for text in ("今天天气怎么样", "给我放首歌", "你叫什么名字", "明天去北京的火车几点", "帮我打开微信", "讲个笑话", "打给孩子的爸"):
        assert FRAMES.met(text) == frozenset()


def test_spaces_do_not_hide_what_is_said_and_a_guard_lets_only_its_own_through(tmp_path: Path) -> None:
    frames = small(tmp_path)
    assert frames.met("被 狗 咬 了") == {"bite"}
    assert frames.met("我家狗咬了人") == {"mine"}
    assert frames.met("狗咬人，公证费和押金") == {"fee"}


@pytest.mark.parametrize(
    ("old", "new"),
    [('"押金"', '"押(金"'), ('"押金"', '"!押金"'), ('"押金"', "5"), ("{狗}", "{猫}"), ("only: fee", "sole: fee"), ("frames:", "framed:")],
)
def test_a_broken_file_is_refused_in_words(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(InvalidInput, match=r"frames\.yml"):
        small(tmp_path, SMALL.replace(old, new))


def test_without_a_file_there_are_no_frames(tmp_path: Path) -> None:
    assert read_frames(tmp_path).met("被狗咬了") == frozenset()


def answer(number: int, code: str, title: str, questions: list[str]) -> CuratedAnswer:
    return CuratedAnswer(
        number, code, "topic", title, questions, title, [], [], "", [], "owner", date(2026, 11, 28), "d", "全国", {}
    )  # fmt: skip


ANSWERS = [
    answer(1, "bite", "被别人家的狗咬了", ["狗咬了我"]),
    answer(2, "mine", "我家的狗咬了人", ["我家狗咬人"]),
    answer(3, "fee", "押金不退", ["房东扣押金"]),
]


def ranking(frames: Frames) -> AnswerRanking:
    encoder, wordings = Known(), wordings_of(ANSWERS, {})
    vectors = encoder.encode([text for _, text in wordings])
    bodies = encoder.encode([one.title for one in ANSWERS], "passage")
    nothing = np.zeros((0, 8), np.float32)
    return AnswerRanking(
        ANSWERS, AnswerMatcher(ANSWERS, load_search_words()), wordings, vectors, bodies, nothing, fusion(), ranker(), frames
    )  # fmt: skip


def weights(**record: float) -> AnswerWeights:
    order, chance = np.zeros(len(FEATURES), np.float32), np.zeros(len(JUDGED), np.float32)
    order[FEATURES.index("framed")] = order[FEATURES.index("meaning")] = 5
    chance[JUDGED.index("framed_alone")], chance[JUDGED.index("one")] = 12, -6
    ones = np.ones(len(FEATURES), np.float32)
    return AnswerWeights(0 * ones, ones, order, chance, Known.fingerprint, record)


def test_one_frame_met_alone_brings_its_answer_first_and_two_make_neither_sure(tmp_path: Path) -> None:
    made = ranking(small(tmp_path))
    features = made.features("我家狗咬了人")
    assert judge(features, weights())[1][0] == 1
    assert alone(features, 1)
    assert not alone(features, 0)
    several = "我家狗昨天在楼下咬了一个小孩要赔多少，另外房东一直扣着那套房子的押金怎么要"
    both = made.features(several)
    assert not any(alone(both, number) for number in range(3))
    [(first, sure), *_] = made.best(several, 3, weights(mine=1.0, fee=1.0), 0.0)
    assert first.code in ("mine", "fee")
    assert sure < 0.5


def test_one_is_no_surer_of_an_answer_than_it_was_right_before(tmp_path: Path) -> None:
    made = ranking(small(tmp_path))
    told = "狗咬了，对方的狗又扑又咬"
    assert made.best(told, 1, weights(bite=0.95), 0.0)[0][1] == pytest.approx(0.95, abs=0.01)
    assert made.best(told, 1, weights(bite=0.5), 0.0)[0][1] == pytest.approx(0.5, abs=0.01)
    assert made.best(told, 1, weights(), 0.0)[0][1] == pytest.approx(UNSEEN, abs=0.01)


def test_a_record_of_few_is_drawn_towards_what_nobody_looked_at() -> None:
    assert _records([]) == {}
    few, many, bad = _records([(7, 1.0, 1.0)])[7], _records([(7, 1.0, 1.0)] * 20)[7], _records([(7, 0.0, 1.0)] * 3)[7]
    assert UNSEEN < few < many < 1
    assert bad < 0.5


def test_the_record_of_answers_is_kept_with_the_weights(tmp_path: Path) -> None:
    made = weights(bite=0.91)
    made.save(tmp_path)
    kept = load(Known.fingerprint, tmp_path)
    assert kept is not None
    assert kept.record == {"bite": 0.91}
    assert load("another", tmp_path) is None
    assert replace(kept, record={}).record == {}


def test_a_verdict_is_right_wrong_or_by_half(tmp_path: Path) -> None:
    (tmp_path / "judged.yml").write_text("right: {2: [a]}\nwrong: {2: [b], 4: [a]}\nhalf: {6: [c]}\n", encoding="utf-8")
    verdicts = read_verdicts(tmp_path)
    assert verdicts == Verdicts({2: {"a"}}, {2: {"b"}, 4: {"a"}}, {6: {"c"}})
    assert verdicts.rows() == [2, 4, 6]
    assert [verdicts.of(2, "a"), verdicts.of(4, "a"), verdicts.of(6, "a")] == [(1.0, 1.0), (0.0, 1.0), None]
    half = verdicts.of(6, "c")
    assert half is not None
    assert half[0] == 0.0
    assert 0 < half[1] < 1


def test_what_is_measured_on_was_never_judged_for_learning() -> None:
    assert all(row % 2 == 0 for row in read_verdicts().rows())
    assert all(row % 5 for row in read_verdicts(name="judged_stard.yml").rows())
    known = {answer.code for answer in read_answers(KNOWLEDGE)}
    for name in ("judged.yml", "judged_stard.yml"):
        verdicts = read_verdicts(name=name)
        assert {code for kind in (verdicts.right, verdicts.wrong, verdicts.half) for codes in kind.values() for code in codes} <= known


def test_a_few_words_of_small_talk_are_not_answered_at_once_and_a_listed_wording_is(tmp_path: Path) -> None:
    always = weights(bite=1.0, mine=1.0, fee=1.0)
    always.chance[JUDGED.index("one")] = 6
    made = ranking(Frames())
    assert made.best("打给养狗的", 1, always, 0.0)[0][1] <= BRIEF_CHANCE
    assert made.best("狗咬了我", 1, always, 0.0)[0][1] > 0.9
    assert ranking(small(tmp_path)).best("押金呢怎么要", 1, always, 0.0)[0][1] > 0.9
