"""One living line of progress without any library (stdlib only): it is what people see before `rich` is installed.

On a terminal the line is rewritten in place; elsewhere (CI, a pipe) plain lines are printed, rarely enough to be read.
"""

from __future__ import annotations

import shutil
import sys
import threading
import time
from typing import Callable, TextIO

_FRAMES = "|/-\\"


class Progress:
    """`with Progress("app environment") as progress: progress.update("collecting aiohttp")`."""

    def __init__(
        self,
        title: str,
        out: TextIO | None = None,
        poll: Callable[[], str | None] | None = None,
        plain_every: float = 5.0,
    ) -> None:
        self.title = title
        self.out = out if out is not None else sys.stdout
        # pip is silent while it unpacks; `poll` lets the caller look at the disk instead.
        self.poll = poll
        self.plain_every = plain_every
        self.tty = self.out.isatty()
        self.text = ""
        self.started = time.monotonic()
        self._printed_at = 0.0
        self._printed_text = ""
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Progress:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        if self.tty:
            self.out.write("\r\x1b[2K")
            self.out.flush()

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.started

    def update(self, text: str) -> None:
        self.text = text

    def print(self, line: str) -> None:
        """A lasting line above the living one."""
        with self._lock:
            if self.tty:
                self.out.write("\r\x1b[2K")
            self.out.write(line + "\n")
            self.out.flush()

    def _tick(self) -> None:
        turn = 0
        while not self._over.wait(0.2 if self.tty else 0.5):
            if self.poll is not None:
                self.text = self.poll() or self.text
            with self._lock:
                if self.tty:
                    turn += 1
                    self._draw(_FRAMES[turn % len(_FRAMES)])
                else:
                    self._plain()

    def _draw(self, frame: str) -> None:
        width = max(20, shutil.get_terminal_size().columns - 1)
        line = f"{frame} {self.title} {self.elapsed:3.0f} s  {self.text}"
        self.out.write("\r\x1b[2K" + line[:width])
        self.out.flush()

    def _plain(self) -> None:
        """A new text at most every few seconds; the same text again only as a sign of life."""
        silent = time.monotonic() - self._printed_at
        changed = self.text and self.text != self._printed_text
        if silent >= (self.plain_every if changed else 4 * self.plain_every):
            self._printed_at, self._printed_text = time.monotonic(), self.text
            self.out.write("{}: {:.0f} s, {}\n".format(self.title, self.elapsed, self.text or "working"))
            self.out.flush()
