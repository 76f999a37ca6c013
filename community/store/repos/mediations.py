from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select

from community.model.care import CARE_KIND, CARING, CareState, CareTask
from community.model.mediation import Mediation, MediationLine
from community.model.people import Resident
from community.model.volunteer import SignupStatus
from community.store.repos.base import Repo
from community.store.tables import (
    activities,
    care_tasks,
    mediation_lines,
    mediations,
    places,
    residents,
    shifts,
    signups,
)


class MediationRepo(Repo):
    async def add(self, mediation: Mediation) -> None:
        await self._add(mediation)

    async def of_ticket(self, ticket_id: int) -> Mediation | None:
        return await self.session.scalar(select(Mediation).where(mediations.c.ticket_id == ticket_id))

    async def living_in(self, place_id: int) -> list[Resident]:
        """Residents who have bound this room, whose home is verified first."""
        query = select(Resident).where(residents.c.room_id == place_id)
        return list(await self.session.scalars(query.order_by(residents.c.home_verified.desc(), residents.c.id).limit(10)))

    async def add_line(self, line: MediationLine) -> None:
        await self._add(line)

    async def lines(self, mediation_id: int) -> list[MediationLine]:
        query = select(MediationLine).where(mediation_lines.c.mediation_id == mediation_id)
        return list(await self.session.scalars(query.order_by(mediation_lines.c.id)))


class CareRepo(Repo):
    async def add(self, task: CareTask) -> None:
        await self._add(task)

    async def of_ticket(self, ticket_id: int) -> CareTask | None:
        return await self.session.scalar(select(CareTask).where(care_tasks.c.ticket_id == ticket_id))

    async def of_shift(self, shift_id: int) -> CareTask | None:
        return await self.session.scalar(select(CareTask).where(care_tasks.c.shift_id == shift_id))

    async def not_taken(self, now: datetime, limit: int = 100) -> list[int]:
        """Tickets whose task nobody took (or the resident did not answer for) by its time."""
        late = (care_tasks.c.state.in_((CareState.ASKED, CareState.OFFERED)), care_tasks.c.take_by <= now)
        query = select(care_tasks.c.ticket_id).where(*late).order_by(care_tasks.c.take_by).limit(limit)
        return list(await self.session.scalars(query))

    async def over(self, now: datetime, since: datetime) -> list[int]:
        """Tickets whose task was to end by now, not longer ago than `since`, and of which its volunteer has not said what became of it."""
        mine = (care_tasks.c.state == CareState.TAKEN, shifts.c.ends_at <= now, shifts.c.ends_at > since)
        query = select(care_tasks.c.ticket_id).join(shifts, shifts.c.id == care_tasks.c.shift_id).where(*mine).limit(100)
        return list(await self.session.scalars(query))

    async def volunteers(self, community_id: int, grid_id: int | None, but: int | None, limit: int) -> list[int]:
        """Residents of this community who have signed up for such a kind of thing before, those of the grid first."""
        kinds = or_(activities.c.kind == CARE_KIND, *(activities.c.kind.contains(word) for word in CARING))
        query = (
            select(residents.c.id, places.c.grid_id)
            .join(signups, signups.c.resident_id == residents.c.id)
            .join(shifts, shifts.c.id == signups.c.shift_id)
            .join(activities, activities.c.id == shifts.c.activity_id)
            .join(places, places.c.id == residents.c.room_id)
            .where(
                signups.c.status.in_((SignupStatus.SIGNED_UP, SignupStatus.WAITLISTED, SignupStatus.ATTENDED)),
                places.c.community_id == community_id,
                kinds,
            )
            .distinct()
        )
        found = [(int(one), grid) for one, grid in await self.session.execute(query) if one != but]
        found.sort(key=lambda pair: (pair[1] != grid_id, pair[0]))
        return [one for one, _ in found[:limit]]
