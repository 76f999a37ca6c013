"""When the assistant asks back instead of acting. Stock's FallbackClassifier, with one more reason to doubt."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME as FALLBACK
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

OUT_OF_SCOPE = "out_of_scope"
HARMLESS = frozenset({OUT_OF_SCOPE, "greet", "thanks", "bye", "bot_challenge", "abuse", "help"})
"""Answered with words only: nothing is opened, filed or passed on."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class LinsheDoubt(GraphComponent, IntentClassifier):
    """Puts `nlu_fallback` first when the best intent is below `threshold`, nearer than `ambiguity` to the second, or would act
    although `out_of_scope` is at least `none_of_ours` likely: a song's title must not become a ticket.
    """

    def __init__(self, config: Dict[str, Any]) -> None:
        self._config = config

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        # Chosen while looking at the files named in docs/nlu.md: a higher one asks back more often and acts wrongly less often.
        return {"threshold": 0.3, "ambiguity": 0.02, "none_of_ours": 0.3}

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LinsheDoubt":
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            ranking = message.get(INTENT_RANKING_KEY) or []
            if (message.get(TEXT) or "").startswith("/"):
                continue  # a payload says itself what it means
            confidence = self.doubt(ranking)
            if confidence is not None:
                fallback = {"name": FALLBACK, "confidence": confidence}
                message.set(INTENT, dict(fallback), add_to_output=True)
                message.set(INTENT_RANKING_KEY, [fallback, *ranking], add_to_output=True)
        return messages

    def doubt(self, ranking: List[Dict[str, Any]]) -> Optional[float]:
        """How sure it is that the message is not understood; None when it is understood."""
        if not ranking:
            return 1.0
        chances = {str(one["name"]): float(one["confidence"]) for one in ranking}
        first = ranking[0]
        best = float(first["confidence"])
        second = float(ranking[1]["confidence"]) if len(ranking) > 1 else 0.0
        strange = first["name"] not in HARMLESS and chances.get(OUT_OF_SCOPE, 0.0) >= self._config["none_of_ours"]
        if best < self._config["threshold"] or best - second < self._config["ambiguity"] or strange:
            return 1.0 - best
        return None
