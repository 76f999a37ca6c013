"""What a mediation's second side may come to, and what is refused. No database."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from community.errors import Conflict, IllegalMove, InvalidInput
from community.model.care import CareState, CareTask
from community.model.mediation import Mediation, Result, Second, Side

NOW = datetime(2026, 11, 27, 2, tzinfo=timezone.utc)


def invited() -> Mediation:
    mediation = Mediation(1, 1, NOW)
    mediation.name("3幢101", 7)
    mediation.invite(2, "夜里的声响", NOW)
    return mediation


def test_nothing_is_the_second_sides_before_it_has_accepted() -> None:
    mediation = invited()
    assert not mediation.is_second(2)
    assert mediation.answer(True, NOW)
    assert mediation.is_second(2)
    assert not mediation.is_second(3)
    assert not mediation.answer(True, NOW)  # said before
    with pytest.raises(IllegalMove):
        mediation.answer(False, NOW)


def test_who_was_asked_or_has_come_is_not_exchanged_for_another() -> None:
    mediation = invited()
    with pytest.raises(IllegalMove):
        mediation.name("5幢101", 8)
    with pytest.raises(Conflict):
        mediation.invite(3, "x", NOW)


def test_after_a_no_somebody_else_of_the_household_may_be_asked() -> None:
    mediation = invited()
    mediation.answer(False, NOW)
    with pytest.raises(Conflict):
        mediation.invite(2, "x", NOW)
    mediation.name("3幢101", 7)
    assert mediation.second is Second.DECLINED
    mediation.invite(3, "x", NOW)
    assert mediation.second is Second.INVITED


def test_a_result_stands_when_everybody_who_takes_part_has_said_so() -> None:
    alone = Mediation(1, 1, NOW)
    alone.conclude(Result.REACHED, "说开了")
    assert alone.agree(Side.FIRST)
    together = invited()
    together.answer(True, NOW)
    together.conclude(Result.REACHED, "说开了")
    assert not together.agree(Side.SECOND)
    assert together.agree(Side.FIRST)
    together.go_on()
    assert (together.result, together.first_agrees, together.second_agrees) == (None, None, None)


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(hours=-1), timedelta(days=61)])
def test_people_are_asked_to_come_soon_and_not_in_the_past(ahead: timedelta) -> None:
    with pytest.raises(InvalidInput):
        invited().meet(NOW + ahead, "调解室", NOW)


def test_a_task_goes_only_where_its_step_begins() -> None:
    task = CareTask(1, 1, 1, "取药", CareState.ASKED, NOW, NOW)
    task.to(CareState.OFFERED, NOW, only_from=(CareState.ASKED,))
    with pytest.raises(IllegalMove):
        task.to(CareState.OFFERED, NOW, only_from=(CareState.ASKED,))
