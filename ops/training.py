"""Train the assistant when what it learns from has changed; a model Rasa complained about never gets into place."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread

from encoder import folder as encoders
from ops import environments
from ops.children import rasa_env
from ops.context import Context, OperationFailed
from ops.process import die_with

# Everything a trained model depends on. Rasa's own fingerprints see neither dictionaries nor helper modules.
LEARNT_FROM = (
    "config.yml",
    "domain.yml",
    "domain",
    "data/nlu",
    "data/rules",
    "data/stories",
    "data/lexicon",
    "data/danger",
    "data/several",
    "bot",
    "chinese",
    "encoder",
    "models/encoder",
    "models/encoder-in-use",
    "requirements/rasa.txt",
)
NAME = "linshe"
# Rasa goes on after each of these and writes a model that knows less than it should.
_BAD = re.compile(
    r"Importer '.*' not found|Loading domain from .* failed|no valid domain file was found|No stories present"
    r"|No NLU data present|No training data given|Unresolved slots found|^Traceback|\bERROR\b\s+rasa"
)
_PREFIX = re.compile(r"^\S+ \S+ (?:INFO|WARNING) +\S+ +- ")  # time, level, module
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def folder(root: Path) -> Path:
    return root / "models" / "rasa"


def model(root: Path) -> Path:
    return folder(root) / f"{NAME}.tar.gz"


def danger_model(root: Path) -> Path:
    return root / "models" / "danger"


def _stamp(root: Path) -> Path:
    return folder(root) / f"{NAME}.fingerprint"


def _files(root: Path, names: tuple[str, ...] = LEARNT_FROM) -> Iterator[Path]:
    for name in names:
        path = root / name
        if path.is_file():
            yield path
        elif path.is_dir():
            for file in sorted(path.rglob("*")):
                hidden = any(part.startswith(".") or part == "__pycache__" for part in file.relative_to(root).parts)
                if file.is_file() and not hidden:
                    yield file


def fingerprint(root: Path) -> str:
    """Names and contents: a renamed topic file is a change too."""
    digest = hashlib.sha256()
    for file in _files(root):
        digest.update(f"{file.relative_to(root)}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    chosen = encoders.chosen() / encoders.CONFIG  # may stand anywhere; it holds the hashes of its other files
    digest.update(chosen.read_bytes() if chosen.is_file() else b"")
    return digest.hexdigest()


def is_fresh(root: Path) -> bool:
    """There is a model, and it was trained from exactly what is here now; and so was what weighs danger, which is never published with a
    candidate."""
    try:
        if not model(root).exists() or _stamp(root).read_text() != fingerprint(root):
            return False
        return not _danger_stamp(root).exists() or _danger_stamp(root).read_text() == danger_fingerprint(root)
    except OSError:
        return False


DANGER_FROM = ("data/danger", "data/lexicon", "bot", "chinese", "encoder", "models/encoder", "models/encoder-in-use")
"""What danger is learnt from, but for the ordinary examples of data/nlu, which are only its background."""


def danger_fingerprint(root: Path) -> str:
    digest = hashlib.sha256()
    for file in _files(root, DANGER_FROM):
        digest.update(f"{file.relative_to(root)}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _danger_stamp(root: Path) -> Path:
    return folder(root) / "danger.fingerprint"


def _run(
    command: list[str], context: Context, log: Path, tell: Callable[[str], None], stop: Event | None = None
) -> tuple[int, list[str]]:
    """The exit code and every line that must not be overlooked, or the last lines when it failed. `stop` set ends it at once."""
    bad: list[str] = []
    last: deque[str] = deque(maxlen=20)
    # One thread for the linear algebra: on these sizes a second one only waits (a training took 128 s of processor time, now 73 s).
    # The encoder has its own.
    env = {**rasa_env(context), "PYTHONUNBUFFERED": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    with (
        log.open("w", encoding="utf-8") as kept,
        subprocess.Popen(
            command,
            cwd=context.root,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            preexec_fn=die_with(os.getpid()),
        ) as running,
    ):
        assert running.stdout is not None
        if stop is not None:
            Thread(target=_end_when, args=(stop, running), daemon=True).start()
        try:
            for raw in running.stdout:
                line = _COLOUR.sub("", raw).rstrip()
                kept.write(line + "\n")
                if not line.strip():
                    continue
                last.append(line)
                if "Warning" not in line and not line.startswith("  "):  # Rasa's libraries, about themselves
                    tell(_PREFIX.sub("", line).strip())
                if _BAD.search(line):
                    bad.append(line)
        except BaseException:
            running.kill()
            raise
    return running.returncode, bad or (list(last) if running.returncode else [])


def _end_when(stop: Event, running: subprocess.Popen[str]) -> None:
    while running.poll() is None:
        if stop.wait(0.5):
            running.kill()
            return


@contextlib.contextmanager
def _alone(root: Path, tell: Callable[[str], None]) -> Iterator[None]:
    """Two trainings at once would only take turns at the same two cores and then at the same file."""
    folder(root).mkdir(parents=True, exist_ok=True)
    with open(folder(root) / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            tell("another training is running; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def train(context: Context, tell: Callable[[str], None] = lambda line: None, *, force: bool = False) -> bool:
    """Bring the model up to date; False when there was nothing to do."""
    if not force and is_fresh(context.root):
        return False
    with _alone(context.root, tell):
        if not force and is_fresh(context.root):
            return False
        _train(context, tell)
    return True


def check(context: Context) -> int:
    """Rasa's own validation of the project, said as it says it. Returns its exit code."""
    python = str(environments.both(context.root)[1].python)
    data = [name for name in ("data/nlu", "data/rules", "data/stories") if (context.root / name).is_dir()]
    command = [python, "-m", "ops.rasa_main", "data", "validate", "--config", "config.yml", "--domain", "domain.yml"]
    return subprocess.run([*command, "--data", *data], cwd=context.root, env=rasa_env(context)).returncode


