"""Laws and articles as people name them: 民法典942条, 《民法典》第九百四十二条第二款, 治安处罚法 88, 物业管理条例第三十五条."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chinese.normalise import Normalised, normalise
from chinese.numerals import CHARS, to_chinese, to_int


@dataclass(frozen=True)
class CitationRef:
    """A law and an article as somebody named them: law may be short (民法典) or full; label is normalised to 第…条."""

    law: str
    label: str


@dataclass(frozen=True)
class LawMention:
    """Where a law is named. `label` is empty when no article is; `paragraph` is 0 when none is."""

    start: int
    end: int
    law: str
    label: str
    paragraph: int = 0


_NUM = rf"[{CHARS}0-9]+"
_KINDS = "法典|法|条例|宪法"
_LOOSE = "办法|规定|解释|决定"
_TITLE = r"(?:[^《》\n]|《[^《》\n]{1,40}》)"
"""A character of a title, or another title in it: 《…关于批准《…暂行办法》的决议》."""
_ARTICLE = rf"第?\s*(?P<num>{_NUM})\s*条(?P<of>之[{CHARS}0-9]{{1,3}})?(?:\s*第?\s*(?P<para>{_NUM})\s*款)?"
_REF = re.compile(
    rf"(?:《(?P<quoted>{_TITLE}{{2,40}})》|(?P<law>[\u4e00-\u9fff、()]{{0,30}}?(?:{_KINDS}))"
    rf"|(?P<loose>[\u4e00-\u9fff、()]{{2,40}}?(?:{_LOOSE})(?:\([{CHARS}]+\))?)(?=\s*的?\s*第))\s*的?\s*{_ARTICLE}"
    rf"|(?P<short>[\u4e00-\u9fff]{{0,30}}?(?:法典|法|条例))[^\S\n]*第?[^\S\n]*(?P<num2>[0-9]{{1,4}})(?![0-9元块个次人天年月日号%.)）-])"
    rf"|《(?P<alone>{_TITLE}{{1,40}}(?:{_KINDS}|{_LOOSE}|决议))》"
)
_NEXT = re.compile(rf"\s*(?:和|与|及|以及|、|,|还有)\s*(?P<art>{_ARTICLE})")
_BEFORE = re.compile(  # what stands before a law's name and is no part of it
    r".*(?:请问|根据|按照|依据|依照|参照|违反了?|触犯了?|适用|问一?下|想问|想看|看看|查一?下|帮我查|查询|什么是|那个|这个|就是|国家的|"
    r"我国的?|新的|看|按|查|问|(?<!共)和|是|说|在|(?<!国)有|条)(?=.{2,})"
)
_NO_LAW = re.compile(
    r"[做想说看方违合非犯没无用手写执司立守设依普书魔语算打吃疗玩讲国]法$|[没有好个的啥么啥想]办法$|^(?:法|法典|条例)$"
)


def article_label(number: int, of: int | None = None) -> str:
    return f"第{to_chinese(number)}条" + (f"之{to_chinese(of)}" if of else "")


def _name(words: str) -> str:
    """The law's own name, out of what stands before the number."""
    if (match := _BEFORE.match(words)) and len(words) - match.end() >= 2:
        words = words[match.end() :]
    return words.lstrip("、()的").replace("(", "（").replace(")", "）")


def _label(num: str | None, of: str | None) -> str | None:
    number = to_int(num or "")
    if not number or number > 9999:
        return None
    return article_label(number, to_int(of[1:]) if of else None)


def find_laws(text: str | Normalised) -> list[LawMention]:
    """Every law that `text` names with an article, or in 《》 without one; 民法典1041条和1042条 are two."""
    flat = normalise(text)
    words = flat.text
    if "《" not in words:
        words = words.replace("〈", "《").replace("〉", "》")
    if "法" not in words and "条" not in words and "《" not in words:
        return []
    found: list[LawMention] = []
    at = 0
    while match := _REF.search(words, at):
        at = max(match.end(), at + 1)
        if match["alone"]:
            found.append(
                LawMention(*flat.span(*match.span()), match["alone"].replace("(", "（").replace(")", "）"), "")
            )
            continue
        raw = match["quoted"] or match["law"] or match["loose"] or match["short"] or ""
        law = raw.replace("(", "（").replace(")", "）") if match["quoted"] else _name(raw)
        label = _label(match["num"] or match["num2"], match["of"])
        if not law or label is None or _NO_LAW.search(law):
            continue
        start = match.start() if match["quoted"] else match.start() + len(raw) - len(law)
        found.append(LawMention(*flat.span(start, match.end()), law, label, to_int(match["para"] or "") or 0))
        while more := _NEXT.match(words, at):
            if (label := _label(more["num"], more["of"])) is not None:
                found.append(
                    LawMention(*flat.span(more.start("art"), more.end()), law, label, to_int(more["para"] or "") or 0)
                )
            at = more.end()
    return found


def find_citations(text: str) -> list[CitationRef]:
    """Every 'law + article number' that `text` names, in order: 民法典942条, 《民法典》第九百四十二条, 治安管理处罚法 88."""
    return [CitationRef(found.law, found.label) for found in find_laws(text) if found.label]
