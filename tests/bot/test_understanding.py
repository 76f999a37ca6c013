"""The classifiers: what they learn, that a saved one is the same, and how well they do on sentences never trained on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.importers.utils import training_data_from_paths
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.classifiers import CategoryClassifier, LinsheIntentClassifier
from bot.components.text_model import PLACE, TextModel, Words, fingerprint

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def data() -> TrainingData:
    return training_data_from_paths([str(p) for p in sorted((ROOT / "data" / "nlu").glob("*.yml"))], "zh")


@pytest.fixture(scope="module")
def trained(data: TrainingData, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """Both components, trained and loaded again from where they were saved."""
    storage = LocalModelStorage(tmp_path_factory.mktemp("models"))
    context = ExecutionContext(GraphSchema({}))
    loaded = {}
    for kind, extra in ((LinsheIntentClassifier, {}), (CategoryClassifier, {"characters": 2})):
        config = {**kind.get_default_config(), **extra, "lexicon": str(ROOT / "data" / "lexicon")}
        resource = Resource(kind.__name__)
        made = kind.create(config, storage, resource, context)
        made.train(data)
        loaded[kind.__name__] = (made, kind.load(config, storage, resource, context))
    return loaded


def held_out() -> list[tuple[str, str, str]]:
    rows = []
    for intent, lines in yaml.safe_load((ROOT / "tests" / "bot" / "holdout.yml").read_text(encoding="utf-8")).items():
        for line in lines:
            text, _, category = str(line).partition("|")
            rows.append((text, intent, category))
    return rows


def test_what_is_held_out_is_not_trained_on(data: TrainingData) -> None:
    assert not {text for text, _, _ in held_out()} & {e.get("text") for e in data.intent_examples}


def test_a_saved_classifier_is_the_same_after_loading(trained: dict) -> None:
    for made, loaded in trained.values():
        for text in ("楼道灯坏了", "你们几点上班", "房东不退押金怎么办"):
            one, two = Message({"text": text}), Message({"text": text})
            made.process([one])
            loaded.process([two])
            assert one.data == two.data


def test_intents_of_sentences_never_seen(trained: dict) -> None:
    classifier = trained["LinsheIntentClassifier"][1]
    rows = held_out()
    messages = classifier.process([Message({"text": text}) for text, _, _ in rows])
    wrong = [
        (r[0], r[1], m.get("intent")["name"])
        for r, m in zip(rows, messages, strict=True)
        if m.get("intent")["name"] != r[1]
    ]
    assert len(wrong) <= 0.08 * len(rows), wrong


def test_categories_of_sentences_never_seen(trained: dict) -> None:
    classifier = trained["CategoryClassifier"][1]
    rows = [row for row in held_out() if row[2]]
    messages = classifier.process([Message({"text": text}) for text, _, _ in rows])
    wrong = [(r[0], r[2], m.get("entities")[0]["value"]) for r, m in zip(rows, messages, strict=True)]
    wrong = [w for w in wrong if w[1] != w[2]]
    assert len(wrong) <= 0.15 * len(rows), wrong


def test_the_category_is_an_entity_with_its_confidence(trained: dict) -> None:
    (message,) = trained["CategoryClassifier"][1].process([Message({"text": "电梯坏了"})])
    (entity,) = message.get("entities")
    assert entity["entity"] == "category"
    assert entity["value"] == "elevator"
    assert 0 < entity["confidence_entity"] <= 1
    assert entity["extractor"] == "CategoryClassifier"


def test_the_category_stands_beside_other_entities(trained: dict) -> None:
    other = {"entity": "score", "value": "5"}
    (message,) = trained["CategoryClassifier"][1].process([Message({"text": "电梯坏了", "entities": [other]})])
    assert message.get("entities")[0] == other
    assert len(message.get("entities")) == 2


@pytest.mark.parametrize("text", ["", "👍👍", "。。。", '/report{"a":1}'])
def test_nothing_is_made_of_a_text_without_words_or_of_a_payload(trained: dict, text: str) -> None:
    intent, category = Message({"text": text}), Message({"text": text})
    trained["LinsheIntentClassifier"][1].process([intent])
    trained["CategoryClassifier"][1].process([category])
    assert intent.get("intent") == {"name": None, "confidence": 0.0}
    assert not category.get("entities")


def test_every_report_example_carries_a_category_of_the_city(data: TrainingData) -> None:
    classifier = CategoryClassifier(CategoryClassifier.get_default_config(), None, None, None)
    reports = [e for e in data.intent_examples if e.get("intent") == "report"]
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    documented = page.split("## Categories", 1)[1].split("\n\n", 2)[1].replace("\n", " ").split(", ")
    labels = {label for _, label in classifier.examples(data)}
    assert len(classifier.examples(data)) == len(reports)
    assert labels == {name.strip() for name in documented}


def test_an_address_weighs_nothing() -> None:
    words = Words(ROOT / "data" / "lexicon")
    same = {
        words.normalise(t)
        for t in ("剡溪花园3幢2单元502灯坏了", "鹿山苑12号楼三单元灯坏了", "12-3-502灯坏了", "江滨小区灯坏了")
    }
    assert same == {f"{PLACE}灯坏了"}
    assert words.normalise("楼道灯坏了三天") == "楼道灯坏了三天"


def test_a_changed_lexicon_changes_the_fingerprint(tmp_path: Path) -> None:
    before = fingerprint(tmp_path)
    (tmp_path / "words.txt").write_text("楼道灯 100 n\n", encoding="utf-8")
    after = fingerprint(tmp_path)
    (tmp_path / "danger.yml").write_text("rules: []\n", encoding="utf-8")
    assert before != after == fingerprint(tmp_path)


def test_a_model_is_refused_when_its_file_holds_foreign_types(tmp_path: Path) -> None:
    import skops.io

    class Foreign:
        pass

    for name in ("characters", "words", "classifier"):
        skops.io.dump(Foreign(), tmp_path / f"{name}.skops")
    with pytest.raises(ValueError, match="holds"):
        TextModel.load(tmp_path, Words())


def test_too_little_to_learn_from_is_said() -> None:
    with pytest.raises(ValueError, match="two labels"):
        TextModel(Words()).train(["你好", "在吗"], ["greet", "greet"])


@pytest.mark.skipif(
    not (ROOT / "tests" / "nlu" / "holdout.jsonl").exists(), reason="tests/nlu/holdout.jsonl is not here"
)
def test_a_larger_set_of_sentences_never_seen(trained: dict) -> None:
    rows = [
        json.loads(line) for line in (ROOT / "tests" / "nlu" / "holdout.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    intents = trained["LinsheIntentClassifier"][1].process([Message({"text": r["text"]}) for r in rows])
    right = sum(m.get("intent")["name"] == r["intent"] for m, r in zip(intents, rows, strict=True))
    assert right >= 0.9 * len(rows), f"{right} of {len(rows)}"


def test_the_held_out_messages_of_a_second_writer(trained: dict) -> None:
    """807 messages written by somebody who had not seen the training data. Floors a little under what was measured: 91 % and 83 %."""
    path = ROOT / "tests" / "nlu" / "holdout.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    texts = [Message({"text": row["text"]}) for row in rows]
    intents = trained["LinsheIntentClassifier"][1].process(texts)
    right = sum(m.get("intent")["name"] == r["intent"] for r, m in zip(rows, intents, strict=True))
    assert right >= 0.88 * len(rows), right / len(rows)
    reports = [row for row in rows if row.get("category")]
    found = trained["CategoryClassifier"][1].process([Message({"text": row["text"]}) for row in reports])
    named = sum(m.get("entities")[0]["value"] == r["category"] for r, m in zip(reports, found, strict=True))
    assert named >= 0.78 * len(reports), named / len(reports)
