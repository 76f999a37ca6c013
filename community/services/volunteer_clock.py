"""What time does to activities: places run out and are offered on, the day before is told, what is over is settled, series go on.

Safe in several processes at once: each shift is looked at again under its lock.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from community.errors import LinsheError
from community.model.calendar import day_text, local
from community.model.message import Button
from community.model.points import hours_text
from community.model.series import AHEAD, read_series
from community.model.volunteer import Activity, Shift, SignupStatus, decent, reminds_from
from community.ports import Community, UnitOfWork
from community.services import waitlist
from community.services.checkin import credit
from community.services.notify import tell
from community.services.volunteering import shift_when

SETTLES_AFTER = timedelta(minutes=30)
"""After the end, for an organiser to check in who could not."""
Step = Callable[[UnitOfWork, Community, Activity, Shift, datetime], Awaitable[int]]


async def run(c: Community) -> int:
    """Returns how many places were moved, reminders told and signups settled."""
    now = c.clock.now()
    async with c.reading() as uow:
        lapsed = await uow.organising.lapsed(now)
        waiting = await uow.organising.to_offer(now) if decent(now) else []
        soon = await uow.organising.to_remind(now, now + timedelta(hours=31)) if decent(now) else []
        over = await uow.organising.over(now - SETTLES_AFTER)
    done = 0
    steps: tuple[tuple[list[int], Step], ...] = (
        (lapsed, _lapse), ([one for one in waiting if one not in lapsed], _offer), (soon, _remind), (over, _settle),
    )  # fmt: skip
    for shift_ids, step in steps:
        for shift_id in shift_ids:
            try:
                async with c.uow() as uow:
                    pair = await uow.volunteering.shift(shift_id, for_update=True)
                    if pair is not None and (moved := await step(uow, c, *pair, c.clock.now())):
                        await uow.commit()
                        done += moved
            except LinsheError:
                continue  # somebody was quicker
    return done + await _go_on(c)


async def _lapse(uow: UnitOfWork, c: Community, activity: Activity, shift: Shift, now: datetime) -> int:
    gone = await waitlist.lapse(uow, activity, shift, now)
    return gone + await waitlist.offer(uow, activity, shift, now)


async def _offer(uow: UnitOfWork, c: Community, activity: Activity, shift: Shift, now: datetime) -> int:
    return await waitlist.offer(uow, activity, shift, now)


async def _remind(uow: UnitOfWork, c: Community, activity: Activity, shift: Shift, now: datetime) -> int:
    if shift.reminded_at is not None or now < reminds_from(shift.starts_at):
        return 0
    shift.reminded_at, told = now, 0
    for signup in await uow.organising.signups(shift.id):
        if signup.status is SignupStatus.SIGNED_UP:
            people = f"您一行{signup.seats}人" if signup.seats > 1 else "您"
            text = (
                f"提醒：{people}报的“{activity.title}”{day_text(shift.starts_at, now)}开始，在{activity.place_text}。"
                "到了发“签到”加现场的4位数字。\n1 去不了，取消"
            )
            button = Button("去不了，取消", f'/volunteer_cancel{{"shift_id":"{shift.id}"}}')
            key = f"shift-{shift.id}:remind:{signup.resident_id}"
            told += await tell(uow, signup.resident_id, text, key=key, now=now, buttons=(button,), author="system")
    return told or 1


async def _settle(uow: UnitOfWork, c: Community, activity: Activity, shift: Shift, now: datetime) -> int:
    """Who was checked in has their hours, who was not is a no-show; who still waited waits no more."""
    if shift.settled_at is not None:
        return 0
    shift.settled_at = now
    # Accounts are locked in one order by everybody: two shifts that are settled at once may have the same people.
    for signup in sorted(await uow.organising.signups(shift.id), key=lambda one: one.resident_id):
        if signup.status is SignupStatus.SIGNED_UP and signup.checked_in_at is not None:
            minutes, points = await credit(uow, c, activity, shift, signup, now)
            if not minutes:
                continue
            text = f"谢谢您参加“{activity.title}”（{shift_when(shift, now)}）：记上{hours_text(minutes)}、{points}积分。"
            text += "说“我的积分”随时能查。"
            key = f"shift-{shift.id}:served:{signup.resident_id}"
            await tell(uow, signup.resident_id, text, key=key, now=now, author="system")
        elif signup.status is SignupStatus.SIGNED_UP:
            signup.status, signup.changed_at = SignupStatus.NO_SHOW, now
        elif signup.status in (SignupStatus.WAITLISTED, SignupStatus.CONFIRMING):
            if signup.status is SignupStatus.CONFIRMING:
                shift.taken -= signup.seats
            signup.status, signup.changed_at, signup.confirm_by = SignupStatus.CANCELLED, now, None
    await uow.flush()
    return 1


async def _go_on(c: Community) -> int:
    """The shifts of series for the weeks ahead."""
    async with c.reading() as uow:
        known = await uow.organising.series()
    made = 0
    for activity in known:
        try:
            async with c.uow() as uow:
                now = c.clock.now()
                made += (added := await add_series(uow, activity, now))
                if added:
                    await uow.commit()
        except LinsheError:
            continue
    return made


async def add_series(uow: UnitOfWork, activity: Activity, now: datetime) -> int:
    """Shifts that the rule of `activity` asks for and that are not there yet. The capacity is that of the latest shift."""
    rule = read_series(activity.series)
    if rule is None:
        return 0
    first = local(now).date() + timedelta(days=1)
    there = await uow.organising.starts(activity.id, now)
    missing = [times for times in rule.times(first, first + AHEAD) if times[0] not in there]
    if not missing:
        return 0
    before = await uow.organising.shifts([activity.id], now - timedelta(days=400))
    if not before:
        return 0
    key = f"series-{activity.id}:{local(missing[-1][0]):%Y-%m-%d}"
    if await uow.keys.ref(key) is not None:
        return 0
    await uow.keys.put(key, str(activity.id), now)
    for starts, ends in missing:
        await uow.volunteering.add_shift(Shift(0, activity.id, starts, ends, before[-1].capacity))
    return len(missing)
