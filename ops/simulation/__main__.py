"""`make simulate`: prints one JSON object; the exit code is 1 when a rule did not hold."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from random import Random
from typing import Any

from community.bootstrap import is_workday
from community.model.calendar import SHANGHAI
from ops.simulation.check import Seconds, check, levels_reached
from ops.simulation.city import build, community_of
from ops.simulation.play import Play

FIRST_DAY = date(2026, 8, 24)
"""Ninety days from here go over 中秋 and 国庆 of 2026 with their make-up days."""


def simulate(number: int, days: int, seed: int) -> dict[str, Any]:
    began = time.monotonic()
    city = build(seed, FIRST_DAY, days)
    play = Play(city, community_of(city, is_workday), is_workday, Random(seed))  # noqa: S311 - no secret
    asyncio.run(play.run(number, lambda line: print(line, file=sys.stderr, flush=True)))
    played = time.monotonic()
    end = datetime.combine(FIRST_DAY + timedelta(days=days), clock_time(0), SHANGHAI)
    findings = check(city.memory, Seconds(FIRST_DAY, days + 90, is_workday), end)
    return {
        "ok": not findings.wrong,
        "tickets": len(city.memory.tickets.all),
        "days": days,
        "seed": seed,
        "seconds_played": round(played - began, 1),
        "seconds_checked": round(time.monotonic() - played, 1),
        "wrong": findings.counts(),
        "examples": {kind: found[:3] for kind, found in findings.wrong.items()},
        "seen": dict(findings.seen),
        "moves": dict(play.moves),
        "refused": dict(play.refused),
        "level_at_the_end": levels_reached(city.memory),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("--tickets", type=int, default=50_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    result = simulate(options.tickets, options.days, options.seed)
    print(json.dumps(result, ensure_ascii=False))
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
