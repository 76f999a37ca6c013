"""The joined domain is exactly what docs/architecture.md says, and anything doubtful about it is an error."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import rasa.shared.importers.utils
import yaml
from rasa.shared.core.domain import InvalidDomain
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.validation import YamlValidationException

from bot.importer import LinsheImporter, domain_files, load_domain

ROOT = Path(__file__).resolve().parents[2]
RASAS_OWN = {"back", "restart", "session_start", "nlu_fallback"}
PAYLOAD_ONLY = {"photo", "partly_resolved", "answer_invitation"}


def documented_intents() -> set:
    """The table "Intents (the exact set)"."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.split("## Intents", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in table.splitlines() if line.startswith("| ") and "topic file" not in line]
    return set(re.findall(r"`(\w+)`", "".join(row.split("|")[2] for row in rows)))


def test_the_intents_are_exactly_the_documented_ones() -> None:
    found = set(load_domain(ROOT / "domain.yml").intents) - RASAS_OWN
    assert found - PAYLOAD_ONLY == documented_intents() - PAYLOAD_ONLY
    assert found >= PAYLOAD_ONLY


def test_every_intent_is_declared_once() -> None:
    names = []
    for path in domain_files(ROOT / "domain.yml"):
        names += yaml.safe_load(path.read_text(encoding="utf-8")).get("intents", [])
    assert len(names) == len(set(names))


def test_every_intent_has_examples_and_every_example_an_intent() -> None:
    taught = set()
    for path in (ROOT / "data" / "nlu").glob("*.yml"):
        taught |= {block["intent"] for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]}
    assert taught == set(load_domain(ROOT / "domain.yml").intents) - RASAS_OWN - PAYLOAD_ONLY


def test_training_uses_our_importer() -> None:
    """One that cannot be imported is only logged, and the root file alone would be trained on."""
    importer = TrainingDataImporter.load_from_config(str(ROOT / "config.yml"), str(ROOT / "domain.yml"), [])
    inner = importer.importer._importer._importers  # E2E > ResponsesSync > Combined
    assert [type(i) for i in inner] == [LinsheImporter]
    assert {"report", "ask_legal"} <= set(importer.get_domain().intents)


def test_a_training_reads_examples_and_domain_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rasa asks for them by several ways and in two languages; read anew each time they took a tenth of a training."""
    read: list = []
    stock = rasa.shared.importers.utils.training_data_from_paths

    def counted(paths: list, language: str) -> TrainingData:
        read.append("examples")
        return stock(paths, language)

    monkeypatch.setattr("rasa.shared.importers.utils.training_data_from_paths", counted)
    monkeypatch.setattr("bot.importer.load_domain", lambda root: read.append("domain") or load_domain(root))
    examples = [str(ROOT / "data/nlu/help.yml"), str(ROOT / "data/rules")]
    importer = TrainingDataImporter.load_from_config(str(ROOT / "config.yml"), str(ROOT / "domain.yml"), examples)
    first = importer.get_nlu_data()
    importer.get_domain()
    importer.get_stories()
    second = importer.get_nlu_data(language="zh")
    assert sorted(read) == ["domain", "examples"]
    texts = [example.get("text") for example in first.training_examples]
    assert texts == [example.get("text") for example in second.training_examples]
    assert len(texts) > 25


def write(folder: Path, **files: str) -> Path:
    (folder / "domain").mkdir()
    for name, text in files.items():
        path = folder / "domain.yml" if name == "root" else folder / "domain" / f"{name}.yml"
        path.write_text('version: "3.1"\n' + text, encoding="utf-8")
    return folder / "domain.yml"


GOOD = "intents:\n  - greet\nactions:\n  - action_hello\n"


def test_topics_are_joined_in_the_order_of_their_names(tmp_path: Path) -> None:
    root = write(tmp_path, root="entities:\n  - score\n", b="intents:\n  - bye\n", a=GOOD)
    assert [p.name for p in domain_files(root)] == ["domain.yml", "a.yml", "b.yml"]
    assert {"greet", "bye"} <= set(load_domain(root).intents)


@pytest.mark.parametrize(
    "second",
    [
        "intents:\n  - greet\n",
        "actions:\n  - action_hello\n",
        "responses:\n  utter_hi:\n    - text: again\n",
        "slots:\n  s: {type: any, mappings: [{type: custom}]}\n",
    ],
)
def test_a_key_defined_twice_is_an_error_that_names_both_files(tmp_path: Path, second: str) -> None:
    more = "responses:\n  utter_hi:\n    - text: hi\nslots:\n  s: {type: any, mappings: [{type: custom}]}\n"
    root = write(tmp_path, root="", a=GOOD + more, b=second)
    with pytest.raises(InvalidDomain, match=r"a\.yml.*b\.yml"):
        load_domain(root)


def test_a_domain_without_intents_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidDomain, match="no intents"):
        load_domain(write(tmp_path, root="actions:\n  - action_hello\n"))


def test_a_missing_root_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidDomain, match="does not exist"):
        load_domain(tmp_path / "domain.yml")


def test_a_misspelt_section_is_an_error(tmp_path: Path) -> None:
    root = write(tmp_path, root=GOOD, a="intent:\n  - bye\n")
    with pytest.raises((InvalidDomain, YamlValidationException)):
        load_domain(root)


def test_the_session_settings_stand_in_one_file_only(tmp_path: Path) -> None:
    session = "session_config:\n  session_expiration_time: 5\n  carry_over_slots_to_new_session: false\n"
    root = write(tmp_path, root=GOOD + session, a=session)
    with pytest.raises(InvalidDomain, match="session_config"):
        load_domain(root)


def test_no_story_or_rule_names_what_the_domain_lacks() -> None:
    domain = load_domain(ROOT / "domain.yml")
    for path in (ROOT / "data" / "rules").glob("*.yml"):
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]:
            for step in _steps(rule["steps"]):
                if "intent" in step:
                    assert step["intent"] in domain.intents, (path.name, step)
                if "action" in step:
                    assert step["action"] in domain.action_names_or_texts, (path.name, step)


def test_every_intent_leads_somewhere() -> None:
    """An intent without a rule would fall to 'not understood', silently."""
    ruled = set()
    for path in (ROOT / "data" / "rules").glob("*.yml"):
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]:
            ruled |= {step["intent"] for step in _steps(rule["steps"]) if "intent" in step}
    assert set(load_domain(ROOT / "domain.yml").intents) - RASAS_OWN <= ruled


def _steps(steps: list) -> list:
    return [inner for step in steps for inner in step.get("or", [step])]


def test_rasa_itself_finds_nothing_wrong_with_domain_rules_forms_and_slots() -> None:
    """What `rasa train` would look at first; `./linshe train` leaves it out."""
    from rasa.cli.utils import validate_files

    folders = [str(ROOT / name) for name in ("data/nlu", "data/rules")]
    importer = TrainingDataImporter.load_from_config(str(ROOT / "config.yml"), str(ROOT / "domain.yml"), folders)
    validate_files(False, None, importer)  # ends the process when something is wrong
