"""Conversations kept as tests: tests/conversation/taught/<number>.yml, run by tests/conversation/test_taught.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ops.teaching.examples import replace

TAUGHT = Path("tests/conversation/taught")


@dataclass(frozen=True)
class TalkChange:
    """`turns` are rows of {"say", "answer": [words that must be in it], "buttons": [titles]}; `home`: the resident has one."""

    id: int
    turns: list[dict[str, Any]]
    home: bool
    why: str
    gone: bool


def path_of(number: int) -> Path:
    return TAUGHT / f"{number:04d}.yml"


def apply(root: Path, changes: Sequence[TalkChange]) -> dict[int, str]:
    """A file each, or none of it; its path below tests/conversation by the number."""
    for change in changes:
        path = root / path_of(change.id)
        if change.gone:
            path.unlink(missing_ok=True)
            continue
        kept = {"why": change.why, "home": change.home, "turns": change.turns}
        text = yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, width=120)
        replace(path, f"# Kept by a trainer (console, 看前后). Run by test_taught.py.\n{text}")
    return {change.id: f"taught/{path_of(change.id).name}" for change in changes}


def read(path: Path) -> dict[str, Any]:
    """Raises ValueError that names the file."""
    kept = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        if not kept["turns"] or not all(isinstance(turn["say"], str) for turn in kept["turns"]):
            raise ValueError
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path.name} is no kept conversation") from error
    return dict(kept)
