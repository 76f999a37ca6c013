"""Danger rules read from their file, checked as they are read."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from community.errors import ConfigError
from community.model.category import Category
from community.model.danger import DangerRule


def load_danger_rules(path: Path) -> tuple[DangerRule, ...]:
    """Raises ConfigError that names the file and the rule when one is not well formed."""
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
