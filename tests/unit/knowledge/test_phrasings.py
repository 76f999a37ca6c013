"""Lay phrasings: their shape, and that none stands for two articles."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from community.errors import InvalidInput
from community.knowledge.phrasings import read_phrasings

GOOD = "law: 中华人民共和国民法典\nasked:\n  第942条:\n    - 物业到底要管哪些事\n"


def write(folder: Path, text: str, name: str = "some.yml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_phrasings_are_read_with_the_article_as_it_is_printed(tmp_path: Path) -> None:
    assert read_phrasings(write(tmp_path, GOOD)) == {("中华人民共和国民法典", "第九百四十二条"): ("物业到底要管哪些事",)}
    assert read_phrasings(tmp_path / "nowhere") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("asked: {}", "law"),
        ("law: 民法典\nasked: [1]", "some.yml"),
        (GOOD + "  第943条: []\n", "第943条"),
        (GOOD + "  第943条: 一句话\n", "第943条"),
        (GOOD + "  第943条: [12348]\n", "第943条"),
        (GOOD + f"  第943条: [{'长' * 61}]\n", "60"),
        (GOOD + "  第九百四十二条: [又一次]\n", "twice"),
        ("law: [", "some.yml"),
    ],
)
def test_a_wrong_shape_names_the_file_and_the_article(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_phrasings(write(tmp_path, text))
    assert "some.yml" in refused.value.message
    assert said in refused.value.message


def test_no_phrasing_of_ours_stands_for_two_articles() -> None:
    phrasings = read_phrasings()
    assert len(phrasings) >= 2000
    times = Counter(text for texts in phrasings.values() for text in texts)
    assert [text for text, n in times.items() if n > 1] == []
