"""`make bench-turn`: a turn through stock Rasa beside a turn through ours, in one run on one machine.

Both answer the same scripted conversations over Rasa's REST channel, each with the real action server (`python -m actions`) on its
own copy of the demo city. Rounds alternate between the sides, so that what else the machine does hits both. Progress goes to
stderr; the last line of stdout is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ops.bench import script, servers, stock
from ops.bench.load import Measured, Plan
from ops.environments import ROOT
from ops.process import die_with

CLIENTS = (1, 8)
WARM_UP = 3
"""Conversations before anything is measured: lazy imports, caches, connections."""
EARLY = range(2, 12)
"""Around turn 5; as far before the end of the long conversation, turn 200, the same ten messages of the repeated script."""
PAIRS = {"stock": 2, "ours": 6}


def tell(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def measure(plan: Plan) -> Measured:
    """Run a plan in a load client of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "ops.bench.load"],
        input=json.dumps(asdict(plan)),
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        preexec_fn=die_with(os.getpid()),
    )
    return Measured(**json.loads(done.stdout))


def measure_side(side: servers.Side, plan: Plan) -> Measured:
    """The same, with the processor time that the side's servers took for it."""
    before = side.cpu_s()
    measured = measure(plan)
    measured.cpu_s = {name: used - before[name] for name, used in side.cpu_s().items()}
    return measured


