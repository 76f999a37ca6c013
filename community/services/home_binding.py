"""Making a home certain: by the code on a letter that lay in its box, or by staff who looked. Several homes of one resident."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from community.errors import Forbidden, InvalidInput, NotFound
from community.model.audit import Viewed
from community.model.calendar import local
from community.model.household import LETTER_LIFE, TRIES_A_DAY, HomeLetter, HomeRequest, RequestState, code_in
from community.model.people import Resident, Role, Staff
from community.model.place import Place
from community.ports import Community, Scope, UnitOfWork
from community.services import carers
from community.services.access import scope_of, staff_of
from community.services.audit import looked
from community.services.contacts import masked_phone
from community.services.homes import HomeView
from community.services.notify import tell
from community.services.places import resolve_near

DECIDES = frozenset({Role.COMMUNITY_STAFF, Role.OPERATOR})
MOST_LETTERS = 200
WRONG = "这个码对不上，请照信上的8位数字再看一看。"


@dataclass(frozen=True)
class LetterView:
    """`code` is shown once, on the page that prints it: 1234 5678. `expires_at` is aware UTC."""

    room: str
    code: str
    expires_at: datetime


@dataclass(frozen=True)
class RequestView:
    id: int
    name: str
    phone: str
    room: str
    others: int
    """How many others have this room bound and verified."""
    asked_at: datetime
    state: RequestState
    decided_at: datetime | None
    decided_by: str
    reason: str


async def homes_of(c: Community, resident_id: int) -> list[HomeView]:
    """The home that 我家 means first."""
    async with c.reading() as uow:
        return await homes_in(uow, resident_id)


async def homes_meant(c: Community, resident_id: int) -> list[HomeView]:
    """What 我家 may be in the next report: the elder's homes when it is for one."""
    async with c.reading() as uow:
        link = await carers.acting(uow, resident_id)
        return await homes_in(uow, link.elder_id if link is not None else resident_id)


async def homes_in(uow: UnitOfWork, resident_id: int) -> list[HomeView]:
    resident = await uow.people.resident(resident_id)
    if resident is None or resident.room_id is None:
        return []
    rooms = [(resident.room_id, resident.home_verified)]
    rooms += [(h.room_id, h.verified) for h in await uow.homes.of_resident(resident_id) if h.room_id != resident.room_id]
    found = []
    for room_id, verified in rooms:
        place = await uow.places.get(room_id)
        if place is not None:
            found.append(HomeView(place.id, place.full_name, verified))
    return found


async def leave_home(c: Community, resident_id: int, place_id: int, key: str) -> list[HomeView]:
    """Take one home off. Another one becomes 我家 when it was that. NotFound when it is not theirs."""
    async with c.uow() as uow:
        resident = await _resident(uow, resident_id)
        kept = await uow.homes.home(resident_id, place_id)
        if await uow.keys.ref(key) is not None:
            return await homes_in(uow, resident_id)
        if kept is None and resident.room_id != place_id:
            raise NotFound("没有这个住处。")
        if kept is not None:
            await uow.homes.remove(kept)
        if resident.room_id == place_id:
            rest = [h for h in await uow.homes.of_resident(resident_id) if h.room_id != place_id]
            await _make_main(uow, resident, rest[0].room_id if rest else None, rest[0].verified if rest else False)
            if rest:
                await uow.homes.remove(rest[0])
        await uow.keys.put(key, str(place_id), c.clock.now())
        await uow.flush()
        left = await homes_in(uow, resident_id)
        await uow.commit()
        return left


async def _make_main(uow: UnitOfWork, resident: Resident, room_id: int | None, verified: bool) -> None:
    resident.room_id, resident.home_verified = room_id, verified
    household = await uow.people.household_of_room(room_id) if room_id and verified else None
    resident.household_id = household.id if household else None


