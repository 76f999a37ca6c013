"""Understanding without a conversation: `python -m bot.parse MODEL` reads one JSON string a line, writes one JSON object a line.

Meant for ops/nlu/parsing.py, which runs in the other environment. The first line out is `{"ready": true}`. What is answered is what
Rasa's own pipeline says of the text, in the trained model, by the same way a message takes.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
from typing import Any, Dict, TextIO


def answer(parsed: Dict[str, Any], milliseconds: float) -> Dict[str, Any]:
    """The part of Rasa's parse that a reader wants, short."""
    intent = parsed.get("intent") or {}
    entities = []
    for entity in parsed.get("entities") or []:
        kept = {key: value for key, value in entity.items() if key not in ("extractor", "processors")}
        entities.append(kept)
    return {
        "intent": intent.get("name"),
        "confidence": round(float(intent.get("confidence") or 0.0), 4),
        "ranking": [[r["name"], round(float(r["confidence"]), 4)] for r in parsed.get("intent_ranking") or []][:5],
        "entities": entities,
        "ms": round(milliseconds, 2),
    }


async def serve(model: str, source: TextIO, sink: TextIO) -> None:
    from rasa.core.agent import Agent

    from bot import engine

    engine.apply_all()
    agent = Agent.load(model)
    await agent.parse_message("你好")  # what is built at the first message is not the second one's time
    print(json.dumps({"ready": True}), file=sink, flush=True)
    for line in source:
        began = time.perf_counter()
        text = json.loads(line)
        # A resident's words are never a payload: see bot.channel.
        parsed = await agent.parse_message(text.lstrip("/").strip() or " ")
        took = (time.perf_counter() - began) * 1000
        print(json.dumps(answer(parsed, took), ensure_ascii=False), file=sink, flush=True)


def main() -> None:
    logging.disable(logging.WARNING)
    # Libraries print to standard output as they load; the answers have it to themselves.
    sink = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    asyncio.run(serve(sys.argv[1], sys.stdin, sink))


if __name__ == "__main__":
    main()
