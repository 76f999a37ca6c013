from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import delete, func, insert, select, update

from community.model.ballot import Ballot, BallotStatus, Kind, Score
from community.model.category import Category
from community.model.deliberation import FollowUp, Meeting, Proposal, ProposalEvent, Status
from community.model.place import Place, PlaceKind
from community.model.ticket import OPEN, Ticket
from community.ports.deliberation import Voter
from community.store.repos.base import QueueRepo, Repo
from community.store.tables import (
    ballot_named,
    ballot_papers,
    ballot_roll,
    ballot_turnout,
    ballot_urns,
    ballot_votes,
    ballots,
    company_estates,
    households,
    meetings,
    places,
    property_companies,
    property_scores,
    proposal_events,
    proposal_signatures,
    proposal_tasks,
    proposal_tickets,
    proposals,
    ticket_followers,
    tickets,
)


class ProposalRepo(QueueRepo):
    async def add(self, proposal: Proposal) -> None:
        await self._add(proposal)

    async def get(self, proposal_id: int, *, for_update: bool = False) -> Proposal | None:
        query = select(Proposal).where(proposals.c.id == proposal_id)
        return await self.session.scalar(query.with_for_update() if for_update else query)

    async def of_communities(
        self, community_ids: Collection[int], statuses: Collection[Status] | None = None, limit: int = 200
    ) -> list[Proposal]:
        query = select(Proposal).where(proposals.c.community_id.in_(community_ids))
        if statuses is not None:
            query = query.where(proposals.c.status.in_(statuses))
        return list(await self.session.scalars(query.order_by(proposals.c.id.desc()).limit(limit)))

    async def of_meeting(self, meeting_id: int) -> list[Proposal]:
        """In the order of the agenda."""
        query = select(Proposal).where(proposals.c.meeting_id == meeting_id)
        return list(await self.session.scalars(query.order_by(proposals.c.agenda_order, proposals.c.id)))

    async def of_resident(self, resident_id: int) -> list[Proposal]:
        query = select(Proposal).where(proposals.c.proposer_id == resident_id)
        return list(await self.session.scalars(query.order_by(proposals.c.id.desc()).limit(20)))

    async def add_event(self, event: ProposalEvent) -> None:
        await self._add(event)

    async def events(self, proposal_id: int) -> list[ProposalEvent]:
        query = select(ProposalEvent).where(proposal_events.c.proposal_id == proposal_id)
        return list(await self.session.scalars(query.order_by(proposal_events.c.id)))

    async def sign(self, proposal_id: int, household_id: int, resident_id: int, at: datetime) -> bool:
        """False when this household had signed."""
        row = {"proposal_id": proposal_id, "household_id": household_id, "resident_id": resident_id, "at": at}
        done = await self.session.execute(self._insert(proposal_signatures).values(row).on_conflict_do_nothing())
        return bool(getattr(done, "rowcount", 0))

    async def signed(self, proposal_ids: Collection[int]) -> dict[int, int]:
        """How many households signed each of these."""
        signed = proposal_signatures.c.proposal_id
        query = select(signed, func.count()).where(signed.in_(proposal_ids)).group_by(signed)
        return {int(one): int(number) for one, number in await self.session.execute(query)}

    async def signed_by(self, household_id: int) -> set[int]:
        query = select(proposal_signatures.c.proposal_id).where(proposal_signatures.c.household_id == household_id)
        return set(await self.session.scalars(query))

    async def link(self, proposal_id: int, ticket_ids: Sequence[int]) -> None:
        rows = [{"proposal_id": proposal_id, "ticket_id": ticket} for ticket in dict.fromkeys(ticket_ids)]
        if rows:
            await self.session.execute(insert(proposal_tickets), rows)

    async def tickets(self, proposal_id: int) -> list[Ticket]:
        query = select(Ticket).join(proposal_tickets, proposal_tickets.c.ticket_id == tickets.c.id)
        return list(await self.session.scalars(query.where(proposal_tickets.c.proposal_id == proposal_id).order_by(tickets.c.id)))

    async def concerned(self, proposal_id: int) -> list[int]:
        """Residents who asked for it: who raised it, who signed it, whose tickets it came of (and who follow those)."""
        linked = select(proposal_tickets.c.ticket_id).where(proposal_tickets.c.proposal_id == proposal_id)
        query = (
            select(proposals.c.proposer_id)
            .where(proposals.c.id == proposal_id, proposals.c.proposer_id.is_not(None))
            .union(
                select(proposal_signatures.c.resident_id).where(proposal_signatures.c.proposal_id == proposal_id),
                select(tickets.c.resident_id).where(tickets.c.id.in_(linked), tickets.c.resident_id.is_not(None)),
                select(ticket_followers.c.resident_id).where(ticket_followers.c.ticket_id.in_(linked)),
            )
        )
        return sorted(int(one) for one in await self.session.scalars(query))

    async def add_task(self, task: FollowUp) -> None:
        await self._add(task)

    async def task(self, task_id: int) -> FollowUp | None:
        return await self.session.get(FollowUp, task_id, with_for_update=True)

    async def tasks(self, proposal_id: int) -> list[FollowUp]:
        query = select(FollowUp).where(proposal_tasks.c.proposal_id == proposal_id)
        return list(await self.session.scalars(query.order_by(proposal_tasks.c.due, proposal_tasks.c.id)))

    async def repeated(self, community_ids: Collection[int], category: Category | None, limit: int) -> list[Ticket]:
        """Open tickets of these communities that no proposal has yet, newest first."""
        query = select(Ticket).where(
            tickets.c.community_id.in_(community_ids),
            tickets.c.status.in_(OPEN),
            tickets.c.id.not_in(select(proposal_tickets.c.ticket_id)),
        )
        if category is not None:
            query = query.where(tickets.c.category == category)
        return list(await self.session.scalars(query.order_by(tickets.c.id.desc()).limit(limit)))


