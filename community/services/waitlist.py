"""A freed place is offered to the first who waits, kept until a stated time, then goes to the next. Inside a unit of work that has
locked the shift.

In order; a party that needs more seats than are free keeps its place in the list while a smaller one behind it is asked.
"""

from __future__ import annotations

from datetime import datetime

from community.model.calendar import day_text
from community.model.message import Button
from community.model.volunteer import Activity, Shift, Signup, SignupStatus, confirm_until, decent
from community.ports import UnitOfWork
from community.services.notify import tell
from community.services.volunteering import shift_when


async def offer(uow: UnitOfWork, activity: Activity, shift: Shift, now: datetime) -> int:
    """Keep what is free for who is first; returns how many were asked. At night nothing: the clock does it in the morning."""
    if not decent(now) or shift.starts_at <= now:
        return 0
    asked = 0
    while shift.free > 0:
        waiting = await uow.organising.first_that_fits(shift.id, shift.free)
        if waiting is None:
            break
        waiting.status, waiting.changed_at = SignupStatus.CONFIRMING, now
        waiting.confirm_by = confirm_until(now, activity.confirm_hours, shift.starts_at)
        shift.taken += waiting.seats
        await uow.flush()
        await _tell(uow, activity, shift, waiting, waiting.confirm_by, now)
        asked += 1
    return asked


async def _tell(uow: UnitOfWork, activity: Activity, shift: Shift, waiting: Signup, until: datetime, now: datetime) -> None:
    places = f"{waiting.seats}个名额" if waiting.seats > 1 else "名额"
    confirm = f'/volunteer_signup{{"shift_id":"{shift.id}","answer":"confirm"}}'
    await tell(
        uow,
        waiting.resident_id,
        f"轮到您了：“{activity.title}”（{shift_when(shift, now)}，{activity.place_text}）空出{places}，"
        f"给您留到{day_text(until, now)}，到时没回就让给下一位邻居。\n1 我要去\n2 去不了，让给别人",
        key=f"offered-{waiting.id}-{int(now.timestamp() * 1_000_000)}",
        now=now,
        buttons=(Button("我要去", confirm), Button("去不了，让给别人", f'/volunteer_cancel{{"shift_id":"{shift.id}"}}')),
        author="system",
    )


async def lapse(uow: UnitOfWork, activity: Activity, shift: Shift, now: datetime) -> int:
    """Places nobody confirmed in time go on to the next; returns how many did."""
    gone = 0
    for signup in await uow.organising.signups(shift.id):
        if signup.status is SignupStatus.CONFIRMING and signup.confirm_by is not None and signup.confirm_by <= now:
            key = f"lapsed-{signup.id}-{int(signup.confirm_by.timestamp())}"
            signup.status, signup.changed_at, signup.confirm_by = SignupStatus.CANCELLED, now, None
            shift.taken -= signup.seats
            gone += 1
            text = f"“{activity.title}”没等到您确认，名额让给了下一位邻居。还想参加，跟我说“报名{activity.title}”，重新排队。"
            await tell(uow, signup.resident_id, text, key=key, now=now, author="system")
    await uow.flush()
    return gone
