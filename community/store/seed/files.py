"""The files of the demo city, read but not yet understood."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from community.errors import ConfigError


@dataclass(frozen=True)
class DemoFiles:
    """The content of `data/demo/*.yml`; each file says at its top what its fields mean."""

    city: dict[str, Any]
    names: dict[str, Any]
    residents: list[dict[str, Any]]
    staff: dict[str, Any]
    activities: list[dict[str, Any]]
    tickets: list[dict[str, Any]]
    promises: list[dict[str, Any]]
    diary: dict[str, Any]
    consultations: list[dict[str, Any]]
    deliberation: dict[str, Any]
    served: dict[str, Any]
    household: dict[str, Any]
    heard: list[dict[str, Any]]
    unanswered: dict[str, Any]
    notices: list[dict[str, Any]]
    intake: dict[str, Any]
    sites: dict[str, Any]


def load_demo_files(folder: Path) -> DemoFiles:
    """Raises ConfigError that names the file when one is missing or no YAML."""
    return DemoFiles(
        city=load(folder / "city.yml"),
        names=load(folder / "names.yml"),
        residents=_list(folder / "residents.yml", "residents"),
        staff=load(folder / "staff.yml"),
        activities=_list(folder / "activities.yml", "activities"),
        tickets=_list(folder / "tickets.yml", "tickets"),
        promises=_list(folder / "promises.yml", "promises"),
        diary=load(folder / "diary.yml"),
        consultations=_list(folder / "consultations.yml", "consultations"),
        deliberation=load(folder / "deliberation.yml"),
        served=load(folder / "served.yml"),
        household=load(folder / "household.yml"),
        heard=_list(folder / "heard.yml", "heard"),
        unanswered=load(folder / "heard.yml")["unanswered"],
        notices=_list(folder / "notices.yml", "notices"),
        intake=load(folder / "intake.yml"),
        sites=load(folder / "sites.yml"),
    )


def load(path: Path) -> dict[str, Any]:
    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(f"demo city: {path} cannot be read ({error})") from error
    if not isinstance(read, dict):
        raise ConfigError(f"demo city: {path} is not a mapping")
    return read


def _list(path: Path, name: str) -> list[dict[str, Any]]:
    rows = load(path).get(name)
    if not isinstance(rows, list):
        raise ConfigError(f"demo city: {path} has no list named {name}")
    return rows
