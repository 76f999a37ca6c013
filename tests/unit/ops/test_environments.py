"""The stamps of the environments: what is up to date, what is half-made, what has changed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ops import environments, installer
from ops.environments import Environment
from ops.interpreters import Need

HERE = Need("a test", (sys.version_info[:2],), "LINSHE_NO_SUCH")


class RecordingPip:
    """Stands in for the installer: remembers what it was asked, and ends as it is told."""

    def __init__(self) -> None:
        self.jobs: list[list[list[str]]] = []
        self.result = installer.Result(wrote=True)

    def __call__(self, python: Path, jobs: list[list[str]], title: str, log: Path) -> installer.Result:
        assert (python.parent.parent / environments.UNFINISHED).exists()
        self.jobs.append(jobs)
        return self.result


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> RecordingPip:
    recording = RecordingPip()
    monkeypatch.setattr(environments.installer, "install", recording)
    return recording


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    for name in ("app.txt", "dev.txt", "laws.txt", "build.txt"):
        (tmp_path / "requirements").mkdir(exist_ok=True)
        (tmp_path / "requirements" / name).write_text(f"{name}==1\n")
    made = Environment("app", HERE, ("app.txt", "laws.txt"), ("dev.txt", "laws.txt"), ("laws.txt",), root=tmp_path)
    monkeypatch.setattr(environments, "both", lambda root=tmp_path: (made,))

    def create(env: Environment, say: object) -> None:
        environments._remove(env.folder)
        env.python.parent.mkdir(parents=True)
        os.symlink(sys.executable, env.python)

    monkeypatch.setattr(environments, "_create", create)
    return made


def ensure(env: Environment, dev: bool = False) -> list[str]:
    said: list[str] = []
    environments.ensure(dev, said.append, env.root)
    return said


def test_an_environment_that_is_up_to_date_is_left_alone(env: Environment, pip: RecordingPip) -> None:
    assert ensure(env) == ["app environment is missing"]
    assert environments.state(env) == ""
    assert ensure(env) == []
    assert len(pip.jobs) == 1


def test_what_has_no_dependencies_of_its_own_is_installed_without(env: Environment, pip: RecordingPip) -> None:
    ensure(env)
    app, laws = pip.jobs[0][1:]
    assert "--no-deps" not in app
    assert laws[0] == "--no-deps"


def test_a_changed_requirement_file_is_noticed_and_installed(env: Environment, pip: RecordingPip) -> None:
    ensure(env)
    (env.root / "requirements" / "app.txt").write_text("app.txt==2\n")
    assert environments.state(env) == "out of date: app.txt changed or not yet installed"
    ensure(env)
    assert environments.state(env) == ""


def test_the_test_tools_are_a_step_of_their_own(env: Environment, pip: RecordingPip) -> None:
    ensure(env)
    assert environments.state(env, dev=True).startswith("out of date: dev.txt")
    ensure(env, dev=True)
    assert environments.state(env, dev=True) == environments.state(env) == ""


def test_test_tools_that_no_longer_fit_are_installed_again(env: Environment, pip: RecordingPip) -> None:
    ensure(env, dev=True)
    for name in ("app.txt", "dev.txt"):
        (env.root / "requirements" / name).write_text(f"{name}==2\n")
    ensure(env)
    assert environments.state(env) == ""
    assert environments.state(env, dev=True).startswith("out of date: dev.txt")


def test_an_interrupted_installation_is_recognised_and_made_anew(
    env: Environment, pip: RecordingPip, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_short(*_: object) -> installer.Result:
        (env.folder / "half-a-package").touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(environments.installer, "install", cut_short)
    with pytest.raises(KeyboardInterrupt):
        ensure(env)
    assert environments.state(env) == "broken: an earlier installation was interrupted"
    monkeypatch.setattr(environments.installer, "install", pip)
    ensure(env)
    assert environments.state(env) == ""
    assert not (env.folder / "half-a-package").exists()


def test_a_failure_before_anything_was_written_keeps_the_environment(env: Environment, pip: RecordingPip) -> None:
    ensure(env)
    (env.root / "requirements" / "app.txt").write_text("app.txt==2\n")
    (env.folder / "kept").touch()
    pip.result = installer.Result(failed=True, message="no network")
    with pytest.raises(environments.SetupFailed, match="no network"):
        ensure(env)
    assert environments.state(env).startswith("out of date")
    pip.result = installer.Result(wrote=True)
    ensure(env)
    assert (env.folder / "kept").exists()


def test_an_environment_whose_python_is_gone_is_broken(env: Environment, pip: RecordingPip) -> None:
    ensure(env)
    env.python.unlink()
    os.symlink("/nonexistent/python", env.python)
    assert environments.state(env).startswith("broken")
    ensure(env)
    assert environments.state(env) == ""


def test_an_environment_kept_elsewhere_is_unlinked_but_not_deleted(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "bin").mkdir(parents=True)
    link = tmp_path / "link"
    link.symlink_to(elsewhere)
    environments._remove(link)
    assert not link.exists()
    assert (elsewhere / "bin").exists()


def test_the_real_requirement_files_name_every_version_and_no_place() -> None:
    for env in environments.both():
        for name in {*env.files, *env.dev_files, "build.txt"}:
            text = (environments.ROOT / "requirements" / name).read_text()
            lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
            assert lines, name
            assert all("==" in line and " " not in line for line in lines), name
            assert not any(word in text for word in ("file:/", "://", "/home/", "/opt/", "/tmp/", "\n--"))
            assert "torch" not in text


def test_pips_silence_is_filled_by_looking_at_the_disk(tmp_path: Path) -> None:
    python = tmp_path / "bin/python"
    watch = installer._Watch(python, total=3)
    assert watch.line("Collecting aiohttp==3.14.5 (from -r app.txt (line 13))") == "collecting aiohttp==3.14.5 (1 of 3)"
    assert watch.line("Processing /somewhere/rich-15.0.0.whl") == "collecting rich-15.0.0.whl (2 of 3)"
    assert not watch.wrote
    assert watch.line("Installing collected packages: yarl, rich, aiohttp") == "installing 3 packages"
    assert watch.poll() == "installing yarl (1 of 3)"
    record = tmp_path / "lib/python3.11/site-packages/yarl-1.dist-info/RECORD"
    record.parent.mkdir(parents=True)
    record.touch()
    assert watch.poll() == "installing rich (2 of 3)"
    assert watch.wrote
    watch.line("Successfully installed aiohttp rich yarl")
    assert watch.poll() is None
