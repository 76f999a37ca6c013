"""Live updates: who is woken by what, and knowing whether signals arrive at all."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

from community.model.message import HistoryLine
from community.store.signals import LocalSignals
from console import live
from console.chat import added
from console.live import PULSE_TOPIC, Hub, Watch


def watch(hub: Hub, resident_id: int | None = None, token: str = "t") -> Watch:
    visit: Any = SimpleNamespace(token=token)

    async def refresh() -> None: ...

    made = Watch(hub, visit, refresh, resident_id)
    hub._watches.add(made)
    return made


def woken(one: Watch) -> bool:
    return one._due.is_set()


async def test_tickets_and_conversations_concern_every_page() -> None:
    for topic in ("tickets", "conversations"):
        hub = Hub()
        page = watch(hub)
        hub.wake(topic, {})
        assert woken(page)


async def test_a_message_wakes_only_the_page_of_its_conversation() -> None:
    hub = Hub()
    a_list, same, other = watch(hub), watch(hub, 3), watch(hub, 4)
    hub.wake("inbox", {"resident_id": 3})
    assert (woken(a_list), woken(same), woken(other)) == (False, True, False)


async def test_signing_out_wakes_the_pages_of_that_session_only() -> None:
    hub = Hub()
    mine, theirs = watch(hub, token="a"), watch(hub, token="b")
    hub.signed_out("a")
    assert (woken(mine), woken(theirs)) == (True, False)


async def until(condition: Any) -> None:
    for _ in range(200):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("did not happen")


async def test_a_hub_that_hears_itself_wakes_all_once_for_what_it_missed_and_then_hears_others() -> None:
    hub, signals = Hub(), LocalSignals()
    page = watch(hub)
    tasks = [asyncio.create_task(hub.listen(signals)), asyncio.create_task(hub.pulse(signals))]
    try:
        assert not hub.hearing
        await asyncio.sleep(0)
        await signals.publish((PULSE_TOPIC, {"from": "another console"}))
        await signals.publish((PULSE_TOPIC, {"from": hub._name}))
        await until(lambda: hub.hearing)
        assert woken(page)
        page._due.clear()
        await signals.publish(("tickets", {"number": "100014"}))
        await until(lambda: woken(page))
    finally:
        for task in tasks:
            task.cancel()


async def test_another_consoles_pulse_is_not_ours() -> None:
    hub = Hub()
    hub._hear("another console")
    assert not hub.hearing


def test_a_deaf_page_looks_every_five_seconds() -> None:
    assert live.POLL_DEAF == 5
    assert live.POLL_HEARING > live.POLL_DEAF


NOON = datetime(2026, 11, 24, 4, 0, tzinfo=timezone.utc)


def line(number: int, text: str = "话") -> HistoryLine:
    return HistoryLine(f"in-{number}", "in", text, NOON + timedelta(seconds=number))


def test_new_lines_are_added_below() -> None:
    assert added([line(1), line(2)], [line(1), line(2), line(3)]) == [line(3)]
    assert added([line(1), line(2)], [line(1), line(2)]) == []


def test_lines_that_fall_out_of_the_window_do_not_redraw_the_rest() -> None:
    assert added([line(1), line(2), line(3)], [line(2), line(3), line(4)]) == [line(4)]


def test_anything_else_is_drawn_anew() -> None:
    assert added([], [line(1)]) is None
    assert added([line(1), line(2)], [line(1, "改了"), line(2)]) is None
    assert added([line(1), line(3)], [line(1), line(2), line(3)]) is None
    assert added([line(1)], [line(7), line(8)]) is None
