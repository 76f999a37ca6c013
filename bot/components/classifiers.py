"""What the assistant must understand: what a resident wants (intent), what a report is about (category), and how many problems it
tells of. One component, because all three look at the same reading and the same vector of the message, made once.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import numpy as np
import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

import encoder
from bot.components import problems
from bot.components.problems import Cut, Cutter, Judged, Places, Problem, Told, cuts
from bot.components.reading import Words, fingerprint, lexicon_files
from bot.components.vectors import encode
from encoder import linear, logistic
from encoder import signs as counting
from encoder.linear import TextModel
from encoder.signs import Signs

CATEGORY = "category"
PROBLEM = "problem"
REPORT = "report"
FAMILIAR, FAMILIAR_FROM = 0.05, 5
"""Share of known character pairs below which nothing is understood, in texts of so many characters or more."""
LONG_ENOUGH = 14
"""Characters. A shorter message is about one thing."""
SHORT, MOST_SHORT = 6, 2000
"""Characters of a short message, and how many of them are remembered."""
MOST_LOOKED_AT = 3
"""Places of a piece that the encoder is asked about."""


class Understanding:
    """Both models over one reading. Knows nothing of Rasa's messages; `./linshe nlu` measures it through Rasa all the same."""

    def __init__(
        self,
        words: Words,
        vectors: encoder.Encoder,
        intents: TextModel,
        categories: TextModel,
        cutters: Optional[Tuple[Cutter, Cutter]] = None,
    ) -> None:
        self._words, self._vectors = words, vectors
        self.intents, self.categories = intents, categories
        self._short: Dict[str, Tuple[Signs, np.ndarray]] = {}
        self._ranked: Optional[Tuple[str, Signs, np.ndarray]] = None
        """The message that was ranked last: it is looked through for its problems next."""
        self.cutters = cutters
        """(by the words alone, with the encoder); without them every message is about one thing."""

    def read(self, text: str) -> Tuple[Signs, np.ndarray]:
        """The signs and the vector of a text.

        Short ones are remembered: 好的, 1 and 跳过 are said thousands of times a day, and none of them is worth the encoder again.
        """
        plain = self._words.plain(text)
        known = self._short.get(plain)
        if known is None:
            known = (self.signs(plain), self._vectors.encode([plain])[0])
            if len(plain) <= SHORT:
                if len(self._short) >= MOST_SHORT:
                    self._short.clear()
                self._short[plain] = known
        return known

    def read_all(self, texts: List[str], kept_in: Optional[Path] = None, name: str = "") -> Dict[str, Tuple[Signs, np.ndarray]]:
        """`read` for many texts, on every core, with the vectors kept under this name for the next time."""
        plain = {text: self._words.plain(text) for text in dict.fromkeys(texts)}
        vectors = encode(self._vectors, list(plain.values()), kept_in, name)
        return {text: (self.signs(flat), vector) for (text, flat), vector in zip(plain.items(), vectors, strict=True)}

    def signs(self, plain: str) -> Signs:
        flat = self._words.normalise(plain)
        return flat, self._words.cut(flat)

    def rank(self, text: str) -> Tuple[List[Tuple[str, float]], List[Tuple[str, float]]]:
        """(intents, categories), each best first. Both empty for a text without anything to read, or hardly a known pair of signs:
        the encoder has an opinion on gibberish too, and it would become a ticket."""
        signs, vector = self.read(text)
        self._ranked = (text, signs, vector)
        if not any(c.isalnum() for c in signs[0]) or self._strange(signs):
            return [], []
        return self.intents.rank(signs, vector), self.categories.rank(signs, vector)

    def _strange(self, signs: Signs) -> bool:
        return len(signs[0]) >= FAMILIAR_FROM and self.intents.familiar(signs) < FAMILIAR

    def problems(self, text: str) -> List[Problem]:
        """The problems a report tells of, when there are two or more."""
        if self.cutters is None or len(text) < LONG_ENOUGH:
            return []
        quick, full = self.cutters
        # By the words alone first: most reports are about one thing, and a vector for each half takes longest of all.
        places = self.hinted(quick, quick.threshold)
        if not places(text):
            return []
        found = full.find(text, self.judge(), self.categories.labels, places=places)
        return found if len(found) > 1 else []

    def hinted(self, quick: Cutter, least: float) -> Places:
        """The places that the words alone hint at, at least as likely as `least`, the likeliest first."""
        labels, by_words = self.categories.labels, self.judge_words()

        def places(piece: str) -> List[Cut]:
            likely = quick.ranked(piece, cuts(piece), by_words, labels)
            return [cut for chance, cut in likely[:MOST_LOOKED_AT] if chance >= least]

        return places

    def judge(self, read: Optional[Dict[str, Tuple[Signs, np.ndarray]]] = None) -> problems.Judge:
        """Judges words with the encoder; asked twice about the same words, it answers from memory. `read` are words read already."""
        known: Dict[str, Judged] = {w: self._judged(signs, vector, vector) for w, (signs, vector) in (read or {}).items()}
        message = self._ranked

        def judged(words: str) -> Judged:
            if words not in known:
                signs, vector = message[1:] if message and message[0] == words else self.read(words)
                known[words] = self._judged(signs, vector, vector)
            return known[words]

        return judged

    def judge_words(self) -> problems.Judge:
        """The same without the encoder."""
        known: Dict[str, Judged] = {}

        def judged(words: str) -> Judged:
            if words not in known:
                signs = self.signs(self._words.plain(words))
                known[words] = self._judged(signs, self.intents.mean, self.categories.mean)
            return known[words]

        return judged

    def _judged(self, signs: Signs, vector: np.ndarray, vector_of_category: np.ndarray) -> Judged:
        intents = self.intents.chances(signs, vector)
        report = float(intents[self.intents.labels.index(REPORT)]) if REPORT in self.intents.labels else 0.0
        return Judged(report, self.categories.chances(signs, vector_of_category))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinsheClassifier(GraphComponent, IntentClassifier):
    """Sets the intent and the ranking of all others, as Rasa's own classifiers do; the entity `category`, of every message as if it
    were a report (the actions decide whether it is one); and an entity `problem` for each, when a report tells of several.

    Learns intents from all examples, and categories from those of intent `report`, whose blocks in data/nlu carry
    `metadata: {category: ...}`. The lexicon is kept with the model; the encoder is not, its fingerprint is.
    """

    def __init__(
        self, config: Dict[str, Any], storage: ModelStorage, resource: Resource, understanding: Optional[Understanding]
    ):
        self._config = config
        self._storage = storage
        self._resource = resource
        self._understanding = understanding

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {
            "lexicon": "data/lexicon",
            "encoder": None,
            "vectors_kept_in": "models/vectors",
            "several": "data/several",
            "intents": {
                "strength": 30.0,
                "characters": 3,
                "share": 0.9,
                "balance": 0.3,
                "sharpness": 1.33,
                "favour": {"ask_legal": 1.5, "out_of_scope": 0.6, "report": 0.6},
            },
            "categories": {"strength": 20.0, "characters": 2, "share": 1.0, "sharpness": 1.33},
            "ranking_length": 10,
        }

    @staticmethod
    def required_packages() -> List[str]:
        return ["sklearn", "jieba", "onnxruntime", "tokenizers"]

    @staticmethod
    def supported_languages() -> Optional[List[str]]:
        return ["zh"]

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        lexicon = Path(config.get("lexicon") or cls.get_default_config()["lexicon"])
        several = sorted(Path(config.get("several") or cls.get_default_config()["several"]).glob("*.yml"))
        modules = tuple(Path(str(module.__file__)) for module in (linear, logistic, counting, problems))
        return fingerprint(lexicon, *modules, *several) + encoder.load(config.get("encoder")).fingerprint

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LinsheClassifier":
        return cls(config, model_storage, resource, None)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "LinsheClassifier":
        with model_storage.read_from(resource) as folder:
            vectors = encoder.load(config.get("encoder"))
            trained_with = (folder / "encoder").read_text(encoding="utf-8")
            if trained_with != vectors.fingerprint:
                raise ValueError("the model was trained with another encoder: run `./linshe train`")
            models = (TextModel.load(folder / "intents"), TextModel.load(folder / "categories"))
            cutters = _read_cutters(folder / "cutters.json")
            return cls(config, model_storage, resource, Understanding(Words(folder / "lexicon"), vectors, *models, cutters))

    def train(self, training_data: TrainingData) -> Resource:
        lexicon = Path(self._config["lexicon"])
        understanding = Understanding(
            Words(lexicon),
            encoder.load(self._config["encoder"]),
            TextModel(**self._config["intents"]),
            TextModel(**self._config["categories"]),
        )
        examples = [e for e in training_data.intent_examples if e.get(TEXT) and e.get(INTENT)]
        kept_in = Path(self._config["vectors_kept_in"]) if self._config["vectors_kept_in"] else None
        read = understanding.read_all([e.get(TEXT) for e in examples], kept_in, "examples")
        for model, pairs in (
            (understanding.intents, [(e.get(TEXT), e.get(INTENT)) for e in examples]),
            (understanding.categories, [(e.get(TEXT), c) for e in examples if (c := category_of(e))]),
        ):
            model.train(
                [read[text][0] for text, _ in pairs],
                np.stack([read[text][1] for text, _ in pairs]),
                [label for _, label in pairs],
            )
        if told := read_several(Path(self._config["several"])):
            labels = understanding.categories.labels
            quick = problems.learn(told, understanding.judge_words(), labels, first_look=True)
            # Where the words give no hint nobody will ask the encoder later: a third of the texts that every cut would be.
            places = understanding.hinted(quick, problems.FAINT)
            halves = understanding.read_all(problems.pieces(told, places), kept_in, "pieces")
            full = problems.learn(told, understanding.judge(halves), labels, places=places)
            understanding.cutters = (quick, full)
        self._understanding = understanding
        with self._storage.write_to(self._resource) as folder:
            (folder / "encoder").write_text(encoder.load(self._config["encoder"]).fingerprint, encoding="utf-8")
            for name, model in (("intents", understanding.intents), ("categories", understanding.categories)):
                (folder / name).mkdir()
                model.save(folder / name)
            kept = [vars(cutter) for cutter in understanding.cutters or ()]
            (folder / "cutters.json").write_text(json.dumps(kept), encoding="utf-8")
            (folder / "lexicon").mkdir()
            for path in lexicon_files(lexicon):
                shutil.copy2(path, folder / "lexicon" / path.name)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            # A payload says itself what it means; Rasa's RegexMessageHandler reads it at the end of the pipeline.
            blank = text.startswith("/") or self._understanding is None
            intents, categories = ([], []) if blank else self._understanding.rank(text)  # type: ignore[union-attr]
            ranked = [{"name": name, "confidence": chance} for name, chance in intents]
            top = dict(ranked[0]) if ranked else {"name": None, "confidence": 0.0}
            message.set(INTENT, top, add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranked[: int(self._config["ranking_length"])], add_to_output=True)
            if categories:
                found = [self._entity(CATEGORY, categories[0][0], 0, len(text), categories[0][1])]
                if top["name"] == REPORT:
                    told = self._understanding.problems(text)  # type: ignore[union-attr]
                    found += [self._entity(PROBLEM, p.category, p.start, p.end, p.sure) for p in told]
                message.set("entities", [*message.get("entities", []), *found], add_to_output=True)
        return messages

    @staticmethod
    def _entity(kind: str, value: str, start: int, end: int, sure: float) -> Dict[str, Any]:
        return {
            "entity": kind,
            "value": value,
            "start": start,
            "end": end,
            "confidence_entity": sure,
            "extractor": "LinsheClassifier",
        }


def category_of(example: Message) -> Optional[str]:
    """The category of a report example, from the metadata of its block."""
    metadata = (example.get(METADATA) or {}).get(METADATA_INTENT) or {}
    return metadata.get(CATEGORY) if isinstance(metadata, dict) else None


def read_several(folder: Path) -> List[Told]:
    """Messages that tell of several problems, and long ones that tell of one, as their parts. Raises ValueError that names the file."""
    found: List[Told] = []
    for path in sorted(folder.glob("*.yml")):
        try:
            kept = yaml.safe_load(path.read_text(encoding="utf-8"))
            found += [[(str(c), str(words)) for c, words in parts] for parts in kept["several"]]
            found += [[(str(c), str(words))] for c, words in kept["single"]]
        except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path.name} cannot be read: {error}") from error
    return found


def _read_cutters(path: Path) -> Optional[Tuple[Cutter, Cutter]]:
    kept = json.loads(path.read_text(encoding="utf-8"))
    return (Cutter(**kept[0]), Cutter(**kept[1])) if kept else None
