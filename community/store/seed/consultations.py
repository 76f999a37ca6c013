"""Appointments with the demo city's lawyers: some past, some to come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from community.model.calendar import local
from community.model.consultation import LONG, Consultation, ConsultationStatus, Outcome, reminder_for, times
from community.ports import Community
from community.store.seed.tickets import Cast
from community.store.uow import SqlUnitOfWork


async def add_consultations(uow: SqlUnitOfWork, c: Community, cast: Cast, rows: list[dict[str, Any]], midnight: datetime) -> int:
    """Each row takes the lawyer's next free half hour after midnight, or the last ones before it (`past`). Returns how many."""
    done = 0
    for number, row in enumerate(rows, 1):
        lawyer, resident = cast.staff[row["lawyer"]], cast.residents[row["who"]]
        duties = await uow.people.duties([lawyer.id])
        begin = midnight - timedelta(days=14) if row.get("past") else midnight
        free = [one for one in times(duties, begin, c.is_workday, ()) if not row.get("past") or one < midnight]
        taken = {one.starts_at for one in await uow.consultations.of_lawyers([lawyer.id], begin, begin + timedelta(days=20))}
        starts = next(one for one in (reversed(free) if row.get("past") else free) if one not in taken)
        booked = Consultation(
            0, lawyer.id, resident.id, starts, starts + LONG, c.vault.encrypt(row["words"]), f"demo-consultation-{number}",
            starts - timedelta(days=2), remind_at=None if row.get("past") else reminder_for(starts, midnight),
        )  # fmt: skip
        if row.get("past"):
            came = row.get("outcome")
            booked.status = ConsultationStatus.CAME if came else ConsultationStatus.MISSED
            booked.outcome = Outcome(came) if came else None
            booked.note = c.vault.encrypt(row["note"]) if "note" in row else ""
        if local(booked.booked_at) > local(midnight):
            booked.booked_at = midnight - timedelta(hours=6)
        await uow.consultations.add(booked)
        done += 1
    return done
