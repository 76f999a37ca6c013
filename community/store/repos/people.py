from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select

from community.model.people import (
    ChannelIdentity,
    Duty,
    Household,
    PropertyCompany,
    Resident,
    Role,
    Staff,
)
from community.store.repos.base import Repo
from community.store.tables import (
    channel_identities,
    company_estates,
    duties,
    households,
    property_companies,
    residents,
    staff,
)


class PeopleRepo(Repo):
    async def resident(self, resident_id: int) -> Resident | None:
        return await self.session.get(Resident, resident_id)

    async def resident_by_key(self, key: str) -> Resident | None:
        return await self.session.scalar(select(Resident).where(residents.c.key == key))

    async def resident_by_identity(self, channel: str, external_id: str) -> Resident | None:
        query = (
            select(Resident)
            .join(channel_identities, channel_identities.c.resident_id == residents.c.id)
            .where(channel_identities.c.channel == channel, channel_identities.c.external_id == external_id)
        )
        return await self.session.scalar(query)

    async def residents_by_identity(self, channel: str, external_ids: Collection[str]) -> dict[str, Resident]:
        """Those of these addresses that belong to somebody."""
        query = (
            select(channel_identities.c.external_id, Resident)
            .join(Resident, channel_identities.c.resident_id == residents.c.id)
            .where(channel_identities.c.channel == channel, channel_identities.c.external_id.in_(external_ids))
        )
        found = await self.session.execute(query)
        return {str(row[0]): row[1] for row in found}

    async def identity_of(self, resident_id: int) -> ChannelIdentity | None:
        """The identity added last: where the resident was seen most recently."""
        query = (
            select(ChannelIdentity)
            .where(channel_identities.c.resident_id == resident_id)
            .order_by(channel_identities.c.id.desc())
            .limit(1)
        )
        return await self.session.scalar(query)

    async def demo_residents(self, limit: int = 50) -> list[Resident]:
        query = select(Resident).where(residents.c.demo.is_(True)).order_by(residents.c.id).limit(limit)
        return list(await self.session.scalars(query))

    async def add_resident(self, resident: Resident) -> None:
        await self._add(resident)

    async def add_identity(self, identity: ChannelIdentity) -> None:
        await self._add(identity)

    async def add_residents(self, new: Mapping[str, Resident], channel: str) -> None:
        """Residents by their address on this channel."""
        for resident in new.values():
            resident.id = None  # type: ignore[assignment] # the database numbers it
        self.session.add_all(new.values())
        await self.session.flush()
        self.session.add_all(
            ChannelIdentity(None, resident.id, channel, external_id)  # type: ignore[arg-type]
            for external_id, resident in new.items()
        )
        await self.session.flush()

    async def household(self, household_id: int) -> Household | None:
        return await self.session.get(Household, household_id)

    async def household_of_room(self, room_id: int) -> Household | None:
        return await self.session.scalar(select(Household).where(households.c.room_id == room_id).limit(1))

    async def staff(self, staff_id: int) -> Staff | None:
        return await self.session.get(Staff, staff_id)

    async def staff_by_login(self, login: str, *, for_update: bool = False) -> Staff | None:
        query = select(Staff).where(staff.c.login == login)
        return await self.session.scalar(query.with_for_update() if for_update else query)

    async def staff_by_wecom(self, wecom_id: str) -> Staff | None:
        return await self.session.scalar(select(Staff).where(staff.c.wecom_id == wecom_id))

    async def staff_of_place(self, place_id: int, role: Role | None = None) -> list[Staff]:
        query = select(Staff).where(staff.c.place_id == place_id, staff.c.active.is_(True)).order_by(staff.c.id)
        if role is not None:
            query = query.where(staff.c.role == role)
        return list(await self.session.scalars(query))

    async def staff_of_company(self, company_id: int) -> list[Staff]:
        query = select(Staff).where(staff.c.company_id == company_id, staff.c.active.is_(True)).order_by(staff.c.id)
        return list(await self.session.scalars(query))

    async def all_staff(self) -> list[Staff]:
        return list(await self.session.scalars(select(Staff).order_by(staff.c.id)))

    async def duties(self, staff_ids: Sequence[int]) -> list[Duty]:
        if not staff_ids:
            return []
        return list(await self.session.scalars(select(Duty).where(duties.c.staff_id.in_(staff_ids))))

    async def company(self, company_id: int) -> PropertyCompany | None:
        return await self.session.get(PropertyCompany, company_id)

    async def company_of_estate(self, estate_id: int) -> PropertyCompany | None:
        query = (
            select(PropertyCompany)
            .join(company_estates, company_estates.c.company_id == property_companies.c.id)
            .where(company_estates.c.estate_id == estate_id)
            .limit(1)
        )
        return await self.session.scalar(query)

    async def estates_of_company(self, company_id: int) -> list[int]:
        query = select(company_estates.c.estate_id).where(company_estates.c.company_id == company_id)
        return list(await self.session.scalars(query))
