"""The other side of the bench: a plain Rasa 3.6 project with the recommended pipeline, on our training data and domain.

Nothing of ours is in it but the data: no importer, no component, no channel, no tuning. The pipeline is that of `rasa init`, with
the tokenizer that Chinese needs.

`rasa init` trains 100 epochs, which takes an hour and more on two cores. What a turn costs does not depend on them (the networks
have the same shape after one), only what is understood does: after ten, DIET knows 99 % of its examples. So ten are the default.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ops import environments
from ops.process import die_with

EPOCHS = 10
SEED = 1


def config(epochs: int) -> dict[str, Any]:
    """config.yml of the stock side."""
    trained: dict[str, Any] = {"epochs": epochs, "constrain_similarities": True, "random_seed": SEED}
    return {
        "recipe": "default.v1",
        "assistant_id": "stock",
        "language": "zh",
        "pipeline": [
            {"name": "JiebaTokenizer"},
            {"name": "RegexFeaturizer"},
            {"name": "LexicalSyntacticFeaturizer"},
            {"name": "CountVectorsFeaturizer"},
            {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
            {"name": "DIETClassifier", **trained},
            {"name": "EntitySynonymMapper"},
            {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
        ],
        "policies": [
            {"name": "MemoizationPolicy"},
            {"name": "RulePolicy", "core_fallback_action_name": "action_not_understood"},
            {"name": "TEDPolicy", "max_history": 5, **trained},
        ],
    }


@dataclass(frozen=True)
class Stock:
    """A trained stock project: where it is, how long its training took, and whether that was in this run."""

    folder: Path
    training_s: float
    trained_now: bool

    @property
    def model(self) -> Path:
        return self.folder / "models" / "stock.tar.gz"


def joined_domain(root: Path) -> dict[str, Any]:
    """domain.yml and domain/<topic>.yml as one file, which is what stock Rasa takes."""
    whole: dict[str, Any] = {}
    for path in (root / "domain.yml", *sorted((root / "domain").glob("*.yml"))):
        for section, content in (yaml.safe_load(path.read_text("utf-8")) or {}).items():
            if isinstance(content, list):
                whole.setdefault(section, []).extend(content)
            elif isinstance(content, dict):
                whole.setdefault(section, {}).update(content)
            else:
                whole[section] = content
    return whole


def stories(root: Path) -> dict[str, Any]:
    """Each of our rules once more as a story: without stories TEDPolicy, which `rasa init` recommends, is not even trained."""
    told: list[dict[str, Any]] = []
    for path in sorted((root / "data" / "rules").glob("*.yml")):
        for rule in yaml.safe_load(path.read_text("utf-8"))["rules"]:
            if rule.get("condition") or "intent" not in str(rule["steps"][0]):
                continue
            first, *rest = rule["steps"]
            for said in first.get("or") or [first]:
                told.append({"story": f"{rule['rule']} ({said['intent']})", "steps": [said, *rest]})
    return {"version": "3.1", "stories": told}


def write_project(root: Path, folder: Path, *, epochs: int, with_stories: bool) -> str:
    """Write everything the stock side is made of; returns a fingerprint of it."""
    shutil.rmtree(folder / "data", ignore_errors=True)
    shutil.copytree(root / "data" / "nlu", folder / "data" / "nlu")
    shutil.copytree(root / "data" / "rules", folder / "data" / "rules")
    if (root / "data" / "stories").is_dir():
        shutil.copytree(root / "data" / "stories", folder / "data" / "stories")
    files = {"config.yml": config(epochs), "domain.yml": joined_domain(root), "credentials.yml": {"rest": None}}
    if with_stories:
        files["data/mirrored_stories.yml"] = stories(root)
    for name, content in files.items():
        (folder / name).write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
    digest = hashlib.sha256()
    for path in (folder / "config.yml", folder / "domain.yml", *sorted((folder / "data").rglob("*.yml"))):
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def environment() -> dict[str, str]:
    """Nothing of ours: neither settings nor a path to our packages."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith("LINSHE_") and n not in ("PYTHONPATH", "REDIS_URL")}
    return {
        **kept,
        "PYTHONUNBUFFERED": "1",
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def trained(
    root: Path, folder: Path, tell: Callable[[str], None], *, epochs: int = EPOCHS, with_stories: bool = False
) -> Stock:
    """The project in `folder`, trained unless the model there is of exactly this data."""
    folder.mkdir(parents=True, exist_ok=True)
    print_ = write_project(root, folder, epochs=epochs, with_stories=with_stories)
    stamp, model = folder / "trained.json", folder / "models" / "stock.tar.gz"
    if model.exists() and stamp.exists():
        known = json.loads(stamp.read_text("utf-8"))
        if known["fingerprint"] == print_:
            return Stock(folder, known["training_s"], False)
    tell("training stock Rasa (several minutes, once: kept for the next run)")
    stamp.unlink(missing_ok=True)
    python = str(environments.both(root)[1].python)
    command = [python, "-m", "rasa", "train", "--config", "config.yml", "--domain", "domain.yml", "--data", "data"]
    command += ["--out", "models", "--fixed-model-name", "stock", "--force"]
    log = folder / "train.log"
    began = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with(os.getpid()),
        )
        try:
            while process.poll() is None:
                time.sleep(1)
                if int(time.monotonic() - began) % 30 == 0:
                    tell(f"training stock Rasa, {time.monotonic() - began:.0f} s so far")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    seconds = round(time.monotonic() - began, 1)
    if process.returncode or not model.exists():
        raise RuntimeError(f"stock Rasa was not trained; see {log}\n{log.read_text('utf-8', 'replace')[-2000:]}")
    stamp.write_text(json.dumps({"fingerprint": print_, "training_s": seconds}), "utf-8")
    return Stock(folder, seconds, True)
