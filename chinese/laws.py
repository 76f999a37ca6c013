"""Laws and articles as people name them: 民法典942条, 《民法典》第九百四十二条第二款, 治安处罚法 88, 劳动合同法第36、38条."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chinese.normalise import Normalised, normalise
from chinese.numerals import CHARS, to_chinese, to_int


@dataclass(frozen=True)
class CitationRef:
    """A law and an article as somebody named them: law may be short (民法典) or full; label is normalised to 第…条; 0: no 款, no 项."""

    law: str
    label: str
    paragraph: int = 0
    item: int = 0


@dataclass(frozen=True)
class LawMention:
    """Where a law is named. `label` is empty when no article is; `paragraph` (款) and `item` (项) are 0 when none is, or more than one."""

    start: int
    end: int
    law: str
    label: str
    paragraph: int = 0
    item: int = 0


MOST_IN_RANGE = 30
"""Articles that 第3条至第5条 may stand for; of a longer stretch only both ends are read."""
HIGHEST = 1300
"""No law has more articles: a bare number above it is a year or a sum."""

_NUM = rf"[{CHARS}0-9]+"
_KINDS = "法典|法|条例|宪法"
_LOOSE = "办法|规定|解释|决定|通则|总则|细则|规则|修正案"
_TITLE = r"(?:[^《》\n]|《[^《》\n]{1,40}》)"
"""A character of a title, or another title in it: 《…关于批准《…暂行办法》的决议》."""
_SPOKEN = "民诉|刑诉|行诉"
_RANGE = "至|到|-|~|—"
_AND = "以及|还有|和|与|及|、|,"
_MORE = rf"\s*(?:{_RANGE}|{_AND})\s*第?\s*{_NUM}"
_PART = (
    rf"(?:\s*的?\s*第?\s*(?P<para>{_NUM})(?P<paras>(?:{_MORE})+)?\s*款(?P<more>{_MORE}\s*款)?)?"
    rf"(?:\s*的?\s*(?:第?\s*\(?\s*(?P<item>{_NUM})\s*\)?\s*项|\((?P<bare>{_NUM})\)))?"
)
_ARTICLE = (
    rf"(?P<list>[第§]?\s*{_NUM}(?:{_MORE}){{0,9}})\s*条"
    rf"(?:\s*之\s*(?P<of>[{CHARS}0-9]{{1,3}}))?{_PART}"
)
_LINK = (  # what may stand between a law and its article: (2020修正), 婚姻家庭编, 第七编, 里面的
    rf"\s*(?:\([^()\n]{{1,16}}\))?\s*(?:[\u4e00-\u9fff]{{2,6}}编)?\s*(?:第\s*{_NUM}\s*(?:分编|编|章|节)\s*)*"
    r"(?:规定的|里面的?|里头的?|当中的?|[里中上]的?|的|:|,)?\s*"
)
# A bare number is an article only where nothing is counted by it: 劳动法 36, 刑法二百三十四 but not 民法典 2 本.
_COUNTED = (
    r"(?!\s*[0-9元块个次人天年月日号%.:/-]|\s*[万千百十余多几]|\s*(?:本|部|家|名|种|遍|条|款|项|章|节|编|岁|分|点|时|小时|周|页|集|楼|幢|栋|室|单元|路"
    r"|台|辆|公里|米|度|级|届|期|讲|课|题|倍|角|毛|亿|起|件|户|位|张|份|套|间|层|折|秒|克|斤|吨))"
)
_SAID_SO = r"(?=\s|$|[,。.!?;:、]|[是怎说讲规什呢吗啥咋的里如和及与对有写内可能适关跟吧嘛啊哪为算给])"
_REF = re.compile(
    rf"(?:《(?P<quoted>{_TITLE}{{2,40}})》|(?P<law>[\u4e00-\u9fff、()]{{0,30}}?(?:{_KINDS}|{_SPOKEN}))"
    rf"|(?P<loose>[\u4e00-\u9fff、()]{{2,40}}?(?:{_LOOSE})(?:\([{CHARS}]+\))?)(?=\s*的?\s*第)){_LINK}{_ARTICLE}"
    rf"|(?:《(?P<titled>{_TITLE}{{2,40}})》|(?P<short>[\u4e00-\u9fff]{{0,30}}?(?:法典|法|条例)))[^\S\n]*的?[^\S\n]*[第§]?[^\S\n]*"
    rf"(?:(?P<num2>[0-9]{{1,4}})(?![0-9]){_COUNTED}{_SAID_SO}|(?P<num3>[{CHARS}]*[百千][{CHARS}]*){_COUNTED}{_SAID_SO})"
    rf"|《(?P<alone>{_TITLE}{{1,40}}(?:{_KINDS}|{_LOOSE}|决议))》"
)
_NEXT = re.compile(rf"\s*(?:(?P<range>{_RANGE})|{_AND})\s*{_ARTICLE}")
_LATER = re.compile(rf"[^《》。\n]{{0,20}}?(?:[,;?!]\s*(?:那么?|还有|以及|和|再)?|该法|同法|这部法)的?\s*(?=第){_ARTICLE}")
_OTHER = re.compile("(?<![该同部])法|条例|合同|协议|公约|规约|章程|办法")
_ONE = re.compile(rf"(?P<sep>{_RANGE}|{_AND})?\s*[第§]?\s*(?P<n>{_NUM})")
_BEFORE = re.compile(  # what stands before a law's name and is no part of it
    r".*(?:请问|根据|按照|依据|依照|参照|违反了?|触犯了?|适用|问一?下|想问|想看|看看|查一?下|帮我查|查询|什么是|那个|这个|就是|国家的|"
    r"我国的?|新的|看|按|查|问(?!题)|(?<=[法典例条款项我你他她们家])和|是|说|在|(?<![国反所])有|条(?![约例]))(?=.{2,})"
)
_NO_LAW = re.compile(
    r"(?:(?<!公)司|(?<!建)设|(?<!预)算|(?<!适)用|[做想说看方违合非犯没无手写执立守依普书魔语打吃疗玩讲国加减乘除枪兵拳笔针戏佛土烧炒养教走])法$|[没有好个的啥么啥想]办法$"
    r"|^(?:法|法典|条例)$"
)
_BOOK_OF_CODE = re.compile(r"(?<=法典)[·\s,]*[\u4e00-\u9fff]{2,6}编$")


def article_label(number: int, of: int | None = None) -> str:
    return f"第{to_chinese(number)}条" + (f"之{to_chinese(of)}" if of else "")


def _brackets(law: str) -> str:
    return law.replace("(", "（").replace(")", "）")


def _name(words: str) -> str:
    """The law's own name, out of what stands before the number."""
    if "最高人民" in words:  # the long names of interpretations have all of these words in them
        return _brackets(words[words.rindex("最高人民") :])
    if (match := _BEFORE.match(words)) and len(words) - match.end() >= 2:
        words = words[match.end() :]
    return _brackets(words.lstrip("、()的和与及跟"))


