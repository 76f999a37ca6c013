"""The turn of a message: kept once, worked on one at a time a resident, answered once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

from community.errors import InvalidInput, NotFound
from community.model.conversation import Holder
from community.model.danger import Verdict, find_danger, judge
from community.model.message import MAX_TEXT, Asked, InboxMessage, InboxStatus, OutboxMessage, Reply
from community.model.understanding import Heard
from community.ports import Community, UnitOfWork
from community.services import chats, understandings, windows
from community.services.conversations import conversation_of
from community.services.danger import raise_alarm
from community.services.notify import Telling, tell_all

LEASE = timedelta(seconds=60)
"""Longer than the 25 s a turn may take: a lease runs out only when its worker is gone."""
PHOTO_TEXT = "[图片]"
LOOKED_BACK = 5
"""Messages to a resident among which the question is looked for that a number may answer."""
HEARD = "我听到的是：“{}”"
HEARD_AT_MOST = 80
"""Characters of it that are said back."""


@dataclass(frozen=True)
class Incoming:
    """A message as an entrance took it. `choice` is (history key like 'out-12', index of the button).

    `payload` only ever comes from us or the operator's menu, never from what was typed.
    """

    channel: str
    resident_id: int
    dedup_key: str
    text: str = ""
    photos: tuple[str, ...] = ()
    choice: tuple[str, int] | None = None
    payload: str | None = None
    attachments: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Received:
    id: int
    duplicate: bool


@dataclass(frozen=True)
class Turn:
    """What is to be done with a claimed message. Only 'assistant' still needs Rasa; `text` is what Rasa gets."""

    kind: Literal["danger", "held", "assistant"]
    sender: str = ""
    text: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    care: str = ""
    """What is said before the answer, in the same message: when somebody may be in danger, and what was heard."""


def clean_text(text: str) -> str:
    """`text` without control and invisible characters, spaces folded; newlines stay. Emoji stay."""
    kept = []
    for char in text.replace("\r\n", "\n").replace("\r", "\n"):
        kind = unicodedata.category(char)
        if char == "\n" or kind not in ("Cc", "Cf", "Cs", "Co", "Cn") or char == "\u200d":
            kept.append(char)
    return re.sub(r"[ \t\u3000]+", " ", "".join(kept)).strip()


async def receive(c: Community, message: Incoming) -> Received:
    """Keep a message durably, once. Raises InvalidInput when there is nothing in it or it is too long.

    A button, or a number or title that means one of the last message's buttons, is turned into the button's payload
    here: what a resident types can never be a payload.
    """
    async with c.uow() as uow:
        received = await receive_in(uow, message, c.clock.now())
        await uow.commit()
        return received


async def receive_in(uow: UnitOfWork, message: Incoming, now: datetime) -> Received:
    """`receive` in a transaction that does more with it."""
    text = clean_text(message.text)
    if not text and not message.photos and not message.attachments and message.choice is None:
        raise InvalidInput("没有收到文字，请再说一遍。")
    if len(text) > MAX_TEXT:
        raise InvalidInput(f"这条消息太长了（超过{MAX_TEXT}字），请分几条发给我。")
    if len(message.photos) > 9:
        raise InvalidInput("一次最多发9张照片。")
    payload = message.payload
    if message.choice is not None:
        key, index = message.choice
        kind, _, number = key.partition("-")
        shown = await uow.outbox.get(int(number)) if kind == "out" and number.isdecimal() else None
        if shown is None or shown.resident_id != message.resident_id or not 0 <= index < len(shown.buttons):
            raise NotFound("这个选项已经不在了，请直接打字告诉我。")
        text, payload = shown.buttons[index]["title"], shown.buttons[index]["payload"]
    elif payload is None and may_choose(text) and not message.photos and not message.attachments:
        asking = await _last_question(uow, message.resident_id)
        chosen = asking.choice(text) if asking is not None else None
        payload = chosen["payload"] if chosen else None
    for photo in message.photos:
        if not await uow.media.granted(photo, message.resident_id):
            raise NotFound("照片没有上传成功，请重新发一次。")
    if message.photos and not text:
        text, payload = PHOTO_TEXT, "/photo"
    row = InboxMessage(
        id=0,
        channel=message.channel,
        dedup_key=message.dedup_key[:200],
        resident_id=message.resident_id,
        text=text,
        payload=payload,
        photos=list(message.photos),
        attachments=list(message.attachments),
        received_at=now,
    )
    inbox_id, new = await uow.inbox.insert(row)
    uow.announce("inbox", resident_id=message.resident_id, id=inbox_id)
    return Received(inbox_id, not new)


async def _last_question(uow: UnitOfWork, resident_id: int) -> OutboxMessage | None:
    return question_among(await uow.outbox.latest(resident_id, LOOKED_BACK))


LONGEST_CHOICE = 16
"""Characters of what is looked at as an answer to a question. Titles are shorter; a longer one can be tapped, or is read as words."""


def may_choose(text: str) -> bool:
    """Whether this may mean one of the last message's buttons: most messages are too long, and need not be compared."""
    return 0 < len(text) <= LONGEST_CHOICE


Asking = TypeVar("Asking", OutboxMessage, Asked)


def question_among(latest: Sequence[Asking]) -> Asking | None:
    """The message whose choices a number means, among the last few (newest first): the last one, passing over news that ask nothing.

    News come whenever they come: between a question and its answer they must not make "2" mean nothing.
    """
    for shown in latest:
        if shown.buttons or shown.in_reply_to is not None or shown.author != "system":
            return shown
    return None


