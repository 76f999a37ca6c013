"""A curated answer and its citations as a resident reads them."""

from __future__ import annotations

from collections.abc import Sequence

from community.model.law import Citation, CuratedAnswer

MOST_STEPS = 4


def cite(citation: Citation) -> str:
    """《民法典》第九百四十二条（2021年1月1日起施行）"""
    day = citation.effective_on
    name = citation.law.removeprefix("中华人民共和国")
    return f"《{name}》{citation.label}（{day.year}年{day.month}月{day.day}日起施行）"


def based_on(citations: Sequence[Citation]) -> str:
    """依据：《民法典》第七百零三条、第七百零八条；《民事诉讼法》第六十七条。

    All of it is in force today, so no day is said: that stands where an article's text is shown (`cite`)."""
    labels: dict[str, list[str]] = {}
    for citation in citations:
        labels.setdefault(citation.law.removeprefix("中华人民共和国"), []).append(citation.label)
    return "依据：" + "；".join(f"《{law}》{'、'.join(dict.fromkeys(of))}" for law, of in labels.items()) + "。"


def quoted(citation: Citation, most: int) -> str:
    text = " ".join(citation.text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


def answered(answer: CuratedAnswer, citations: list[Citation]) -> str:
    parts = [answer.answer.strip()]
    if answer.steps:
        parts.append("怎么办：\n" + "\n".join(f"{n}）{step}" for n, step in enumerate(answer.steps[:MOST_STEPS], 1)))
    if answer.bring:
        parts.append("带上：" + "、".join(answer.bring))
    if answer.where:
        parts.append("去哪：" + answer.where)
    parts.append(based_on(citations))
    return "\n".join(parts)
