"""A city that was there before the search finds its older tickets after the upgrade, by the command an operator uses."""

from __future__ import annotations

import asyncio
import io
import sqlite3
from pathlib import Path

from rich.console import Console

from community.bootstrap import open_community
from community.ports import Clue, Scope, TicketQuery
from community.store import migrate
from community.store.vault import SecretVault
from ops import steps
from ops.bench.servers import context_for
from ops.environments import ROOT

ROW = {
    "id": 7, "number": "100073", "category": "lighting", "urgency": "normal", "status": "dispatched", "words": "路燈不亮", "detail": "",
    "place_text": "剡溪花园3幢", "created_at": "2026-11-01", "accept_by": "2026-11-02", "resolve_by": "2026-11-03", "urge_count": 0,
    "reopen_count": 0, "source": "chat", "version": 1,
}  # fmt: skip


def upgraded(context: object) -> str:
    said = io.StringIO()
    with steps.step(Console(file=said), "database") as work:
        steps.upgrade_database(context, work)  # type: ignore[arg-type]
    return said.getvalue()


async def test_older_tickets_are_made_searchable_once(tmp_path: Path) -> None:
    context = context_for(ROOT, tmp_path / "var")
    await asyncio.to_thread(migrate.upgrade, context.database_url, "0007")
    vault = SecretVault(context.secret)
    row = {**ROW, "contact": vault.encrypt("李阿姨 138-0000-0001")}
    with sqlite3.connect(tmp_path / "var" / "linshe.db") as database:
        database.execute(f"INSERT INTO tickets ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
    assert "1 tickets made searchable" in await asyncio.to_thread(upgraded, context)
    assert "up to date" in await asyncio.to_thread(upgraded, context)
    async with open_community(context.settings, signals=False) as c, c.reading() as uow:
        for clue in (Clue(terms=("路灯",)), Clue(contact_hash=c.vault.fingerprint("13800000001"))):
            page = await uow.tickets.search(TicketQuery(Scope(everything=True), clues=(clue,)))
            assert [ticket.number for ticket in page.items] == ["100073"]
