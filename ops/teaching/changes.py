"""A change of the training data as a git commit on the branch `taught`, or where there is no git as a patch file."""

from __future__ import annotations

import difflib
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

BRANCH = "refs/heads/taught"
AUTHOR = {"GIT_AUTHOR_NAME": "Linshe trainer", "GIT_AUTHOR_EMAIL": "trainer@linshe.invalid"}


def keep(root: Path, var: Path, before: Mapping[str, str], message: str, number: int) -> str:
    """Keep what changed in the files of `before` (path below root: its text then). The commit's short id, or the patch's name.

    The branch alone moves: what is checked out, and whatever else somebody works on, stays as it is.
    """
    changed = {name: text for name, text in before.items() if _now(root, name) != text}
    if not changed:
        return ""
    patch = var / "teaching" / f"change-{number}.patch"
    patch.parent.mkdir(parents=True, exist_ok=True)
    patch.write_text("".join(_diff(name, text, _now(root, name)) for name, text in changed.items()), encoding="utf-8")
    if not _is_checkout(root):
        return patch.stem
    try:
        return commit(root, list(changed), message)
    except (subprocess.CalledProcessError, OSError):
        # A checkout that cannot be written must not keep anybody from teaching: the patch holds the change.
        return patch.stem


def commit(root: Path, names: list[str], message: str) -> str:
    """Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        parent = _git(root, "rev-parse", "--verify", "--quiet", BRANCH, may_fail=True) or _git(root, "rev-parse", "HEAD")
        _git(root, "read-tree", parent, env=index)
        _git(root, "update-index", "--add", "--remove", "--", *names, env=index)
        tree = _git(root, "write-tree", env=index)
        committer = {name.replace("AUTHOR", "COMMITTER"): value for name, value in AUTHOR.items()}
        made = _git(root, "commit-tree", tree, "-p", parent, "-m", message, env={**AUTHOR, **committer})
        old = _git(root, "rev-parse", "--verify", "--quiet", BRANCH, may_fail=True)
        _git(root, "update-ref", BRANCH, made, *([old] if old else []))
        return made[:12]


def _is_checkout(root: Path) -> bool:
    try:
        top = _git(root, "rev-parse", "--show-toplevel", may_fail=True)
    except OSError:
        return False
    return bool(top) and Path(top).resolve() == root.resolve()


def _git(root: Path, *words: str, env: Mapping[str, str] | None = None, may_fail: bool = False) -> str:
    ran = subprocess.run(
        ["git", *words], cwd=root, env={**os.environ, **(env or {})}, capture_output=True, text=True, check=not may_fail, timeout=60
    )
    return ran.stdout.strip()


def _now(root: Path, name: str) -> str:
    path = root / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _diff(name: str, old: str, new: str) -> str:
    lines = difflib.unified_diff(old.splitlines(True), new.splitlines(True), f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
