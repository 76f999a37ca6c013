"""Which version of which law is in force when. Computed from dates and from what repealing laws say themselves.

The file's status column is not believed: it calls the Criminal Law 已被修改, a law in force 已废止, and one that only
begins next year 现行有效.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from community.knowledge.amend import consolidate
from community.knowledge.corrections import Corrections
from community.knowledge.wheel import RawStatute

AMENDING = frozenset({"修正案", "修改决定"})
"""Kinds that change another law. They are kept, and left out of search: the law itself says it better."""

_QUOTED = re.compile(r"《([^》]+)》")


@dataclass(frozen=True)
class Version:
    raw: RawStatute
    in_force_from: date
    repealed_on: date | None = None

    def in_force(self, day: date) -> bool:
        return self.in_force_from <= day and (self.repealed_on is None or day < self.repealed_on)


def compute_versions(raws: list[RawStatute], corrections: Corrections) -> tuple[list[Version], list[str]]:
    """All versions with their dates, and remarks on what could not be decided well."""
    remarks: list[str] = []
    added, lines = consolidate(raws)
    remarks += lines
    by_name: defaultdict[str, list[RawStatute]] = defaultdict(list)
    for raw in [*raws, *added]:
        by_name[raw.name].append(raw)
    begins = {raw.source_id: _begin(raw, raws, corrections) for group in by_name.values() for raw in group}
    repeals = _repeals(by_name, begins)
    versions = []
    for group in by_name.values():
        group.sort(key=lambda raw: (begins[raw.source_id], raw.version_on))
        for raw, newer in zip(group, [*group[1:], None], strict=True):
            begin = begins[raw.source_id]
            ends = [begins[newer.source_id]] if newer else []
            if raw.source_id in repeals:
                ends.append(repeals[raw.source_id])
            ends += _ended_otherwise(raw, begin, bool(ends), corrections, remarks)
            versions.append(Version(raw, begin, min(ends) if ends else None))
    return versions, remarks


def _begin(raw: RawStatute, raws: list[RawStatute], corrections: Corrections) -> date:
    """The text states the first version's date, `version_on` when this one was passed; what amended it may start later."""
    fix = corrections.of(raw.name, raw.version_on)
    if fix and fix.in_force_from:
        return fix.in_force_from
    amended = [
        other.effective_on
        for other in raws
        if other.kind in AMENDING and other.version_on == raw.version_on and amended_law(other) == raw.name
    ]
    return max([raw.effective_on, raw.version_on, *amended])


def amended_law(raw: RawStatute) -> str:
    """The law that an amending text changes, '' when its name does not say."""
    if raw.kind == "修正案":
        return raw.name.split("修正案")[0]
    quoted = re.search(r"关于修改《(.+?)》的决定$", raw.name)
    return quoted[1] if quoted else ""


def _repeals(by_name: dict[str, list[RawStatute]], begins: dict[str, date]) -> dict[str, date]:
    """source_id -> the day another law ended it, read from "《…》同时废止" in that law's own text."""
    found: dict[str, date] = {}
    for group in by_name.values():
        for raw in group:
            for article in raw.articles[-3:]:
                for sentence in article.text.split("。"):
                    if "同时废止" not in sentence:
                        continue
                    for name in _QUOTED.findall(sentence):
                        # A law may end an older one of its own name: that is a version here, not a repeal.
                        for old in by_name.get(name, []) if name != raw.name else []:
                            if old.version_on < raw.effective_on:
                                found[old.source_id] = min(raw.effective_on, found.get(old.source_id, raw.effective_on))
    return found


def _ended_otherwise(
    raw: RawStatute, begin: date, ended: bool, corrections: Corrections, remarks: list[str]
) -> list[date]:
    fix = corrections.of(raw.name, raw.version_on)
    if fix and (fix.repealed_on or fix.in_force is not None):
        return [fix.repealed_on] if fix.repealed_on else [] if fix.in_force else [begin]
    if raw.status in ("已废止", "历史版本") and not ended:
        # Nobody says since when. Showing nothing is safer than showing what has ended.
        remarks.append(f"{raw.name} ({raw.version_on}): said to have ended, no date found, never shown")
        return [begin]
    return []
