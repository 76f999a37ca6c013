"""Property companies, staff with their duty times, and the accounts worth showing."""

from __future__ import annotations

import asyncio
from datetime import time
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from community.model.people import ROLE_NAMES, Role, Staff
from community.ports import Passwords
from community.store.seed.files import DemoFiles, load
from community.store.seed.places import PlaceBook
from community.store.seed.rows import Row, insert_rows
from community.store.tables import company_estates, duties, property_companies, staff

FIRST_PHONE = 1001


def _members(spec: Row) -> list[Row]:
    """Everybody in staff.yml in order, grid workers with the logins grid01, grid02, …"""
    workers = [
        {"name": name, "role": "grid_worker", "place": f"{community}第{n}网格"}
        for community, names in spec["grid_workers"].items()
        for n, name in enumerate(names, 1)
    ]
    return [{"login": f"grid{n:02d}", **worker} for n, worker in enumerate(workers, 1)] + list(spec["others"])


def demo_accounts(folder: Path) -> list[tuple[str, str, str, str]]:
    """A few accounts that show every role: (login, password, role and place, name)."""
    spec = load(folder / "staff.yml")
    known = {member["login"]: member for member in _members(spec)}
    return [
        (
            shown["login"],
            spec["password"],
            f"{ROLE_NAMES[Role(known[shown['login']]['role'])]}（{shown['about']}）",
            known[shown["login"]]["name"],
        )
        for shown in spec["show"]
    ]


async def add_staff(session: AsyncSession, passwords: Passwords, files: DemoFiles, book: PlaceBook) -> dict[str, Staff]:
    """Everybody by login."""
    spec = files.staff
    companies = [{"name": c["name"], "phone": c["phone"]} for c in spec["companies"]]
    await insert_rows(session, property_companies, companies)
    company_ids = {row["name"]: row["id"] for row in companies}
    await session.execute(
        insert(company_estates),
        [
            {"company_id": company_ids[c["name"]], "estate_id": book.addressed[estate]["id"]}
            for c in spec["companies"]
            for estate in c["estates"]
        ],
    )
    # One hash for all: the password is printed at every start of a demo, sixty salts would only make the start slower.
    password_hash = await asyncio.to_thread(passwords.hash, spec["password"])
    members = _members(spec)
    rows: list[Row] = [
        {
            "login": member["login"],
            "name": member["name"],
            "role": Role(member["role"]),
            "place_id": book.named[member["place"]]["id"] if "place" in member else None,
            "company_id": company_ids[member["company"]] if "company" in member else None,
            "phone": f"154-0000-{FIRST_PHONE + n}",
            "password_hash": password_hash,
            # The simulator's company has everybody by their login.
            "wecom_id": member["login"],
        }
        for n, member in enumerate(members)
    ]
    await insert_rows(session, staff, rows)
    times: list[Row] = []
    for member, row in zip(members, rows, strict=True):
        spans = list(spec["duties"][member["role"]])
        if member.get("weekend"):
            spans += spec["duties"]["weekend_desk"]
        times += [
            {
                "staff_id": row["id"],
                "weekday": day,
                "starts": time.fromisoformat(span["from"]),
                "ends": time.fromisoformat(span["to"]),
            }
            for span in spans
            for day in span["days"]
        ]
    await insert_rows(session, duties, times)
    return {row["login"]: Staff(**row) for row in rows}
