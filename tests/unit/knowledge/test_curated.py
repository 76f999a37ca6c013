"""Curated answers: their shape, and which question gets which."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from community.errors import InvalidInput
from community.knowledge.answers import read_answers
from community.knowledge.checks import _unsupported
from community.knowledge.corrections import KNOWLEDGE
from community.knowledge.matcher import FLOOR, AnswerMatcher
from community.knowledge.text import load_search_words
from community.model.law import CuratedAnswer

GOOD = """
- id: a-one
  topic: noise
  title: 邻居吵怎么办
  questions: [楼上太吵]
  answer: 先好好说，再找物业。
  steps: [先沟通]
  bring: []
  where: 社区
  citations: [{law: 中华人民共和国民法典, article: 第288条}]
  owner: 法律顾问
  checked_on: 2026-11-23
"""


def write(folder: Path, text: str) -> Path:
    (folder / "some.yml").write_text(text, encoding="utf-8")
    return folder


def test_an_answer_is_read_with_its_article_written_as_printed(tmp_path: Path) -> None:
    [answer] = read_answers(write(tmp_path, GOOD))
    assert answer.code == "a-one"
    assert answer.citations == [{"law": "中华人民共和国民法典", "article": "第二百八十八条"}]
    assert answer.checked_on == date(2026, 11, 23)
    assert len(answer.digest) == 64


def test_an_answer_may_ask_back_and_cite_a_paragraph(tmp_path: Path) -> None:
    text = GOOD.replace("第288条}", "第288条, paragraph: 1}") + "  scope: 浙江省\n  asks:\n    question: 房子是谁的\n    options:\n"
    text += "      - {say: 租的, answer: a-two}\n      - {say: 自己的, answer: a-one}\n"
    [answer] = read_answers(write(tmp_path, text))
    assert answer.citations[0]["paragraph"] == 1
    assert answer.scope == "浙江省"
    assert [option["answer"] for option in answer.asks["options"]] == ["a-two", "a-one"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title: 邻居吵怎么办", "title: ''", "title"),
        ("questions: [楼上太吵]", "questions: []", "questions"),
        ("questions: [楼上太吵]", "questions: [12348]", "questions"),
        ("citations: [{law: 中华人民共和国民法典, article: 第288条}]", "citations: []", "citations"),
        ("{law: 中华人民共和国民法典, article: 第288条}", "{law: 中华人民共和国民法典}", "citations"),
        ("checked_on: 2026-11-23", "checked_on: 昨天", "checked_on"),
        ("owner: 法律顾问", "owner: 法律顾问\n  colour: red", "colour"),
        ("where: 社区", "where: [社区]", "where"),
        ("where: 社区", "where: 社区\n  scope: 3", "scope"),
        ("where: 社区", "where: 社区\n  asks: 租的还是自己的", "asks"),
        ("where: 社区", "where: 社区\n  asks: {question: 谁的, options: [{say: 租的, answer: a-one}]}", "asks"),
        ("article: 第288条}", "article: 第288条, paragraph: 0}", "paragraph"),
    ],
)
def test_a_wrong_shape_names_the_file_the_answer_and_the_field(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        list(read_answers(write(tmp_path, GOOD.replace(old, new))))
    assert "some.yml" in refused.value.message
    assert "a-one" in refused.value.message
    assert said in refused.value.message


def test_broken_yaml_the_same_id_twice_and_no_folder_are_refused_in_words(tmp_path: Path) -> None:
    for text, said in (("- id: [", "YAML"), (GOOD + GOOD, "已经用过"), ("a: 1", "列表"), ("- 1", "条目")):
        with pytest.raises(InvalidInput, match=said):
            list(read_answers(write(tmp_path, text)))
    with pytest.raises(InvalidInput):
        list(read_answers(tmp_path / "nowhere"))


@pytest.fixture(scope="module")
def matcher() -> AnswerMatcher:
    return AnswerMatcher(list(read_answers(KNOWLEDGE)), load_search_words())


def best(matcher: AnswerMatcher, question: str) -> CuratedAnswer | None:
    found = matcher.best(question, 1)
    return found[0][0] if found else None


def test_every_wording_finds_an_answer_that_lists_it(matcher: AnswerMatcher) -> None:
    asked = [(answer.code, wording) for answer in matcher.answers for wording in answer.questions]
    lost = [wording for code, wording in asked if (found := best(matcher, wording)) is None or found.code != code]
    assert len(lost) <= len(asked) // 100, lost


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("房东一直不退我押金怎么办", "tenancy"),
        ("楼上漏水把我家天花板泡了谁赔", "neighbours"),
        ("公司拖欠我三个月工资", "labour"),
        ("邻居半夜唱歌吵得睡不着", "noise"),
        ("物业费涨价业主不同意可以不交吗", "property"),
    ],
)
def test_a_residents_question_meets_an_answer_of_its_topic(matcher: AnswerMatcher, question: str, topic: str) -> None:
    answer = best(matcher, question)
    assert answer is not None
    assert answer.topic == topic


@pytest.mark.parametrize(
    "text",
    [
        "",
        "？？？",
        "😀😀",
        "怎么写",
        "打电话",
        "今天天气怎么样",
        "帮我订一张去北京的机票",
        "讲个笑话",
        "SELECT * FROM laws",
        "发明专利的新颖性怎么认定",
    ],
)
def test_what_is_about_something_else_has_no_answer(matcher: AnswerMatcher, text: str) -> None:
    assert matcher.best(text, 3) == []


def test_scores_are_chances_above_the_floor(matcher: AnswerMatcher) -> None:
    scores = [score for _, score in matcher.best("房东不退押金怎么办", 3)]
    assert 0 < len(scores) <= 3
    assert all(FLOOR <= score <= 1 for score in scores)


def test_a_matcher_without_answers_answers_nothing() -> None:
    assert AnswerMatcher([], load_search_words()).best("房东不退押金", 3) == []


def test_an_article_or_law_the_text_names_must_be_among_its_citations() -> None:
    cited = {("中华人民共和国民法典", "第二百八十八条")}
    assert _unsupported("按《民法典》第288条，好好相处。", cited) == []
    assert len(_unsupported("按民法典第二百八十九条。", cited)) == 1
    assert len(_unsupported("按《治安管理处罚法》处理。", cited)) == 1