async def use_code(c: Community, resident_id: int, text: str, key: str) -> HomeView:
    """Verify the home by the code of its letter. InvalidInput says what is wrong; wrong codes count against the letter and the resident.

    A code is only good for a home the resident has named before: it cannot be guessed for a house full of letters.
    """
    code = code_in(text)
    if code is None:
        raise InvalidInput("码是信上的8位数字，比如 1234 5678。")
    async with c.uow() as uow:
        now = c.clock.now()
        resident = await _resident(uow, resident_id)
        if resident.room_id is None:
            raise InvalidInput("请先说您家的小区和门牌，再说信上的码。")
        if await uow.keys.ref(key) is not None:
            return (await homes_in(uow, resident_id))[0]
        settings = await uow.privacy.settings_or_new(resident_id)
        today = local(now).date().isoformat()
        if settings.tries_day != today:
            settings.tries_day, settings.tries = today, 0
        if settings.tries >= TRIES_A_DAY:
            raise InvalidInput("今天试得太多了，明天再试，或者请社区帮您核实。")
        mine = [resident.room_id, *(h.room_id for h in await uow.homes.of_resident(resident_id))]
        letters = await uow.homes.letters_of(mine)
        hashed = c.vault.fingerprint(f"letter:{code}")
        found = [one for one in letters if hmac.compare_digest(one.code_hash, hashed)]
        good = next((one for one in found if one.good(now)), None)
        if good is None:
            settings.tries += 1
            for one in letters:
                if one.good(now):
                    one.attempts += 1
            await uow.commit()
            if found and found[0].used_at is not None:
                raise InvalidInput("这个码已经用过了。要再核实，请社区再寄一封信。")
            raise InvalidInput("这封信过期了，请社区再寄一封。" if found and now >= found[0].expires_at else WRONG)
        good.used_at, good.used_by = now, resident_id
        await _verify(uow, resident, good.room_id)
        await uow.keys.put(key, str(good.room_id), now)
        place = await _place(uow, good.room_id)
        await uow.commit()
        return HomeView(place.id, place.full_name, True)


async def _verify(uow: UnitOfWork, resident: Resident, room_id: int) -> bool:
    """False when the resident has left this room meanwhile."""
    if resident.room_id == room_id:
        await _make_main(uow, resident, room_id, True)
        return True
    kept = await uow.homes.home(resident.id, room_id)
    if kept is not None:
        kept.verified = True
    return kept is not None


async def ask_check(c: Community, resident_id: int) -> HomeView:
    """Ask staff to verify 我家. Asking again while it waits changes nothing."""
    async with c.uow() as uow:
        resident = await _resident(uow, resident_id)
        if resident.room_id is None:
            raise InvalidInput("请先说您家的小区和门牌。")
        place = await _place(uow, resident.room_id)
        if resident.home_verified:
            return HomeView(place.id, place.full_name, True)
        if await uow.homes.open_request(resident_id, place.id) is None:
            await uow.homes.add(HomeRequest(0, resident_id, place.id, place.community_id, c.clock.now()))
            uow.announce("privacy", community_id=place.community_id)
        await uow.commit()
        return HomeView(place.id, place.full_name, False)


# Staff -----------------------------------------------------------------------------------------------------------------


async def deciding(uow: UnitOfWork, staff_id: int) -> tuple[Staff, Scope]:
    """Who may decide on homes and see requests of residents. Raises Forbidden."""
    member = await staff_of(uow, staff_id)
    if member.role not in DECIDES:
        raise Forbidden("住址和资料的申请由社区工作者办理。")
    return member, await scope_of(uow, member)


async def requests(c: Community, staff_id: int) -> list[RequestView]:
    async with c.reading() as uow:
        _, scope = await deciding(uow, staff_id)
        found = await uow.homes.requests(None if scope.everything else scope.community_ids, 100)
        views = []
        for one in found:
            resident = await _resident(uow, one.resident_id)
            living = [r for r in await uow.people.residents_of_room(one.room_id) if r.home_verified and r.id != resident.id]
            by = await uow.people.staff(one.staff_id) if one.staff_id else None
            phone = masked_phone(c, resident)
            views.append(
                RequestView(
                    one.id, resident.name or "没留姓名", phone, (await _place(uow, one.room_id)).full_name, len(living), one.asked_at,
                    one.state, one.decided_at, by.name if by else "", one.reason,
                )  # fmt: skip
            )
        return views


