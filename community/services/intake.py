"""Group intake 群消息: what a member passes on from a group becomes drafts, read once; nothing is a ticket here (services/intake_acts.py).

The names and words of neighbours are sealed with the city's secret, and opened here only.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chinese.group_talk import Saying, read_block
from community.errors import Forbidden, InvalidInput, NotFound
from community.model.alike import ALIKE, alike
from community.model.calendar import local
from community.model.category import URGENCY_NAMES, Category, Urgency, category_name
from community.model.danger import DangerRule, find_danger
from community.model.diary import apart, names_only_a_place
from community.model.intake import (
    SAME_BLOCK,
    STATE_NAMES,
    STEP_NAMES,
    DraftState,
    DraftStep,
    GroupDraft,
    GroupDraftEvent,
    Problem,
    bare_words,
    masked_who,
    problems_in,
    urgency_of,
)
from community.model.people import Role, Staff
from community.model.place import Place
from community.model.ticket import Ticket
from community.ports import Community, DraftQuery, Scope, UnitOfWork
from community.services import gathering
from community.services.access import communities_of, may_see, scope_of, staff_of
from community.services.inbound import danger_in
from community.services.places import PlaceGuess, names_of, resolve_near
from community.services.staff_cards import without_phones

SEES = frozenset({Role.GRID_WORKER, Role.COMMUNITY_STAFF})
"""Who is in the neighbours' groups, and files for them."""
MAX_BLOCK = 6000
LATELY = timedelta(days=7)
"""Open tickets filed since then are looked at for the same trouble."""
NOT_THERE = "没有这条群消息草稿，或者不归您管。"


@dataclass(frozen=True)
class Match:
    """An open ticket of the same trouble in the same building. `incident` is the number of the incident it is in, or None."""

    number: str
    title: str
    incident: int | None


@dataclass(frozen=True)
class DraftView:
    """A draft as its reader sees it. `who` is masked, phones in `words` too. `danger`: the sentence with the number to call, or ''."""

    id: int
    at: datetime
    who: str
    said_at: str
    words: str
    also: int
    state: DraftState
    state_name: str
    category: Category
    category_name: str
    urgency: Urgency
    urgency_name: str
    danger: str
    place_id: int | None
    place_text: str
    by: str
    match: Match | None
    resident_id: int | None
    resident: str
    ticket: str
    reason: str
    decided: str
    decided_at: datetime | None
    log: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taken:
    """What became of a block. `drafts` in the order in which things were said, those that were there before among them (`again` counts
    them). `left`: sayings taken for talk. `alarms`: sentences with numbers to call, first of all."""

    drafts: tuple[DraftView, ...]
    again: int
    left: int
    alarms: tuple[str, ...]


async def take(c: Community, staff_id: int, text: str) -> Taken:
    """Read a block and keep a draft a problem, once: the same again, also by a colleague at the same moment, finds what is there.

    Raises InvalidInput for an empty block, or one in which nobody has a problem; Forbidden for who does not do this.
    """
    sayings = [replace(one, text=bare_words(one.text)) for one in read_block(text[:MAX_BLOCK])]
    if not any(one.text for one in sayings):
        raise InvalidInput("请把群里的话发过来，比如：群消息 张阿姨：3幢电梯又坏了。一次可以贴几个人说的。")
    rules, watched = await _dangers(c, sayings), await c.danger_rules.in_force()
    async with c.uow() as uow:
        member = await intake_member(uow, staff_id)

        def rings(words: str) -> str:
            found = rules.get(words) or find_danger(words, watched)
            return found.code if found is not None else ""

        reading = problems_in(sayings, await names_of(uow), rings)
        if not reading.problems:
            raise InvalidInput("这段话里没看出要办的事，没有记草稿。要报事，写：群消息 谁：什么地方、什么事。")
        now, drafts, again = c.clock.now(), [], 0
        for problem in reading.problems:
            draft, new = await keep_draft(uow, c, member, problem, now)
            again += not new
            drafts.append(draft)
        views = await views_of(uow, c, member, drafts)
        if again < len(drafts):
            uow.announce("drafts", community_id=drafts[0].community_id)
        await uow.commit()
        said = {f"群里有人可能有危险，请马上联系那户并转告：{rule.number_first}": None for rule in rules.values() if rule is not None}
        return Taken(tuple(views), again, len(reading.left), tuple(said))


async def _dangers(c: Community, sayings: Sequence[Saying]) -> dict[str, DangerRule | None]:
    """What rings, by the words that rang. A word of care rings too: here nobody hears it but a member of staff."""
    found: dict[str, DangerRule | None] = {}
    for one in sayings:
        if one.text and one.text not in found:
            verdict = await danger_in(c, one.text)
            if (rule := verdict.alarm or verdict.care) is not None:
                found[one.text] = rule
    return found


