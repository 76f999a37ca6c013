"""物业服务考核: what households scored a property company in the last 民主评议, for its own people and for the communities it works in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from community.model.people import Role
from community.ports import Community
from community.services.access import communities_of, staff_of


@dataclass(frozen=True)
class Review:
    """The last counted review of a company in a community: (item, mean of 1 to 5), how many households, and the mean before it (None: the
    first)."""

    company: str
    community: str
    day: date
    households: int
    items: tuple[tuple[str, float], ...]
    mean: float
    before: float | None


async def latest(c: Community, staff_id: int) -> tuple[Review, ...]:
    """Property people see their own company's, community staff those of the companies in their communities; others none."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        if member.role not in (Role.PROPERTY, Role.COMMUNITY_STAFF):
            return ()
        communities = await communities_of(uow, member)
        own = member.company_id if member.role is Role.PROPERTY else None
        lines = await uow.ballots.scores(own) if own is not None or member.role is Role.COMMUNITY_STAFF else []
        found = []
        for company_id, community_id in sorted({(one.company_id, one.community_id) for one in lines}):
            if community_id not in communities:
                continue
            theirs = [one for one in lines if (one.company_id, one.community_id) == (company_id, community_id)]
            ballots = sorted({one.ballot_id for one in theirs})
            last = [one for one in theirs if one.ballot_id == ballots[-1]]
            earlier = [one for one in theirs if len(ballots) > 1 and one.ballot_id == ballots[-2]]
            company, place = await uow.people.company(company_id), await uow.places.get(community_id)
            found.append(
                Review(
                    company.name if company else "", place.name if place else "", last[0].day, max(one.voters for one in last),
                    tuple((one.title, one.mean) for one in last), sum(one.mean for one in last) / len(last),
                    sum(one.mean for one in earlier) / len(earlier) if earlier else None,
                )
            )  # fmt: skip
        return tuple(found)
