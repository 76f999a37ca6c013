"""When the assistant is trained, and which models never get into place. Rasa is a shell script here."""

from __future__ import annotations

from pathlib import Path

import pytest

from community.config import Settings
from ops import training
from ops.context import Context, OperationFailed

WRITES_A_MODEL = 'while [ "$1" != --out ]; do shift; done; echo model > "$2/linshe.tar.gz"'


@pytest.fixture
def context(tmp_path: Path) -> Context:
    for name in ("config.yml", "domain.yml", "domain/report.yml", "data/nlu/report.yml", "data/lexicon/places.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot/importer.py").write_text("pass")
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    var = tmp_path / "var"
    return Context(settings, tmp_path, var, "sqlite+aiosqlite:///x.db", "redis://x", "s" * 40, True, True)


def rasa(context: Context, body: str) -> None:
    python = context.root / ".venv/rasa/bin/python"
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text(f"#!/bin/sh\n{body}\n")
    python.chmod(0o755)


def test_a_model_is_fresh_until_something_it_learnt_from_changes(context: Context) -> None:
    rasa(context, WRITES_A_MODEL)
    assert not training.is_fresh(context.root)
    training.train(context)
    assert training.is_fresh(context.root)
    for name in ("data/lexicon/places.txt", "bot/importer.py", "domain/report.yml", "config.yml"):
        before = (context.root / name).read_text()
        (context.root / name).write_text("changed")
        assert not training.is_fresh(context.root), name
        (context.root / name).write_text(before)
    assert training.is_fresh(context.root)


def test_a_word_that_was_taught_waits_for_a_measured_model_and_no_start_trains_for_it(context: Context) -> None:
    rasa(context, f'case "$*" in *danger_training*) exit 0;; esac; {WRITES_A_MODEL}')
    (context.root / "data/danger").mkdir()
    (context.root / "data/danger/gas.yml").write_text("kind: gas")
    training.train(context)
    (context.root / "data/lexicon/places.txt").write_text("后街苑 100 n")
    assert not training.is_fresh(context.root)
    training.restamp(context.root)
    assert training.is_fresh(context.root)
    (context.root / "data/danger/gas.yml").write_text("kind: fire")
    assert not training.is_fresh(context.root), "what danger is learnt from is still looked at"


def test_a_renamed_or_removed_topic_is_a_change_and_a_cache_is_none(context: Context) -> None:
    before = training.fingerprint(context.root)
    cache = context.root / "bot/__pycache__/importer.pyc"
    cache.parent.mkdir()
    cache.write_text("compiled")
    (context.root / "domain/.report.yml.swp").write_text("an editor's")
    assert training.fingerprint(context.root) == before
    (context.root / "domain/report.yml").rename(context.root / "domain/repair.yml")
    assert training.fingerprint(context.root) != before


def test_progress_is_told_line_by_line_and_kept(context: Context) -> None:
    rasa(context, "printf 'Epochs: 1\\rEpochs: 2\\n\\033[94mtraining\\033[0m\\n'; " + WRITES_A_MODEL)
    told: list[str] = []
    training.train(context, told.append)
    assert told == ["Epochs: 1", "Epochs: 2", "training"]
    assert "training" in (context.var / "log/train.log").read_text()


@pytest.mark.parametrize(
    "line",
    [
        "WARNING:root:Importer 'bot.importer.TopicImporter' not found.",
        "UserWarning: Loading domain from 'domain.yml' failed. Using empty domain. Error: 'x'",
        "Core training was skipped because no valid domain file was found. Only an NLU-model was created.",
        "2026-11-23 10:00:00 ERROR    rasa.core.training  - something",
        "No NLU data present. Just a Rasa Core model will be trained.",
    ],
)
def test_what_rasa_only_mutters_is_a_failure_here(context: Context, line: str) -> None:
    rasa(context, WRITES_A_MODEL)
    training.train(context)
    (context.root / "config.yml").write_text("changed")
    rasa(context, f'echo "{line}"; echo new > x; ' + WRITES_A_MODEL.replace("model >", "bad >"))
    with pytest.raises(OperationFailed) as failed:
        training.train(context)
    assert line in str(failed.value)
    assert training.model(context.root).read_text() == "model\n"
    assert not training.is_fresh(context.root)


def test_an_exit_code_is_told_with_the_last_lines(context: Context) -> None:
    rasa(context, "echo the pipeline is wrong; exit 4")
    with pytest.raises(OperationFailed, match="exit code 4") as failed:
        training.train(context)
    assert "the pipeline is wrong" in str(failed.value)


def test_danger_that_cannot_be_learnt_is_told_and_the_old_assistant_stays(context: Context) -> None:
    rasa(context, WRITES_A_MODEL)
    training.train(context)
    (context.root / "data/danger").mkdir()
    (context.root / "data/danger/gas.yml").write_text("kind: gas")
    rasa(context, f'case "$*" in *danger_training*) echo gas.yml cannot be read; exit 3;; esac; {WRITES_A_MODEL}')
    with pytest.raises(OperationFailed, match="gas.yml cannot be read"):
        training.train(context)
    assert not training.is_fresh(context.root)


def test_success_without_a_model_is_a_failure(context: Context) -> None:
    rasa(context, "exit 0")
    with pytest.raises(OperationFailed, match="left no model"):
        training.train(context)


def test_nothing_to_train_from_is_said(context: Context) -> None:
    (context.root / "domain.yml").unlink()
    with pytest.raises(OperationFailed, match="domain.yml is missing"):
        training.train(context)