def _label(num: str | None, of: str | None) -> str | None:
    number = to_int(num or "")
    if not number or number > 9999:
        return None
    return article_label(number, to_int(of) if of else None)


def find_laws(text: str | Normalised) -> list[LawMention]:
    """Every law that `text` names with an article, or in 《》 without one; 民法典1041条和1042条 are two, 3-5条 three."""
    flat = normalise(text)
    words = flat.text
    if "《" not in words:
        words = words.replace("〈", "《").replace("〉", "》")
    if "法" not in words and "条" not in words and "《" not in words and "诉" not in words:
        return []
    found: list[LawMention] = []
    at = 0
    while match := _REF.search(words, at):
        at = max(match.end(), at + 1)
        if match["alone"]:
            found.append(LawMention(*flat.span(*match.span()), _brackets(match["alone"]), ""))
            continue
        quoted = match["quoted"] or match["titled"]
        raw = quoted or match["law"] or match["loose"] or match["short"] or ""
        law = _BOOK_OF_CODE.sub("", _brackets(quoted) if quoted else _name(raw))
        if not law or _NO_LAW.search(law):
            continue
        start = match.start() if quoted else match.start() + len(raw) - len(law)
        if match["list"] is None:
            label = _label(match["num2"] or match["num3"], None)
            if label is not None and (to_int(match["num2"] or match["num3"]) or 0) <= HIGHEST:
                found.append(LawMention(*flat.span(start, match.end()), law, label))
            elif quoted:
                found.append(LawMention(*flat.span(match.start(), match.start() + len(quoted) + 2), law, ""))
            continue
        listed = list(_listed(flat, match, law, start, 0))
        found += [mention for mention, _ in listed]
        while more := _NEXT.match(words, at) or (_later(words, at) if listed else None):
            after = listed[-1][1] if listed and more.re is _NEXT and more["range"] else 0
            listed = list(_listed(flat, more, law, more.start("list"), after))
            found += [mention for mention, _ in listed]
            at = more.end()
    return found


