"""The page's files: nothing inline, nothing from elsewhere, all there, big enough to read."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.webchat.routes import STATIC

SCRIPTS = sorted(STATIC.glob("*.js"))
HTML = (STATIC / "chat.html").read_text(encoding="utf-8")


def test_the_page_has_no_inline_script_or_style() -> None:
    assert not re.search(r"<script(?![^>]*\ssrc=)", HTML)
    assert "<style" not in HTML
    assert not re.search(r"\sstyle=|\son[a-z]+=|javascript:", HTML)


@pytest.mark.parametrize("path", sorted(STATIC.iterdir()), ids=lambda p: p.name)
def test_nothing_comes_from_elsewhere(path: Path) -> None:
    addresses = re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"']*", path.read_text(encoding="utf-8"))
    assert [a for a in addresses if "www.w3.org" not in a] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.name)
def test_words_of_people_are_never_markup(path: Path) -> None:
    markup = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    assert not re.search(markup, path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.name)
def test_every_import_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for names, module in re.findall(r'import \{([^}]*)\} from "\./([\w.]+)"', text):
        exported = (STATIC / module).read_text(encoding="utf-8")
        for name in (n.strip() for n in names.split(",")):
            assert re.search(rf"export (?:async )?(?:function|class|const) {name}\b", exported), f"{name} of {module}"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.name)
def test_scripts_are_understood_by_older_phones(path: Path) -> None:
    """Lookbehind and a few newer words stop a whole file on phones that many residents still have."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\(\?<[=!]|\.at\(-|structuredClone|\?\?=|\|\|=|randomUUID\(\)|replaceAll\(", text)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.name)
def test_scripts_parse(path: Path, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed; the browser test runs the scripts")
    copy = tmp_path / f"{path.stem}.mjs"
    shutil.copy(path, copy)
    done = subprocess.run([node, "--check", str(copy)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_words_are_at_least_17_pixels() -> None:
    css = (STATIC / "chat.css").read_text(encoding="utf-8")
    assert re.search(r":root \{[^}]*font-size: (1[7-9]|2\d)px", css)
    assert not re.search(r"\.bubble \{[^}]*font-size", css)


def test_without_javascript_the_page_says_what_to_do() -> None:
    assert re.search(r"<noscript>.*JavaScript.*</noscript>", HTML, re.S)
