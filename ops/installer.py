"""Run pip and tell what it is doing (stdlib only, Python 3.8 or newer).

pip prints which package it collects, but unpacks a hundred packages in silence, for most of the time it takes. The list
it announces before that is in the order of unpacking, and each package ends with its own `*.dist-info/RECORD`; counting
those on disk says which one is in hand.
"""

from __future__ import annotations

import re
import subprocess
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from ops.progress import Progress

_COLLECT = re.compile(r"^(?:Collecting|Processing) ([^\s(;]+)")
_BUILD = re.compile(r"^\s*Building wheel for (\S+)")
_INSTALL = re.compile(r"^Installing collected packages: (.+)")
# pip repeats these for every package where a second package folder is configured but does not hold the package.
_NOISE = re.compile(r"^(WARNING: Location .* is ignored|Looking in |Requirement already satisfied)")


@dataclass
class Result:
    """How it ended; `wrote` says that pip had begun to unpack, so that a failure leaves the environment undefined."""

    failed: bool = False
    wrote: bool = False
    message: str = ""


def records(python: Path) -> int:
    """How many packages are completely unpacked in the environment of this Python."""
    return sum(1 for _ in python.parent.parent.glob("lib/python*/site-packages/*.dist-info/RECORD"))


class _Watch:
    """Turns pip's lines, and the disk while pip is silent, into one phrase."""

    def __init__(self, python: Path, total: int) -> None:
        self.python = python
        self.total = total
        self.seen = 0
        self.order: list[str] = []
        self.before = 0
        self.wrote = False

    def line(self, line: str) -> str | None:
        collecting, building, installing = _COLLECT.match(line), _BUILD.match(line), _INSTALL.match(line)
        if installing:
            self.order = installing.group(1).split(", ")
            self.before = records(self.python)
            self.wrote = True
            return f"installing {len(self.order)} packages"
        self.order = self.order if line.startswith(" ") else []
        if collecting:
            self.seen += 1
            name = collecting.group(1).rsplit("/", 1)[-1]
            return f"collecting {name} ({self.seen} of {max(self.seen, self.total)})"
        return f"building {building.group(1)}" if building else None

    def poll(self) -> str | None:
        order = self.order
        if not order:
            return None
        done = max(0, min(records(self.python) - self.before, len(order) - 1))
        return f"installing {order[done]} ({done + 1} of {len(order)})"


def _pins(job: list[str]) -> int:
    if "-r" not in job:
        return 1
    text = Path(job[job.index("-r") + 1]).read_text("utf-8")
    return sum(1 for line in text.splitlines() if line and not line.startswith((" ", "#")))


def install(python: Path, jobs: list[list[str]], title: str, log: Path) -> Result:
    """Run `pip install` for each job in turn; the whole output goes to the log."""
    watch = _Watch(python, sum(_pins(job) for job in jobs))
    last: deque[str] = deque(maxlen=15)
    with Progress(title, poll=watch.poll) as progress, log.open("a", encoding="utf-8") as kept:
        progress.update("starting pip")
        for job in jobs:
            command = [str(python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check", *job]
            with subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
            ) as running:
                assert running.stdout is not None
                for raw in running.stdout:
                    line = raw.decode("utf-8", "replace").rstrip()
                    kept.write(line + "\n")
                    if not line or _NOISE.match(line):
                        continue
                    last.append(line)
                    progress.update(watch.line(line) or progress.text)
            if running.returncode != 0:
                said = "\n".join("  " + line for line in last)
                message = f"Installing the {title} failed. pip's last words:\n{said}\nAll of it is in {log}."
                return Result(True, watch.wrote, message)
        progress.print(f"{title}: ready after {progress.elapsed:.0f} s")
    return Result(wrote=watch.wrote)
