from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from community.model.household import (
    Carer,
    CarerState,
    CarerUse,
    Consent,
    DataLink,
    Deletion,
    DeletionState,
    HomeLetter,
    HomeRequest,
    RequestState,
    ResidentHome,
    ResidentSettings,
)
from community.model.place import PlaceKind
from community.model.ticket import Ticket
from community.store.repos.base import QueueRepo, Repo
from community.store.tables import (
    carer_uses,
    carers,
    consents,
    data_links,
    deletions,
    home_letters,
    home_requests,
    places,
    resident_homes,
    resident_settings,
    residents,
    tickets,
)


class HomeRepo(Repo):
    async def add(self, thing: Any) -> None:
        await self._add(thing)

    async def remove(self, home: ResidentHome) -> None:
        await self.session.delete(home)
        await self.session.flush()

    async def of_resident(self, resident_id: int) -> list[ResidentHome]:
        query = select(ResidentHome).where(resident_homes.c.resident_id == resident_id).order_by(resident_homes.c.id)
        return list(await self.session.scalars(query))

    async def home(self, resident_id: int, room_id: int) -> ResidentHome | None:
        mine = (resident_homes.c.resident_id == resident_id, resident_homes.c.room_id == room_id)
        return await self.session.scalar(select(ResidentHome).where(*mine))

    async def letters_with(self, code_hash: str) -> list[HomeLetter]:
        """Locked: a code is used once, whoever is quicker."""
        query = select(HomeLetter).where(home_letters.c.code_hash == code_hash).order_by(home_letters.c.id.desc()).with_for_update()
        return list(await self.session.scalars(query))

    async def letters_of(self, room_ids: Collection[int]) -> list[HomeLetter]:
        query = select(HomeLetter).where(home_letters.c.room_id.in_(room_ids)).order_by(home_letters.c.id.desc())
        return list(await self.session.scalars(query.with_for_update()))

    async def rooms_below(self, place_id: int, limit: int) -> list[int]:
        """The rooms of a room, unit, building or estate, in order of their address."""
        below: Any = select(places.c.id).where(places.c.id == place_id).cte("below", recursive=True)
        below = below.union_all(select(places.c.id).join(below, places.c.parent_id == below.c.id))
        query = select(places.c.id).join(below, below.c.id == places.c.id).where(places.c.kind == PlaceKind.ROOM)
        return list(await self.session.scalars(query.order_by(places.c.id).limit(limit)))

    async def request(self, request_id: int, *, for_update: bool = False) -> HomeRequest | None:
        query = select(HomeRequest).where(home_requests.c.id == request_id)
        return await self.session.scalar(query.with_for_update() if for_update else query)

    async def open_request(self, resident_id: int, room_id: int) -> HomeRequest | None:
        mine = (home_requests.c.resident_id == resident_id, home_requests.c.room_id == room_id)
        return await self.session.scalar(
            select(HomeRequest).where(*mine, home_requests.c.state == RequestState.ASKED).limit(1)
        )

    async def requests(self, community_ids: Collection[int] | None, limit: int) -> list[HomeRequest]:
        """Those that wait first, oldest first; then the decided, newest first."""
        query = select(HomeRequest)
        if community_ids is not None:
            query = query.where(home_requests.c.community_id.in_(community_ids))
        waiting = query.where(home_requests.c.state == RequestState.ASKED).order_by(home_requests.c.id).limit(limit)
        over = query.where(home_requests.c.state != RequestState.ASKED).order_by(home_requests.c.decided_at.desc()).limit(10)
        return [*await self.session.scalars(waiting), *await self.session.scalars(over)]


class CarerRepo(Repo):
    async def link(self, link_id: int, *, for_update: bool = False) -> Carer | None:
        query = select(Carer).where(carers.c.id == link_id)
        return await self.session.scalar(query.with_for_update() if for_update else query)

    async def between(self, carer_id: int, elder_id: int) -> Carer | None:
        both = (carers.c.carer_id == carer_id, carers.c.elder_id == elder_id)
        return await self.session.scalar(select(Carer).where(*both))

    async def of_carer(self, carer_id: int) -> list[Carer]:
        mine = (carers.c.carer_id == carer_id, carers.c.state == CarerState.AGREED)
        return list(await self.session.scalars(select(Carer).where(*mine).order_by(carers.c.id)))

    async def of_elder(self, elder_id: int) -> list[Carer]:
        mine = (carers.c.elder_id == elder_id, carers.c.state.in_((CarerState.AGREED, CarerState.ASKED)))
        return list(await self.session.scalars(select(Carer).where(*mine).order_by(carers.c.id)))

    async def uses(self, link_ids: Collection[int], limit: int) -> list[CarerUse]:
        query = select(CarerUse).where(carer_uses.c.carer_link_id.in_(link_ids)).order_by(carer_uses.c.id.desc()).limit(limit)
        return list(await self.session.scalars(query))

    async def used_since(self, link_id: int, what: str, ticket_id: int | None, since: datetime) -> bool:
        same = (carer_uses.c.carer_link_id == link_id, carer_uses.c.what == what, carer_uses.c.at >= since)
        of = carer_uses.c.ticket_id.is_(None) if ticket_id is None else carer_uses.c.ticket_id == ticket_id
        return await self.session.scalar(select(carer_uses.c.id).where(*same, of).limit(1)) is not None

    async def tickets_of(self, elder_ids: Collection[int], limit: int) -> list[Ticket]:
        query = select(Ticket).where(tickets.c.resident_id.in_(elder_ids)).order_by(tickets.c.id.desc()).limit(limit)
        return list(await self.session.scalars(query))


