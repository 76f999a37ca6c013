"""What the demo city's residents said lately, as the assistant took it: what trainers and writers find on the first day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from community.model.advice import AdviceGiven
from community.model.chat import ChatSession
from community.model.understanding import UNSURE, Doubt, Heard
from community.services.understandings import of_message
from community.store.seed.tickets import Cast
from community.store.uow import SqlUnitOfWork


async def add_heard(uow: SqlUnitOfWork, cast: Cast, rows: list[dict[str, Any]], midnight: datetime) -> int:
    """Returns how many messages."""
    made = []
    for number, row in enumerate(rows, 1):
        ranking = tuple((str(name), float(chance)) for name, chance in row["ranking"])
        heard = Heard(row["intent"], float(row["confidence"]), ranking, row["category"], 0.5, "demo")
        at = midnight - timedelta(days=int(row["days"])) + timedelta(hours=8, minutes=17 * (number % 40))
        one = of_message(f"demo-{number}", cast.residents[row["who"]].id, at, row["text"], heard)
        more = [Doubt(why) for why in row.get("more", ())]
        for why in more:
            one.doubt(why)
        one.staff_category = row.get("staff", "")
        one.vote = "useless" if Doubt.USELESS in more else ""
        talk = ChatSession(0, one.resident_id, at, at, one.intent, 1, int(one.intent == UNSURE), handed=Doubt.HANDOFF in more)
        await uow.chats.add(talk)
        one.session_id = talk.id
        made.append(one)
    await uow.understandings.add_all(made)
    return len(made)


async def add_unanswered(uow: SqlUnitOfWork, cast: Cast, spec: dict[str, Any], midnight: datetime) -> int:
    """What no answer and no guide met. Returns how many questions."""
    number = 0
    for number, row in enumerate(spec["law"], 1):
        at = midnight - timedelta(days=int(row["days"])) + timedelta(hours=9)
        await uow.advice.add(AdviceGiven(0, cast.residents[row["who"]].id, at, row["text"], row["kind"], 0.1, f"demo-law-{number}"))
    for row in spec["guide"]:
        number += 1
        at = midnight - timedelta(days=int(row["days"])) + timedelta(hours=10)
        room = await uow.places.get(cast.residents[row["who"]].room_id or 0)
        for _ in range(int(row["times"])):
            await uow.guides.missed(f"demo-{number}", row["text"], room.community_id if room else None, at)
    return number
