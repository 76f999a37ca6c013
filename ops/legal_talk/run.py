"""`./linshe laws converse`: made-up conversations with the real action, on a city of its own, and every reply checked."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import runtime, slots
from actions.legal import ActionAdvise
from community.knowledge import importer
from community.knowledge.phrasings import all_texts, read_phrasings
from community.model.calendar import local
from community.model.people import Resident
from community.ports import Community
from ops.legal_talk.check import Table, check, read_table
from ops.legal_talk.liar import TRUE, LyingWriter
from ops.legal_talk.wordings import Named, Speaker

SENDER = "rlegaltalk"
SHOWN = 20
"""So many of the false ones are listed."""
Spoil = Callable[[str], str]


async def fill(c: Community, knowledge: Path, wheel: Path | None = None) -> None:
    """A city of nothing but the law and one resident."""
    await importer.import_wheel(c, path=wheel)
    await importer.import_answers(c, knowledge)
    await add_resident(c)


async def add_resident(c: Community) -> None:
    async with c.uow() as uow:
        if await uow.people.resident_by_key(SENDER) is None:
            await uow.people.add_resident(Resident(0, SENDER, "", demo=True))
        await uow.commit()


async def speaker(c: Community, random: Random, table: Table) -> Speaker:
    labels: dict[str, list[str]] = {}
    for law, label in table.texts:
        labels.setdefault(law, []).append(label)
    async with c.reading() as uow:
        wordings = [text for answer in await uow.laws.answers() for text in (answer.title, *answer.questions)]
        current, ended = set(labels), set[str]()
        for statute in await uow.laws.statutes():
            if statute.short_name not in current:
                ended.add(statute.name)
        full = {statute.short_name: statute.name for statute in await uow.laws.statutes()}
    laws = [Named(full[law], tuple(found), True) for law, found in sorted(labels.items())]
    laws += [Named(law, ("第一条", "第二条", "第十条"), False) for law in sorted(ended)]
    return Speaker(random, wordings, list(all_texts(read_phrasings())), laws)


class Talk:
    """One conversation: what an action wants remembered is there when the next message comes."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = dict.fromkeys(slots.EVERY)
        self._said = 0
        self.buttons: list[str] = []

    async def say(self, text: str, entities: Sequence[dict[str, str]] = ()) -> list[str]:
        """What is answered, each message as it would be sent. A digit that was pressed comes as `/ask_legal` with its entity."""
        self._said += 1
        key = f"in-{id(self)}-{self._said}"
        message = {
            "text": text, "intent": {"name": "ask_legal", "confidence": 0.95}, "entities": list(entities), "message_id": key,
            "intent_ranking": [{"name": "ask_legal", "confidence": 0.95}], "metadata": {"message_id": key},
        }  # fmt: skip
        events = [{"event": "action", "name": "action_listen"}, {"event": "user", "text": text}]
        tracker = Tracker(SENDER, dict(self._values), message, events, False, None, {}, "action_listen")
        dispatcher = CollectingDispatcher()
        for event in await ActionAdvise().run(dispatcher, tracker, {}):
            if event.get("event") == "slot":
                self._values[str(event["name"])] = event["value"]
        self.buttons = [str(button["payload"]) for said in dispatcher.messages for button in said.get("buttons") or ()]
        return [str(said["text"]) for said in dispatcher.messages if said.get("text")]

    async def press(self, random: Random) -> list[str]:
        """Choose one of the digits under the last answer that leads on in the law; nothing where there is none."""
        on = [button for button in self.buttons if button.startswith("/ask_legal{")]
        if not on:
            return []
        chosen = random.choice(on)
        return await self.say(chosen, [{"entity": "answer", "value": json.loads(chosen.removeprefix("/ask_legal"))["answer"]}])


async def converse(
    c: Community,
    count: int,
    seed: int,
    tell: Callable[[int, int], None] | None = None,
    spoil: Spoil = lambda text: text,
    lying: bool = False,
) -> dict[str, Any]:
    """Hold so many conversations. `false` counts what `check` found; `spoil` changes replies before they are checked.

    `lying`: with a writer that lies; each lie that is said is false, too.
    """
    began = time.monotonic()
    today: date = local(c.clock.now()).date()
    table = await read_table(c, today)
    speaking = await speaker(c, Random(seed), table)  # noqa: S311 - no secret
    pressing = Random(seed + 1)  # noqa: S311
    liar = LyingWriter(Random(seed)) if lying else None  # noqa: S311
    c = replace(c, writer=liar) if liar is not None else c
    said_by_it: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    wrong: list[dict[str, str]] = []
    runtime.use(c)
    try:
        for number in range(count):
            talk = Talk()
            for text in speaking.conversation():
                totals["messages"] += 1
                for reply in [*await talk.say(text), *await talk.press(pressing)]:
                    found = await check(c, spoil(reply), table, today)
                    totals["replies"] += 1
                    totals["citations"] += found.citations
                    totals["quotes"] += found.quotes
                    totals["denials"] += found.denials
                    totals["with_law"] += bool(found.citations or found.denials)
                    wrong += [{"said": text, "wrong": one} for one in found.wrong]
                    if liar is not None and (kind := liar.kind_of(reply)) is not None:
                        said_by_it[kind] += 1
                        wrong += [{"said": text, "wrong": f"the writer's lie: {kind}"}] if kind != TRUE else []
            if tell is not None:
                tell(number + 1, count)
    finally:
        runtime.release()
    return {
        "conversations": count,
        "seed": seed,
        "day": today.isoformat(),
        "by_meaning": getattr(c.legal, "by_meaning", False),
        **({"writer": {"told": dict(liar.told), "said": dict(said_by_it)}} if liar is not None else {}),
        **{name: totals[name] for name in ("messages", "replies", "with_law", "citations", "quotes", "denials")},
        "false": len(wrong),
        "examples": wrong[:SHOWN],
        "seconds": round(time.monotonic() - began, 1),
    }