def percentile(values: list[float], share: float) -> float:
    """The nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def milliseconds(values: list[float], share: float = 0.5) -> float:
    return round(percentile(values, share) * 1000, 2) if values else float("nan")


def summary(rounds: list[Measured]) -> dict[str, Any]:
    """All rounds of one side with one number of clients, as one."""
    seconds = [turn[1] for measured in rounds for turn in measured.turns]
    rates = [len(m.turns) / m.elapsed for m in rounds if m.elapsed]
    return {
        "turns": len(seconds),
        "turns_per_s": round(len(seconds) / sum(m.elapsed for m in rounds), 2),
        "turns_per_s_rounds": [round(rate, 2) for rate in rates],
        "p50_ms": milliseconds(seconds),
        "p99_ms": milliseconds(seconds, 0.99),
        "cpu_ms_per_turn": {
            name: round(sum(m.cpu_s[name] for m in rounds) / max(1, len(seconds)) * 1000, 2) for name in rounds[0].cpu_s
        },
        "failed": sum(m.failed for m in rounds),
        "unanswered": sum(m.empty for m in rounds),
    }


def long_summary(measured: Measured, ahead: int) -> dict[str, Any]:
    """A conversation around its turn 200 beside others around their turn 5, heard in turn."""
    early = [seconds for number, seconds in measured.turns if number in EARLY]
    late = [seconds for number, seconds in measured.turns if number - ahead in EARLY]
    return {
        "conversations": measured.used,
        "late_turns": f"{EARLY[0] + ahead}-{EARLY[-1] + ahead}",
        "turn5_p50_ms": milliseconds(early),
        "turn200_p50_ms": milliseconds(late),
        "ratio": round(statistics.median(late) / statistics.median(early), 3) if early and late else None,
        "failed": measured.failed,
    }


def same_share(left: list[str], right: list[str]) -> float:
    """The share of turns answered in the same words, numbers and dates aside: both sides did the same work."""
    plain = [[re.sub(r"\d+", "#", text) for text in texts] for texts in (left, right)]
    same = [one == other for one, other in zip(plain[0], plain[1], strict=True)]
    return round(same.count(True) / len(same), 3)


def filed(side: servers.Side) -> int:
    """Tickets in this side's database that the bench's residents have filed."""
    import sqlite3

    with sqlite3.connect(side.context.var / "linshe.db") as database:
        query = "SELECT count(*) FROM tickets t JOIN residents r ON r.id = t.resident_id WHERE r.key LIKE 'bench%'"
        return int(database.execute(query).fetchone()[0])


class Bench:
    """One run over sides that are up."""

    def __init__(self, sides: list[servers.Side], seconds: float, rounds: int) -> None:
        self.sides, self.seconds, self.rounds = sides, seconds, rounds
        self._fresh: dict[str, Iterator[str]] = {
            side.name: (servers.sender(number) for number in range(servers.RESIDENTS)) for side in sides
        }

    def plan(self, side: servers.Side, conversations: int, **more: Any) -> Plan:
        senders = [next(self._fresh[side.name]) for _ in range(conversations)]
        return Plan(**{"url": side.url, "senders": senders, "script": list(script.CONVERSATION), **more})

    def texts(self) -> dict[str, list[str]]:
        """What each side answers to the script; also its warm-up."""
        found = {}
        for side in self.sides:
            tell(f"warming up {side.name}")
            measure(self.plan(side, WARM_UP))
            found[side.name] = measure(self.plan(side, 1, keep_texts=True)).texts[0]
        return found

    def mixed(self) -> dict[str, dict[int, list[Measured]]]:
        found: dict[str, dict[int, list[Measured]]] = {side.name: {n: [] for n in CLIENTS} for side in self.sides}
        for number in range(self.rounds):
            for clients in CLIENTS:
                for side in self.sides:
                    # Far more residents than can be heard in the time, at most a few hundred.
                    plan = self.plan(side, clients + int(self.seconds * 15), clients=clients, seconds=self.seconds)
                    measured = measure_side(side, plan)
                    found[side.name][clients].append(measured)
                    rate = len(measured.turns) / measured.elapsed
                    half = milliseconds([s for _, s in measured.turns])
                    tell(f"round {number + 1}  {side.name:<5} {clients} clients {rate:7.1f} turns/s, p50 {half:.1f} ms")
        return found

    def long(self, ahead: int) -> dict[str, dict[str, Any]]:
        """`ahead`: by how many turns the old conversation is ahead of the new one."""
        found = {}
        lines = [script.LONG[number % len(script.LONG)] for number in range(ahead + EARLY[-1])]
        for side in self.sides:
            tell(f"conversations of {len(lines)} turns with {side.name}")
            plan = self.plan(side, 2 * PAIRS[side.name], script=lines, side_by_side=ahead)
            found[side.name] = long_summary(measure(plan), ahead)
        return found


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    from ops import context as contexts
    from ops import training

    began = time.monotonic()
    keep = ROOT / "var" / "bench"
    keep.mkdir(parents=True, exist_ok=True)
    wanted = arguments.only or ("stock", "ours")
    tell("our model")
    trained_at = time.monotonic()
    trained_now = training.train(contexts.load(), lambda line: None)
    our_training = round(time.monotonic() - trained_at, 1) if trained_now else None
    project = None
    if "stock" in wanted:
        folder = keep / ("stock-stories" if arguments.stories else "stock")
        project = stock.trained(ROOT, folder, tell, epochs=arguments.epochs, with_stories=arguments.stories)
    city = servers.seeded_city(ROOT, keep / "city", tell)
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="linshe-bench-") as temporary:
        work = Path(temporary)
        sides = []
        if project is not None:
            sides.append(servers.stock(ROOT, work, city, project, arguments.stock_store))
        if "ours" in wanted:
            sides.append(servers.ours(ROOT, work, city))
        tell("starting the servers")
        try:
            with servers.running(sides):
                bench = Bench(sides, arguments.seconds, arguments.rounds)
                texts = bench.texts()
                if arguments.show:
                    show(texts)
                mixed = bench.mixed()
                long = bench.long(arguments.ahead) if arguments.ahead else {}
                for side in sides:
                    found = {str(n): summary(mixed[side.name][n]) for n in CLIENTS}
                    result[side.name] = {
                        "clients": found,
                        "long": long.get(side.name),
                        "memory_mb": side.rasa.memory_mb(),
                        "tickets_filed": filed(side),
                    }
        finally:
            logs(sides, keep)
    result["training_s"] = {
        "stock": project.training_s if project else None,
        "ours": our_training,
        "stock_trained_in_this_run": bool(project and project.trained_now),
    }
    compare(result, texts)
    result["options"] = {
        "seconds": arguments.seconds,
        "rounds": arguments.rounds,
        "ahead": arguments.ahead,
        "stock_store": arguments.stock_store,
        "stock_stories": arguments.stories,
        "stock_epochs": arguments.epochs,
        "stock_tunings_left": os.environ.get("LINSHE_RASA_STOCK", ""),
    }
    result["bench_s"] = round(time.monotonic() - began, 1)
    return result


def compare(result: dict[str, Any], texts: dict[str, list[str]]) -> None:
    """The figures one looks at first, when both sides ran."""
    if result.get("ours") and result["ours"]["long"]:
        result["ratio_turn200_turn5_ours"] = result["ours"]["long"]["ratio"]
    if not (result.get("stock") and result.get("ours")):
        return
    if result["stock"]["long"]:
        result["ratio_turn200_turn5_stock"] = result["stock"]["long"]["ratio"]
    for clients in CLIENTS:
        left, right = (result[name]["clients"][str(clients)] for name in ("stock", "ours"))
        suffix = "" if clients == 1 else f"_{clients}_clients"
        result[f"ratio_turns_per_s{suffix}"] = round(right["turns_per_s"] / left["turns_per_s"], 2)
        result[f"ratio_p50{suffix}"] = round(right["p50_ms"] / left["p50_ms"], 3)
    result["same_answers"] = same_share(texts["stock"], texts["ours"])


def show(texts: dict[str, list[str]]) -> None:
    for number, message in enumerate(script.CONVERSATION):
        print(f"居民 {message}", file=sys.stderr)
        for name, said in texts.items():
            print(f"  {name}: {said[number]}", file=sys.stderr)


def logs(sides: list[servers.Side], keep: Path) -> None:
    """The servers' logs outlive the temporary folder: when something went wrong, why is in there."""
    for side in sides:
        for process in side.processes():
            if process.log.exists():
                shutil.copy(process.log, keep / f"{process.name.replace(' ', '-')}.log")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-turn", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="of one round of one side (default 10)")
    parser.add_argument("--rounds", type=int, default=3, help="alternating rounds (default 3)")
    parser.add_argument("--ahead", type=int, default=script.AHEAD, help="turns a long conversation is ahead; 0: none")
    parser.add_argument("--only", choices=("stock", "ours"), action="append", help="only this side")
    parser.add_argument(
        "--stock-store",
        choices=("memory", "sqlite"),
        default="memory",
        help="stock's tracker store (memory, its default)",
    )
    parser.add_argument("--epochs", type=int, default=stock.EPOCHS, help="of stock's training (default %(default)s)")
    parser.add_argument(
        "--stories", action="store_true", help="give stock our rules as stories too, so that TED is trained"
    )
    parser.add_argument("--show", action="store_true", help="print both sides' answers to the script")
    # An exception unwinds and ends the servers; the default action of TERM would leave them to the kernel.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(json.dumps(run(parser.parse_args()), ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
