"""One supervisor for one `var` folder: two would write the same database logs, ports and models."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ops.context import OperationFailed


@contextlib.contextmanager
def only_one(var: Path) -> Iterator[None]:
    """Hold `var/linshe.pid`. The lock, not the file, decides: it goes with the process however that ends."""
    var.mkdir(parents=True, exist_ok=True)
    with open(var / "linshe.pid", "a+") as file:
        if not _take(file):
            pid = holder(var) or "unknown"
            raise OperationFailed(
                f"Linshe is already running here (pid {pid}). Use that one, or stop it with Ctrl-C where it runs "
                f"or with: kill {pid}"
            )
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def _take(file: IO[str]) -> bool:
    for _ in range(5):  # `holder` of another process may hold it for an instant, only to look
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except OSError:
            time.sleep(0.05)
    return False


def holder(var: Path) -> int | None:
    """The pid of the running supervisor, or None when none runs."""
    try:
        with open(var / "linshe.pid") as file:
            pid = file.read().strip()
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return int(pid) if pid.isdigit() else None
    except OSError:
        pass
    return None
