"""The demo city, written into an empty database in one transaction.

What it says is in `data/demo/*.yml`, how rows come of it in the modules here. For one and the same day the same city
comes out: names are drawn with a fixed seed, and all times hang on the day, not on the hour. Only what is secret
differs (password hashes and encrypted phones carry their own salt).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path

from community.errors import ConfigError
from community.model.calendar import SHANGHAI, local
from community.ports import Community
from community.store.seed.activities import add_activities
from community.store.seed.between import add_between, play_between
from community.store.seed.consultations import add_consultations
from community.store.seed.deliberation import add_deliberation
from community.store.seed.diary import add_diary
from community.store.seed.files import DemoFiles, load_demo_files
from community.store.seed.guides import add_sites
from community.store.seed.heard import add_heard, add_unanswered
from community.store.seed.household import add_household
from community.store.seed.intake import add_intake
from community.store.seed.notices import add_notices
from community.store.seed.people import add_households, add_residents
from community.store.seed.places import add_places
from community.store.seed.promises import add_promises
from community.store.seed.served import add_served
from community.store.seed.staff import add_staff, demo_accounts
from community.store.seed.tickets import Cast, add_tickets
from community.store.uow import SqlUnitOfWork

__all__ = ["SeedReport", "demo_accounts", "seed_demo"]

FACT = "demo_seeded"
SEED = "云溪市"


@dataclass(frozen=True)
class SeedReport:
    """`done_before` says that nothing was written; `lines` say what is there, one thing a line."""

    done_before: bool
    lines: list[str]


async def seed_demo(community: Community, folder: Path) -> SeedReport:
    """Write the demo city once. Raises ConfigError outside demo mode: a real city must not meet fictional people."""
    if not community.demo:
        raise ConfigError("LINSHE_MODE is production: the demo city is only written in demo mode")
    files = load_demo_files(folder)
    today = local(community.clock.now()).date()
    async with community.uow() as uow:
        assert isinstance(uow, SqlUnitOfWork)
        if day := await uow.facts.get(FACT):
            return SeedReport(True, [f"demo city of {day}"])
        # The fact goes in first: on PostgreSQL a second seeder waits here, then fails on the key and mixes nothing in.
        await uow.facts.put(FACT, today.isoformat())
        lines = await _write(community, uow, files, datetime.combine(today, time(0), SHANGHAI))
        await uow.commit()
    return SeedReport(False, lines)


async def _write(community: Community, uow: SqlUnitOfWork, files: DemoFiles, midnight: datetime) -> list[str]:
    """Everything, from the ground up. Nothing of it happened after `midnight`, when the day of seeding began."""
    draw = random.Random(SEED)  # noqa: S311 (made-up names, not secrets)
    session = uow.session
    book = await add_places(session, files.city)
    households = await add_households(session, files, book, draw)
    residents = await add_residents(session, community.vault, files, book, households, midnight)
    staff = await add_staff(session, community.passwords, files, book)
    cast = Cast(book, residents, staff)
    played = await add_tickets(uow, community, cast, files.tickets, midnight, play_between)
    for play in played:
        await add_between(uow, cast, play, midnight)
    notes = await add_diary(uow, community, cast, files.diary, midnight)
    booked = await add_consultations(uow, community, cast, files.consultations, midnight)
    links = await add_household(uow, files, book, residents, midnight)
    passed_on = await add_intake(uow, community, cast, files.intake, midnight)
    promises = await add_promises(uow, files.promises, midnight)
    shifts, activities = await add_activities(session, files.activities, book, residents, draw, midnight)
    # With a draw of its own: what is made above stays what it was.
    talked = await add_deliberation(uow, community, cast, files.deliberation, random.Random(SEED), midnight)  # noqa: S311
    served = await add_served(session, community.vault, files.served, activities, book, residents, midnight)
    told = await add_notices(uow, cast, files.notices, random.Random(SEED), midnight)  # noqa: S311
    heard = await add_heard(uow, cast, files.heard, midnight)
    await add_unanswered(uow, cast, files.unanswered, midnight)
    sites, contacts = await add_sites(uow, files.sites, book)
    return [
        f"{book.count('community')} communities, {book.count('grid')} grids, {book.count('estate')} estates, "
        f"{book.count('building')} buildings",
        f"{len(households):,} households, {len(residents)} demo residents, {len(staff)} staff",
        f"{len(files.activities)} activities with {shifts} shifts, {len(played)} tickets, {promises} promises of its own, "
        f"{notes} notes of visits, {passed_on} drafts out of groups, {booked} appointments with lawyers, "
        f"{served} entries of hours and points",
        f"{links} carers and requests about homes and data",
        talked,
        f"{told} notices, {heard} messages for the trainers to look at",
        f"{sites} sites with their hours, {contacts} contact days",
    ]
