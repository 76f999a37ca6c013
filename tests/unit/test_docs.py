"""What exists is documented, and what is documented exists."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from community.model.category import Category
from community.services.wechat import MENU
from gateway.wechat.codes import ALARM

ROOT = Path(__file__).resolve().parents[2]
INTERNAL = {"photo", "partly_resolved", "answer_invitation"}
"""Intents that only buttons send; nobody can say them, so they have no examples."""


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


def test_the_way_to_a_live_account_names_every_setting_and_shows_the_menu_we_ship() -> None:
    text = (ROOT / "docs" / "wechat.md").read_text(encoding="utf-8")
    config = (ROOT / "community" / "config.py").read_text(encoding="utf-8")
    assert {name for name in re.findall(r'"(LINSHE_WECHAT_\w+)"', config) if name not in text} == set()
    shown = text.split("```json\n", 1)[1].split("```", 1)[0]
    assert shown == (ROOT / "data" / "wechat" / "menu.json").read_text(encoding="utf-8")
    assert {key for key in MENU if f"`{key}`" not in text} == set()


def test_the_way_to_a_live_account_names_every_alarm() -> None:
    text = (ROOT / "docs" / "wechat.md").read_text(encoding="utf-8")
    assert {code for code in ALARM if str(code) not in text} == set()
