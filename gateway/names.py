"""What workers are called, and whether the one of a name is still there."""

from __future__ import annotations

import os
import secrets
import socket


def worker_name() -> str:
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(3)}"


def is_gone(worker: str) -> bool:
    """Whether a worker of this name ran on this machine and its process has ended. Others may be alive elsewhere."""
    host, _, rest = worker.rpartition(":")[0].rpartition(":")
    if host != socket.gethostname()[:40] or not rest.isdecimal():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