async def claim(c: Community, worker: str, limit: int = 8) -> list[InboxMessage]:
    """Messages for this worker to work on now, at most one a resident, in order."""
    async with c.uow() as uow:
        now = c.clock.now()
        taken = await uow.inbox.claim(worker, now, now + LEASE, limit)
        await windows.open_for(uow, taken, now)
        await uow.commit()
        return taken


async def release_gone(c: Community, is_gone: Callable[[str], bool]) -> int:
    """Give back the messages of workers that are gone, so that nobody waits for their lease to run out.

    `is_gone` is told a worker's name and must be sure: a living worker would lose its turn (and write nothing).
    """
    async with c.uow() as uow:
        released = 0
        for worker in await uow.inbox.workers():
            if is_gone(worker):
                released += await uow.inbox.release(worker)
        await uow.commit()
        return released


async def prepare(c: Community, message: InboxMessage) -> Turn:
    """Decide what a claimed message needs. Danger and held messages are wholly done here, but for `finish`."""
    verdict = await danger_in(c, message.text) if message.payload is None else Verdict()
    rule = verdict.alarm
    if rule is not None:
        await raise_alarm(c, message.id, message.resident_id, message.text, rule)
    key = await _talks_with_the_bot(c, message.resident_id)
    if key is None:
        key, held = await _goes_on(c, message.resident_id)
        if held and rule is None:
            return Turn("held")
    if rule is not None:
        return Turn("danger")
    # A typed slash would be read by Rasa as an intent of its own choosing.
    text = message.payload or message.text.lstrip("/／").strip() or "…"
    identity = f"in-{message.id}"
    metadata: dict[str, Any] = {"message_id": identity, "photos": list(message.photos)}
    for attachment in message.attachments:
        if attachment["kind"] == "location":
            metadata["location"] = {name: attachment[name] for name in ("latitude", "longitude")}
        elif attachment["kind"] == "welcome":
            metadata["welcome"] = True
    before = [f"如果这会儿正有危险：{verdict.care.number_first}"] if verdict.care else []
    if any(attachment["kind"] == "voice" for attachment in message.attachments):
        # Whoever spoke cannot see what was made of it; what was misheard must not be filed unseen.
        before.append(HEARD.format(message.text if len(message.text) <= HEARD_AT_MOST else message.text[:HEARD_AT_MOST] + "…"))
    return Turn("assistant", key, text, metadata, "\n\n".join(before))


async def _talks_with_the_bot(c: Community, resident_id: int) -> str | None:
    """The key of a resident who talks with the assistant and nobody else, as nearly all do: only read."""
    async with c.reading() as uow:
        return await uow.conversations.key_with_bot(resident_id)


async def _goes_on(c: Community, resident_id: int) -> tuple[str, bool]:
    """(key of the resident, whether a person has the conversation). It is made when there is none, and those who wait for a person or
    talk with one are seen to have spoken."""
    async with c.uow() as uow:
        resident = await uow.people.resident(resident_id)
        if resident is None:
            raise NotFound("没有找到您的信息，请重新进入。")
        conversation = await conversation_of(uow, resident)
        if conversation.holder is not Holder.BOT:
            conversation.last_at = c.clock.now()
            uow.announce("conversations", resident_id=resident.id)
        await uow.commit()
        return resident.key, conversation.holder is Holder.STAFF


async def danger_in(c: Community, text: str) -> Verdict:
    """Both judges of danger on one message: the rules, and the model of examples."""
    rules = await c.danger_rules.in_force()
    rings = find_danger(text, rules)
    return judge(rings, await c.danger_sense.weigh(text), {rule.code: rule for rule in rules})


@dataclass(frozen=True)
class Answered:
    """A claimed message and what is said to it. `care` stands before the first reply, or alone; `heard` is what words were taken for,
    `form` the form that is open now ('' none, None: not known)."""

    message_id: int
    replies: Sequence[Reply] = ()
    care: str = ""
    heard: Heard | None = None
    form: str | None = None

    def said(self) -> list[Reply]:
        if not self.care:
            return list(self.replies)
        if not self.replies:
            return [Reply(self.care)]
        first, *others = self.replies
        return [Reply(f"{self.care}\n\n{first.text}", first.buttons, first.photos), *others]


async def finish(c: Community, worker: str, answered: Sequence[Answered]) -> list[bool]:
    """Write the replies and mark the messages handled, in one transaction.

    False, and nothing written, for each whose lease was lost to another worker in the meantime.
    """
    async with c.uow() as uow:
        now = c.clock.now()
        held = {message.id: message for message in await uow.inbox.owned_of([a.message_id for a in answered], worker)}
        ours = [(held[a.message_id], a.said()) for a in answered if a.message_id in held]
        turns = [(held[a.message_id], a.heard, a.form) for a in answered if a.message_id in held]
        sessions = await chats.keep_in(uow, turns, now)
        await understandings.keep_in(uow, [(message, heard) for message, heard, _ in turns], now, sessions)
        await tell_all(
            uow,
            [
                Telling(message.resident_id, reply, f"in-{message.id}:reply-{index}", message.id)
                for message, replies in ours
                for index, reply in enumerate(replies)
            ],
            now,
        )
        for message, replies in ours:
            message.status, message.handled_at, message.error = InboxStatus.DONE, now, ""
            if not replies:
                # What had to leave room for an answer need not any more.
                await uow.outbox.wake(message.resident_id, message.channel)
            uow.announce("outbox", resident_id=message.resident_id)
        await uow.commit()
        return [a.message_id in held for a in answered]


async def unfinished(c: Community, resident_id: int) -> list[int]:
    """Ids of the resident's messages that are still being worked on, in order."""
    async with c.reading() as uow:
        return await uow.inbox.unfinished(resident_id)
