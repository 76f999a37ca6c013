"""What becomes of a volunteer's task when its ticket ends another way. Inside a unit of work, for those who end tickets."""

from __future__ import annotations

from datetime import datetime

from community.model.care import CareState
from community.model.ticket import Ticket
from community.ports import UnitOfWork
from community.services.notify import tell


async def ended(uow: UnitOfWork, ticket: Ticket, why: str, now: datetime) -> None:
    """The ticket was withdrawn or resolved by others: nobody is looked for any more, and who was to come is told that they need not."""
    task = await uow.care.of_ticket(ticket.id)
    if task is None or task.state not in (CareState.ASKED, CareState.OFFERED, CareState.TAKEN):
        return
    taken = task.state is CareState.TAKEN
    task.to(CareState.DONE, now, only_from=(task.state,))
    if taken:
        text = f"“{task.what}”这件事{why}，您不用去了，谢谢您。"
        await tell(uow, task.volunteer_id, text, key=f"care-{task.id}-{task.shift_id}:ended", now=now, author="system")
