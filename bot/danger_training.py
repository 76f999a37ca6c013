"""Train the danger model: `python -m bot.danger_training [TARGET]`, run by `./linshe train` after the assistant.

Learns the kinds from data/danger/*.yml (what is danger, and what only sounds like it) with all of data/nlu as what is none, and finds its
limits by cross-validation: what is measured was not learnt from.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Dict, List, Tuple

import numpy as np
import yaml

import encoder
from bot.components.vectors import encode
from encoder.danger import NONE, plain, signs_of, together
from encoder.linear import TextModel
from encoder.signs import Counted

ROOT = Path(__file__).resolve().parents[1]
FOLDS = 4
FALSE_ALARMS = 0.006
"""Of the ordinary examples at most this share may be taken for danger. Of the hundred that come out most dangerous about half do tell of
danger (a bare wire at the handrail, a lift stuck with people in it); of messages from outside (citizen_messages, out_of_scope) far fewer
are taken for it: docs/nlu.md."""
CARE = 0.021
"""Of the ordinary examples at most this share gets the number beside the answer. It was .020 until the fit settled better: then one
danger of danger_third.jsonl (asking for help as if ordering food) lay .005 below; a number too much matters less than that one."""
SILENCED = 0.005
"""Of the dangers at most this share may fall where a rule that rings is doubted."""
PASSED = 0.995
"""Share of the dangers that must come through the first look, by characters alone."""
CHARACTERS = 3
"""The longest run of characters that is a sign, in both models: they share what is counted."""
_MARKS = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")

Labelled = List[Tuple[str, str]]


def read_kinds(folder: Path) -> Tuple[Labelled, List[str]]:
    """((text, kind) of every danger, texts that only sound like it). Raises ValueError that names the file."""
    dangers: Labelled = []
    near: List[str] = []
    for path in sorted(folder.glob("*.yml")):
        try:
            kept = yaml.safe_load(path.read_text(encoding="utf-8"))
            dangers += [(text, str(kept["kind"])) for text in _lines(kept["danger"])]
            near += _lines(kept["near"])
        except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path.name} cannot be read: {error}") from error
    if not dangers:
        raise ValueError(f"{folder} holds no examples of danger")
    return dangers, near


def read_ordinary(folder: Path, rules: Path) -> List[str]:
    """The texts of data/nlu, without those that a danger rule has a word for: some of them are danger."""
    kept = yaml.safe_load(rules.read_text(encoding="utf-8"))["rules"]
    rings = [re.compile(pattern) for rule in kept for pattern in rule["any_of"]]
    texts = []
    for path in sorted(folder.glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu") or []:
            texts += [_MARKS.sub(r"\1", line) for line in _lines(block.get("examples") or "") if "intent" in block]
    return [text for text in texts if not any(ring.search(text) for ring in rings)]


def _lines(block: str) -> List[str]:
    lines = (line.strip() for line in str(block).splitlines())
    return [line[2:].strip() for line in lines if line.startswith("- ") and line[2:].strip()]


def models() -> Tuple[TextModel, TextModel]:
    """(by characters, with the vector)."""
    return TextModel(5.0, CHARACTERS, 0.0, 0.5), TextModel(30.0, CHARACTERS, 1.5, 0.5)


class Trained:
    """Chances of danger of each text by models that had not seen it: by the characters (`quick`), and by both (`full`)."""

    def __init__(self, counted: Counted, vectors: np.ndarray, labels: List[str]) -> None:
        self.quick, self.full = np.zeros(len(labels)), np.zeros(len(labels))
        folds = np.random.default_rng(3).permutation(len(labels)) % FOLDS
        for fold in range(FOLDS):
            seen, held = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
            quick, full = fitted(counted.take(seen), vectors[seen], [labels[i] for i in seen])
            texts = counted.take(held)
            self.quick[held] = 1 - quick.chances_of(texts, np.tile(quick.mean, (len(held), 1)))[:, quick.labels.index(NONE)]
            by_both = 1 - full.chances_of(texts, vectors[held])[:, full.labels.index(NONE)]
            self.full[held] = together(self.quick[held], by_both)


def fitted(counted: Counted, vectors: np.ndarray, labels: List[str]) -> Tuple[TextModel, TextModel]:
    quick, full = models()
    # Without the vector: one number that is the same for all.
    quick.train(counted, np.zeros((len(labels), 1), np.float32), labels)
    full.train(counted, vectors, labels)
    return quick, full


def limits(seen: Trained, labels: List[str], near: np.ndarray) -> Dict[str, float]:
    """See encoder.danger.Limits. `near` marks what only sounds like danger."""
    danger = np.array([label != NONE for label in labels])
    ordinary = ~danger & ~near
    look = float(np.quantile(seen.quick[danger], 1 - PASSED))
    sure = max(0.5, float(np.quantile(seen.full[ordinary], 1 - FALSE_ALARMS)))
    ask = max(0.1, float(np.quantile(seen.full[ordinary], 1 - CARE)))
    doubt = float(np.quantile(seen.full[danger], SILENCED))
    return {"look": min(look, 0.05), "doubt": min(doubt, 0.05), "ask": min(ask, sure), "sure": sure}


def main(target: Path) -> None:
    dangers, near = read_kinds(ROOT / "data" / "danger")
    ordinary = read_ordinary(ROOT / "data" / "nlu", ROOT / "data" / "lexicon" / "danger.yml")
    known = {plain(text) for text, _ in dangers}
    rows = [(plain(text), kind) for text, kind in dangers]
    rows += [(plain(text), NONE) for text in near]
    rows += [(flat, NONE) for text in ordinary if (flat := plain(text)) and flat not in known]
    texts, labels = [text for text, _ in rows], [label for _, label in rows]
    used = encoder.load()
    vectors = encode(used, texts, target.parent / "vectors", "danger")
    is_near = np.zeros(len(rows), bool)
    is_near[len(dangers) : len(dangers) + len(near)] = True
    counted = Counted.of([signs_of(text) for text in texts], CHARACTERS)
    seen = Trained(counted, vectors, labels)
    found = limits(seen, labels, is_near)
    danger = np.array([label != NONE for label in labels])
    figures = {
        "dangers": int(danger.sum()),
        "found": round(float((seen.full[danger] >= found["sure"]).mean()), 4),
        "worth_a_word": round(float((seen.full[danger] >= found["ask"]).mean()), 4),
        "near": int(is_near.sum()),
        "near_taken_for_danger": round(float((seen.full[is_near] >= found["sure"]).mean()), 4),
        "ordinary": int((~danger & ~is_near).sum()),
        "ordinary_worth_a_word": round(float((seen.full[~danger & ~is_near] >= found["ask"]).mean()), 4),
    }
    quick, full = fitted(counted, vectors, labels)
    part = target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    for name, model in (("signs", quick), ("full", full)):
        (part / name).mkdir(parents=True)
        model.save(part / name)
    kept = {"encoder": used.fingerprint, "limits": found, "held_out": figures}
    (part / "danger.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    part.rename(target)
    print(json.dumps(figures))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "models" / "danger")
