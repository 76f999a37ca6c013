from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import bindparam, func, select

from community.model.people import (
    ChannelIdentity,
    Duty,
    Household,
    Leave,
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
    leaves,
    property_companies,
    residents,
    staff,
)

# Built once: it is run for every message, and to build it costs more than to run it.
_IDS = select(channel_identities.c.external_id, channel_identities.c.resident_id).where(
    channel_identities.c.channel == bindparam("channel"),
    channel_identities.c.external_id.in_(bindparam("addresses", expanding=True)),
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

    async def resident_ids(self, channel: str, external_ids: Collection[str]) -> dict[str, int]:
        """Whom these addresses belong to; those of nobody are not there."""
        found = await self.session.execute(_IDS, {"channel": channel, "addresses": list(external_ids)})
        return {str(address): int(resident_id) for address, resident_id in found}

    async def identity_of(self, resident_id: int) -> ChannelIdentity | None:
        """The identity added last: where the resident was seen most recently."""
        query = (
            select(ChannelIdentity)
            .where(channel_identities.c.resident_id == resident_id)
            .order_by(channel_identities.c.id.desc())
            .limit(1)
        )
        return await self.session.scalar(query)

    async def addresses_of(self, resident_ids: Collection[int]) -> dict[int, tuple[str, str]]:
        """(channel, address) of the identity added last of each; those without any are not there."""
        last = (
            select(func.max(channel_identities.c.id))
            .where(channel_identities.c.resident_id.in_(resident_ids))
            .group_by(channel_identities.c.resident_id)
        )
        query = select(
            channel_identities.c.resident_id, channel_identities.c.channel, channel_identities.c.external_id
        ).where(channel_identities.c.id.in_(last))
        return {int(row[0]): (str(row[1]), str(row[2])) for row in await self.session.execute(query)}

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

    async def residents_of_room(self, room_id: int) -> list[Resident]:
        """Who lives there, as far as we know: those whose home was verified first."""
        query = select(Resident).where(residents.c.room_id == room_id)
        return list(await self.session.scalars(query.order_by(residents.c.home_verified.desc(), residents.c.id)))

    async def household(self, household_id: int) -> Household | None:
        return await self.session.get(Household, household_id)

    async def household_of_room(self, room_id: int) -> Household | None:
        return await self.session.scalar(select(Household).where(households.c.room_id == room_id).limit(1))

    async def staff(self, staff_id: int) -> Staff | None:
        return await self.session.get(Staff, staff_id)

    async def living_at(self, place_ids: Collection[int]) -> list[int]:
        """Residents whose home is one of these rooms."""
        query = select(residents.c.id).where(residents.c.room_id.in_(place_ids)).order_by(residents.c.id)
        return list(await self.session.scalars(query))

    async def residents_with_phone(self, phone_hash: str) -> list[int]:
        return list(await self.session.scalars(select(residents.c.id).where(residents.c.phone_hash == phone_hash)))

    async def names_of(self, resident_ids: Collection[int]) -> dict[int, str]:
        if not resident_ids:
            return {}
        rows = await self.session.execute(select(residents.c.id, residents.c.name).where(residents.c.id.in_(sorted(resident_ids))))
        return {int(one): str(name) for one, name in rows}

    async def staff_with_ids(self, staff_ids: Collection[int]) -> dict[int, Staff]:
        if not staff_ids:
            return {}
        found = await self.session.scalars(select(Staff).where(staff.c.id.in_(sorted(staff_ids))))
        return {member.id: member for member in found}

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

    async def leaves(self, staff_ids: Sequence[int], day: date) -> list[Leave]:
        """Of these people, who is away on this local day."""
        if not staff_ids:
            return []
        query = select(Leave).where(
            leaves.c.staff_id.in_(staff_ids), leaves.c.starts <= day, leaves.c.ends >= day
        )
        return list(await self.session.scalars(query.order_by(leaves.c.id)))

    async def add_leave(self, leave: Leave) -> None:
        await self._add(leave)

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
