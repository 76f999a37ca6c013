"""The load client, a process of its own: `python -m ops.bench.load` reads a plan from stdin and writes what it measured to stdout.

Each client is one resident after another: it says the script's lines one by one, each after the answer to the one before, then goes
on as the next resident, until the time is over.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any

import aiohttp

TIMEOUT = 60.0


@dataclass(frozen=True)
class Plan:
    """`seconds` 0: until every conversation has been had once. `senders`: one conversation each, in this order."""

    url: str
    senders: list[str]
    script: list[str]
    clients: int = 1
    seconds: float = 0.0
    keep_texts: bool = False
    side_by_side: int = 0
    """Not 0: senders come in pairs, and one client hears both in turn: the first goes ahead by so many lines, then each of its
    lines is followed by the second's next. What else the machine does then hits early and late turns alike."""


@dataclass
class Measured:
    """Every finished turn: its number in the conversation (from 1) and its seconds; `empty`: turns that nothing was said to."""

    elapsed: float = 0.0
    turns: list[tuple[int, float]] = field(default_factory=list)
    failed: int = 0
    empty: int = 0
    used: int = 0
    texts: list[list[str]] = field(default_factory=list)
    cpu_s: dict[str, float] = field(default_factory=dict)
    """Processor seconds of the servers meanwhile; filled in by who started them."""


async def carry_out(plan: Plan) -> Measured:
    found = Measured()
    waiting = iter(plan.senders)
    connector = aiohttp.TCPConnector(limit=plan.clients)
    timeout = aiohttp.ClientTimeout(total=TIMEOUT)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        began = time.perf_counter()
        ends = began + plan.seconds if plan.seconds else float("inf")

        async def client() -> None:
            for sender in waiting:
                if time.perf_counter() >= ends:
                    return
                found.used += 1
                texts: list[str] = []
                for number, message in enumerate(plan.script, 1):
                    asked = time.perf_counter()
                    replies = await _say(session, plan.url, sender, message)
                    now = time.perf_counter()
                    if replies is None:
                        found.failed += 1
                    elif now <= ends:
                        found.turns.append((number, now - asked))
                        found.empty += not replies
                        if plan.keep_texts:
                            texts.append("\n".join(str(r.get("text") or "") for r in replies))
                    if now >= ends:
                        return
                found.texts.append(texts)

        async def pair(old: str, new: str) -> None:
            for number, message in enumerate(plan.script, 1):
                turns = [(old, number, message)]
                if number > plan.side_by_side:
                    turns.append((new, number - plan.side_by_side, plan.script[number - plan.side_by_side - 1]))
                for sender, turn, line in turns:
                    asked = time.perf_counter()
                    replies = await _say(session, plan.url, sender, line)
                    if replies is None:
                        found.failed += 1
                    elif len(turns) > 1:
                        found.turns.append((turn, time.perf_counter() - asked))
            found.used += 1

        if plan.side_by_side:
            for old, new in zip(waiting, waiting, strict=True):
                await pair(old, new)
        else:
            await asyncio.gather(*(client() for _ in range(plan.clients)))
        found.elapsed = min(time.perf_counter(), ends) - began
    return found


async def _say(session: aiohttp.ClientSession, url: str, sender: str, message: str) -> list[dict[str, Any]] | None:
    try:
        async with session.post(url, json={"sender": sender, "message": message}) as response:
            answer = await response.json(content_type=None)
            return answer if response.status == 200 and isinstance(answer, list) else None
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return None


def main() -> None:
    plan = Plan(**json.load(sys.stdin))
    gc.disable()  # a collection here would count as a slow turn there
    json.dump(asdict(asyncio.run(carry_out(plan))), sys.stdout)


if __name__ == "__main__":
    main()
