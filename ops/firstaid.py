"""The checks of `doctor` that need nothing installed (stdlib only, Python 3.8 or newer)."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from ops import environments, interpreters

NEEDED_BYTES = 6 * 1024**3  # both environments, their download cache, models, a database


class Check(NamedTuple):
    """One line of the doctor: what was looked at, what was found, and what mends it (only when not ok)."""

    name: str
    ok: bool
    found: str
    mend: str = ""


def checks(root: Path = environments.ROOT) -> list[Check]:
    lines = []
    for env in environments.both(root):
        result = interpreters.search(env.need)
        name = f"interpreter for {env.name}"
        if result.found:
            lines.append(Check(name, True, f"Python {result.found.version_text} at {result.found.path}"))
        else:
            lines.append(Check(name, False, "none that works", interpreters.advice(env.need, result)))
        found = environments.state(env)
        mend = "./linshe setup" if found else ""
        lines.append(Check(f"environment {env.name}", not found, found or "up to date", mend))
    free = shutil.disk_usage(str(root)).free
    ready = all(line.ok for line in lines)
    needed = NEEDED_BYTES // 10 if ready else NEEDED_BYTES
    lines.append(
        Check(
            "disk",
            free >= needed,
            f"{free / 1024**3:.1f} GB free",
            "" if free >= needed else f"free {needed / 1024**3:.1f} GB where {root} lies",
        )
    )
    return lines


def main(arguments: list[str]) -> int:
    """The doctor before set-up: the rest of the checks come once there is an environment to run them in."""
    found = checks()
    if "--json" in arguments:
        print(json.dumps([line._asdict() for line in found], ensure_ascii=False, indent=1))
    else:
        for line in found:
            print("{:<4} {:<22} {}".format("ok" if line.ok else "BAD", line.name, line.found))
            if line.mend:
                print("     -> " + line.mend.replace("\n", "\n        "))
    return 0 if all(line.ok for line in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
