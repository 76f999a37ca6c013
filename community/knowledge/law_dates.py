"""When a text was passed and begins, what kind of text it is and where it holds: read from its name, its preamble and its last articles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from chinese.numerals import CHARS, to_int
from community.model.region import NATION, PROVINCES, read_scope, scope_in_name

_N = rf"[0-9０-９{CHARS}]"
DAY = re.compile(rf"({_N}{{4}})\s*年\s*({_N}{{1,3}})\s*月\s*({_N}{{1,3}})\s*日")
_ISO = re.compile(r"(?<![0-9])((?:19|20)\d\d)[-./](\d{1,2})[-./](\d{1,2})(?![0-9])")
_MADE = re.compile("通过|修订|修正|修改")
_PUBLISHED = re.compile("公布|发布|印发|颁布|制定|批准")
_BEGINS = re.compile(rf"自\s*(?:{DAY.pattern}|(?P<now>公布|发布|颁布|印发)之日)\s*起\s*(?:施行|实施|执行|生效|试行)")
_QUOTED = re.compile(r"《([^《》]+)》")
_NATIONAL = re.compile("全国人民代表大会|国务院|最高人民法院|最高人民检察院|中共中央|中央军委|(?:部|委员会|总局|总署|银行|局)令")


@dataclass(frozen=True)
class Dates:
    """`made_on`: the newest text was passed; `effective_on`: what the text says, of its first version often."""

    made_on: date
    effective_on: date
    published_on: date | None = None

    @property
    def begins_on(self) -> date:
        return max(self.made_on, self.effective_on)


def read_day(text: str) -> date | None:
    """The first day named in `text`; None when there is none, or none that the calendar knows."""
    match = DAY.search(text) or _ISO.search(text)
    return _day(match) if match else None


def _day(match: re.Match[str]) -> date | None:
    year, month, day = (to_int(match[n]) for n in (1, 2, 3))
    try:
        return date(year or 0, month or 0, day or 0)
    except ValueError:
        return None


def read_made_on(preamble: str) -> tuple[date | None, date | None]:
    """(the newest day on which it was passed, revised or amended, the newest on which it was made public). A bare date counts as passed."""
    made, published, bare = [], [], []
    found = list(DAY.finditer(preamble)) or list(_ISO.finditer(preamble))
    for match, following in zip_longest(found, found[1:]):
        day = _day(match)
        if day is None:
            continue
        after = preamble[match.end() : following.start() if following else len(preamble)]
        if preamble[: match.start()].rstrip().endswith("自") or re.match(r"\s*起", after):
            continue
        if _MADE.search(_QUOTED.sub("", after)):
            made.append(day)
        elif _PUBLISHED.search(after):
            published.append(day)
        else:
            bare.append(day)
    newest = max(made or published or bare, default=None)
    return newest, max(published, default=None)


def read_begins(text: str, published_on: date | None) -> date | None:
    """The last "自…起施行" in `text`."""
    found = None
    for match in _BEGINS.finditer(text):
        # Numbers of DAY's groups: they stand first in the pattern.
        day = published_on if match["now"] else _day(match)
        found = day or found
    return found


def read_dates(preamble: str, last_articles: list[str], made_on: date | None = None) -> Dates | None:
    """None when nothing says when it was made. Without a beginning it begins on the day it was made."""
    passed, published = read_made_on(preamble)
    made = made_on or passed
    if made is None:
        return None
    begins = read_begins(preamble, published or made)
    for text in last_articles if begins is None else ():
        begins = read_begins(text, published or made) or begins
    return Dates(made, begins or made, published)


def repealed_laws(text: str) -> list[str]:
    """The names that "《…》同时废止" ends."""
    return [name for sentence in text.split("。") if "同时废止" in sentence for name in _QUOTED.findall(sentence)]


def where_it_holds(name: str, preamble: str, said: str = "") -> str:
    """The scope; '' when neither `said` (浙江, 全国 …) nor the name nor the preamble tells. A city's text of a province is the city's."""
    if said:
        scope = read_scope(said)
        if scope in ("", NATION):
            return scope
        inner = scope_in_name(name, scope.split("/")[0] if scope.split("/")[0] in PROVINCES else "")
        return inner if inner.endswith(scope) or inner.startswith(f"{scope}/") else scope
    if name.startswith(("中华人民共和国", "全国", "最高人民", "国务院")):
        return NATION
    place = scope_in_name(name)
    if place:
        inner = place.rsplit("/", 1)[-1]
        if place.split("/")[0] in PROVINCES:
            return place
        if re.search(rf"{inner}(?:第|人民|人大|政府|市委)", preamble):
            province = next((full for full in PROVINCES.values() if full in preamble), "")
            return f"{province}/{place}" if province and province != place else place
    return NATION if _NATIONAL.search(preamble) else ""


def kind_of_text(name: str, scope: str, preamble: str = "") -> str:
    """宪法, 法律, 司法解释, 行政法规, 地方性法规, 部门规章, 地方政府规章 or 党内法规. Where two are possible, the lower one."""
    if name.endswith(("修正案",)) or re.search(r"修正案(?:（.{1,6}）)?$", name):
        return "修正案"
    if re.search(r"关于修改.*的决定$", name):
        return "修改决定"
    if scope != NATION:
        if name.endswith("条例") or re.search("人民代表大会|人大常委会", preamble):
            return "地方性法规"
        return "地方政府规章"
    if name.endswith("宪法"):
        return "宪法"
    if name.startswith(("最高人民法院", "最高人民检察院")):
        return "司法解释"
    if re.search("^全国人民代表大会|立法解释", name) and name.endswith("解释"):
        return "立法解释"
    if "全国人民代表大会" in preamble + name or re.search("(?:法|法典)$", name):
        return "法律" if not name.endswith(("决定", "决议")) else "决定"
    if "中共中央" in preamble or re.search("^中国共产党|信访工作条例$", name):
        return "党内法规"
    if name.endswith("条例") or "国务院" in preamble:
        return "行政法规"
    return "部门规章"
