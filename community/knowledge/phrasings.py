"""How a layperson would ask about an article: `data/knowledge/lay/*.yml`, indexed with the article.

People do not speak statute. Written in our own words from the articles' texts alone; no file of real questions was open (docs/legal.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import yaml

from community.errors import InvalidInput
from community.knowledge.corrections import KNOWLEDGE
from community.knowledge.names import normal_label

FOLDER = "lay"
LONGEST = 60
"""Characters. What is longer is an explanation, not a question."""

Phrasings = dict[tuple[str, str], tuple[str, ...]]
"""(full name of the law, printed number of the article) -> what somebody asks whom it answers."""


def read_phrasings(folder: Path | None = None) -> Phrasings:
    """All of them; none where there is no folder. Raises InvalidInput naming file and article."""
    found: Phrasings = {}
    for path in sorted((folder or KNOWLEDGE / FOLDER).glob("*.yml")):
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            law, asked = str(content["law"]), dict(content["asked"])
        except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
            raise InvalidInput(f"{path.name}: {error}") from error
        for label, texts in asked.items():
            if not isinstance(texts, list) or not texts or not all(_is_question(text) for text in texts):
                raise InvalidInput(f"{path.name}: {label}: a list of questions of up to {LONGEST} characters is wanted.")
            key = (law, normal_label(str(label)))
            if key in found:
                raise InvalidInput(f"{path.name}: {law} {label} stands twice.")
            found[key] = tuple(text.strip() for text in texts)
    return found


def all_texts(phrasings: Phrasings) -> Iterable[str]:
    return dict.fromkeys(text for texts in phrasings.values() for text in texts)


def _is_question(text: object) -> bool:
    return isinstance(text, str) and 2 <= len(text.strip()) <= LONGEST
