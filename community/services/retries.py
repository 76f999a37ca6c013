"""What becomes of a message whose turn failed: tried again, called back, put aside."""

from __future__ import annotations

from datetime import timedelta

from community.model.message import InboxStatus
from community.ports import Community
from community.services.notify import tell

MAX_ATTEMPTS = 5
"""A message that fails this often for a reason of its own (not an outage) is put aside and the resident told."""
GIVE_UP_AFTER = timedelta(hours=24)
LATE_AFTER = timedelta(seconds=3)
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=0.5), timedelta(seconds=10)
"""Between two tries in an outage."""
ASSISTANT_AWAY = "assistant away"
"""How the error begins of a message that was put off because of the assistant."""


async def assistant_back(c: Community) -> int:
    """Make due what was put off because the assistant was away, wherever that was; returns how many messages."""
    async with c.uow() as uow:
        called = await uow.inbox.call_back(ASSISTANT_AWAY, c.clock.now())
        await uow.commit()
        return called


async def postpone(
    c: Community, worker: str, message_id: int, error: str, transient: bool, *, called_back: bool = False
) -> None:
    """Keep a message whose turn failed, to be tried again with growing pauses.

    An outage (`transient`) is waited out for a day, and its tries are none of the message's own. They come after pauses of a quarter of
    the time it has waited already (at most 10 s), so that nobody waits much longer than the outage; where it is `called_back`
    (`assistant_back`) when the outage is over, there is no use in trying before, but once to tell the resident.
    A message that fails by itself is put aside after five tries.
    The resident is told once that it is received, and once when it is put aside.
    """
    async with c.uow() as uow:
        message = await uow.inbox.owned(message_id, worker)
        if message is None:
            return
        now = c.clock.now()
        waited = now - message.received_at
        dead = waited > GIVE_UP_AFTER or (not transient and message.attempts >= MAX_ATTEMPTS)
        message.error = error[:300]
        if dead:
            message.status, message.handled_at = InboxStatus.DEAD, now
            await tell(
                uow,
                message.resident_id,
                "很抱歉，这条消息我没能处理好，已转给工作人员查看。急事请直接拨打12345，或者说“转人工”。",
                key=f"in-{message_id}:dead",
                now=now,
                in_reply_to=message_id,
            )
        else:
            pause = timedelta(seconds=2.0 * message.attempts)
            if transient:
                message.attempts -= 1
                pause = LONGEST_PAUSE if called_back else waited / 4
                if called_back and waited <= LATE_AFTER:
                    pause = LATE_AFTER - waited
                pause = min(LONGEST_PAUSE, max(SHORTEST_PAUSE, pause))
            message.status, message.next_try_at = InboxStatus.NEW, now + pause
            message.worker = message.lease_until = None
            if not message.notified_late and waited > LATE_AFTER:
                message.notified_late = True
                await tell(
                    uow,
                    message.resident_id,
                    "消息已收到。系统正忙，一恢复就马上处理，您不用重发。",
                    key=f"in-{message_id}:late",
                    now=now,
                    author="system",
                )
        await uow.commit()
