"""Choosing a Python: what does not run is passed over, and what to install is said."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ops import interpreters
from ops.interpreters import Interpreter, InterpreterMissing, Need

VERSION = sys.version_info[:2]
NAME = f"python{VERSION[0]}.{VERSION[1]}"
ANSWER = '{"version": [3, 10, 14], "path": "%s", "missing": %s}'


def script(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def fake_python(path: Path, missing: str = "[]") -> Path:
    return script(path, f"echo '{ANSWER % (path, missing)}'")


@pytest.fixture
def rasa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment in which only what a test puts there can be found."""
    monkeypatch.setattr(interpreters.os.path, "expanduser", lambda _: str(tmp_path / "none"))
    monkeypatch.setattr(interpreters.os, "access", lambda path, _: str(path).startswith(str(tmp_path)))
    return {"PATH": f"{tmp_path}/shims:{tmp_path}/bin:/bin", "HOME": str(tmp_path)}


def test_a_broken_shim_is_passed_over_for_one_that_runs(tmp_path: Path, rasa: dict[str, str]) -> None:
    script(tmp_path / "shims/python3.10", "echo 'pyenv: python3.10: command not found' >&2; exit 127")
    good = fake_python(tmp_path / "bin/python3.10")
    found = interpreters.search(interpreters.RASA, rasa)
    assert found.found == Interpreter(str(good), (3, 10, 14))
    assert found.refused == {f"{tmp_path}/shims/python3.10": "does not run: pyenv: python3.10: command not found"}


def test_pyenv_is_asked_for_its_newest_patch(tmp_path: Path, rasa: dict[str, str]) -> None:
    script(tmp_path / "bin/pyenv", f"echo {tmp_path}/elsewhere")
    fake_python(tmp_path / "elsewhere/versions/3.10.9/bin/python")
    newest = fake_python(tmp_path / "elsewhere/versions/3.10.13/bin/python")
    assert interpreters.find(interpreters.RASA, rasa).path == str(newest)


def test_uv_is_asked_last(tmp_path: Path, rasa: dict[str, str]) -> None:
    kept = fake_python(tmp_path / "uv-keeps-it-here/python")
    script(tmp_path / "bin/uv", f'[ "$*" = "python find 3.10" ] && echo {kept}')
    assert interpreters.find(interpreters.RASA, rasa).path == str(kept)


def test_a_python_without_ensurepip_is_not_enough_and_the_package_is_named(
    tmp_path: Path, rasa: dict[str, str]
) -> None:
    fake_python(tmp_path / "bin/python3.10", missing='["ensurepip"]')
    with pytest.raises(InterpreterMissing) as missing:
        interpreters.find(interpreters.RASA, rasa)
    assert "lacks the standard module(s) ensurepip" in str(missing.value)
    assert "apt-get install python3.10-venv" in str(missing.value)


def test_when_there_is_none_the_message_says_what_to_install(rasa: dict[str, str]) -> None:
    with pytest.raises(InterpreterMissing) as missing:
        interpreters.find(interpreters.RASA, rasa)
    for words in ("No working Python 3.10", "Rasa needs it", "pyenv install 3.10", "LINSHE_RASA_PYTHON=/path"):
        assert words in str(missing.value)


def test_a_python_named_by_hand_is_the_only_candidate(tmp_path: Path, rasa: dict[str, str]) -> None:
    fake_python(tmp_path / "bin/python3.10")
    wrong = script(tmp_path / "mine", 'echo \'{"version": [3, 8, 1], "path": "x", "missing": []}\'')
    found = interpreters.search(interpreters.RASA, {**rasa, "LINSHE_RASA_PYTHON": str(wrong)})
    assert found.found is None
    assert found.refused == {str(wrong): "is Python 3.8.1"}


def test_this_very_python_can_be_probed() -> None:
    found, reason = interpreters.probe(sys.executable, (VERSION,))
    assert reason == ""
    assert found is not None
    assert found.version == sys.version_info[:3]


def test_nothing_that_hangs_or_babbles_is_chosen(tmp_path: Path) -> None:
    babbler = script(tmp_path / "babbler", "echo hello")
    assert interpreters.probe(str(babbler), (VERSION,)) == (None, "gives no sensible answer")
    assert interpreters.probe(str(tmp_path / "nothing"), (VERSION,))[0] is None


def test_newer_pythons_are_a_second_choice(tmp_path: Path, rasa: dict[str, str]) -> None:
    need = Need("a test", ((3, 99), (3, 10)), "LINSHE_NO_SUCH")
    good = fake_python(tmp_path / "bin/python3.10")
    assert interpreters.find(need, rasa).path == str(good)
