"""Ends every process group of the supervisor if the supervisor itself is killed with no chance to do so.

The kernel already ends our direct children (see process.py), on Linux. Theirs, such as the workers of a server, and all
of them on other systems, are left to this: it holds one end of a pipe, and the pipe closes when the supervisor is gone.
Lines on it are `+GROUP` and `-GROUP`. Run as `python -m ops.watchdog`; stdlib only, to stay small.
"""

from __future__ import annotations

import os
import signal
import sys


def main() -> int:
    os.setsid()  # a Ctrl-C meant for the supervisor must not end the one that watches it
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        change = groups.add if line.startswith("+") else groups.discard
        change(int(line[1:]))
    for group in groups:
        try:
            os.killpg(group, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue
    return 0


if __name__ == "__main__":
    sys.exit(main())
