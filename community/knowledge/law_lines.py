"""A law as lines of text (Markdown, the paragraphs of a document): its title, preamble, headings and articles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from chinese.numerals import CHARS, to_int
from community.errors import InvalidInput
from community.knowledge.law_dates import kind_of_text, read_begins, read_dates, read_day, where_it_holds
from community.knowledge.names import normal_label
from community.knowledge.wheel import RawArticle

_N = rf"[0-9０-９{CHARS}]{{1,9}}"
_SPACE = r"[ \t\u3000\u00a0]"
_HEADING = re.compile(rf"^第{_SPACE}*{_N}{_SPACE}*(编|分编|章|节)(?:{_SPACE}+|(?=[^条款项,，。；]{{1,40}}$)|$)")
_ARTICLE = re.compile(
    rf"^第{_SPACE}*({_N}){_SPACE}*条(?:{_SPACE}*之{_SPACE}*({_N}))?(?P<gap>{_SPACE}+|[:：]{_SPACE}*|$)?(?P<rest>.*)$", re.S
)
_GOES_ON = re.compile(r"[第规的所、，,和与及至或到中之]")
_CONTENTS = re.compile(r"^目\s*[录次]$")
_REST = re.compile(r"^附\s*则$")
_ANNEX = re.compile(rf"^附\s*[件表录][{CHARS}0-9]*(?:[:：].*|\s.*)?$")
_NO_TEXT = re.compile(r"<!--.*?-->|</?[A-Za-z][^>]*>", re.S)
_LEVELS = ("编", "分编", "章", "节")
_FRONT = {
    "title": "title", "名称": "title", "date": "made", "passed": "made", "公布日期": "made", "通过日期": "made",
    "effective": "begins", "施行日期": "begins", "scope": "scope", "地域": "scope", "issuer": "issuer", "制定机关": "issuer",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """`number` is what a person counts to: the line of a file, the paragraph of a document, from 1."""

    number: int
    text: str
    title: bool = False


@dataclass(frozen=True)
class ReadLaw:
    """One version of a law out of a file. `line` is where it begins there."""

    name: str
    scope: str
    kind: str
    version_on: date
    effective_on: date
    articles: tuple[RawArticle, ...] = field(repr=False)
    issuer: str = ""
    line: int = 1
    own_end: date | None = None
    remarks: tuple[str, ...] = ()

    @property
    def begins_on(self) -> date:
        return max(self.version_on, self.effective_on)


def refuse(file: Path, line: int, why: str) -> InvalidInput:
    return InvalidInput(f"{file.name}:{line}: {why}")


def markdown_lines(text: str) -> tuple[list[Line], dict[str, str]]:
    """Lines without the marks of Markdown, and what a front matter says of title, dates, scope and issuer."""
    front: dict[str, str] = {}
    lines = text.splitlines()
    start = 0
    if lines and lines[0].strip() == "---" and "---" in (line.strip() for line in lines[1:]):
        start = next(n for n, line in enumerate(lines[1:], 1) if line.strip() == "---") + 1
        for line in lines[1 : start - 1]:
            key, colon, value = line.partition(":")
            if colon and (known := _FRONT.get(key.strip().lower())):
                front[known] = value.strip().strip("'\"")
    # Comments may run over lines; the lines stay, so that they can be counted.
    body = _NO_TEXT.sub(lambda match: "\n" * match[0].count("\n"), "\n".join(lines[start:]))
    found = []
    for number, line in enumerate(body.split("\n"), start + 1):
        title = bool(re.match(r"\s*#\s+\S", line))
        plain = re.sub(r"^\s*(?:#{1,6}\s+|>\s?|[-*+]\s+(?=第|（|\())", "", line)
        plain = re.sub(r"(\*\*|__)(.+?)\1", r"\2", plain).replace("\\", "").strip()
        if plain and not re.fullmatch(r"[-*_=|:\s]+|\[toc\]", plain, re.I):
            found.append(Line(number, plain, title))
    return found, front


def read_law(lines: Iterable[Line], file: Path, scope: str = "", front: dict[str, str] | None = None, gaps: bool = False) -> ReadLaw:
    """One law. Raises InvalidInput with file and line where it cannot be understood."""
    said = front or {}
    rows = list(lines)
    first = next((n for n, line in enumerate(rows) if _begins_text(line.text)), None)
    if first is None:
        raise refuse(file, rows[-1].number if rows else 1, "没有找到条文（第一条……）。")
    name, preamble = _head(rows[:first], said, file)
    articles = tuple(_articles(rows[first:], file, gaps))
    last = [article.text for article in articles if article.number][-3:]
    made = read_day(said.get("made", ""))
    dates = read_dates(preamble, last, made)
    if dates is None:
        raise refuse(file, rows[0].number, f"《{name}》没有写明通过或公布的日期，不能判断是否施行。")
    begins = read_day(said.get("begins", "")) or dates.effective_on
    where = where_it_holds(name, preamble, said.get("scope", "") or scope)
    if not where:
        raise refuse(file, rows[0].number, f"《{name}》看不出在哪里施行，请用 --scope 说明，如 --scope 浙江省/杭州市。")
    stated = said.get("begins") or read_begins(preamble + "。".join(last), dates.published_on or dates.made_on)
    remarks = () if stated else (f"《{name}》: no date of beginning, taken as of {dates.made_on}",)
    kind = kind_of_text(name, where, preamble)
    return ReadLaw(name, where, kind, dates.made_on, begins, articles, said.get("issuer", "")[:128], rows[0].number, None, remarks)


def _begins_text(text: str) -> bool:
    return bool(_HEADING.match(text) or _CONTENTS.match(text) or _article(text, 0))


def _head(rows: list[Line], said: dict[str, str], file: Path) -> tuple[str, str]:
    """(name, preamble): the marked title or the lines before the first that has a date or opens a bracket."""
    if not rows and not said.get("title"):
        raise refuse(file, 1, "条文前面没有法律的名称。")
    title: list[str] = []
    marked = [n for n, line in enumerate(rows) if line.title]
    if said.get("title"):
        title, rest = [said["title"]], rows
    elif marked:
        title, rest = [rows[marked[0]].text], [*rows[: marked[0]], *rows[marked[0] + 1 :]]
    else:
        end = 0
        while end < min(len(rows), 4) and not re.match(r"[（(]", rows[end].text) and read_day(rows[end].text) is None:
            end += 1
        title, rest = [line.text for line in rows[:end]], rows[end:]
    name = re.sub(r"\s+", "", "".join(title)).replace("(", "（").replace(")", "）").strip("《》")
    name = re.sub(r"（\d{4}(?:年|[-.]\d).*）$", "", name)
    if not name:
        raise refuse(file, rows[0].number if rows else 1, "条文前面没有法律的名称。")
    if not 2 <= len(name) <= 200 or re.search("[。；;，？！]", name):
        raise refuse(file, rows[0].number if rows else 1, f"“{name[:40]}”不像一部法律的名称。")
    return name, "\n".join(line.text for line in rest)


def _articles(rows: list[Line], file: Path, gaps: bool) -> Iterator[RawArticle]:
    place: dict[str, str] = {}
    label, number, of, at, chapter = "", 0, 0, 0, ""
    text: list[str] = []
    annexes: list[str] = []

    def made() -> RawArticle:
        if not "".join(text).strip():
            raise refuse(file, at, f"{label}没有内容。")
        return RawArticle(label, 0 if annexes else number, chapter[:128], "\n".join(text))

    for line in rows:
        if number and _ANNEX.match(line.text):
            if label:
                yield made()
            annexes.append(line.text[:50] if line.text[:50] not in annexes else f"{line.text[:50]}（{len(annexes) + 1}）")
            label, text, at, chapter = annexes[-1], [line.text], line.number, ""
            continue
        if annexes:
            text.append(line.text)
            continue
        heading = _HEADING.match(line.text)
        rest = _REST.match(line.text)
        if heading or rest or _CONTENTS.match(line.text):
            if label and not _CONTENTS.match(line.text):
                yield made()
                label, text = "", []
            if heading:
                depth = _LEVELS.index(heading[1])
                for level in _LEVELS[depth:]:
                    place.pop(level, None)
                place[heading[1]] = _tidy(line.text)
            elif rest:
                place = {"章": "附则"}
            continue
        found = _article(line.text, number)
        if found is None:
            if not label:
                if number == 0 or not place:
                    continue  # the table of contents, and what else stands before the first article
                raise refuse(file, line.number, f"“{line.text[:20]}”不属于任何一条。")
            text.append(line.text)
            continue
        if label:
            yield made()
        check_next(file, line.number, (number, of), found[:2], gaps)
        number, of = found[0], found[1]
        label, text, at = label_of(number, of), [found[2]] if found[2] else [], line.number
        chapter = " ".join(place[level] for level in _LEVELS if level in place)
    if label:
        yield made()


def _article(text: str, last: int) -> tuple[int, int, str] | None:
    """(number, 之, the rest of the line) where a line begins an article; None for one that only speaks of an article (第三条规定的……)."""
    match = _ARTICLE.match(text)
    number = to_int(match[1]) if match else None
    if match is None or not number or number > 9999:
        return None
    if not match["gap"] and (number != last + 1 or _GOES_ON.match(match["rest"])) and match["rest"]:
        return None
    return number, to_int(match[2]) or 0 if match[2] else 0, match["rest"].strip()


def check_next(file: Path, line: int, before: tuple[int, int], now: tuple[int, int], gaps: bool) -> None:
    """Articles count up from 1; 第十条之一 may follow 第十条. A missing one would be denied to residents who ask for it."""
    if now <= before:
        raise refuse(file, line, f"{label_of(*now)}排在{label_of(*before)}之后，重复或者顺序不对。")
    if now[0] > before[0] + 1 and not gaps:
        missing = label_of(before[0] + 1, 0)
        raise refuse(file, line, f"缺少{missing}（下一条是{label_of(*now)}）。原文确实没有这一条的，请加 --with-gaps。")


def label_of(number: int, of: int) -> str:
    return normal_label(f"第{number}条" + (f"之{of}" if of else ""))


def _tidy(heading: str) -> str:
    """第一章　总　则 -> 第一章 总则."""
    words = re.split(rf"{_SPACE}+", heading.strip())
    return f"{words[0]} {''.join(words[1:])}".strip()
