"""What staff changed in the console, written into the files of knowledge: one entry replaced, every other character left as it is."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from community.knowledge.curation import FILE
from community.knowledge.entries import from_json
from community.model.revision import ItemKind, Revision
from community.ports import Community
from community.store.danger_rules import ADDED
from ops.context import Context, OperationFailed
from ops.teaching import changes

NEW = "console.yml"
"""Where a new answer of a topic that no file has is put."""
HEAD = "# What staff added to the danger rules at the console: plain phrases. `./linshe knowledge export` writes this file.\n"
WIDTH = 150


async def export(c: Community, context: Context) -> tuple[int, str]:
    """Write every change that counts and is in no file yet. (how many, the commit or patch that carries them). Raises OperationFailed."""
    async with c.reading() as uow:
        live = [one for kind in ItemKind for one in await uow.revisions.live(kind) if not one.change]
    if not live:
        return 0, ""
    files = {kind: await c.curation.entries(kind) for kind in ItemKind}
    before = await asyncio.to_thread(_write, context, live, files)
    change = await asyncio.to_thread(
        changes.keep, context.root, context.var, before, f"Knowledge as staff changed it: {len(live)} entries", live[-1].id
    )
    async with c.uow() as uow:
        for one in live:
            kept = await uow.revisions.get(one.id)
            if kept is not None:
                kept.change = change or "in the files"
        await uow.commit()
    return len(live), change


def _write(context: Context, live: list[Revision], files: Mapping[ItemKind, Mapping[str, Mapping[str, Any]]]) -> dict[str, str]:
    """The texts before, by path below the root."""
    folder = context.settings.knowledge
    texts: dict[Path, str] = {}
    for one in live:
        if one.kind is ItemKind.DANGER:
            path = context.settings.danger_rules.with_name(ADDED)
            texts[path] = with_danger(texts.get(path) or _read(path), one)
            continue
        known = files[one.kind]
        path = folder / ("legal" if one.kind is ItemKind.ANSWER else "guides") / file_of(one, known)
        texts[path] = with_entry(texts[path] if path in texts else _read(path), one.code, None if one.gone else bare(one.body))
    before = {}
    for path, text in texts.items():
        try:
            before[path.resolve().relative_to(context.root.resolve()).as_posix()] = _read(path)
        except ValueError:
            raise OperationFailed(f"{path.name} is not in the project's folder: LINSHE_KNOWLEDGE points elsewhere.") from None
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    return before


def file_of(one: Revision, known: Mapping[str, Mapping[str, Any]]) -> str:
    """Where the entry stands, or where most of its topic do."""
    if one.code in known:
        return str(known[one.code][FILE])
    if one.kind is ItemKind.GUIDE:
        return f"{one.body['field']}.yml"
    beside = Counter(str(entry[FILE]) for entry in known.values() if entry.get("topic") == one.body.get("topic"))
    return beside.most_common(1)[0][0] if beside else NEW


def bare(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in from_json(body).items() if name not in (FILE, "field")}


def with_entry(text: str, code: str, entry: dict[str, Any] | None) -> str:
    """`text` with the entry of this code replaced, put behind the last, or (None) taken out.

    Raises OperationFailed when the file would not say what it should.
    """
    lines = text.split("\n")
    nodes = _entries(text)
    put = _dumped(entry) if entry else []
    for node, found in nodes:
        if found == code:
            first, last = node.start_mark.line, node.end_mark.line
            while last > first + 1 and (not lines[last - 1].strip() or lines[last - 1].lstrip().startswith("#")):
                last -= 1
            lines[first:last] = put
            break
    else:
        while lines and not lines[-1].strip():
            lines.pop()
        lines += ["", *put, ""] if lines else [*put, ""]
    made = "\n".join(lines)
    _same_else(text, made, code, entry)
    return made


def _dumped(entry: Mapping[str, Any]) -> list[str]:
    """As the files are written: a field a line, short lists in brackets."""
    lines: list[str] = []
    for name, value in entry.items():
        flow = None if isinstance(value, (list, dict)) else False
        text = yaml.safe_dump({name: value}, allow_unicode=True, width=WIDTH, default_flow_style=flow)
        lines += text.rstrip("\n").split("\n")
    return [("- " if n == 0 else "  ") + line for n, line in enumerate(lines)]


def _entries(text: str) -> list[tuple[yaml.Node, str]]:
    root = yaml.compose(text, yaml.CSafeLoader) if text.strip() else None
    if root is None:
        return []
    if not isinstance(root, yaml.SequenceNode):
        raise OperationFailed("A file of knowledge is no list of entries.")
    found = []
    for node in root.value:
        code = next((value.value for key, value in node.value if key.value == "id"), "")
        found.append((node, str(code)))
    return found


def _same_else(before: str, after: str, code: str, entry: dict[str, Any] | None) -> None:
    old = {row["id"]: row for row in yaml.load(before, yaml.CSafeLoader) or []}
    new = {row["id"]: row for row in yaml.load(after, yaml.CSafeLoader) or []}
    wanted = {key: row for key, row in old.items() if key != code} | ({code: entry} if entry else {})
    if new != wanted:
        raise OperationFailed(f"{code}: the file would not say what it should; it was left as it is.")


def with_danger(text: str, one: Revision) -> str:
    rows = yaml.safe_load(text) or {}
    body = {name: one.body[name] for name in ("rings", "harmless", "number_first", "owner", "expires_on") if one.body.get(name)}
    if "expires_on" in body:
        body["expires_on"] = date.fromisoformat(body["expires_on"])
    rows[one.code] = body
    return HEAD + yaml.safe_dump(rows, allow_unicode=True, sort_keys=True, width=WIDTH)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
