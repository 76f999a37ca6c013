"""Files that bring laws: JSONL rows, Markdown, DOCX of the national database. Read whole or refused with file and line."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from community.errors import InvalidInput
from community.knowledge.law_dates import kind_of_text, read_dates, read_day, where_it_holds
from community.knowledge.law_lines import Line, ReadLaw, check_next, label_of, markdown_lines, read_law, refuse
from community.knowledge.names import normal_label
from community.knowledge.wheel import RawArticle

KINDS = (".jsonl", ".md", ".markdown", ".docx")
LARGEST = 64 * 1024 * 1024
"""Bytes of a file. The longest code of the country has a third of a megabyte."""
_NOT_A_LAW = re.compile(r"^(?:readme|summary|index|changelog|license|contributing|[._~])", re.I)
_NUMBER = re.compile(r"第(.+?)条(?:之(.+))?$")


def find_files(paths: list[Path]) -> list[Path]:
    """The files themselves, and what stands in the folders, in order. Raises InvalidInput for what is not there or of no known kind."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in KINDS)
            for file in inside:
                if not _NOT_A_LAW.match(file.name):
                    found[file] = None
            if not inside:
                raise InvalidInput(f"{path} 里没有可以导入的文件（{'、'.join(KINDS)}）。")
        elif not path.is_file():
            raise InvalidInput(f"没有文件 {path}。")
        elif path.suffix.lower() not in KINDS:
            raise InvalidInput(f"{path.name}: 不认识这种文件，能导入的是 {'、'.join(KINDS)}（.doc 请先另存为 .docx）。")
        else:
            found[path] = None
    return list(found)


def read_file(path: Path, scope: str = "", gaps: bool = False) -> list[ReadLaw]:
    """Every law of the file. `scope` is for laws that do not say where they hold; `gaps` lets article numbers be left out.

    Raises InvalidInput that begins with file and line.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise refuse(path, 1, f"文件超过 {LARGEST // 1024 // 1024} MB。")
        if path.suffix.lower() == ".docx":
            return [read_law(_document_lines(path), path, scope, gaps=gaps)]
        text = _decoded(path.read_bytes(), path)
    except OSError as error:
        raise refuse(path, 1, f"读不了这个文件（{error.strerror or error}）。") from error
    if path.suffix.lower() == ".jsonl":
        return _read_rows(text, path, scope, gaps)
    lines, front = markdown_lines(text)
    return [read_law(lines, path, scope, front, gaps)]


def _decoded(raw: bytes, path: Path) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
    raise refuse(path, line, "不是 UTF-8 或 GB18030 编码的文字。")


def _document_lines(path: Path) -> list[Line]:
    """Paragraphs, and the cells of tables, counted from 1. A paragraph with line breaks in it is several lines of one number."""
    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from docx.table import Table

    try:
        blocks = list(docx.Document(str(path)).iter_inner_content())
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError, SyntaxError) as error:
        raise refuse(path, 1, "不是能打开的 DOCX 文件（.doc 请先另存为 .docx）。") from error
    found = []
    for number, block in enumerate(blocks, 1):
        if isinstance(block, Table):
            texts = ["\t".join(dict.fromkeys(cell.text.strip() for cell in row.cells)) for row in block.rows]
        else:
            texts = block.text.split("\n")
        found += [Line(number, text.strip()) for text in texts if text.strip()]
    return found


@dataclass
class _Group:
    line: int
    row: dict[str, Any]
    articles: list[RawArticle] = field(default_factory=list)
    last: tuple[int, int] = (0, 0)


def _read_rows(text: str, path: Path, scope: str, gaps: bool) -> list[ReadLaw]:
    """Rows {law, version, scope, art, art_cn, text}, an article each; chapter, kind, issuer, effective and repealed may be there, too."""
    groups: dict[tuple[str, str, str], _Group] = {}
    for number, row in _rows(text, path):
        name, version, where = (_string(row, key, path, number, key != "scope") for key in ("law", "version", "scope"))
        group = groups.setdefault((name, version, where), _Group(number, row))
        now = _article_number(row, path, number)
        check_next(path, number, group.last, now, gaps)
        group.last = now
        words = "\n".join(filter(None, map(str.strip, _string(row, "text", path, number, True).splitlines())))
        chapter = _string(row, "chapter", path, number, False)[:128]
        group.articles.append(RawArticle(label_of(*now), now[0], chapter, words))
    if not groups:
        raise refuse(path, 1, "文件里一条也没有。")
    return [_law(name, version, where or scope, group, path) for (name, version, where), group in groups.items()]


def _rows(text: str, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise refuse(path, number, "不是一行 JSON。") from error
        if not isinstance(row, dict):
            raise refuse(path, number, "每一行应当是 {law, version, scope, art, art_cn, text}。")
        yield number, row


def _string(row: dict[str, Any], key: str, path: Path, line: int, needed: bool) -> str:
    value = row.get(key)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value.strip()) or "\x00" in value:
        raise refuse(path, line, f"{key} 应当是文字。")
    return value.strip()


def _article_number(row: dict[str, Any], path: Path, line: int) -> tuple[int, int]:
    """(number, 之). `art_cn` decides where both are there, since only it can say 第十条之一; they must agree."""
    from chinese.numerals import to_int

    said, digits = row.get("art_cn"), row.get("art")
    if said is not None:
        match = _NUMBER.match(normal_label(said)) if isinstance(said, str) else None
        number = to_int(match[1]) if match else None
        if match is None or not number:
            raise refuse(path, line, f"art_cn 应当是“第……条”：{said!r}。")
        if digits is not None and digits != number:
            raise refuse(path, line, f"art 是 {digits!r}，art_cn 却是{said}。")
        return number, to_int(match[2]) or 0 if match[2] else 0
    if type(digits) is not int or not 0 < digits < 10_000:
        raise refuse(path, line, "art 应当是条号，如 12；或者用 art_cn 写第十二条。")
    return digits, 0


def _law(name: str, version: str, said: str, group: _Group, path: Path) -> ReadLaw:
    line, row = group.line, group.row
    if len(name) > 200:
        raise refuse(path, line, "law 超过 200 字，不像一部法律的名称。")
    made = read_day(version)
    if made is None:
        raise refuse(path, line, f"version 应当是日期，如 2021-08-09：{version!r}。")
    scope = where_it_holds(name, "", said)
    if not scope:
        raise refuse(path, line, f"《{name}》的 scope 看不懂：{said!r}。写全国、浙江省或浙江省/杭州市。")
    dates = read_dates("", [article.text for article in group.articles[-3:]], made)
    effective, repealed = (_day_of(row, key, path, line) for key in ("effective", "repealed"))
    kind = _string(row, "kind", path, line, False)[:32] or kind_of_text(name, scope)
    begins = effective or (dates.effective_on if dates else made)
    issuer = _string(row, "issuer", path, line, False)[:128]
    return ReadLaw(name, scope, kind, made, begins, tuple(group.articles), issuer, line, repealed)


def _day_of(row: dict[str, Any], key: str, path: Path, line: int) -> Any:
    value = _string(row, key, path, line, False)
    day = read_day(value)
    if value and day is None:
        raise refuse(path, line, f"{key} 应当是日期，如 2021-08-09：{value!r}。")
    return day
