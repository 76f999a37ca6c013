"""kill -9 of every process in the middle of a conversation: everything arrives, and exactly once."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from community.model.message import InboxStatus
from community.ports import Community
from tests.e2e.test_whole_city import report
from tests.running_city import Chat, RunningCity

pytestmark = pytest.mark.timeout(900)


@pytest.mark.parametrize("victim", ["actions", "rasa", "gateway", "worker", "valkey", "console"])
async def test_a_killed_process_loses_nothing_and_doubles_nothing(
    running: RunningCity, heart: Community, victim: str
) -> None:
    who = {"actions": "R0005", "rasa": "R0006", "gateway": "R0007", "valkey": "R0008", "console": "R0009", "worker": "R0010"}[victim]
    async with Chat(running, who) as chat:
        async with heart.reading() as uow:
            resident = await uow.people.resident_by_identity("webchat", who)
            assert resident is not None
            before = {t.number for t in await uow.tickets.of_resident(resident.id, 100)}
        filing = asyncio.create_task(report(chat, "3幢路灯不亮，昨天晚上开始的"))
        await asyncio.sleep(0.4)
        running.kill(victim)
        number = await asyncio.wait_for(filing, 180)
        # And once more, with the message already on its way when the process dies.
        second = asyncio.create_task(chat.send(f"{number}到哪一步了"))
        await running.until_healthy(victim)
        running.kill(victim)
        asked = await second
        answers = await chat.replies(asked, 120)
        assert number in "".join(m["text"] for m in answers)
        await running.until_healthy(victim)
        async with heart.reading() as uow:
            after = {t.number for t in await uow.tickets.of_resident(resident.id, 100)}
            assert after - before == {number}
            events = await uow.tickets.events(
                next(t.id for t in await uow.tickets.of_resident(resident.id, 100) if t.number == number)
            )
            assert Counter(e.move for e in events).most_common(1)[0][1] == 1
        history = await chat.history()
        sent = [m for m in history if m["direction"] == "in"]
        assert len({m["id"] for m in history}) == len(history)
        for message in sent:
            inbox_id = int(message["id"].removeprefix("in-"))
            async with heart.reading() as uow:
                row = await uow.inbox.get(inbox_id)
                assert row is not None
                assert row.status is InboxStatus.DONE, f"message {inbox_id} is {row.status}: {row.error}"
            own = [m["text"] for m in history if m["in_reply_to"] == inbox_id]
            assert own
            assert len(own) == len(set(own)), f"answered twice: {own}"