class MeetingRepo(Repo):
    async def add(self, meeting: Meeting) -> None:
        await self._add(meeting)

    async def get(self, meeting_id: int, *, for_update: bool = False) -> Meeting | None:
        query = select(Meeting).where(meetings.c.id == meeting_id)
        return await self.session.scalar(query.with_for_update() if for_update else query)

    async def of_communities(self, community_ids: Collection[int], limit: int = 50) -> list[Meeting]:
        """The latest first."""
        query = select(Meeting).where(meetings.c.community_id.in_(community_ids))
        return list(await self.session.scalars(query.order_by(meetings.c.starts_at.desc()).limit(limit)))


class BallotRepo(QueueRepo):
    async def add(self, ballot: Ballot) -> None:
        await self._add(ballot)

    async def get(self, ballot_id: int, *, for_update: bool = False) -> Ballot | None:
        query = select(Ballot).where(ballots.c.id == ballot_id)
        return await self.session.scalar(query.with_for_update() if for_update else query)

    async def of_communities(self, community_ids: Collection[int], limit: int = 100) -> list[Ballot]:
        query = select(Ballot).where(ballots.c.community_id.in_(community_ids))
        return list(await self.session.scalars(query.order_by(ballots.c.id.desc()).limit(limit)))

    async def of_proposal(self, proposal_id: int) -> list[Ballot]:
        query = select(Ballot).where(ballots.c.proposal_id == proposal_id)
        return list(await self.session.scalars(query.order_by(ballots.c.id)))

    async def to_close(self, now: datetime) -> list[int]:
        query = select(ballots.c.id).where(ballots.c.status == BallotStatus.OPEN, ballots.c.closes_at <= now)
        return list(await self.session.scalars(query.order_by(ballots.c.closes_at).limit(50)))

    async def households_in(self, place: Place) -> list[Voter]:
        """One household a room of this place: a community, a grid, an estate, a building, a unit."""
        if place.kind in (PlaceKind.COMMUNITY, PlaceKind.GRID, PlaceKind.ESTATE):
            inside = places.c[f"{place.kind}_id"] == place.id
        elif place.address is not None:
            inside = places.c.address.startswith(place.address + "/", autoescape=True)
        else:
            return []
        query = (
            select(func.min(households.c.id), households.c.room_id)
            .join(places, places.c.id == households.c.room_id)
            .where(inside, places.c.kind == PlaceKind.ROOM)
            .group_by(households.c.room_id)
            .order_by(households.c.room_id)
        )
        return [Voter(int(household), int(room)) for household, room in await self.session.execute(query)]

    async def put_roll(self, ballot_id: int, voters: Sequence[Voter]) -> None:
        rows = [
            {"ballot_id": ballot_id, "household_id": one.household_id, "room_id": one.room_id, "area": one.area}
            for one in voters
        ]
        await self.session.execute(insert(ballot_roll), rows)

    async def roll(self, ballot_id: int) -> list[Voter]:
        query = select(ballot_roll.c.household_id, ballot_roll.c.room_id, ballot_roll.c.area)
        found = await self.session.execute(query.where(ballot_roll.c.ballot_id == ballot_id).order_by(ballot_roll.c.room_id))
        return [Voter(*row) for row in found]

    async def on_roll(self, ballot_id: int, room_id: int) -> int | None:
        """The household of this room that may vote."""
        query = select(ballot_roll.c.household_id)
        return await self.session.scalar(query.where(ballot_roll.c.ballot_id == ballot_id, ballot_roll.c.room_id == room_id))

    async def open_for(self, room_id: int) -> list[Ballot]:
        """Ballots under way in which this room is on the roll, whether it has voted or not, those that close first first."""
        query = (
            select(Ballot)
            .join(ballot_roll, ballot_roll.c.ballot_id == ballots.c.id)
            .where(ballot_roll.c.room_id == room_id, ballots.c.status == BallotStatus.OPEN)
            .order_by(ballots.c.closes_at, ballots.c.id)
        )
        return list(await self.session.scalars(query))

    async def turn_out(self, ballot_id: int, household_id: int, day: date) -> None:
        """The household has voted. A second time breaks the key: IntegrityError, a Conflict at the unit of work."""
        row = {"ballot_id": ballot_id, "household_id": household_id, "day": day}
        await self.session.execute(insert(ballot_turnout).values(row))

    async def has_voted(self, ballot_id: int, household_id: int) -> bool:
        query = select(func.count()).where(ballot_turnout.c.ballot_id == ballot_id, ballot_turnout.c.household_id == household_id)
        return bool(await self.session.scalar(query))

    async def turnout(self, ballot_id: int) -> list[int]:
        query = select(ballot_turnout.c.household_id).where(ballot_turnout.c.ballot_id == ballot_id)
        return sorted(await self.session.scalars(query))

    async def turnouts(self, ballot_ids: Collection[int]) -> dict[int, int]:
        one = ballot_turnout.c.ballot_id
        query = select(one, func.count()).where(one.in_(ballot_ids)).group_by(one)
        return {int(ballot): int(number) for ballot, number in await self.session.execute(query)}

    async def urn(self, ballot_id: int) -> str | None:
        return await self.session.scalar(select(ballot_urns.c.sealed).where(ballot_urns.c.ballot_id == ballot_id))

    async def put_urn(self, ballot_id: int, sealed: str) -> None:
        changed = await self.session.execute(update(ballot_urns).where(ballot_urns.c.ballot_id == ballot_id).values(sealed=sealed))
        if not getattr(changed, "rowcount", 0):
            await self.session.execute(insert(ballot_urns).values(ballot_id=ballot_id, sealed=sealed))

    async def drop_urn(self, ballot_id: int) -> None:
        await self.session.execute(delete(ballot_urns).where(ballot_urns.c.ballot_id == ballot_id))

    async def put_votes(self, ballot_id: int, votes: Mapping[tuple[int, int], int]) -> None:
        rows = [{"ballot_id": ballot_id, "item": item, "option": option, "votes": n} for (item, option), n in sorted(votes.items())]
        if rows:
            await self.session.execute(insert(ballot_votes), rows)

    async def votes(self, ballot_id: int) -> dict[tuple[int, int], int]:
        query = select(ballot_votes.c.item, ballot_votes.c.option, ballot_votes.c.votes).where(ballot_votes.c.ballot_id == ballot_id)
        return {(int(item), int(option)): int(number) for item, option, number in await self.session.execute(query)}

    async def name(self, ballot_id: int, household_id: int, choices: Sequence[int]) -> None:
        """Keep an open ballot's vote with its household."""
        own = {"ballot_id": ballot_id, "household_id": household_id}
        rows = [{**own, "item": item, "option": option} for item, option in enumerate(choices)]
        await self.session.execute(insert(ballot_named), rows)

    async def named(self, ballot_id: int) -> list[tuple[int, int, int]]:
        """(household, item, option) of every vote of an open ballot."""
        query = select(ballot_named.c.household_id, ballot_named.c.item, ballot_named.c.option)
        found = await self.session.execute(query.where(ballot_named.c.ballot_id == ballot_id))
        return [(int(household), int(item), int(option)) for household, item, option in found]

    async def put_paper(self, token: str, ballot_id: int, sealed: str, until: datetime) -> None:
        row = {"token": token, "ballot_id": ballot_id, "sealed": sealed, "until": until}
        await self.session.execute(insert(ballot_papers).values(row))

    async def paper(self, token: str) -> str | None:
        return await self.session.scalar(select(ballot_papers.c.sealed).where(ballot_papers.c.token == token))

    async def drop_paper(self, token: str) -> None:
        await self.session.execute(delete(ballot_papers).where(ballot_papers.c.token == token))

    async def drop_papers(self, now: datetime, ballot_id: int | None = None) -> int:
        """Those that are over, or all of a ballot."""
        which = ballot_papers.c.until <= now if ballot_id is None else ballot_papers.c.ballot_id == ballot_id
        dropped = await self.session.execute(delete(ballot_papers).where(which))
        return int(getattr(dropped, "rowcount", 0) or 0)

    async def add_score(self, score: Score) -> None:
        await self.session.execute(insert(property_scores).values(**vars(score)))

    async def scores(self, company_id: int | None = None) -> list[Score]:
        columns = [column for column in property_scores.c if column.name != "id"]
        query = select(*columns).order_by(property_scores.c.id)
        if company_id is not None:
            query = query.where(property_scores.c.company_id == company_id)
        return [Score(**row) for row in (await self.session.execute(query)).mappings()]

    async def all_counted(self) -> list[Ballot]:
        """Ballots that are open or counted: those whose numbers must agree."""
        query = select(Ballot).where(ballots.c.status.in_((BallotStatus.OPEN, BallotStatus.CLOSED)))
        return list(await self.session.scalars(query.order_by(ballots.c.id)))

    async def reviews(self, company_ids: Collection[int]) -> list[Ballot]:
        """Counted 民主评议 of these companies, the latest first."""
        query = select(Ballot).where(
            ballots.c.kind == Kind.SCORES, ballots.c.company_id.in_(company_ids), ballots.c.status == BallotStatus.CLOSED
        )
        return list(await self.session.scalars(query.order_by(ballots.c.id.desc()).limit(20)))

    async def companies_in(self, community_id: int) -> list[tuple[int, str]]:
        """(id, name) of the property companies that look after an estate of this community."""
        query = (
            select(property_companies.c.id, property_companies.c.name)
            .join(company_estates, company_estates.c.company_id == property_companies.c.id)
            .join(places, places.c.id == company_estates.c.estate_id)
            .where(places.c.community_id == community_id)
            .distinct()
            .order_by(property_companies.c.id)
        )
        return [(int(one), str(name)) for one, name in await self.session.execute(query)]
