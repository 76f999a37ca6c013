"""What the statute file says wrongly, what we hold instead, and why: `data/knowledge/statute_corrections.yml`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from community.errors import InvalidInput

KNOWLEDGE = Path(__file__).resolve().parents[2] / "data" / "knowledge"
CORRECTIONS = "statute_corrections.yml"


@dataclass(frozen=True)
class StatuteFix:
    """One version of a law. `in_force`: True revives what the file calls repealed, False hides it from all dates."""

    law: str
    version_on: date
    reason: str
    in_force: bool | None = None
    in_force_from: date | None = None
    repealed_on: date | None = None


@dataclass(frozen=True)
class TextFix:
    """A damaged text: lines broken by the page, or an article that swallowed the rest of the next one."""

    law: str
    reason: str
    broken_lines: bool = False
    label: str = ""
    cut_at: str = ""
    rest: str = ""
    prefix: str = ""


@dataclass(frozen=True)
class Corrections:
    statutes: tuple[StatuteFix, ...] = ()
    texts: tuple[TextFix, ...] = ()
    digest: str = ""

    def of(self, law: str, version_on: date) -> StatuteFix | None:
        return next((fix for fix in self.statutes if fix.law == law and fix.version_on == version_on), None)

    def texts_of(self, law: str) -> list[TextFix]:
        """Line mending comes last, so that a cut finds the text as the file has it."""
        return sorted((fix for fix in self.texts if fix.law == law), key=lambda fix: fix.broken_lines)


def load_corrections(folder: Path | None = None) -> Corrections:
    """The corrections in `folder` (default: the project's). A folder without the file has none."""
    path = (folder or KNOWLEDGE) / CORRECTIONS
    if not path.is_file():
        return Corrections()
    raw = path.read_bytes()
    content = yaml.safe_load(raw) or {}
    return Corrections(
        statutes=tuple(_build(StatuteFix, entry, path) for entry in content.get("statutes") or []),
        texts=tuple(_build(TextFix, entry, path) for entry in content.get("texts") or []),
        digest=hashlib.sha256(raw).hexdigest(),
    )


def _build(cls: type[Any], entry: Any, path: Path) -> Any:
    try:
        fix = cls(**entry)
    except TypeError as error:
        raise InvalidInput(f"{path.name}: {entry!r}: {error}") from error
    if not fix.reason.strip():
        raise InvalidInput(f"{path.name}: {fix.law}: a correction needs its reason")
    return fix
