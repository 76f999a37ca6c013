"""Guides as they are written, and how they are found."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import encoder
from community.errors import InvalidInput
from community.knowledge.guide_measure import measure, read_questions
from community.knowledge.guides import GuideFinder, read_beyond, read_guides
from encoder.errors import EncoderError

GUIDES = read_guides()


def no_encoder() -> object:
    raise EncoderError("none here")


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> GuideFinder:
    return GuideFinder(tmp_path_factory.mktemp("guides"), lambda: encoder.load(None))


def test_there_are_guides_for_what_people_come_for() -> None:
    assert len(GUIDES) >= 60
    for guide in GUIDES:
        assert guide.takes or guide.note, guide.code
        assert guide.papers or guide.steps or guide.note, guide.code


def test_no_question_stands_under_two_guides_nor_in_the_measure_nor_beyond() -> None:
    known = [question for guide in GUIDES for question in guide.questions]
    assert len(known) == len(set(known))
    held_out = {one.text for one in read_questions()}
    assert not held_out & set(known)
    assert not (set(read_beyond()) & (held_out | set(known)))
    codes = {guide.code for guide in GUIDES}
    assert {one.guide for one in read_questions()} - {""} <= codes


def test_what_is_found_is_as_docs_say(finder: GuideFinder) -> None:
    tally = measure(finder, read_questions())["odd"]
    assert tally.first >= 52, tally
    assert tally.right >= 44, tally
    assert tally.wrong <= 4, tally
    assert tally.lost <= 3, tally
    assert tally.wrong_none <= 1, tally
    assert tally.refused >= 25, tally


def test_without_an_encoder_a_plain_question_is_still_answered(tmp_path: Path) -> None:
    words = GuideFinder(tmp_path, no_encoder)  # type: ignore[arg-type]
    hits = asyncio.run(words.find("高龄津贴怎么领取"))
    assert hits[0].guide.code == "old-age-allowance"
    assert asyncio.run(words.find("附近哪家火锅好吃")) == []


def test_a_question_that_names_no_matter_finds_nothing(finder: GuideFinder) -> None:
    for text in ("要带什么材料", "去哪个窗口办理", "办事指南", ""):
        assert asyncio.run(finder.find(text)) == []


def test_a_guide_with_a_slip_is_refused_by_file_and_id(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("- {id: x, title: 一, where: 二, owner: 三, questions: [一], checked_on: 2026-11-27}", encoding="utf-8")
    with pytest.raises(InvalidInput, match="a.yml: x: questions"):
        read_guides(tmp_path)
    # No resident is told of it: they get the honest no.
    assert asyncio.run(GuideFinder(tmp_path, no_encoder, tmp_path).find("居住证怎么办")) == []  # type: ignore[arg-type]