async def keep_draft(uow: UnitOfWork, c: Community, member: Staff, problem: Problem, now: datetime) -> tuple[GroupDraft, bool]:
    """The draft of a problem, and whether it is new."""
    base = await uow.places.get(member.place_id) if member.place_id else None
    whose = (base.community_id or base.id) if base is not None else 0
    first = problem.text.split("\n")[0]
    mark = c.vault.fingerprint(f"group|{whose}|{problem.who}|{problem.at}|{''.join(first.split())}")[:64]
    there = await uow.group_drafts.marked_since(mark, now - SAME_BLOCK)
    place, text = await place_for(uow, member, problem.place)
    if there is None:
        owner = place or base
        draft = GroupDraft(
            0,
            f"{mark}:{local(now):%Y%m%d}",
            mark,
            member.id,
            now,
            c.vault.encrypt(problem.who) if problem.who else "",
            c.vault.encrypt(problem.text),
            problem.at,
            len(problem.also),
            category=problem.category,
            urgency=urgency_of(problem.category, problem.danger),
            danger=problem.danger,
            place_id=place.id if place else None,
            place_text=text,
            grid_id=owner.grid_id if owner else None,
            community_id=(owner.community_id or whose or None) if owner else None,
        )
        new = await uow.group_drafts.add(draft)
        kept = await uow.group_drafts.by_key(draft.key)
        if kept is None:
            raise NotFound(NOT_THERE)
        if new:
            await note(uow, kept, member, DraftStep.TAKEN, now)
            return kept, True
        there = kept
    await _once_more(uow, there, member, problem, place, text, now)
    return there, False


async def _once_more(
    uow: UnitOfWork, there: GroupDraft, member: Staff, problem: Problem, place: Place | None, text: str, now: datetime
) -> None:
    """Passed on again: by a colleague, or with more lines below. What is new in it is kept."""
    if there.state is not DraftState.OPEN:
        return
    changed = len(problem.also) > there.also
    there.also = max(there.also, len(problem.also))
    if there.place_id is None and place is not None:
        put_place(there, place, text)
        changed = True
    if changed or there.staff_id != member.id:
        await note(uow, there, member, DraftStep.AGAIN, now)


async def place_for(uow: UnitOfWork, member: Staff, words: str) -> tuple[Place | None, str]:
    """(the place, what is shown of it): 3幢 is the member's own first, then the one of their community. What is of another community is
    named, and not linked."""
    if not words.strip():
        return None, ""
    mine = await scope_of(uow, member)
    theirs = await communities_of(uow, member)
    guess = PlaceGuess(None, "", "none", None, False)
    for scope in (mine, Scope(community_ids=theirs)):
        guess = await resolve_near(uow, apart(words), scope)
        if guess.place_id is not None:
            break
    place = await uow.places.get(guess.place_id) if guess.place_id else None
    if place is None or (place.community_id or place.id) not in theirs:
        return None, (guess.text or words.strip())[:200]
    return place, guess.text[:200]


def put_place(draft: GroupDraft, place: Place, text: str) -> None:
    draft.place_id, draft.place_text = place.id, text
    draft.grid_id, draft.community_id = place.grid_id or draft.grid_id, place.community_id or draft.community_id


# --- rights and reading ---------------------------------------------------------------------------------------------------


async def intake_member(uow: UnitOfWork, staff_id: int) -> Staff:
    member = await staff_of(uow, staff_id)
    if member.role not in SEES:
        raise Forbidden("群消息由网格员和社区工作者来转。")
    return member


async def own_draft(uow: UnitOfWork, member: Staff, draft_id: int, *, for_update: bool = False) -> GroupDraft:
    """One this member passed on, or of a place of theirs. NotFound otherwise."""
    draft = await uow.group_drafts.get(draft_id, for_update=for_update)
    if draft is not None:
        scope = await scope_of(uow, member)
        inside = scope.everything or draft.grid_id in scope.grid_ids or draft.community_id in scope.community_ids
        if draft.staff_id == member.id or inside:
            return draft
    raise NotFound(NOT_THERE)


async def list_drafts(
    c: Community, staff_id: int, states: Collection[DraftState] = (DraftState.OPEN,), limit: int = 50
) -> tuple[list[DraftView], int]:
    """(the newest, how many there are) of what is this member's to decide. Danger stands first."""
    async with c.reading() as uow:
        member = await intake_member(uow, staff_id)
        query = DraftQuery(await scope_of(uow, member), member.id, frozenset(states), limit)
        found = sorted(await uow.group_drafts.search(query), key=lambda draft: not draft.danger)
        return await views_of(uow, c, member, found), await uow.group_drafts.count(query)


