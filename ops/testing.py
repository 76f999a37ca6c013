"""All checks and tests, in both environments, with one summary. Run by `./linshe test`, which sees to the tools.

`./linshe test unit bot` runs only those steps; `./linshe test lint` the three checks of the code itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from rich.console import Console
from rich.table import Table

from ops import environments, system_packages

ROOT = environments.ROOT
APP, RASA = (str(env.python) for env in environments.both())
FOLDERS = ("unit", "integration", "conversation", "nlu", "browser", "e2e")
NEED_A_MODEL = ("conversation", "nlu", "browser", "e2e")
LINT = ("ruff", "mypy", "imports")
PACKAGES = ("community", "gateway", "console", "actions", "ops", "encoder", "chinese")


@dataclass
class Result:
    """What one step found. A check that is not a test counts as one."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    names: list[str] = field(default_factory=list)
    """What failed. Said again at the very end: in a log of a thousand lines only the end is read, or kept."""
    seconds: float = 0.0

    @property
    def words(self) -> str:
        parts = [f"{self.passed} passed"] if self.passed else []
        parts += [f"[bold red]{self.failed} failed[/bold red]"] if self.failed else []
        parts += [f"[yellow]{self.skipped} skipped[/yellow]"] if self.skipped else []
        return ", ".join(parts) or "nothing to do"


@dataclass(frozen=True)
class Step:
    name: str
    run: Callable[[], Result]


def clean_environment() -> dict[str, str]:
    """The tests must not see the operator's settings: DATABASE_URL may point at a city that lives."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "REDIS_URL") and (not name.startswith("LINSHE_") or "_TEST_" in name)
    }
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def check(*command: str) -> Result:
    """A tool that says yes or no."""
    code = subprocess.run(command, cwd=ROOT, env=clean_environment()).returncode
    return Result(passed=int(code == 0), failed=int(code != 0))


def read_junit(path: Path) -> Result:
    """Counts, what failed, and why what was skipped was skipped."""
    result = Result()
    for case in ElementTree.parse(path).getroot().iter("testcase"):  # noqa: S314 - written by our own pytest
        skipped = case.find("skipped")
        fault = next((found for kind in ("failure", "error") if (found := case.find(kind)) is not None), None)
        if fault is not None:
            result.failed += 1
            why = (fault.get("message") or "").strip().splitlines()
            result.names.append(f"{case.get('classname')}::{case.get('name')}: {why[0][:200] if why else ''}")
        elif skipped is not None:
            result.skipped += 1
            result.reasons[skipped.get("message") or "no reason given"] += 1
        else:
            result.passed += 1
    return result


def pytest(python: str, name: str, *arguments: str) -> Result:
    report = ROOT / "var" / "test" / f"{name}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    command = [python, "-m", "pytest", "-q", f"--junitxml={report}", *arguments, f"tests/{name}"]
    code, last = aloud(command)
    result = read_junit(report) if report.exists() else Result()
    if code not in (0, 5) and not result.failed:  # 5: no tests there; else it broke off before it could count
        result.failed = 1
        result.names += [f"tests/{name} broke off with exit code {code}; its last lines:", *last]
    return result


def aloud(command: Sequence[str]) -> tuple[int, list[str]]:
    """Run with the output shown as it comes. Returns the exit code and the last lines."""
    last: deque[str] = deque(maxlen=12)
    with subprocess.Popen(
        command, cwd=ROOT, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as running:
        assert running.stdout is not None
        while chunk := os.read(running.stdout.fileno(), 65536):  # not by lines: each dot is progress
            text = chunk.decode(errors="replace")
            sys.stdout.write(text)
            sys.stdout.flush()
            last.extend(line[:200] for line in text.splitlines() if line.strip())
    return running.returncode, list(last)


def train() -> Result:
    """The conversation tests talk to a trained assistant; `make run` may never have been here."""
    return check(APP, "-m", "ops.cli", "train")


def steps() -> list[Step]:
    """In the order of how soon they tell; only what is there."""
    packages = [name for name in PACKAGES if (ROOT / name).is_dir()]

    def of(folder: str) -> Callable[[], Result]:
        return lambda: pytest(APP, folder)

    tests = [folder for folder in FOLDERS if any((ROOT / "tests" / folder).rglob("test_*.py"))]
    found = [
        Step("ruff", lambda: check(APP, "-m", "ruff", "check", ".")),
        Step("mypy", lambda: check(APP, "-m", "mypy", *packages)),
        Step("imports", lambda: check(str(Path(APP).parent / "lint-imports"))),
    ]
    if any((ROOT / "tests" / "bot").rglob("test_*.py")):
        # A configuration of its own: the plugins of the app environment, and tests/conftest.py, are not for 3.10.
        own = ("-c", "ops/pytest-bot.ini", f"--rootdir={ROOT}", "--confcutdir=tests/bot")
        found.append(Step("bot", lambda: pytest(RASA, "bot", *own)))
    for folder in tests:
        if folder in NEED_A_MODEL and not any(step.name == "train" for step in found):
            found.append(Step("train", train))
        found.append(Step(folder, of(folder)))
    return found


def summary(console: Console, results: dict[str, Result]) -> int:
    """The table, the reasons of what was skipped, and last the line that a machine can read."""
    table = Table("step", "time", "result")
    for name, result in results.items():
        table.add_row(name, f"{result.seconds:.0f} s", result.words)
    console.print()
    console.print(table)
    reasons = sum((result.reasons for result in results.values()), Counter[str]())
    for reason, times in reasons.most_common():
        console.print(f"skipped {times}: {reason}", markup=False, highlight=False, soft_wrap=True)
    for line in (line for result in results.values() for line in result.names):
        console.print(f"failed: {line}", markup=False, highlight=False, soft_wrap=True)
    failed = sum(result.failed for result in results.values())
    passed = sum(result.passed for result in results.values())
    skipped = sum(result.skipped for result in results.values())
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed else 0


def main(arguments: Sequence[str]) -> int:
    console = Console()
    chosen = steps()
    wanted = {name for word in arguments for name in (LINT if word == "lint" else (word,))}
    unknown = wanted - {step.name for step in chosen}
    if unknown:
        there = ", ".join(["lint", *(step.name for step in chosen)])
        console.print(f"No such step: {', '.join(sorted(unknown))}. There are: {there}")
        return 2
    if wanted:
        # Not in the middle of a test, whose patience a training may outlast.
        wanted |= {"train"} if wanted & set(NEED_A_MODEL) else set()
        chosen = [step for step in chosen if step.name in wanted]
    if any(step.name not in LINT for step in chosen):
        system_packages.ensure(lambda line: console.print(line, markup=False, highlight=False))
    results: dict[str, Result] = {}
    for number, step in enumerate(chosen, 1):
        console.rule(f"{number} of {len(chosen)}: {step.name}", align="left")
        began = time.monotonic()
        try:
            results[step.name] = step.run()
        except KeyboardInterrupt:
            console.print("Interrupted.")
            results[step.name] = Result(failed=1)
            break
        finally:
            if step.name in results:
                results[step.name].seconds = time.monotonic() - began
    return summary(console, results)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
