"""What tells curated answers apart beside their own wordings: the same told at length, and what none of them is about.

`data/knowledge/asked/*.yml` are the long, winding ways in which people tell what an answer is about, by the code of the answer;
`beyond.yml` is what people also ask and no answer of ours meets.
Only the ranking of answers reads them; they are not shown. Our own words.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from community.errors import InvalidInput
from community.knowledge.corrections import KNOWLEDGE

ASKED, BEYOND = "asked", "beyond.yml"
LONGEST = 160
"""Characters."""


def read_asked(folder: Path = KNOWLEDGE) -> dict[str, tuple[str, ...]]:
    """Code of an answer -> how it is asked. Nothing where there is no such folder. Raises InvalidInput naming file and code."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted((folder / ASKED).glob("*.yml")):
        for code, texts in _entries(path):
            if code in found:
                raise InvalidInput(f"{path.name}: {code}: 已经在另一个文件里。")
            found[code] = texts
    return found


def read_beyond(folder: Path = KNOWLEDGE) -> tuple[str, ...]:
    """Raises InvalidInput naming the entry."""
    path = folder / BEYOND
    return tuple(text for _, texts in _entries(path) for text in texts) if path.is_file() else ()


def _entries(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path.name}: 不是有效的 YAML：{error}") from error
    if not isinstance(content, dict):
        raise InvalidInput(f"{path.name}: 应当是“名字: 问法的列表”。")
    for name, texts in content.items():
        if not isinstance(texts, list) or not texts or not all(_is_one(text) for text in texts):
            raise InvalidInput(f"{path.name}: {name}: 应当是问法的列表，每句 2 到 {LONGEST} 字。")
        yield str(name), tuple(text.strip() for text in texts)


def _is_one(text: object) -> bool:
    return isinstance(text, str) and 2 <= len(text.strip()) <= LONGEST
