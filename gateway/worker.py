"""Works through the inbox: several residents at a time, one message of a resident at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import structlog

from community.errors import Conflict, Unavailable
from community.model.message import InboxMessage
from community.ports import Community
from community.services import inbound, retries
from community.services.inbound import Answered, Turn
from gateway.attachments import Attachments, MediaAway
from gateway.gathering import Gathering
from gateway.loops import set_within
from gateway.metrics import Metrics
from gateway.names import is_gone, worker_name
from gateway.pace import Pace
from gateway.rasa_client import Assistant, AssistantAway, AssistantBroken, AssistantGone, Said

log = structlog.get_logger("gateway.worker")

PARALLEL = 16
POLL_FIRST = 0.5
POLL_LATER = 1.0
STUCK_AFTER = 30.0
LOOK_AGAIN = 0.25
"""Seconds between two looks at an assistant that is gone: so much longer than its start do people wait."""
GRACE = 5.0
"""How long a stopping process waits for turns under way; what is left is claimed again by the next one."""


def _nothing(_: object) -> None:
    pass


class InboxWorker:
    """`on_turn` is told each message that goes to the assistant, `on_done` the resident whose message was worked on."""

    def __init__(
        self,
        community: Community,
        assistant: Assistant,
        metrics: Metrics,
        *,
        on_turn: Callable[[InboxMessage], None] = _nothing,
        on_done: Callable[[int], None] = _nothing,
        attachments: Attachments | None = None,
        parallel: int = PARALLEL,
    ) -> None:
        self.name = worker_name()
        self._community, self._assistant, self._metrics = community, assistant, metrics
        self._on_turn, self._on_done = on_turn, on_done
        self._attachments = attachments or Attachments(community, {})
        self._parallel = parallel
        self._tasks: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()
        self._beat = time.monotonic()
        self._gone = False
        self._looking: asyncio.Task[None] | None = None
        self._finishing: Gathering[Answered, bool] = Gathering(
            lambda answered: inbound.finish(community, self.name, answered), Pace()
        )

    @property
    def alive(self) -> bool:
        return time.monotonic() - self._beat < STUCK_AFTER

    def wake(self) -> None:
        """There may be something to claim. Only a hint: without it the next poll finds it."""
        self._woken.set()

    async def run(self) -> None:
        pause, pace = POLL_FIRST, Pace()
        await self._release_gone()
        # A worker before this one may have been killed while it looked.
        self._look_for_the_assistant()
        while True:
            self._beat = time.monotonic()
            self._woken.clear()
            async with pace:
                claimed = await self._claim()
            for message in claimed:
                task = asyncio.create_task(self._work(message))
                self._tasks.add(task)
                task.add_done_callback(self._finished)
            pause = POLL_FIRST if claimed else min(POLL_LATER, pause * 1.25)
            await set_within(self._woken, pause)

    async def _release_gone(self) -> None:
        """A gateway killed on this machine left its turns behind: its successor takes them up at once."""
        try:
            released = await inbound.release_gone(self._community, is_gone)
            if released:
                log.warning("took up turns of a worker that is gone", messages=released)
        except Exception as error:
            # The database is away: the leases run out by themselves.
            log.error("cannot look for workers that are gone", exc_info=error)

    async def stop(self) -> None:
        """Let turns under way end, for a while."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE)
        looking = {self._looking} if self._looking is not None else set()
        for task in (*self._tasks, *looking):
            task.cancel()
        await asyncio.gather(*self._tasks, *looking, return_exceptions=True)

    def _look_for_the_assistant(self) -> None:
        """Look until it is there, and then call back what was put off."""
        self._gone = True
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        while self._gone:
            # Set again by a message that is put off while the others are called: it is called too.
            self._gone = False
            while not await self._assistant.there():
                await asyncio.sleep(LOOK_AGAIN)
            await self._call_back()

    async def _call_back(self) -> None:
        try:
            called = await retries.assistant_back(self._community)
        except Exception as error:
            # The database is away: the pauses run out by themselves.
            log.error("cannot call back what waits for the assistant", exc_info=error)
            return
        if called:
            log.info("the assistant is there", messages=called)
            self.wake()

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        # The same resident's next message may be claimed now.
        self.wake()

    async def _claim(self) -> Sequence[InboxMessage]:
        room = self._parallel - len(self._tasks)
        if room <= 0:
            return ()
        try:
            return await inbound.claim(self._community, self.name, room)
        except Exception as error:
            log.error("cannot claim", exc_info=error)
            await asyncio.sleep(1)
            return ()

    async def _work(self, message: InboxMessage) -> None:
        began = time.monotonic()
        waited = (self._community.clock.now() - message.received_at).total_seconds()
        if message.attempts <= 1 and not message.error:
            self._metrics.wait_seconds.observe(max(0.0, waited))
        kind, outcome = "unknown", "done"
        try:
            brought = await self._attachments.bring(self.name, message) if message.to_fetch() else message
            if brought is None:
                outcome = "given_up"
            else:
                turn = await inbound.prepare(self._community, brought)
                kind = turn.kind
                if not await self._answer(brought, turn):
                    outcome = "lost_lease"
        except MediaAway as error:
            outcome = "no_media"
            await self._postpone(message, f"media away: {error}", transient=True)
        except AssistantAway as error:
            outcome = "away"
            gone = isinstance(error, AssistantGone)
            text = f"{retries.ASSISTANT_AWAY}: {error}"
            await self._postpone(message, text, transient=True, called_back=gone)
            if gone:
                self._look_for_the_assistant()
        except AssistantBroken as error:
            outcome = "broken"
            await self._postpone(message, f"assistant broken: {error}", transient=False)
        except (Conflict, Unavailable) as error:
            outcome = "again"
            await self._postpone(message, error.code, transient=True)
        except asyncio.CancelledError:
            # Stopping: given back now, the next process need not wait for the lease to run out.
            await asyncio.shield(self._postpone(message, "gateway stopped", transient=True))
            raise
        except Exception as error:
            outcome = "failed"
            log.error("turn failed", message=message.id, exc_info=error)
            await self._postpone(message, type(error).__name__, transient=False)
        self._metrics.turns.labels(kind, outcome).inc()
        self._metrics.turn_seconds.labels(kind).observe(time.monotonic() - began)
        level = log.info if outcome == "done" else log.warning
        level("turn", message=message.id, kind=kind, outcome=outcome, ms=round((time.monotonic() - began) * 1000))
        self._on_done(message.resident_id)

    async def _answer(self, message: InboxMessage, turn: Turn) -> bool:
        """False when the lease was lost, and nothing was written."""
        said = Said([])
        if turn.kind == "assistant":
            self._on_turn(message)
            asked = time.monotonic()
            try:
                said = await self._assistant.ask(turn.sender, turn.text, turn.metadata)
            except AssistantGone as error:
                if await self._assistant.there():
                    # Only the connection broke. The message may be what breaks it: then growing pauses are right.
                    raise AssistantAway(str(error)) from error
                raise
            self._metrics.rasa_seconds.observe(time.monotonic() - asked)
        return await self._finishing.take(Answered(message.id, said.replies, turn.care, said.heard, said.form))

    async def _postpone(
        self, message: InboxMessage, error: str, *, transient: bool, called_back: bool = False
    ) -> None:
        try:
            await retries.postpone(self._community, self.name, message.id, error, transient, called_back=called_back)
        except Exception as trouble:
            # The database is away too. The lease runs out by itself, and the message is claimed again.
            log.error("cannot postpone", message=message.id, exc_info=trouble)