async def decide(c: Community, staff_id: int, request_id: int, approve: bool, reason: str) -> RequestState:
    """Approve, or refuse with a reason that the resident is told. The first decision stands: the same again changes nothing."""
    if not approve and not reason.strip():
        raise InvalidInput("请写一句为什么不通过，居民会看到。")
    async with c.uow() as uow:
        member, scope = await deciding(uow, staff_id)
        one = await uow.homes.request(request_id, for_update=True)
        if one is None or not (scope.everything or one.community_id in scope.community_ids):
            raise NotFound("没有这个申请。")
        wanted = RequestState.APPROVED if approve else RequestState.REFUSED
        if one.state is not RequestState.ASKED:
            if one.state is wanted:
                return one.state
            raise InvalidInput("这个申请已经有结果了，请刷新看看。")
        now = c.clock.now()
        one.decided_at, one.staff_id, one.reason = now, member.id, reason.strip()[:200]
        room = (await _place(uow, one.room_id)).full_name
        resident = await _resident(uow, one.resident_id)
        one.state = wanted
        if approve and not await _verify(uow, resident, one.room_id):
            one.state = RequestState.WITHDRAWN
        text = f"{room}核实好了，是您的家。" if approve else f"{room}这次没有核实：{one.reason}。不影响您报事，可以再说“绑定住址”。"
        if one.state is not RequestState.WITHDRAWN:
            await tell(uow, one.resident_id, text, key=f"home-request-{one.id}", now=now, author="system")
        uow.announce("privacy", community_id=one.community_id)
        await uow.commit()
        return one.state


async def make_letters(c: Community, staff_id: int, where: str) -> list[LetterView]:
    """A letter for the room that `where` names, or for each room of a unit or building: codes are given once and kept as hashes.

    An older letter of the room is void from now on. A line of the view log says that they were printed.
    """
    async with c.uow() as uow:
        member, scope = await deciding(uow, staff_id)
        guess = await resolve_near(uow, where, scope)
        if guess.place_id is None or guess.precise not in ("room", "unit", "building"):
            raise InvalidInput("请写到幢、单元或室，比如：剡溪花园3幢2单元502。")
        place = await _place(uow, guess.place_id)
        if not (scope.everything or place.community_id in scope.community_ids):
            raise NotFound("这个地址不在您的社区。")
        rooms = await uow.homes.rooms_below(place.id, MOST_LETTERS + 1)
        if len(rooms) > MOST_LETTERS:
            raise InvalidInput(f"这里超过{MOST_LETTERS}户，请一个单元一个单元地打。")
        now = c.clock.now()
        for old in await uow.homes.letters_of(rooms):
            old.void = old.void or old.used_at is None
        made = [await _letter(uow, c, member, room_id, now) for room_id in rooms]
        await looked(uow, member, Viewed.LETTER, now, page="/privacy", note=f"{place.full_name}，{len(made)}封")
        await uow.commit()
        return made


async def _letter(uow: UnitOfWork, c: Community, member: Staff, room_id: int, now: datetime) -> LetterView:
    code = f"{secrets.randbelow(10**8):08d}"
    letter = HomeLetter(0, room_id, c.vault.fingerprint(f"letter:{code}"), member.id, now, now + LETTER_LIFE)
    await uow.homes.add(letter)
    return LetterView((await _place(uow, room_id)).full_name, f"{code[:4]} {code[4:]}", letter.expires_at)


async def _resident(uow: UnitOfWork, resident_id: int) -> Resident:
    resident = await uow.people.resident(resident_id)
    if resident is None:
        raise NotFound("没有找到您的信息，请重新进入。")
    return resident


async def _place(uow: UnitOfWork, place_id: int) -> Place:
    place = await uow.places.get(place_id)
    if place is None:
        raise NotFound("没有查到这个地址。")
    return place
