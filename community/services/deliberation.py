"""What the use cases of 协商议事 share: who a resident votes for, which member of staff may act, who is told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from community.errors import Forbidden, InvalidInput, NotFound
from community.model.category import category_name
from community.model.deliberation import (
    OUTCOME_NAMES,
    STATUS_NAMES,
    THRESHOLD,
    Move,
    Outcome,
    Proposal,
    ProposalEvent,
    Status,
)
from community.model.message import Button, OutboxMessage
from community.model.people import Actor, Resident, Role, Staff
from community.model.place import Place, PlaceKind
from community.ports import UnitOfWork
from community.services.access import communities_of, staff_of

SEES = frozenset({Role.COMMUNITY_STAFF})
"""Roles that set agendas and open ballots; a community's own, and a street's for the communities below it."""
SCOPES = (PlaceKind.COMMUNITY, PlaceKind.GRID, PlaceKind.ESTATE, PlaceKind.BUILDING)
"""What a meeting or a ballot may be of."""
PORTION = 500
"""Messages written, and residents looked up, at once."""


@dataclass(frozen=True)
class ProposalView:
    """A proposal as an entrance shows it. `signed` counts households. Who raised it is named to staff only, in `proposer`."""

    id: int
    title: str
    words: str
    category_name: str
    place_text: str
    status: Status
    status_name: str
    signed: int
    threshold: int
    created_at: datetime
    changed_at: datetime
    outcome: Outcome | None
    outcome_words: str
    reason: str
    meeting_id: int | None
    community_id: int
    by_staff: bool

    @property
    def state(self) -> str:
        """Where it stands, in a few words."""
        if self.status is Status.RAISED:
            return f"征集附议 {self.signed}/{self.threshold}户"
        if self.status is Status.CO_SIGNED and self.by_staff:
            return "等排上会"
        if self.status is Status.DECIDED and self.outcome is not None:
            return OUTCOME_NAMES[self.outcome] + ("，正在落实" if self.outcome is Outcome.PASSED else "")
        return self.status_name


def proposal_view(proposal: Proposal, signed: int) -> ProposalView:
    return ProposalView(
        proposal.id, proposal.title, proposal.words, category_name(proposal.category), proposal.place_text, proposal.status,
        STATUS_NAMES[proposal.status], signed, proposal.threshold, proposal.created_at, proposal.changed_at, proposal.outcome,
        proposal.outcome_words, proposal.reason, proposal.meeting_id, proposal.community_id, proposal.proposer_id is None,
    )  # fmt: skip


async def views_of(uow: UnitOfWork, proposals: Sequence[Proposal]) -> list[ProposalView]:
    signed = await uow.proposals.signed([one.id for one in proposals]) if proposals else {}
    return [proposal_view(one, signed.get(one.id, 0)) for one in proposals]


async def view_of(uow: UnitOfWork, proposal: Proposal) -> ProposalView:
    return (await views_of(uow, [proposal]))[0]


async def resident_of(uow: UnitOfWork, resident_id: int) -> Resident:
    resident = await uow.people.resident(resident_id)
    if resident is None:
        raise NotFound("没有找到您的信息，请重新进入。")
    return resident


async def home_of(uow: UnitOfWork, resident: Resident) -> Place:
    """The room of a resident. Raises InvalidInput that says what to do without one."""
    room = await uow.places.get(resident.room_id) if resident.room_id else None
    if room is None:
        raise InvalidInput("先要知道您住哪里：跟我说“绑定住址”，再来提、来投。")
    return room


async def household_of(uow: UnitOfWork, resident: Resident) -> tuple[int, Place]:
    """(household, room) that this resident signs and votes for. Raises InvalidInput: one who only says so does not count."""
    room = await home_of(uow, resident)
    if not resident.home_verified:
        raise InvalidInput("您的住址还没有核实，一户一票要核实了才算。请社区工作人员核实一下（跟我说“找工作人员”）。")
    household = await uow.people.household_of_room(room.id)
    if household is None:
        raise InvalidInput("住户名册里还没有您家，请社区工作人员登记后再来（跟我说“找工作人员”）。")
    return household.id, room


async def clerk_of(uow: UnitOfWork, staff_id: int) -> tuple[Staff, frozenset[int]]:
    """The member and the communities whose deliberation is theirs. Raises Forbidden."""
    member = await staff_of(uow, staff_id)
    if member.role not in SEES:
        raise Forbidden("协商议事由社区工作者来办。")
    return member, await communities_of(uow, member)


async def proposal_for(uow: UnitOfWork, staff_id: int, proposal_id: int) -> tuple[Staff, Proposal]:
    """The proposal, locked. NotFound outside the member's communities: it does not say that it exists."""
    member, communities = await clerk_of(uow, staff_id)
    proposal = await uow.proposals.get(proposal_id, for_update=True)
    if proposal is None or proposal.community_id not in communities:
        raise NotFound("没有找到这个议题。")
    return member, proposal