class PrivacyRepo(QueueRepo):
    async def settings(self, resident_id: int, *, for_update: bool = False) -> ResidentSettings | None:
        query = select(ResidentSettings).where(resident_settings.c.resident_id == resident_id)
        return await self.session.scalar(query.with_for_update() if for_update else query)

    async def settings_or_new(self, resident_id: int) -> ResidentSettings:
        """Locked. Made when there are none, also while somebody else makes them."""
        row = {"resident_id": resident_id, "elder": False, "notice": "", "notice_for": "", "tries": 0, "tries_day": ""}
        await self.session.execute(self._insert(resident_settings).values(row).on_conflict_do_nothing())
        found = await self.settings(resident_id, for_update=True)
        assert found is not None  # noqa: S101 - just made
        return found

    async def consents(self, resident_id: int) -> list[Consent]:
        query = select(Consent).where(consents.c.resident_id == resident_id).order_by(consents.c.id)
        return list(await self.session.scalars(query))

    async def deletion(self, resident_id: int, *, for_update: bool = False) -> Deletion | None:
        """The one that waits."""
        mine = (deletions.c.resident_id == resident_id, deletions.c.state == DeletionState.WAITING)
        query = select(Deletion).where(*mine).limit(1)
        return await self.session.scalar(query.with_for_update() if for_update else query)

    async def deletion_by_id(self, deletion_id: int, *, for_update: bool = False) -> Deletion | None:
        query = select(Deletion).where(deletions.c.id == deletion_id)
        return await self.session.scalar(query.with_for_update() if for_update else query)

    async def waiting(self, community_ids: Collection[int] | None, limit: int) -> list[Deletion]:
        """Waiting ones by their due day, then the latest that are over."""
        query = select(Deletion)
        if community_ids is not None:
            query = query.where(deletions.c.community_id.in_(community_ids))
        now = query.where(deletions.c.state == DeletionState.WAITING).order_by(deletions.c.due_at).limit(limit)
        over = query.where(deletions.c.state != DeletionState.WAITING).order_by(deletions.c.ended_at.desc()).limit(10)
        return [*await self.session.scalars(now), *await self.session.scalars(over)]

    async def due(self, now: datetime, limit: int) -> list[int]:
        query = select(deletions.c.id).where(deletions.c.state == DeletionState.WAITING, deletions.c.due_at <= now)
        return list(await self.session.scalars(query.order_by(deletions.c.due_at).limit(limit)))

    async def to_warn(self, due_before: datetime, limit: int) -> list[int]:
        soon = (deletions.c.state == DeletionState.WAITING, deletions.c.warned_at.is_(None), deletions.c.due_at <= due_before)
        return list(await self.session.scalars(select(deletions.c.id).where(*soon).limit(limit)))

    async def data_link(self, nonce: str, *, for_update: bool = False) -> DataLink | None:
        query = select(DataLink).where(data_links.c.nonce == nonce)
        return await self.session.scalar(query.with_for_update() if for_update else query)

    async def consent_figures(self, community_ids: Collection[int] | None) -> list[tuple[str, str, int, int]]:
        """(what, version, given and standing, withdrawn) of who lives there."""
        query = select(consents.c.what, consents.c.version, func.count(), func.count(consents.c.withdrawn_at))
        if community_ids is not None:
            home = residents.join(places, residents.c.room_id == places.c.id)
            theirs = select(residents.c.id).select_from(home).where(places.c.community_id.in_(community_ids))
            query = query.where(consents.c.resident_id.in_(theirs))
        found = await self.session.execute(query.group_by(consents.c.what, consents.c.version).order_by(consents.c.version.desc()))
        return [(what, version, int(n) - int(gone), int(gone)) for what, version, n, gone in found]
