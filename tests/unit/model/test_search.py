"""What is kept to be searched, and what is searched for, are written in one way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from community.model.search import MAX_TERMS, grams, searchable, terms_of

anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def test_full_width_traditional_and_capitals_are_one_writing() -> None:
    assert searchable("３幢電梯", "", " Wi-Fi  壞了 ") == "3幢电梯\nwi-fi 坏了"
    assert terms_of("電梯， ＷＩ-ＦＩ 电梯") == ("电梯", "wi-fi")


@given(anything)
def test_a_ticket_is_found_by_every_word_of_its_own_text(text: str) -> None:
    assert all(term in searchable("", text) for term in terms_of(text))


@given(anything, anything)
def test_pairs_never_rule_out_what_stands_in_the_text(before: str, term: str) -> None:
    """PostgreSQL's index keeps all characters and pairs of a text: what a term needs of them must be there."""
    text = before + term
    kept = {text[i : i + n] for i in range(len(text)) for n in (1, 2)}
    assert set(grams(term)) <= kept


def test_a_long_text_is_not_a_hundred_conditions() -> None:
    assert len(terms_of(" ".join(chr(0x4E00 + i) for i in range(40)))) == MAX_TERMS
    assert terms_of("，。 ！") == ()
    assert grams("") == []
