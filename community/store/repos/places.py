from __future__ import annotations

from sqlalchemy import select

from community.model.place import Place, PlaceKind
from community.store.repos.base import Repo
from community.store.tables import places


class PlaceRepo(Repo):
    async def get(self, place_id: int) -> Place | None:
        return await self.session.get(Place, place_id)

    async def by_address(self, address: str) -> Place | None:
        return await self.session.scalar(select(Place).where(places.c.address == address))

    async def by_name(self, kind: PlaceKind, name: str) -> Place | None:
        return await self.session.scalar(select(Place).where(places.c.kind == kind, places.c.name == name).limit(1))

    async def estates(self) -> list[Place]:
        found = await self.session.scalars(select(Place).where(places.c.kind == PlaceKind.ESTATE).order_by(places.c.id))
        return list(found)

    async def children(self, parent_id: int, kind: PlaceKind | None = None) -> list[Place]:
        query = select(Place).where(places.c.parent_id == parent_id)
        if kind is not None:
            query = query.where(places.c.kind == kind)
        return list(await self.session.scalars(query.order_by(places.c.id)))

    async def communities_below(self, place: Place) -> list[int]:
        """Ids of the communities inside a city or street, or the place itself when it is one."""
        if place.kind is PlaceKind.COMMUNITY:
            return [place.id]
        column = {PlaceKind.CITY: places.c.city_id, PlaceKind.STREET: places.c.street_id}.get(place.kind)
        if column is None:
            return []
        query = select(places.c.id).where(places.c.kind == PlaceKind.COMMUNITY, column == place.id)
        return list(await self.session.scalars(query))

    async def rooms_matching(self, estate: str, building: str, room: str) -> list[Place]:
        """Rooms of this number in any unit of a building: people often leave the unit out."""
        prefix = f"{estate}/{building}/"
        query = select(Place).where(
            places.c.kind == PlaceKind.ROOM,
            places.c.address >= prefix,
            places.c.address < prefix + "\U0010ffff",
            places.c.key == room,
        )
        return list(await self.session.scalars(query))

    async def add(self, place: Place) -> None:
        await self._add(place)
