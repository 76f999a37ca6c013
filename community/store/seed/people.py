"""Households of every room, and the demo residents one can be."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from community.model.people import Resident
from community.ports import Vault
from community.store.seed.files import DemoFiles
from community.store.seed.places import PlaceBook
from community.store.seed.rows import Row, insert_rows
from community.store.tables import channel_identities, households, residents

CHANNEL = "webchat"
MEMBERS = (1, 2, 3, 4, 5, 6)
MEMBER_WEIGHTS = (14, 27, 31, 18, 7, 3)
ALONE_OLD = 0.3
"""Share of the one-person households that are an old person living alone."""


async def add_households(
    session: AsyncSession, files: DemoFiles, book: PlaceBook, draw: random.Random
) -> dict[int, int]:
    """One household a room: room id -> household id. Where a demo resident lives, it is theirs."""
    surnames: dict[str, int] = files.names["surnames"]
    given: list[str] = files.names["given"]
    theirs = {r["home"]: r for r in files.residents}
    rows: list[Row] = []
    for room in book.kinds["room"]:
        surname = draw.choices(list(surnames), list(surnames.values()))[0]
        name = surname + draw.choice(given)
        members = draw.choices(MEMBERS, MEMBER_WEIGHTS)[0]
        alone = members == 1 and draw.random() < ALONE_OLD
        if known := theirs.get(room["address"]):
            name, members, alone = known["name"], known["members"], known.get("elderly_alone", False)
        rows.append({"room_id": room["id"], "head_name": name, "members": members, "elderly_alone": alone})
    await insert_rows(session, households, rows)
    return {row["room_id"]: row["id"] for row in rows}


def demo_phone(code: str) -> str:
    """R0001 -> 15400000001: eleven digits like any mobile number, but no operator was given the prefix 154."""
    return f"1540000{code.removeprefix('R')}"


async def add_residents(
    session: AsyncSession,
    vault: Vault,
    files: DemoFiles,
    book: PlaceBook,
    household_of: dict[int, int],
    midnight: datetime,
) -> dict[str, Resident]:
    """The demo residents by code, their homes verified."""
    draw = random.Random("residents")  # noqa: S311 (a key is a name for logs, it opens nothing)
    rows: list[Row] = []
    for n, spec in enumerate(files.residents):
        room = book.addressed[spec["home"]]
        phone = demo_phone(spec["code"])
        rows.append(
            {
                "key": f"r{draw.getrandbits(96):024x}",
                "name": spec["name"],
                "household_id": household_of[room["id"]],
                "room_id": room["id"],
                "home_verified": True,
                "phone_cipher": vault.encrypt(phone),
                "phone_hash": vault.fingerprint(phone),
                "demo": True,
                "created_at": midnight - timedelta(days=60 - n),
            }
        )
    await insert_rows(session, residents, rows)
    codes: list[str] = [spec["code"] for spec in files.residents]
    identities: list[Row] = [
        {"resident_id": row["id"], "channel": CHANNEL, "external_id": code}
        for code, row in zip(codes, rows, strict=True)
    ]
    await insert_rows(session, channel_identities, identities)
    return {code: Resident(**row) for code, row in zip(codes, rows, strict=True)}
