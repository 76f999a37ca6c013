from __future__ import annotations

from sqlalchemy import func, literal, or_, select

from community.model.place import Place, PlaceKind
from community.ports import Scope
from community.store.repos.base import Repo
from community.store.tables import places


class PlaceRepo(Repo):
    async def get(self, place_id: int) -> Place | None:
        return await self.session.get(Place, place_id)

    async def lock(self, place_id: int) -> None:
        """Until the end of the transaction, others who want to count what happens there wait. Who only names the place does not."""
        await self.session.scalar(select(places.c.id).where(places.c.id == place_id).with_for_update(key_share=True))

    async def by_address(self, address: str) -> Place | None:
        return await self.session.scalar(select(Place).where(places.c.address == address))

    async def by_name(self, kind: PlaceKind, name: str) -> Place | None:
        return await self.session.scalar(select(Place).where(places.c.kind == kind, places.c.name == name).limit(1))

    async def administrative(self, name: str) -> Place | None:
        """The street, community or grid of this name; the widest of several."""
        kinds = (PlaceKind.STREET, PlaceKind.COMMUNITY, PlaceKind.GRID)
        query = select(Place).where(places.c.kind.in_(kinds), places.c.name == name).order_by(places.c.id)
        found = {place.kind: place for place in reversed(list(await self.session.scalars(query)))}
        return next((found[kind] for kind in kinds if kind in found), None)

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

    async def estate_names_in(self, text: str) -> list[tuple[str, str]]:
        """(name or alias, canonical name) of the estates that are named in `text`, letter by letter."""
        # Both databases have it, unlike a function that says where: without the name, the text is another one.
        named = func.replace(literal(text), places.c.name, "") != text
        query = select(places.c.name, places.c.aliases).where(
            places.c.kind == PlaceKind.ESTATE, or_(named, places.c.aliases != "")
        )
        return [
            (alias, name)
            for name, aliases in await self.session.execute(query)
            for alias in (name, *aliases.split("|"))
            if alias and alias in text
        ]

    async def ids_below(self, place_id: int) -> list[int]:
        """The place itself and all that lies in it."""
        inside = select(places.c.id).where(places.c.id == place_id).cte("inside", recursive=True)
        inside = inside.union_all(select(places.c.id).where(places.c.parent_id == inside.c.id))
        return list(await self.session.scalars(select(inside.c.id)))

    async def buildings(self, key: str, scope: Scope) -> list[Place]:
        """The buildings of this number within a scope: 3幢, where nobody says of which estate."""
        named = ((places.c.community_id, scope.community_ids), (places.c.grid_id, scope.grid_ids), (places.c.estate_id, scope.estate_ids))
        seen = [column.in_(sorted(ids)) for column, ids in named if ids]
        if not seen:
            return []
        query = select(Place).where(places.c.kind == PlaceKind.BUILDING, places.c.key == key, or_(*seen))
        return list(await self.session.scalars(query.order_by(places.c.id)))

    async def add(self, place: Place) -> None:
        await self._add(place)