def _later(words: str, at: int) -> re.Match[str] | None:
    """民法典第36条怎么说，第38条呢: a later 第…条 without a law of its own is of the same law, unless another text came between."""
    match = _LATER.match(words, at)
    return match if match and not _OTHER.search(words, at, match.start("list")) else None


def _listed(flat: Normalised, match: re.Match[str], law: str, start: int, after: int) -> Iterator[tuple[LawMention, int]]:
    """The articles of one list up to its 条, each with its number; `after`: a range goes on from there. 之, 款, 项 are of the last one."""
    base = match.start("list")
    ones = list(_ONE.finditer(match["list"]))
    for place, one in enumerate(ones):
        number = to_int(one["n"]) or 0
        if not 0 < number <= 9999:
            continue
        is_last = place == len(ones) - 1
        if place and one["sep"] and re.fullmatch(_RANGE, one["sep"]):
            after = after or (to_int(ones[place - 1]["n"]) or 0)
        begin = start if not place else base + one.start("n")
        end = match.end() if is_last else base + one.end()
        inside = range(after + 1, number) if after and after < number <= after + MOST_IN_RANGE else range(0)
        for between in inside:
            yield LawMention(*flat.span(begin, end), law, article_label(between)), between
        if is_last:
            label = _label(one["n"], match["of"]) or ""
            several = match["more"] or match["paras"]
            para = 0 if several else to_int(match["para"] or "") or 0
            item = 0 if several else to_int(match["item"] or match["bare"] or "") or 0
            yield LawMention(*flat.span(begin, end), law, label, para, item), number
        else:
            yield LawMention(*flat.span(begin, end), law, article_label(number)), number
        after = 0


_BARE = re.compile(
    rf"[\s,。.]*(?:请问|想问一?下?|问一?下|看看?|查一?下?|那么?|还有)?[\s,]*(?:法律)?(?:的)?第?\s*(?P<n>{_NUM})\s*条(?:\s*之\s*(?P<of>[{CHARS}0-9]{{1,3}}))?"
    r"[\s,]*(?:的?(?:内容|规定|原文)?是?(?:怎么|如何)?(?:说|讲|规定|写)?的?(?:什么|啥)?(?:意思|内容)?|里?(?:怎么|如何)(?:说|讲|规定|写)的?)(?:呢|吗|啊|呀)?[\s。?!.]*"
)


def bare_article(text: str) -> str | None:
    """第一千零八十七条, 第1087条说的啥: an article and nothing that says of which law. None for everything else (3条, 两条狗)."""
    flat = normalise(text).text
    match = _BARE.fullmatch(flat)
    if match is None or ("第" not in flat and (to_int(match["n"]) or 0) < 100):
        return None
    label = _label(match["n"], match["of"])
    return label if label and (to_int(match["n"]) or 0) <= HIGHEST else None


def find_citations(text: str) -> list[CitationRef]:
    """Every 'law + article number' that `text` names, in order: 民法典942条, 《民法典》第九百四十二条, 治安管理处罚法 88."""
    return [CitationRef(m.law, m.label, m.paragraph, m.item) for m in find_laws(text) if m.label]
