"""Signing up with one's family, the waitlist, confirming a freed place, giving it back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from weakref import WeakValueDictionary

from community.errors import Conflict, IllegalMove, InvalidInput, NotFound
from community.model import party as parties
from community.model.care import CARE_KIND
from community.model.party import ALONE, Party
from community.model.volunteer import STANDING, Activity, Shift, Signup, SignupStatus
from community.ports import Community, UnitOfWork
from community.services import care, waitlist
from community.services.volunteering import ShiftView, shift_when, view_of

WAITING = "候补"


@dataclass(frozen=True)
class SignupResult:
    """`status`: 'signed_up', 'waitlisted', 'already', 'added' (to one's party), or 'ask_age': nothing was done, `asked` are of unknown
    age. `position` is the place in the waitlist from 1, else 0; `party` everybody of the signup."""

    status: str
    position: int
    shift: ShiftView
    party: Party = ALONE
    asked: Party = ()
    minimum_age: int | None = None


_turns: WeakValueDictionary[tuple[int, int], asyncio.Lock] = WeakValueDictionary()


def _turn(c: Community, shift_id: int) -> asyncio.Lock:
    """Who asks this process for a shift, in the order in which they asked. The row's lock is what makes it right, also among processes;
    without this, a rush on one shift would hold every connection there is, and PostgreSQL lets who waits for a row overtake."""
    return _turns.setdefault((id(c), shift_id), asyncio.Lock())


def party_of(c: Community, signup: Signup) -> Party:
    return parties.kept(c.vault.decrypt(signup.party)) if signup.party else ALONE


def _keep(c: Community, signup: Signup, party: Party) -> None:
    signup.seats = len(party)
    signup.party = "" if party == ALONE else c.vault.encrypt(parties.keep(party))


async def sign_up(
    c: Community, resident_id: int, shift_id: int, key: str, party: Party = ALONE, *, of_age: bool = False
) -> SignupResult:
    """Sign the party up, all together, or all of it joins the waitlist. `of_age`: the resident said that all are old enough.

    Raises Conflict when it clashes with another signup or cannot be added to, InvalidInput for who is too young or too many. The
    shift's row is locked first, so places are given in the order of arrival and never one too many.
    """
    async with _turn(c, shift_id), c.uow() as uow:
        pair = await uow.volunteering.shift(shift_id, for_update=True)
        now = c.clock.now()
        if pair is None or pair[1].starts_at <= now or pair[0].kind == CARE_KIND or not pair[0].published:
            raise NotFound("没有找到这场活动，可能已经开始或取消了。")
        activity, shift = pair
        known = await uow.volunteering.signup(shift_id, resident_id)
        standing = known if known is not None and known.status in STANDING else None
        old = party_of(c, standing) if standing is not None else ()
        new = tuple(p for p in party if all(p.who != other.who for other in old))
        if standing is not None and (not new or await uow.keys.ref(key)):
            done = "already" if await uow.keys.ref(key) is None else _said(standing)
            return SignupResult(done, await position(uow, standing), view_of(activity, shift, now), old)
        asked = _check_party(activity, shift, (*old, *new), of_age)
        if asked:
            return SignupResult("ask_age", 0, view_of(activity, shift, now), party, asked, activity.minimum_age)
        new = parties.of_age(new, activity.minimum_age)
        await _check_clash(c, uow, resident_id, shift, new, now)
        if standing is not None:
            status = await _grow(c, uow, shift, standing, (*old, *new))
            signup = standing
        else:
            fits = shift.free >= len(new) and await uow.organising.first_that_fits(shift.id, shift.free) is None
            state = SignupStatus.SIGNED_UP if fits else SignupStatus.WAITLISTED
            if fits:
                shift.taken += len(new)
            signup = known or Signup(0, shift_id, resident_id, state, now, now)
            signup.status, signup.queued_at, signup.changed_at = state, now, now
            signup.confirm_by, signup.checked_in_at = None, None
            _keep(c, signup, new)
            if known is None:
                await uow.volunteering.add_signup(signup)
            status = str(state)
        await uow.flush()
        if await uow.keys.ref(key) is None:
            await uow.keys.put(key, str(shift_id), now)
        result = SignupResult(status, await position(uow, signup), view_of(activity, shift, now), (*old, *new))
        await uow.commit()
        return result


def _said(signup: Signup) -> str:
    return "waitlisted" if signup.status is SignupStatus.WAITLISTED else "signed_up"


def _check_party(activity: Activity, shift: Shift, party: Party, of_age: bool) -> Party:
    """Who is of unknown age and has to be asked for. Raises InvalidInput for who cannot come."""
    minimum = activity.minimum_age
    if len(party) > parties.MOST:
        raise InvalidInput(f"一次最多报{parties.MOST}人，单位、班级集体参加请跟社区工作人员说一声，好安排。")
    if len(party) > shift.capacity:
        raise InvalidInput(f"这场一共只有{shift.capacity}个名额，{len(party)}个人报不下，请少报几位或换一场。")
    if young := parties.too_young(party, minimum):
        raise InvalidInput(f"“{activity.title}”要满{minimum}岁，{'、'.join(p.who for p in young)}这次还报不了。")
    return () if of_age else parties.unknown_age(party, minimum)


async def _check_clash(c: Community, uow: UnitOfWork, resident_id: int, shift: Shift, party: Party, now: datetime) -> None:
    """The same person twice at a time is refused; another of the family is not."""
    names = {p.who for p in party}
    for activity, other, signup in await uow.volunteering.of_resident(resident_id, now):
        if other.id == shift.id or not other.overlaps(shift):
            continue
        both = [p for p in party_of(c, signup) if p.who in names]
        if both:
            done = WAITING if signup.status is SignupStatus.WAITLISTED else "报名"
            raise Conflict(
                f"时间冲突：{parties.say(tuple(both))}已{done}“{activity.title}”（{shift_when(other, now)}）。要换的话，先取消那一场。"
            )


async def _grow(c: Community, uow: UnitOfWork, shift: Shift, signup: Signup, party: Party) -> str:
    more = len(party) - signup.seats
    if signup.status is SignupStatus.WAITLISTED:
        _keep(c, signup, party)
        return "waitlisted"
    if shift.free < more or await uow.organising.first_that_fits(shift.id, shift.free) is not None:
        left = f"只剩{shift.free}个名额" if shift.free else "已经满了"
        raise Conflict(f"这场{left}，再加{more}位加不进来，您原来报的还在。要一起去的话可以换一场。")
    shift.taken += more
    _keep(c, signup, party)
    return "added"


async def confirm(c: Community, resident_id: int, shift_id: int) -> ShiftView:
    """Take the place that was kept. Again: the same answer. Raises Conflict when its time is over."""
    async with c.uow() as uow:
        pair = await uow.volunteering.shift(shift_id, for_update=True)
        signup = await uow.volunteering.signup(shift_id, resident_id)
        now = c.clock.now()
        if pair is None or signup is None:
            raise NotFound("您没有报名这场活动。")
        view = view_of(*pair, now)
        if signup.status is SignupStatus.SIGNED_UP:
            return view
        if signup.status is not SignupStatus.CONFIRMING or (signup.confirm_by and signup.confirm_by <= now):
            raise Conflict("确认的时间已经过了，名额让给了下一位。还想参加，说一声我给您重新排。")
        signup.status, signup.changed_at, signup.confirm_by = SignupStatus.SIGNED_UP, now, None
        await uow.commit()
        return view


async def cancel(c: Community, resident_id: int, shift_id: int, key: str) -> ShiftView:
    """Give the places back. They are offered to the first of the waitlist in the same transaction (at a decent hour). What a
    neighbour asked for goes back to whom it was entrusted to."""
    async with c.reading() as uow:
        task = await uow.care.of_shift(shift_id)
        entrusted = await uow.tickets.get(task.ticket_id) if task is not None else None
        known = await uow.volunteering.shift(shift_id)
    if entrusted is not None and known is not None:
        await care.done(c, resident_id, entrusted.number, False)
        return view_of(*known, c.clock.now())
    async with c.uow() as uow:
        pair = await uow.volunteering.shift(shift_id, for_update=True)
        signup = await uow.volunteering.signup(shift_id, resident_id)
        if pair is None or signup is None:
            raise NotFound("您没有报名这场活动。")
        activity, shift = pair
        now = c.clock.now()
        if signup.status not in STANDING:
            if await uow.keys.ref(key) is None:
                raise NotFound("您没有报名这场活动。")
            return view_of(activity, shift, now)
        if shift.starts_at <= now:
            raise IllegalMove("活动已经开始，不能再取消了。")
        held = signup.status is not SignupStatus.WAITLISTED
        signup.status, signup.changed_at, signup.confirm_by = SignupStatus.CANCELLED, now, None
        if held:
            shift.taken -= signup.seats
        await uow.flush()
        if held:
            await waitlist.offer(uow, activity, shift, now)
        await uow.keys.put(key, str(shift_id), now)
        view = view_of(activity, shift, now)
        await uow.commit()
        return view


async def position(uow: UnitOfWork, signup: Signup) -> int:
    return await uow.organising.ahead(signup) + 1 if signup.status is SignupStatus.WAITLISTED else 0
