"""Every citation of a curated answer has to do with it: by words, by meaning, or because somebody read both and said so."""

from __future__ import annotations

from datetime import date

import pytest

import encoder
from community.knowledge.answers import read_answers
from community.knowledge.corrections import KNOWLEDGE
from community.knowledge.measure import build_index
from community.knowledge.names import normal_label
from community.knowledge.support import read_checked, unlike
from community.knowledge.text import load_search_words
from community.knowledge.wheel import find_wheel
from encoder.errors import EncoderError


def test_no_answer_rests_on_an_article_that_has_nothing_to_do_with_it() -> None:
    try:
        opened = encoder.load()
    except EncoderError as error:
        pytest.fail(f"the encoder belongs to the project: {error}")
    answers = list(read_answers(KNOWLEDGE))
    index = build_index(find_wheel(None), date.today(), load_search_words())
    checked = read_checked()
    cited = {(a.code, c["law"], normal_label(c["article"])) for a in answers for c in a.citations}
    assert checked <= cited, "said of a citation that is not there any more"
    assert unlike(answers, index, opened) - checked == set()
    # An article of another matter is noticed.
    wrong = next(a for a in answers if a.code == "tenancy-deposit-refund")
    wrong.citations = [{"law": "中华人民共和国野生动物保护法", "article": "第四条"}]
    assert unlike([wrong], index, opened)
