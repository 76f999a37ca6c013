"""What exists is documented, and what is documented exists."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from community.model.category import Category

ROOT = Path(__file__).resolve().parents[2]
INTERNAL = {"photo"}
"""Intents that only the gateway sends; nobody can say them, so they have no examples."""


def domain(key: str) -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "domain.yml", *sorted((ROOT / "domain").glob("*.yml"))):
        for item in yaml.safe_load(path.read_text(encoding="utf-8")).get(key) or []:
            found.add(item if isinstance(item, str) else next(iter(item)))
    return found


def section(title: str) -> str:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    return text.split(f"## {title}", 1)[1].split("\n## ", 1)[0]


def taught() -> set[str]:
    blocks = [b for f in (ROOT / "data" / "nlu").glob("*.yml") for b in yaml.safe_load(f.read_text("utf-8"))["nlu"]]
    return {block["intent"] for block in blocks}


def test_every_intent_is_documented_taught_and_in_the_domain() -> None:
    documented = set(re.findall(r"`(\w+)`", re.sub(r"(?m)^\| \w+ \|", "|", section("Intents"))))
    assert documented == domain("intents") - INTERNAL == taught()


def test_every_category_is_documented_and_taught() -> None:
    documented = set(re.findall(r"[a-z_]+", section("Categories").split("\n", 2)[2])) - {"report", "of"}
    blocks = [b for f in (ROOT / "data" / "nlu").glob("report*.yml") for b in yaml.safe_load(f.read_text("utf-8"))["nlu"]]
    assert documented == {str(c) for c in Category} == {b["metadata"]["category"] for b in blocks}


def test_every_custom_action_is_documented() -> None:
    text = (ROOT / "docs" / "dialogue.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"(?m)^\| `(\w+)`", text))
    assert documented == domain("actions")


def test_no_registry_and_no_path_of_a_machine_is_written_down() -> None:
    forbidden = re.compile(r"file://|/root/|pypi\.|registry\.npm|/opt/")
    for path in (ROOT / "requirements").iterdir():
        assert not forbidden.search(path.read_text(encoding="utf-8")), path.name
