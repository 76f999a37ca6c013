"""Make and mend the virtual environments (stdlib only, Python 3.8 or newer).

`.venv/rasa` needs Python 3.10, `.venv/app` 3.11 or newer; these two are all that running needs. `.venv/encoder` (3.11 or
newer) builds and tunes the encoder with torch, and is made only when one asks for that. Each keeps a stamp with the
hashes of the requirement files it was installed from, so that an up-to-date environment costs nothing and a changed file
is noticed. A marker file stands in the environment while pip writes into it: found later, it says that pip was cut short
and that nothing in there can be trusted.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator

from ops import installer, interpreters
from ops.interpreters import Need

ROOT = Path(__file__).resolve().parents[1]
STAMP = "linshe-stamp.json"
UNFINISHED = "linshe-unfinished"

Say = Callable[[str], None]


class SetupFailed(Exception):
    """An environment could not be made; the message is for people."""


@dataclass(frozen=True)
class Environment:
    """One virtual environment and what goes into it."""

    name: str
    need: Need
    files: tuple[str, ...]
    dev_files: tuple[str, ...]
    no_deps: tuple[str, ...] = ()
    root: Path = ROOT

    @property
    def folder(self) -> Path:
        return self.root / ".venv" / self.name

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def wanted(self, dev: bool) -> dict[str, str]:
        """Requirement file -> hash of its content."""
        names = self.dev_files if dev else self.files
        return {name: _hash(self.root / "requirements" / name) for name in names}


def both(root: Path = ROOT) -> tuple[Environment, Environment]:
    """The app environment first: it is the smaller one, and the command line lives in it."""
    app = Environment(
        "app",
        interpreters.APP,
        files=("app.txt", "laws.txt"),
        dev_files=("dev.txt", "laws.txt"),  # dev.txt holds all of app.txt, at the same versions
        no_deps=("laws.txt",),
        root=root,
    )
    return app, Environment("rasa", interpreters.RASA, files=("rasa.txt",), dev_files=("rasa.txt",), root=root)


def encoder(root: Path = ROOT) -> Environment:
    """What builds and tunes the encoder; made on demand, by `./linshe encoder build` and its sisters."""
    return Environment("encoder", interpreters.APP, files=("encoder.txt",), dev_files=("encoder.txt",), root=root)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def state(env: Environment, dev: bool = False) -> str:
    """'' when ready; else one phrase: why it has to be made, mended or brought up to date."""
    if not env.python.exists():
        return "broken: it has no working Python" if env.folder.exists() else "missing"
    if (env.folder / UNFINISHED).exists():
        return "broken: an earlier installation was interrupted"
    _, reason = interpreters.probe(str(env.python), env.need.versions)
    if reason:
        return f"broken: its Python {reason}"
    installed = _read_stamp(env)
    changed = [name for name, digest in env.wanted(dev).items() if installed.get(name) != digest]
    return "out of date: {} changed or not yet installed".format(", ".join(changed)) if changed else ""


def _read_stamp(env: Environment) -> dict[str, str]:
    try:
        stamp = json.loads((env.folder / STAMP).read_text("utf-8"))
        return dict(stamp["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _write_stamp(env: Environment, dev: bool) -> None:
    files = {**(_read_stamp(env)), **env.wanted(dev)}
    if dev:  # what dev.txt brings includes what the plain files ask for
        files.update(env.wanted(dev=False))
    else:  # the pins may have moved under the test tools: they are no longer known to fit
        for name in set(env.dev_files) - set(env.files):
            if files.get(name) != _hash(env.root / "requirements" / name):
                files.pop(name, None)
    path = env.folder / STAMP
    part = path.with_suffix(".part")
    part.write_text(json.dumps({"files": files}, indent=1), "utf-8")
    os.replace(str(part), str(path))


@contextlib.contextmanager
def _alone(root: Path, say: Say) -> Iterator[None]:
    """One installation at a time; a second one waits and then finds the work done."""
    folder = root / ".venv"
    folder.mkdir(exist_ok=True)
    with open(str(folder / ".lock"), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("another set-up is running in this folder; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _remove(folder: Path) -> None:
    if folder.is_symlink():  # somebody keeps the environment elsewhere: theirs is not ours to delete
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(str(folder))


def _create(env: Environment, say: Say) -> None:
    interpreter = interpreters.find(env.need)
    say(f"{env.name} environment: Python {interpreter.version_text} ({interpreter.path})")
    _remove(env.folder)
    done = subprocess.run(
        [interpreter.path, "-m", "venv", str(env.folder)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode != 0:
        said = done.stdout.decode("utf-8", "replace").strip()
        raise SetupFailed(f"Could not make {env.folder}:\n{said}")


def _install(env: Environment, dev: bool) -> None:
    requirements = env.root / "requirements"
    log = env.root / "var" / "log" / f"setup-{env.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("")
    marker = env.folder / UNFINISHED
    constraint = str(requirements / "build.txt")
    jobs: list[list[str]] = [["--upgrade", "--constraint", constraint, "pip"]]
    for name in env.dev_files if dev else env.files:
        job = ["--build-constraint", constraint, "-r", str(requirements / name)]
        jobs.append(["--no-deps", *job] if name in env.no_deps else job)
    marker.write_text("pip is writing here; if nobody is, this environment is half-made\n")
    result = installer.install(env.python, jobs, f"{env.name} environment", log)
    if result.failed and result.wrote:  # leave the marker: only a fresh environment can be trusted
        raise SetupFailed(result.message)
    marker.unlink()
    if result.failed:
        raise SetupFailed(result.message)


def ensure(dev: bool = False, say: Say = print, root: Path = ROOT) -> bool:
    """Bring both environments up to date. Returns True when something had to be done."""
    return _bring(both(root), dev, say, root)


def ensure_encoder(say: Say = print, root: Path = ROOT) -> bool:
    """Bring the build environment of the encoder up to date. Returns True when something had to be done."""
    return _bring((encoder(root),), False, say, root)


def _bring(wanted: tuple[Environment, ...], dev: bool, say: Say, root: Path) -> bool:
    if not any(state(env, dev) for env in wanted):
        return False
    with _alone(root, say):
        for env in wanted:
            found = state(env, dev)
            if not found:
                continue
            say(f"{env.name} environment is {found}")
            if not found.startswith("out of date"):
                _create(env, say)
            _install(env, dev)
            _write_stamp(env, dev)
    return True


def main(arguments: list[str]) -> int:
    """`ensure` with messages instead of tracebacks."""
    try:
        ensure(dev="--dev" in arguments)
    except (SetupFailed, interpreters.InterpreterMissing) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. The next set-up goes on from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
