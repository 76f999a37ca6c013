"""Danger rules read from their file, checked as they are read, and what staff added that came back into a file beside it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from community.errors import ConfigError
from community.model.category import Category
from community.model.danger import DangerRule, added_of, with_added

ADDED = "danger_added.yml"
"""`./linshe knowledge export` writes it: {code: {rings, harmless, number_first, owner, expires_on}}."""


def load_danger_rules(path: Path) -> tuple[DangerRule, ...]:
    """The rules with what was added. Raises ConfigError that names the file and the rule when one is not well formed."""
    added = load_added(path)
    return tuple(with_added(rule, added_of(added[rule.code])) if rule.code in added else rule for rule in load_bare_rules(path))


def load_added(path: Path) -> dict[str, dict[str, Any]]:
    """By code, with dates as ISO text; nothing where there is no such file. Raises ConfigError."""
    beside = path.with_name(ADDED)
    if not beside.is_file():
        return {}
    try:
        rows = yaml.safe_load(beside.read_text(encoding="utf-8")) or {}
        found = {str(code): {name: _plain(value) for name, value in row.items()} for code, row in rows.items()}
        for row in found.values():
            added_of(row)
        return found
    except (OSError, AttributeError, TypeError, ValueError, yaml.YAMLError) as error:
        raise ConfigError(f"LINSHE_DANGER_RULES: {ADDED} cannot be read ({error})") from error


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, list)) else str(value)


def load_bare_rules(path: Path) -> tuple[DangerRule, ...]:
    """Without what was added. Raises ConfigError."""
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]
        return tuple(
            DangerRule(
                code=row["code"],
                name=row["name"],
                category=Category(row["category"]),
                number_first=row["number_first"],
                any_of=tuple(re.compile(p) for p in row["any_of"]),
                unless=tuple(re.compile(p) for p in row.get("unless", [])),
            )
            for row in rows
        )
    except (OSError, KeyError, TypeError, ValueError, re.error, yaml.YAMLError) as error:
        raise ConfigError(f"LINSHE_DANGER_RULES: {path.name} cannot be read ({error})") from error