async def show(c: Community, staff_id: int, draft_id: int) -> DraftView:
    """With what was done with it."""
    async with c.reading() as uow:
        member = await intake_member(uow, staff_id)
        draft = await own_draft(uow, member, draft_id)
        return (await views_of(uow, c, member, [draft], log=True))[0]


async def only_a_place(c: Community, words: str) -> bool:
    """3幢2单元, and nothing else is said."""
    async with c.reading() as uow:
        return names_only_a_place(words, await names_of(uow))


async def waiting(c: Community, staff_id: int) -> int:
    async with c.reading() as uow:
        member = await intake_member(uow, staff_id)
        return await uow.group_drafts.count(DraftQuery(await scope_of(uow, member), member.id, frozenset({DraftState.OPEN})))


async def views_of(
    uow: UnitOfWork, c: Community, member: Staff, drafts: Sequence[GroupDraft], *, log: bool = False
) -> list[DraftView]:
    people = await uow.people.staff_with_ids({one for draft in drafts for one in (draft.staff_id, draft.decided_by) if one})
    rules = {rule.code: rule for rule in await c.danger_rules.in_force()}
    views = []
    for draft in drafts:
        ticket = await uow.tickets.get(draft.ticket_id) if draft.ticket_id else None
        resident = await uow.people.resident(draft.resident_id) if draft.resident_id else None
        rule, who = rules.get(draft.danger), who_of(c, draft)
        by, decided = people.get(draft.staff_id), people.get(draft.decided_by or 0)
        views.append(
            DraftView(
                id=draft.id,
                at=draft.at,
                who=masked_who(who) if who else "",
                said_at=draft.said_at,
                words=words_of(c, draft),
                also=draft.also,
                state=draft.state,
                state_name=STATE_NAMES[draft.state],
                category=draft.category,
                category_name=category_name(draft.category),
                urgency=draft.urgency,
                urgency_name=URGENCY_NAMES[draft.urgency],
                danger=rule.number_first if rule else "",
                place_id=draft.place_id,
                place_text=draft.place_text,
                by=by.name if by else "",
                match=await match_of(uow, c, member, draft) if draft.state is DraftState.OPEN else None,
                resident_id=draft.resident_id,
                resident=resident.name if resident else "",
                ticket=ticket.number if ticket else "",
                reason=draft.reason,
                decided=decided.name if decided else "",
                decided_at=draft.decided_at,
                log=tuple(await _log(uow, draft)) if log else (),
            )
        )
    return views


async def _log(uow: UnitOfWork, draft: GroupDraft) -> list[str]:
    events = await uow.group_drafts.events(draft.id)
    people = await uow.people.staff_with_ids({event.staff_id for event in events})
    lines = []
    for event in events:
        who = people.get(event.staff_id)
        lines.append(
            f"{local(event.at):%m-%d %H:%M} {who.name if who else ''}{STEP_NAMES[event.what]}" + (f"：{event.note}" if event.note else "")
        )
    return lines


async def match_of(uow: UnitOfWork, c: Community, member: Staff, draft: GroupDraft) -> Match | None:
    """The open ticket that tells of the same trouble in the same building, as far as this member may see it."""
    ticket = await _same(uow, c, member, draft)
    return Match(ticket.number, ticket.title, ticket.incident_id) if ticket is not None else None


async def _same(uow: UnitOfWork, c: Community, member: Staff, draft: GroupDraft) -> Ticket | None:
    if draft.place_id is None:
        return None
    chain = await gathering.chain_of(uow, draft.place_id)
    inside = {draft.place_id, *(await uow.places.ids_below(chain[-1].id) if chain else ())}
    since = c.clock.now() - LATELY
    near = [*await uow.incidents.open_near(inside, draft.category), *await uow.incidents.open_beside(inside, since, 30)]
    said = words_of(c, draft)
    for ticket in near:
        close = ticket.category is draft.category and (draft.category is not Category.OTHER or alike(said, ticket.words) >= ALIKE)
        if close and await may_see(uow, member, ticket):
            return ticket
    return None


async def note(uow: UnitOfWork, draft: GroupDraft, member: Staff, what: DraftStep, now: datetime, words: str = "") -> None:
    await uow.group_drafts.add_event(GroupDraftEvent(0, draft.id, now, member.id, what, words[:300]))


def who_of(c: Community, draft: GroupDraft) -> str:
    return c.vault.decrypt(draft.who) if draft.who else ""


def words_of(c: Community, draft: GroupDraft) -> str:
    """Without telephone numbers, and without the name of who said it."""
    said, who = c.vault.decrypt(draft.words) if draft.words else "", who_of(c, draft)
    return without_phones(said.replace(who, masked_who(who)) if len(who) >= 2 else said)
