"""Who may see what. Asked by services for every staff request; pages never decide."""

from __future__ import annotations

from community.errors import NotFound, NotSignedIn
from community.model.category import Category
from community.model.conversation import Conversation, Topic
from community.model.people import Role, Staff
from community.model.place import PlaceKind
from community.model.ticket import Move, Ticket
from community.ports import Scope, UnitOfWork


async def staff_of(uow: UnitOfWork, staff_id: int) -> Staff:
    """The member of staff, still active. Raises NotSignedIn."""
    member = await uow.people.staff(staff_id)
    if member is None or not member.active:
        raise NotSignedIn("登录已失效，请重新登录。")
    return member


async def scope_of(uow: UnitOfWork, member: Staff) -> Scope:
    """The tickets a member of staff may see, by role and place.

    Lawyers and trainers work on conversations and answers, not on tickets: an empty scope.
    """
    if member.role is Role.PROPERTY:
        estates = await uow.people.estates_of_company(member.company_id) if member.company_id else []
        return Scope(estate_ids=frozenset(estates))
    if member.role in (Role.LAWYER, Role.TRAINER) or member.place_id is None:
        return Scope(everything=member.role is Role.OPERATOR and member.place_id is None)
    place = await uow.places.get(member.place_id)
    if place is None:
        return Scope()
    categories = frozenset({Category.DISPUTE}) if member.role is Role.MEDIATOR else None
    if place.kind is PlaceKind.CITY:
        return Scope(everything=True, categories=categories)
    if place.kind in (PlaceKind.STREET, PlaceKind.COMMUNITY):
        return Scope(community_ids=frozenset(await uow.places.communities_below(place)), categories=categories)
    if place.kind is PlaceKind.GRID:
        return Scope(grid_ids=frozenset({place.id}), categories=categories)
    if place.kind is PlaceKind.MICROGRID and place.grid_id:
        return Scope(grid_ids=frozenset({place.grid_id}), categories=categories)
    return Scope()


async def may_see(uow: UnitOfWork, member: Staff, ticket: Ticket) -> bool:
    return ticket.holder_id == member.id or (await scope_of(uow, member)).covers(ticket)


async def ticket_for(
    uow: UnitOfWork, member: Staff, number: str, *, for_update: bool = False
) -> Ticket:
    """The ticket, when this member may see it. Otherwise NotFound: it does not say that the ticket exists."""
    ticket = await uow.tickets.by_number(number.strip(), for_update=for_update)
    if ticket is None or not await may_see(uow, member, ticket):
        raise NotFound(f"没有找到工单{number.strip()[:12]}。")
    return ticket


STAFF_MOVES = frozenset({
    Move.ACCEPT, Move.START, Move.PAUSE, Move.RESUME, Move.RESOLVE, Move.RETURN, Move.TRANSFER, Move.NOTE, Move.RECATEGORISE,
})  # fmt: skip
"""Moves a member of staff may make; the rest belong to the resident or the system."""


def allowed_for(member: Staff, ticket: Ticket) -> frozenset[Move]:
    """The moves this member may make from where the ticket is, once they may see it at all."""
    moves = ticket.allowed() & STAFF_MOVES
    if member.role is Role.GRID_WORKER and ticket.holder_id != member.id:
        # A grid worker handles what is theirs; a colleague's ticket may be taken over by transfer only.
        return moves & {Move.NOTE, Move.TRANSFER}
    return moves


async def may_talk(uow: UnitOfWork, member: Staff, conversation: Conversation) -> bool:
    """Whether this member may see and take a conversation.

    Lawyers: legal matters of their community. Grid workers: their grid. Community staff and above: their communities.
    """
    if conversation.staff_id == member.id:
        return True
    if member.role in (Role.PROPERTY, Role.TRAINER, Role.MEDIATOR):
        return False
    if member.role is Role.LAWYER:
        if conversation.topic is not Topic.LEGAL:
            return False
        place = await uow.places.get(member.place_id) if member.place_id else None
        covered = await uow.places.communities_below(place) if place else []
        return conversation.community_id is None or conversation.community_id in covered
    scope = await scope_of(uow, member)
    if scope.everything:
        return True
    if conversation.community_id is None:
        # A resident without a home belongs to nobody's grid: the communities' desks share them.
        return member.role is Role.COMMUNITY_STAFF
    return conversation.community_id in scope.community_ids or conversation.grid_id in scope.grid_ids


async def communities_of(uow: UnitOfWork, member: Staff) -> frozenset[int]:
    """The communities a member works in: those below their place, the one around their grid, those of their estates."""
    if member.role is Role.PROPERTY:
        estates = await uow.people.estates_of_company(member.company_id) if member.company_id else []
        found = [await uow.places.get(estate) for estate in estates]
        return frozenset(place.community_id for place in found if place is not None and place.community_id)
    place = await uow.places.get(member.place_id) if member.place_id else None
    if place is None:
        return frozenset()
    below = await uow.places.communities_below(place)
    return frozenset(below or ([place.community_id] if place.community_id else []))
