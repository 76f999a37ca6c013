"""The two things the assistant must understand: what a resident wants (intent), and what a report is about (category)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, ClassVar, Dict, List, Optional, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.text_model import TextModel, Words, fingerprint, lexicon_files

CATEGORY = "category"


class TextClassifier(GraphComponent):
    """What both share: training on texts, keeping the lexicon with the model so that a model file is all one needs."""

    def __init__(self, config: Dict[str, Any], storage: ModelStorage, resource: Resource, model: Optional[TextModel]):
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model = model

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {"lexicon": "data/lexicon", "strength": 20.0, "characters": 3, "ranking_length": 10}

    @staticmethod
    def required_packages() -> List[str]:
        return ["sklearn", "skops", "jieba"]

    @staticmethod
    def supported_languages() -> Optional[List[str]]:
        return ["zh"]

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        return fingerprint(Path(config.get("lexicon") or cls.get_default_config()["lexicon"]))

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "TextClassifier":
        return cls(config, model_storage, resource, None)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "TextClassifier":
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, TextModel.load(folder, Words(folder / "lexicon")))

    def train(self, training_data: TrainingData) -> Resource:
        examples = self.examples(training_data)
        lexicon = Path(self._config["lexicon"])
        self._model = TextModel(Words(lexicon), float(self._config["strength"]), int(self._config["characters"]))
        self._model.train([text for text, _ in examples], [label for _, label in examples])
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder)
            (folder / "lexicon").mkdir()
            for path in lexicon_files(lexicon):
                shutil.copy2(path, folder / "lexicon" / path.name)
        return self._resource

    def examples(self, training_data: TrainingData) -> List[Tuple[str, str]]:
        """(text, label) pairs to learn from."""
        raise NotImplementedError

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            # A payload says itself what it means; Rasa's RegexMessageHandler reads it at the end of the pipeline.
            self.mark(message, [] if text.startswith("/") or self._model is None else self._model.rank(text))
        return messages

    def mark(self, message: Message, ranking: List[Tuple[str, float]]) -> None:
        """Write what was understood into `message`. An empty ranking means nothing was."""
        raise NotImplementedError


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinsheIntentClassifier(TextClassifier, IntentClassifier):
    """Sets the intent and the ranking of all others, as Rasa's own classifiers do."""

    def examples(self, training_data: TrainingData) -> List[Tuple[str, str]]:
        return [(e.get(TEXT), e.get(INTENT)) for e in training_data.intent_examples if e.get(TEXT) and e.get(INTENT)]

    def mark(self, message: Message, ranking: List[Tuple[str, float]]) -> None:
        ranked = [{"name": name, "confidence": chance} for name, chance in ranking]
        top = dict(ranked[0]) if ranked else {"name": None, "confidence": 0.0}
        message.set(INTENT, top, add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranked[: int(self._config["ranking_length"])], add_to_output=True)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class CategoryClassifier(TextClassifier):
    """Says of every message which category it would be if it is a report; whether it is one, the actions decide.

    Learns from the examples of intent `report`, whose blocks in data/nlu carry `metadata: {category: ...}`.
    """

    EXTRACTOR: ClassVar[str] = "CategoryClassifier"

    def examples(self, training_data: TrainingData) -> List[Tuple[str, str]]:
        found = []
        for example in training_data.intent_examples:
            metadata = (example.get(METADATA) or {}).get(METADATA_INTENT) or {}
            if example.get(TEXT) and isinstance(metadata, dict) and metadata.get(CATEGORY):
                found.append((example.get(TEXT), metadata[CATEGORY]))
        return found

    def mark(self, message: Message, ranking: List[Tuple[str, float]]) -> None:
        if not ranking:
            return
        value, chance = ranking[0]
        entity = {
            "entity": CATEGORY,
            "value": value,
            "start": 0,
            "end": len(message.get(TEXT)),
            "confidence_entity": chance,
            "extractor": self.EXTRACTOR,
        }
        message.set("entities", [*message.get("entities", []), entity], add_to_output=True)
