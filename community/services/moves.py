"""Every move of a ticket is kept here: its event, and when the clock must look next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from community.errors import InvalidInput
from community.model import promise
from community.model.category import category_name
from community.model.promise import Photos, PromiseRule, RuleBook
from community.model.ticket import Ticket, TicketEvent
from community.ports import Community, UnitOfWork


async def rule_for(uow: UnitOfWork, ticket: Ticket, moment: datetime) -> PromiseRule:
    """The rule that holds for this ticket's category at this moment."""
    return RuleBook(await uow.promises.of_category(ticket.category)).at(ticket.category, moment)


async def keep(uow: UnitOfWork, c: Community, ticket: Ticket, event: TicketEvent) -> None:
    """Keep the event of a move that was made, after everything else of the ticket was set. The event gets its id.

    A ticket is measured by the rule of the day on which its present promise was given.
    """
    await set_clock(uow, c, ticket, event.at)
    await uow.tickets.add_event(event)


async def set_clock(uow: UnitOfWork, c: Community, ticket: Ticket, now: datetime) -> None:
    rule = await rule_for(uow, ticket, ticket.created_at)
    promise.set_clock(ticket, rule, now, c.is_workday)


async def check_photos(uow: UnitOfWork, tickets: Sequence[Ticket]) -> None:
    """Whether what is resolved together has the photos that its rules want. Raises InvalidInput; what one ticket has counts for all."""
    kinds: list[str] = []
    for ticket in tickets:
        kinds += [kind for _, kind in await uow.tickets.photos(ticket.id)]
    for ticket in tickets:
        wanted = (await rule_for(uow, ticket, ticket.created_at)).photos
        name = category_name(ticket.category)
        if wanted is not Photos.NONE and not {"after", "staff"} & set(kinds):
            raise InvalidInput(f"“{name}”办结要附一张处理后的照片，请先拍照上传。")
        if wanted is Photos.BOTH and not {"report", "added"} & set(kinds) and len(set(kinds)) < 2:
            raise InvalidInput(f"“{name}”办结要有处理前、处理后两张照片，请补一张处理前的。")
