"""Where, when and who, as Rasa entities: place, time, phone, name, ticket_number, activity, law. By rules: see the room `chinese`."""

from __future__ import annotations

import hashlib
import time
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Dict, List, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message

from chinese.entities import find_entities
from chinese.lexicon import read_activities, read_estates
from chinese.times import SHANGHAI

SENT_AT = "sent_at"
"""In a message's metadata: when it was written, as ISO 8601 or seconds since 1970. Without it, now is meant."""


def moment_of(metadata: Any) -> datetime:
    """When a message was written, in Shanghai. What cannot be read as a time counts as not given."""
    said = metadata.get(SENT_AT) if isinstance(metadata, dict) else None
    try:
        if isinstance(said, str):
            at = datetime.fromisoformat(said.replace("Z", "+00:00"))
            return at.replace(tzinfo=SHANGHAI) if at.tzinfo is None else at.astimezone(SHANGHAI)
        if isinstance(said, (int, float)) and not isinstance(said, bool):
            return datetime.fromtimestamp(said, SHANGHAI)
    except (ValueError, OverflowError, OSError):
        pass
    return datetime.fromtimestamp(time.time(), SHANGHAI)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class LinsheEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Finds entities by rules, with estates and activities from the lexicon folder.

    An entity has Rasa's keys and its parts beside them: estate, building, unit, room, home and floor of a place, start_at,
    end_at (ISO, Shanghai) and timex of a time, law, article and paragraph of a citation. `start` and `end` are of the text as it
    was written. Nothing is learnt, so a change of the lexicon needs a restart and no training.
    """

    EXTRACTOR: ClassVar[str] = "LinsheEntityExtractor"

    def __init__(self, config: Dict[str, Any]) -> None:
        folder = Path(config["lexicon"])
        self._estates = read_estates(folder)
        self._activities = read_activities(folder)

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {"lexicon": "data/lexicon"}

    @staticmethod
    def required_packages() -> List[str]:
        return []

    @staticmethod
    def supported_languages() -> Optional[List[str]]:
        return ["zh"]

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        digest = hashlib.sha256()
        for path in sorted(Path(config.get("lexicon") or cls.get_default_config()["lexicon"]).glob("*.[tl][xs]t")):
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
        return digest.hexdigest()

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LinsheEntityExtractor":
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            if text.startswith("/"):
                continue  # a payload: Rasa reads what it holds
            found = self.entities(text, moment_of(message.get(METADATA)))
            if found:
                message.set(ENTITIES, [*(message.get(ENTITIES) or []), *found], add_to_output=True)
        return messages

    def entities(self, text: str, now: datetime) -> List[Dict[str, Any]]:
        out = []
        for entity in find_entities(text, now, self._estates, self._activities):
            value = self._activities.get(entity.value, entity.value) if entity.kind == "activity" else entity.value
            said = {"entity": entity.kind, "value": value, "start": entity.start, "end": entity.end}
            out.append({**said, "extractor": self.EXTRACTOR, **entity.detail})
        return out
