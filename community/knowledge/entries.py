"""Entries of the knowledge files as JSON can hold them: what is a date in YAML is its ISO text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from community.errors import InvalidInput

DATES = ("checked_on", "expires_on")


def to_json(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in entry.items()}


def from_json(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Raises InvalidInput for what is no date."""
    found = dict(entry)
    for name in DATES:
        if isinstance(found.get(name), str):
            try:
                found[name] = date.fromisoformat(found[name])
            except ValueError as error:
                raise InvalidInput(f"{name} 应当是日期，如 2026-11-23。") from error
    return found
