"""What a resident reads of legal advice: one message, with the next steps as digits in its last line."""

from __future__ import annotations

from actions.ticket_text import payload
from actions.turn import Choice
from community.services import legal
from community.services.legal_first import first_call
from community.services.legal_text import answered, cite, quoted

QUOTE, VERBATIM, WHOLE = 60, 500, 1500
"""Characters of an article under an answer in our own words, where the article is the answer, and where its text was asked for."""
LAWYER = Choice("找社区律师", "/ask_lawyer")
MEDIATOR = Choice("请人调解", "/ask_mediation")
NONE_OF_THEM = Choice("都不是", payload("ask_legal", answer="none"))
CAUTION = "以上仅供参考，具体以律师或法院的意见为准。"
BETWEEN_TWO = frozenset({"neighbours", "noise", "family", "elderly", "inheritance", "tenancy", "parking", "rural"})
"""Topics of answers about two sides who may be talked with."""


def told(advice: legal.Advice) -> str:
    """The whole advice, without what comes before and after it."""
    parts = [advice.note] if advice.note else []
    if advice.kind == "answer" and advice.answer is not None:
        return "\n".join([*parts, answered(advice.answer, advice.citations)])
    opening = (
        "您说的条文是："
        if advice.kind == "cited"
        else "没有找到完全对应的解答，下面几条可能有关，不一定正好是您的情况："
    )
    return "\n".join([*parts, opening, *(f"{cite(c)}\n{quoted(c, VERBATIM)}" for c in advice.citations)])


def sources(advice: legal.Advice) -> str:
    """What stands under the words of the optional writer: the articles as they are."""
    return "\n".join(["依据：", *(f"{cite(c)}：{quoted(c, QUOTE)}" for c in advice.citations)])


def next_steps(advice: legal.Advice, number: int) -> list[Choice]:
    """In the order of their digits. `number` is what a vote is for."""
    votes = [Choice(said, payload("ask_legal", answer=f"{vote}:{number}")) for said, vote in (("有用", "useful"), ("没用", "useless"))]
    if advice.kind != "answer" or advice.answer is None:
        return [LAWYER, *votes]
    text = Choice("看法条原文", payload("ask_legal", answer=f"text:{advice.answer.code}"))
    # Who is beaten is not asked to talk it over with who beats them.
    between = [MEDIATOR] if advice.answer.topic in BETWEEN_TWO and not first_call("", advice.answer.code) else []
    return [text, LAWYER, *between, *votes]


def in_a_line(choices: list[Choice]) -> str:
    return "　".join(f"{number} {choice.title}" for number, choice in enumerate(choices, 1))