def _train(context: Context, tell: Callable[[str], None]) -> None:
    """From scratch into a folder of its own; then the model and its fingerprint are put in place together."""
    root = context.root
    before = fingerprint(root)  # a file changed during the training must lead to another one
    danger_before = danger_fingerprint(root)
    fresh = folder(root) / ".new"
    python = str(environments.both(root)[1].python)
    try:
        with ThreadPoolExecutor(1) as beside:
            # Each of the two works on one core.
            danger = (root / "data" / "danger").is_dir() and beside.submit(_train_danger, context, python, tell)
            made = _rasa_model(context, fresh, tell)
        if danger:
            danger.result()
            _danger_stamp(root).write_text(danger_before)
        _stamp(root).unlink(missing_ok=True)  # rather no fingerprint for an instant than a false one
        os.replace(made, model(root))
        _stamp(root).write_text(before)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _rasa_model(context: Context, fresh: Path, tell: Callable[[str], None], stop: Event | None = None) -> Path:
    """Rasa's part of a training, into a folder of its own. Raises OperationFailed, also when it was stopped."""
    root = context.root
    for needed in ("config.yml", "domain.yml"):
        if not (root / needed).exists():
            raise OperationFailed(f"{needed} is missing: nothing to train from in {root}")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    log = context.var / "log" / "train.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    python = str(environments.both(root)[1].python)
    data = [name for name in ("data/nlu", "data/rules", "data/stories") if (root / name).is_dir()]
    command = [python, "-m", "ops.rasa_main", "train", "--config", "config.yml", "--domain", "domain.yml", "--data", *data]
    # --force: Rasa would take a cached component over although its dictionary or helper module has changed.
    # Rasa's validation reads all examples once more, a tenth of a training; tests/bot and `./linshe nlu check` have it.
    command += ["--out", str(fresh), "--fixed-model-name", NAME, "--force", "--skip-validation"]
    code, bad = _run(command, context, log, tell, stop)
    made = fresh / f"{NAME}.tar.gz"
    if code or bad or not made.exists():
        what = f"ended with exit code {code}" if code else "complained" if bad else "left no model"
        said = "\n".join(f"  {line}" for line in bad)
        raise OperationFailed(f"Training {what}; the model was not replaced.\n{said}\nAll of it is in {log}.")
    return made


def train_candidate(context: Context, name: str, tell: Callable[[str], None], stop: Event | None = None) -> tuple[Path, str]:
    """A model beside the one that serves, in `kept`, and the fingerprint of what it learnt from. What weighs danger is not trained here:
    it learns from data/danger, which no label changes. Raises OperationFailed."""
    with _alone(context.root, tell):
        before = fingerprint(context.root)
        fresh = folder(context.root) / f".{name}"
        try:
            made = _rasa_model(context, fresh, tell, stop)
            path = kept(context.root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            os.replace(made, path)
            return path, before
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def kept(root: Path, name: str) -> Path:
    """Where a model that is not the one `./linshe run` starts with lies."""
    return folder(root) / "kept" / f"{name}.tar.gz"


def restamp(root: Path) -> None:
    """The model that is in place goes for one of what is here now: labels wait in the data for a model that was measured. So does what
    weighs danger, which reads neither words nor names of the lexicon: a word that was added must not have a start train everything."""
    _stamp(root).write_text(fingerprint(root))
    if _danger_stamp(root).exists():
        _danger_stamp(root).write_text(danger_fingerprint(root))


def put_in_place(root: Path, name: str, stamp: str = "") -> None:
    """A kept model becomes the one that every start takes. `stamp` is the fingerprint of what it learnt from; without one, that of what
    is here now: a model one went back to must not be trained away by the next start."""
    part = folder(root) / ".placed"
    shutil.copyfile(kept(root, name), part)
    _stamp(root).unlink(missing_ok=True)
    os.replace(part, model(root))
    _stamp(root).write_text(stamp or fingerprint(root))


def _train_danger(context: Context, python: str, tell: Callable[[str], None]) -> None:
    """What the heart weighs danger with, beside the rules; put in place by itself, whole or not at all."""
    tell("danger: learning from examples")
    command = [python, "-m", "bot.danger_training", str(danger_model(context.root))]
    log = context.var / "log" / "danger.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    code, last = _run(command, context, log, tell)
    if code:
        said = "\n".join(f"  {line}" for line in last)
        raise OperationFailed(f"Training the danger model ended with exit code {code}.\n{said}\nAll of it is in {log}.")
