"""`python -m ops.bench.tunings`: what each tuning of bot.engine saves, as processor time of Rasa for a turn.

Our servers stand side by side, one with every tuning and the others with one left as stock has it, and hear the same
conversations in turn. Processor time, because it is steadier than a clock on a machine that does other things too.
"""

from __future__ import annotations

import argparse
import json
import signal
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from ops.bench import script, servers
from ops.bench.turn import Bench, measure_side, tell
from ops.environments import ROOT

SPEED = (
    "compiled_validator", "kept_connections", "events_of_the_turn", "event_lookup", "session_rules", "carried_once",
    "applied_once", "known_domain", "state_copies", "no_copies_for_the_log", "rules_by_intent", "straight_graph", "recent_states",
)  # fmt: skip


AT_ONCE = 7
"""Servers beside the tuned one: each takes about 1 GB."""


def side(name: str, work: Path, city: Path) -> servers.Side:
    """Our server with the named tuning left as stock has it; `none`: with every tuning."""
    made = servers.ours(ROOT, work / name, city)
    made.name, made.rasa.name = name, f"{name} rasa"
    made.rasa.log = made.rasa.log.with_name(f"{name}.log")
    if name != "none":
        made.rasa.env = {**made.rasa.env, "LINSHE_RASA_STOCK": name}
    return made


def compare(names: list[str], city: Path, turns: int, rounds: int) -> list[dict[str, Any]]:
    """Milliseconds of processor time a turn: tuned, and with each one left out."""
    with tempfile.TemporaryDirectory(prefix="linshe-tunings-") as temporary:
        sides = [side(name, Path(temporary), city) for name in ("none", *names)]
        found: dict[str, list[float]] = {each.name: [] for each in sides}
        lines = [script.LONG[number % len(script.LONG)] for number in range(turns)]
        with servers.running(sides):
            bench = Bench(sides, 0, rounds)
            bench.texts()
            for number in range(rounds):
                tell(f"round {number + 1} over {len(sides)} servers")
                for each in sides:
                    used = said = 0.0
                    for talk in (list(script.CONVERSATION), lines):
                        measured = measure_side(each, bench.plan(each, 1, script=talk))
                        used, said = used + measured.cpu_s["rasa"], said + len(measured.turns)
                    found[each.name].append(used / said * 1000)
    tuned = statistics.median(found["none"])
    return [
        {
            "tuning": name,
            "with_ms": round(tuned, 2),
            "without_ms": round(statistics.median(found[name]), 2),
            "saves_ms": round(statistics.median(found[name]) - tuned, 2),
        }
        for name in names
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m ops.bench.tunings", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument(
        "names", nargs="*", default=list(SPEED), help="tunings to leave out, one by one; `all`: all of them"
    )
    parser.add_argument("--turns", type=int, default=60, help="of the long conversation heard beside the mixed one")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    city = servers.seeded_city(ROOT, ROOT / "var" / "bench" / "city", tell)
    results = []
    for begin in range(0, len(arguments.names), AT_ONCE):
        results += compare(arguments.names[begin : begin + AT_ONCE], city, arguments.turns, arguments.rounds)
    print(json.dumps(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
