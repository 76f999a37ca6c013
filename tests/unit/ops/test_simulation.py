"""Ninety days of the closed loop, small: the rules hold, and the check sees when they do not."""

from __future__ import annotations

import asyncio
from datetime import datetime, time, timedelta
from random import Random

import pytest

from community.bootstrap import is_workday
from community.model import promise
from community.model.calendar import SHANGHAI
from community.services import incident_acts, promise_clock
from ops.simulation.__main__ import FIRST_DAY, simulate
from ops.simulation.check import Findings, Seconds, check
from ops.simulation.city import build, community_of
from ops.simulation.play import Play


def played(number: int, seed: int = 7) -> Findings:
    city = build(seed, FIRST_DAY, 90)
    play = Play(city, community_of(city, is_workday), is_workday, Random(seed))
    asyncio.run(play.run(number, lambda line: None))
    end = datetime.combine(FIRST_DAY + timedelta(days=90), time(0), SHANGHAI)
    return check(city.memory, Seconds(FIRST_DAY, 180, is_workday), end)


def test_no_rule_is_broken_in_ninety_days() -> None:
    result = simulate(400, 90, 3)
    assert result["wrong"] == {}
    for seen in ("escalate", "press", "closed by silence", "closed by the resident"):
        assert result["seen"][seen] > 10, seen
    for move in ("pause", "resume", "return", "transfer", "reopen", "withdraw", "urge"):
        assert result["moves"][move] > 2, move
    for seen in ("merge", "told together"):
        assert result["seen"][seen] > 2, seen


def test_a_closing_of_an_incident_that_is_told_to_nobody_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*_: object) -> int:
        return 0

    monkeypatch.setattr(incident_acts, "tell_together", nothing)
    assert "closing not told once" in played(600).wrong


def test_a_clock_that_counts_the_lunch_break_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("community.model.calendar.SPANS", ((time(8, 30), time(18, 0)),))
    assert "clock" in played(100).wrong


def test_a_level_that_is_left_out_in_silence_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*_: object) -> None:
        pass

    monkeypatch.setattr(promise_clock, "tell_moved", nothing)
    assert "hop not told" in played(100).wrong


def test_a_promise_that_nobody_looks_after_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promise, "due", lambda ticket, now: None)
    wrong = played(100).wrong
    assert any("no step up" in words for words in wrong["clock"])
