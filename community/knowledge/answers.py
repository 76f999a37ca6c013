"""Curated answers: from `data/knowledge/legal/*.yml` into the database, checked for shape on the way."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from community.errors import InvalidInput
from community.knowledge.entries import from_json
from community.knowledge.flags import clear_checked
from community.knowledge.names import normal_label
from community.knowledge.report import ImportReport
from community.model.law import CuratedAnswer
from community.model.revision import ItemKind
from community.ports import Community

log = logging.getLogger(__name__)

FOLDER = "legal"

_TEXTS = {"id": 80, "topic": 32, "title": 200, "answer": 4000, "owner": 64}
_LISTS = {"questions": True, "steps": False, "bring": False}
_KNOWN = {*_TEXTS, *_LISTS, "where", "citations", "checked_on", "scope", "asks", "expires_on"}
_OPTIONS = range(2, 6)


async def import_answers(community: Community, folder: Path) -> ImportReport:
    """Make the table the same as the files: new ones added, changed ones replaced, what has gone removed.

    `folder` holds the .yml files, or a folder `legal` that does. Raises InvalidInput naming file and id.
    """
    read = {answer.code: answer for answer in await asyncio.to_thread(lambda: list(read_answers(folder)))}
    report = ImportReport()
    moved = set()
    async with community.uow() as uow:
        for revision in await uow.revisions.live(ItemKind.ANSWER):
            # What staff changed and somebody approved counts, whatever the file says.
            if revision.gone:
                read.pop(revision.code, None)
                continue
            try:
                read[revision.code] = answer_of(from_json(revision.body), "修订")
            except InvalidInput as error:
                log.error("a revision of the answer %s does not fit any more: %s", revision.code, error.message)
        kept = dict(read)
        for old in await uow.laws.answers():
            new = read.pop(old.code, None)
            if new is None:
                await uow.laws.remove(old)
                report.removed += 1
            elif new.digest == old.digest:
                report.unchanged += 1
            else:
                if new.checked_on > old.checked_on:
                    moved.add(old.code)
                old.become(new)
                report.changed += 1
        await uow.laws.add_all(list(read.values()))
        report.added = len(read)
        await clear_checked(uow, community, kept, moved)
        await uow.commit()
    if report.touched:
        total = report.added + report.changed + report.unchanged
        gone = f", {report.removed} gone" if report.removed else ""
        report.lines = [f"{total} curated answers ({report.added} new, {report.changed} changed{gone})"]
    return report


def read_answers(folder: Path) -> Iterator[CuratedAnswer]:
    """Every answer of the files, in order. Raises InvalidInput for the first that has not the agreed shape."""
    folder = folder / FOLDER if (folder / FOLDER).is_dir() else folder
    if not folder.is_dir():
        raise InvalidInput(f"没有知识条目的文件夹 {folder}。")
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("*.yml")):
        try:
            entries = yaml.safe_load(path.read_bytes()) or []
        except yaml.YAMLError as error:
            raise InvalidInput(f"{path.name}: 不是有效的 YAML：{error}") from error
        if not isinstance(entries, list):
            raise InvalidInput(f"{path.name}: 应当是一个条目列表。")
        for entry in entries:
            answer = answer_of(entry, path.name)
            if answer.code in seen:
                raise InvalidInput(f"{path.name}: {answer.code}: 这个 id 在 {seen[answer.code]} 里已经用过。")
            seen[answer.code] = path.name
            yield answer


def answer_of(entry: Any, file: str) -> CuratedAnswer:
    """An entry as YAML gives it. Raises InvalidInput naming `file` and id."""
    if not isinstance(entry, dict):
        raise InvalidInput(f"{file}: {entry!r}: 应当是有 id 的条目。")
    where = f"{file}: {entry.get('id', '（没有 id）')}"
    unknown = set(entry) - _KNOWN
    if unknown:
        raise InvalidInput(f"{where}: 不认识的字段 {'、'.join(sorted(map(str, unknown)))}。")
    texts = {}
    for name, longest in _TEXTS.items():
        value = entry.get(name)
        if not isinstance(value, str) or not value.strip() or len(value) > longest:
            raise InvalidInput(f"{where}: {name} 应当是不超过 {longest} 字的文字。")
        texts[name] = value.strip()
    lists = {name: _strings(entry.get(name), name, where, needed) for name, needed in _LISTS.items()}
    place = entry.get("where") or ""
    if not isinstance(place, str) or len(place) > 256:
        raise InvalidInput(f"{where}: where 应当是不超过 256 字的文字。")
    checked = entry.get("checked_on")
    if type(checked) is not date:
        raise InvalidInput(f"{where}: checked_on 应当是日期，如 2026-11-23。")
    expires = entry.get("expires_on")
    if expires is not None and type(expires) is not date:
        raise InvalidInput(f"{where}: expires_on 应当是日期，如 2027-11-23。")
    return CuratedAnswer(
        id=0,
        code=texts["id"],
        topic=texts["topic"],
        title=texts["title"],
        questions=lists["questions"],
        answer=texts["answer"],
        steps=lists["steps"],
        bring=lists["bring"],
        where=place.strip(),
        citations=_citations(entry, where),
        owner=texts["owner"],
        checked_on=checked,
        digest=hashlib.sha256(repr(sorted(entry.items())).encode()).hexdigest(),
        scope=_scope(entry, where),
        asks=_asks(entry, where),
        expires_on=expires,
    )


def _scope(entry: dict[str, Any], where: str) -> str:
    scope = entry.get("scope", "全国")
    if not isinstance(scope, str) or not 0 < len(scope) <= 64:
        raise InvalidInput(f"{where}: scope 应当是不超过 64 字的地域，如 全国、浙江省。")
    return scope


def _asks(entry: dict[str, Any], where: str) -> dict[str, Any]:
    """The question whose answer decides, with the code that each choice leads to."""
    asks = entry.get("asks")
    if asks is None:
        return {}
    wrong = InvalidInput(f"{where}: asks 是 question 和 {_OPTIONS[0]} 至 {_OPTIONS[-1]} 个 options（各有 say 和 answer）。")
    if not isinstance(asks, dict) or set(asks) != {"question", "options"} or not isinstance(asks["options"], list):
        raise wrong
    options = asks["options"]
    if len(options) not in _OPTIONS or not all(isinstance(o, dict) and set(o) == {"say", "answer"} for o in options):
        raise wrong
    texts = [asks["question"], *(o["say"] for o in options), *(o["answer"] for o in options)]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise wrong
    return {"question": asks["question"].strip(), "options": [{k: v.strip() for k, v in o.items()} for o in options]}


def _strings(value: Any, name: str, where: str, needed: bool) -> list[str]:
    items = value if isinstance(value, list) else [] if value is None else None
    if items is None or not all(isinstance(item, str) and item.strip() for item in items) or (needed and not items):
        raise InvalidInput(f"{where}: {name} 应当是文字的列表{'，不能为空' if needed else ''}。")
    return [item.strip() for item in items]


def _citations(entry: dict[str, Any], where: str) -> list[dict[str, Any]]:
    found = entry.get("citations")
    if not isinstance(found, list) or not found:
        raise InvalidInput(f"{where}: citations 不能为空：没有法条的回答不收。")
    out = []
    for citation in found:
        if not isinstance(citation, dict) or set(citation) - {"paragraph"} != {"law", "article"}:
            raise InvalidInput(f"{where}: citations 的每一项是 law 和 article，可以有 paragraph（第几款）：{citation!r}。")
        named: dict[str, Any] = {"law": str(citation["law"]).strip(), "article": normal_label(str(citation["article"]))}
        paragraph = citation.get("paragraph")
        if paragraph is not None:
            if type(paragraph) is not int or paragraph < 1:
                raise InvalidInput(f"{where}: paragraph 是第几款，从 1 数起：{citation!r}。")
            named["paragraph"] = paragraph
        out.append(named)
    return out
