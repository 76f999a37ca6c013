"""Being there: a code of four digits shown at the place, by its words or its QR code; and what time served is entered in the ledger.

That one was at the place is shown by knowing the code, which is seen only there; that it was the time, by the shift's hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.errors import IllegalMove, InvalidInput, NotFound
from community.model import party as parties
from community.model.party import ME
from community.model.points import Entry, Why
from community.model.volunteer import CHECK_IN_BEFORE, MOST_TRIES, Activity, Shift, Signup, SignupStatus, Style
from community.ports import Community, UnitOfWork
from community.services.signups import party_of
from community.services.volunteering import ShiftView, view_of

TRY_AGAIN = "签到码不对，请看现场海报上的4位数字。"
ASK_THEM = "试的次数太多了，请找现场的活动负责人，他点一下就给您签上。"


@dataclass(frozen=True)
class CheckedIn:
    shift: ShiftView
    people: str
    again: bool


def code_of(c: Community, shift_id: int) -> str:
    """The shift's code: four digits that only our secret gives."""
    return f"{int(c.vault.fingerprint(f'check-in {shift_id}')[:12], 16) % 10_000:04d}"


async def open_now(c: Community, resident_id: int) -> list[ShiftView]:
    """The resident's shifts that take check-ins now."""
    async with c.reading() as uow:
        now = c.clock.now()
        found = await uow.organising.checking_in(resident_id, now, now + CHECK_IN_BEFORE)
        return [view_of(activity, shift, now) for activity, shift, _ in found]


async def check_in(c: Community, resident_id: int, code: str) -> CheckedIn:
    """Raises NotFound when no shift of theirs takes check-ins now, InvalidInput for a wrong code (counted)."""
    async with c.uow() as uow:
        now = c.clock.now()
        found = await uow.organising.checking_in(resident_id, now, now + CHECK_IN_BEFORE)
        if not found:
            raise NotFound("现在没有您能签到的活动：开始前30分钟到结束前可以签。没报名就来了的，请找现场负责人登记。")
        for _, one, signup in found:
            await uow.volunteering.shift(one.id, for_update=True)
            if code == code_of(c, one.id) and signup.tries < MOST_TRIES:
                break
        else:
            blocked = all(signup.tries >= MOST_TRIES for _, _, signup in found)
            for _, _, signup in found:
                signup.tries += 1
            await uow.commit()
            raise InvalidInput(ASK_THEM if blocked else TRY_AGAIN)
        activity, shift, signup = next(entry for entry in found if entry[1].id == one.id)
        again = signup.checked_in_at is not None
        if not again:
            _here(signup, now)
        result = CheckedIn(view_of(activity, shift, now), parties.say(party_of(c, signup)), again)
        await uow.commit()
        return result


def _here(signup: Signup, now: datetime) -> None:
    signup.checked_in_at, signup.changed_at = now, now
    if signup.status is SignupStatus.CONFIRMING:
        signup.status, signup.confirm_by = SignupStatus.SIGNED_UP, None


async def mark_here(uow: UnitOfWork, c: Community, activity: Activity, shift: Shift, signup: Signup, here: bool) -> None:
    """What the organiser says, inside a unit of work that has locked the shift. After the end, being there enters the ledger at once.
    Raises IllegalMove for who holds no place, or whose hours are in the ledger already."""
    now = c.clock.now()
    if signup.status is SignupStatus.ATTENDED:
        if here:
            return
        raise IllegalMove("时长和积分已经记上，不能在这里撤回了。")
    if signup.status not in (SignupStatus.SIGNED_UP, SignupStatus.CONFIRMING, SignupStatus.NO_SHOW):
        raise IllegalMove("这位居民现在没有名额。")
    if now < shift.starts_at - CHECK_IN_BEFORE:
        raise IllegalMove("还没到签到的时间，开始前30分钟起可以签。")
    if not here:
        signup.checked_in_at, signup.changed_at = None, now
        return
    _here(signup, now)
    if shift.settled_at is not None:
        await credit(uow, c, activity, shift, signup, now)


async def credit(uow: UnitOfWork, c: Community, activity: Activity, shift: Shift, signup: Signup, now: datetime) -> tuple[int, int]:
    """Enter the hours and points of everybody of the signup, once. Returns (minutes, points) that were entered: none for a class or a
    service, which one attends for oneself."""
    signup.status, signup.changed_at = SignupStatus.ATTENDED, now
    if activity.style is not Style.ACTIVITY:
        return 0, 0
    account = await uow.points.open(signup.resident_id)
    points = activity.points * shift.minutes // 60
    entered = 0
    for number, person in enumerate(party_of(c, signup)):
        key = f"shift-{shift.id}:{signup.resident_id}:{number}"
        if await uow.points.entry(key) is not None:
            continue
        who = "" if person.who == ME else person.who[:16]
        what = activity.title[:128]
        await uow.points.add(
            Entry(0, signup.resident_id, points, shift.minutes, Why.SERVED, what, key, now, who, shift.id)
        )
        account.points += points
        account.minutes += shift.minutes
        entered += 1
    await uow.flush()
    return shift.minutes * entered, points * entered
