"""Homes with several people, a carer, an elder, requests that wait: the demo city's own."""

from __future__ import annotations

from datetime import datetime, timedelta

from community.model.household import (
    CONSENT_VERSION,
    SERVICE,
    Carer,
    CarerState,
    Consent,
    Deletion,
    HomeRequest,
    RequestState,
    ResidentHome,
    ResidentSettings,
)
from community.model.people import Resident
from community.store.seed.files import DemoFiles
from community.store.seed.places import PlaceBook
from community.store.uow import SqlUnitOfWork


async def add_household(
    uow: SqlUnitOfWork, files: DemoFiles, book: PlaceBook, residents: dict[str, Resident], midnight: datetime
) -> int:
    """What `data/demo/household.yml` says. Returns the number of links, requests and deletions."""
    spec = files.household
    elders = set(spec["elders"])
    for code, resident in residents.items():
        at = midnight - timedelta(days=20)
        uow.session.add(ResidentSettings(resident.id, elder=code in elders, notice=CONSENT_VERSION))
        await uow.homes.add(Consent(0, resident.id, SERVICE, CONSENT_VERSION, at, "首次对话时告知"))
    for one in spec["homes"]:
        room = book.addressed[one["home"]]["id"]
        await uow.homes.add(ResidentHome(0, residents[one["resident"]].id, room, one["verified"], midnight - timedelta(days=9)))
    for one in spec["carers"]:
        asked = midnight - timedelta(days=6)
        link = Carer(0, residents[one["carer"]].id, residents[one["elder"]].id, asked)
        if one["agreed"]:
            link.state, link.answered_at = CarerState.AGREED, asked + timedelta(hours=2)
        await uow.homes.add(link)
    for one in spec["requests"]:
        room = book.addressed[one["home"]]
        at = midnight - timedelta(hours=one["hours"])
        request = HomeRequest(0, residents[one["resident"]].id, room["id"], room["community_id"], at)
        if why := one.get("refused"):
            request.state, request.reason, request.decided_at = RequestState.REFUSED, why, at + timedelta(hours=3)
        await uow.homes.add(request)
    for one in spec["deletions"]:
        resident = residents[one["resident"]]
        place = await uow.places.get(resident.room_id or 0)
        asked = midnight - timedelta(days=one["days"])
        community_id = place.community_id if place is not None else None
        await uow.homes.add(Deletion(0, resident.id, community_id, asked, asked + timedelta(days=7)))
    return len(spec["carers"]) + len(spec["requests"]) + len(spec["deletions"])
