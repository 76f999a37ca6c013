"""What several people and several processes do to one shift at once, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import random

from community.errors import LinsheError
from community.model.party import read_party
from community.model.people import Resident
from community.model.volunteer import HOLDING, SignupStatus
from community.ports import Community
from community.services import ledgers, signups, volunteer_clock
from tests.conftest import FakeClock
from tests.small_city import SmallCity

SENTENCES = ("我报名", "我和我女儿报名", "报名，两大一小")


async def test_families_that_come_go_confirm_and_let_it_lapse_never_overfill_nor_lose_a_seat(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    shift, people = city.shifts["patrol"].id, list[int]()
    async with community.uow() as uow:
        for n in range(12):
            resident = Resident(0, f"rush{n}", f"居民{n}")
            await uow.people.add_resident(resident)
            people.append(resident.id)
        await uow.commit()
    draw = random.Random(7)

    async def act(n: int) -> None:
        who, what = draw.choice(people), draw.random()
        try:
            if what < 0.5:
                await signups.sign_up(community, who, shift, f"s-{n}", read_party(draw.choice(SENTENCES)))
            elif what < 0.75:
                await signups.cancel(community, who, shift, f"c-{n}")
            elif what < 0.9:
                await signups.confirm(community, who, shift)
            else:
                await volunteer_clock.run(community)
        except LinsheError:
            pass  # full, nothing to cancel: all of it is allowed, none of it may leave a wrong number

    for round_ in range(4):
        await asyncio.gather(*(act(round_ * 20 + n) for n in range(20)))
        clock.forward(hours=14)
        await asyncio.gather(volunteer_clock.run(community), volunteer_clock.run(community))
        async with community.reading() as uow:
            pair = await uow.volunteering.shift(shift)
            rows = await uow.organising.signups(shift)
        assert pair is not None
        assert pair[1].taken == sum(row.seats for row in rows if row.status in HOLDING) <= pair[1].capacity
        assert all(row.confirm_by is not None for row in rows if row.status is SignupStatus.CONFIRMING)
        assert [one for one in await ledgers.check_all(community) if one.differences] == []