async def scope_place(uow: UnitOfWork, communities: Collection[int], place_id: int) -> Place:
    """The place whose households are meant, within the member's communities."""
    place = await uow.places.get(place_id)
    if place is None or place.kind not in SCOPES or (place.community_id or place.id) not in communities:
        raise InvalidInput("请选本社区的范围：全社区、一个网格、一个小区或一幢楼。")
    return place


async def scopes(uow: UnitOfWork, community_id: int) -> list[tuple[int, str]]:
    """(id, name) of what a meeting or a ballot of this community may be of."""
    community = await uow.places.get(community_id)
    if community is None:
        return []
    found = [(community.id, f"{community.name}（全社区）")]
    found += [(one.id, one.name) for one in await uow.places.children(community.id, PlaceKind.GRID)]
    for estate in await uow.places.children(community.id, PlaceKind.ESTATE):
        found.append((estate.id, estate.name))
        found += [(one.id, one.full_name or one.name) for one in await uow.places.children(estate.id, PlaceKind.BUILDING)]
    return found


async def threshold_of(uow: UnitOfWork, community_id: int) -> int:
    kept = await uow.facts.get(_threshold(community_id))
    return int(kept) if kept else THRESHOLD


async def keep_threshold(uow: UnitOfWork, community_id: int, households: int) -> None:
    if not 1 <= households <= 500:
        raise InvalidInput("附议的户数是1到500之间的数。")
    await uow.facts.put(_threshold(community_id), str(households))


def _threshold(community_id: int) -> str:
    return f"deliberation_threshold:{community_id}"


async def mark(uow: UnitOfWork, proposal: Proposal, move: Move, actor: Actor, now: datetime, note: str = "") -> ProposalEvent:
    """Make a move of a proposal and keep its event."""
    proposal.apply(move, now)
    return await note_down(uow, proposal, move, actor, now, note)


async def note_down(uow: UnitOfWork, proposal: Proposal, move: Move, actor: Actor, now: datetime, note: str = "") -> ProposalEvent:
    event = ProposalEvent(0, proposal.id, now, move, actor.kind, actor.id, actor.name, note)
    await uow.proposals.add_event(event)
    uow.announce("deliberation", community_id=proposal.community_id)
    return event


async def tell_each(
    uow: UnitOfWork, residents: Collection[int], text: str, key: str, now: datetime, buttons: Sequence[Button] = (), but: int = 0
) -> int:
    """One message to each of these, `key` and the resident make it once; returns how many they are.

    Written in portions: a notice goes to a whole community, and nobody else writes meanwhile on SQLite.
    """
    whom = sorted(set(residents) - {but})
    for start in range(0, len(whom), PORTION):
        portion = whom[start : start + PORTION]
        addresses = await uow.people.addresses_of(portion)
        rows = []
        for resident_id in portion:
            channel, address = addresses.get(resident_id, ("webchat", str(resident_id)))
            message = OutboxMessage(0, f"{key}:{resident_id}", resident_id, channel, address, text, now, author="system")
            message.buttons = [button.as_row() for button in buttons]
            rows.append(message)
            uow.announce("outbox", resident_id=resident_id)
        await uow.outbox.add_all(rows)
    return len(whom)


async def tell_concerned(uow: UnitOfWork, proposal: Proposal, text: str, key: str, now: datetime, but: int = 0) -> int:
    """To everybody who asked for it."""
    return await tell_each(uow, await uow.proposals.concerned(proposal.id), text, key, now, but=but)


async def living_in(uow: UnitOfWork, rooms: Sequence[int]) -> list[int]:
    """Residents living in these rooms, asked in portions: a database takes so many parameters and no more."""
    found: list[int] = []
    for start in range(0, len(rooms), PORTION):
        found += await uow.people.living_at(rooms[start : start + PORTION])
    return found
