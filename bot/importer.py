"""Joins the domain: root `domain.yml` first, then `domain/<topic>.yml` in sorted order.

Stock Rasa takes one file or one directory, only warns of a key defined twice (the first wins), and turns an invalid domain
into an empty one. Each of these trains an assistant that lacks something and says nothing, so here each is an error.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional

import rasa.shared.utils.io
from rasa.shared.core.domain import Domain, InvalidDomain
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.training_data import TrainingData

KEYED = ("slots", "responses", "forms")
LISTED = ("intents", "entities", "actions")
ROOT_ONLY = ("version", "session_config", "config")


class LinsheImporter(RasaFileImporter):
    """Named in config.yml as `bot.importer.LinsheImporter`. Everything but the domain is read as Rasa reads it, but once: a training asks
    for the examples three times, once with another language, and for the domain with every look at the rules.
    """

    _domain: Optional[Domain] = None
    _examples: Optional[TrainingData] = None

    def get_domain(self) -> Domain:
        if self._domain is None:
            path = self._domain_path
            if isinstance(path, (list, tuple)):
                path = path[0] if path else None
            self._domain = load_domain(Path(path or "domain.yml"))
        return self._domain

    def get_nlu_data(self, language: Optional[str] = "en") -> TrainingData:
        # YAML is the same in every language; who asks gets it merged into data of their own.
        if self._examples is None:
            self._examples = super().get_nlu_data(language)
        return self._examples


def load_domain(root: Path) -> Domain:
    """The whole domain. Raises InvalidDomain for a missing file, an unknown section, a duplicate, or nothing at all."""
    if not root.is_file():
        raise InvalidDomain(f"The root domain file '{root}' does not exist.")
    combined: Dict[str, Any] = {}
    came_from: Dict[str, str] = {}
    for path in domain_files(root):
        # Validates the file's shape with Rasa's own schema and gives its error messages; the object is not used.
        Domain.from_file(str(path))
        part = rasa.shared.utils.io.read_yaml_file(path)
        _join(combined, part, path.name, came_from)
    domain = Domain.from_dict(combined)
    if not domain.user_actions or not any(i in came_from for i in _prefixed("intents", domain.intents)):
        raise InvalidDomain(f"The domain under '{root}' has no intents or no actions.")
    return domain


def domain_files(root: Path) -> List[Path]:
    """The root file, then every topic in the order of its name: the same on every machine."""
    return [root, *sorted((root.parent / "domain").glob("*.yml"))]


def _prefixed(section: str, names: List[str]) -> List[str]:
    return [f"{section}.{name}" for name in names]


def _name_of(item: Any) -> str:
    return str(next(iter(item))) if isinstance(item, dict) else str(item)


def _join(combined: Dict[str, Any], part: Optional[Dict[str, Any]], file: str, came_from: Dict[str, str]) -> None:
    for section, content in (part or {}).items():
        if section in ROOT_ONLY:
            # Topic files repeat `version`, as Rasa's schema wants; the rest may stand in one place only.
            if section != "version" and section in combined:
                raise InvalidDomain(f"'{section}' stands in more than one domain file; again in '{file}'.")
            combined[section] = content
            continue
        if section not in KEYED + LISTED:
            raise InvalidDomain(f"Unknown section '{section}' in domain file '{file}'.")
        for item in content or []:
            name = f"{section}.{_name_of(item)}"
            if name in came_from:
                raise InvalidDomain(f"'{name}' is defined in '{came_from[name]}' and again in '{file}'.")
            came_from[name] = file
        if section in KEYED:
            combined.setdefault(section, {}).update(content or {})
        else:
            combined.setdefault(section, []).extend(content or [])
