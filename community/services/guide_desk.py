"""Sites, their hours and contact days as the desk of a community keeps them; the guides, and what no guide met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from community.errors import Conflict, Forbidden, InvalidInput, NotFound
from community.model.calendar import local
from community.model.contact_day import days, read_rule, rule_text
from community.model.guide import Guide
from community.model.opening import Hours, OnHoliday, clock_text, read_spans, spans_text, week_text
from community.model.people import Role, Staff
from community.model.site import ROLE_NAMES, ContactDay, ContactRole, GuideEvent, Site, SiteDay, kept
from community.ports import Community, UnitOfWork
from community.services.access import communities_of, staff_of
from community.services.phones import clean_phone
from community.services.site_hours import SiteView, openings_of, view_of

SEES = frozenset({Role.COMMUNITY_STAFF, Role.OPERATOR, Role.TRAINER})
KEEPS = frozenset({Role.COMMUNITY_STAFF, Role.OPERATOR})
AHEAD = timedelta(days=366)
MOST_EVENTS, MOST_MISSES = 20, 50
AGAIN = "刚才有人改过这一条，请看一眼再改。"


@dataclass(frozen=True)
class SiteLine:
    """`week` are the spans of Monday to Sunday as they are written; `days` dates to come with other hours: (date, hours, reason)."""

    view: SiteView
    week: tuple[str, ...]
    on_holiday: OnHoliday
    days: tuple[tuple[date, str, str], ...]
    version: int


@dataclass(frozen=True)
class ContactLine:
    id: int
    community: str
    role: ContactRole
    role_name: str
    name: str
    title: str
    place: str
    rule: str
    hours: str
    note: str
    active: bool
    next_on: date | None
    version: int


@dataclass(frozen=True)
class EventLine:
    at: datetime
    who: str
    did: str


@dataclass(frozen=True)
class MissLine:
    text: str
    times: int
    last_at: datetime


@dataclass(frozen=True)
class GuideDesk:
    sites: tuple[SiteLine, ...]
    contacts: tuple[ContactLine, ...]
    events: tuple[EventLine, ...]
    misses: tuple[MissLine, ...]
    guides: tuple[Guide, ...]
    communities: tuple[tuple[int, str], ...]
    keeps: bool


@dataclass(frozen=True)
class SiteEdit:
    address: str
    phone: str
    week: Sequence[str]
    """Seven texts as people write them: 8:30-12:00、13:30-17:30, 不开."""
    on_holiday: OnHoliday
    note: str
    version: int


@dataclass(frozen=True)
class ContactEdit:
    """`rule` and `hours` as people write them: 每月15日, 9:00-11:00."""

    role: ContactRole
    name: str
    title: str
    place: str
    rule: str
    hours: str
    note: str = ""
    active: bool = True


async def page(c: Community, staff_id: int) -> GuideDesk:
    """What is kept for the member's communities. Misses are of everybody there, masked. Raises Forbidden."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        if member.role not in SEES:
            raise Forbidden("站点和指南由社区工作人员管理。")
        where = await communities_of(uow, member)
        names = {one: place.name for one in sorted(where) if (place := await uow.places.get(one)) is not None}
        await c.guides.refresh()
        now = c.clock.now()
        today = local(now).date()
        sites = await uow.guides.sites(where)
        openings = await openings_of(uow, c, sites)
        coming = await uow.guides.days([site.id for site in sites], today)
        lines = tuple(
            SiteLine(
                view_of(site, names[site.community_id], openings[site.id], now),
                tuple(spans_text(spans).replace("–", "-") for spans in site.opening_hours().week), site.opening_hours().on_holiday,
                tuple((one.day, spans_text(one.exception().spans), one.reason) for one in coming if one.site_id == site.id), site.version,
            )  # fmt: skip
            for site in sites
        )
        contacts = tuple(_contact(c, one, names[one.community_id], today) for one in await uow.guides.contact_days(where))
        events = tuple(EventLine(one.at, one.staff_name, one.did) for one in await uow.guides.events(where, MOST_EVENTS))
        # Who has no home is nobody's: every desk may read what they asked.
        misses = tuple(MissLine(one.text, one.times, one.last_at) for one in await uow.guides.misses(where, MOST_MISSES))
        return GuideDesk(lines, contacts, events, misses, tuple(c.guides.all()), tuple(names.items()), member.role in KEEPS)


async def edit_site(c: Community, staff_id: int, site_id: int, new: SiteEdit) -> None:
    """Change a site. Raises InvalidInput, NotFound for one of another community, Conflict when somebody changed it meanwhile."""
    address, note = " ".join(new.address.split()), new.note.strip()
    if not 2 <= len(address) <= 120:
        raise InvalidInput("请填地址，120个字以内。")
    if len(note) > 200:
        raise InvalidInput("说明请在200个字以内。")
    phone = new.phone.strip()
    if clean_phone(phone) is None or len(phone) > 20:
        raise InvalidInput("电话请写成 0581-0000-1101 或手机号。")
    if len(new.week) != 7:
        raise InvalidInput("请填周一到周日的时间。")
    hours = Hours(tuple(read_spans(text) for text in new.week), new.on_holiday)
    async with c.uow() as uow:
        member, site = await _site(uow, staff_id, site_id)
        if site.version != new.version:
            raise Conflict(AGAIN)
        said = []
        if (site.address, site.phone) != (address, phone):
            said.append(f"地址电话改为{address}、{phone}")
        if site.hours != kept(hours):
            said.append(f"时间由“{week_text(site.opening_hours())}”改为“{week_text(hours)}”")
        if site.note != note:
            said.append("说明改了")
        if not said:
            return
        site.address, site.phone, site.note, site.hours = address, phone, note, kept(hours)
        await _log(uow, c, member, site.community_id, "site", site.id, f"{site.name}：{'；'.join(said)}")
        await uow.commit()


async def set_day(c: Community, staff_id: int, site_id: int, day: date, spans: str, reason: str) -> None:
    """Other hours on one date, '' is closed all day; what was set for it before is replaced. Raises InvalidInput, NotFound, Conflict."""
    today = local(c.clock.now()).date()
    reason = " ".join(reason.split())
    if not today <= day <= today + AHEAD:
        raise InvalidInput("请选今天到一年以内的日子。")
    if not reason or len(reason) > 30:
        raise InvalidInput("请写原因，30个字以内，居民看得到，比如：今天停电。")
    read = read_spans(spans)
    async with c.uow() as uow:
        member, site = await _site(uow, staff_id, site_id)
        known = await uow.guides.day(site_id, day)
        new = [list(span) for span in read]
        if known is None:
            await uow.guides.add(SiteDay(0, site_id, day, new, reason, member.id, c.clock.now()))
        elif (known.spans, known.reason) == (new, reason):
            return
        else:
            known.spans, known.reason, known.staff_id, known.at = new, reason, member.id, c.clock.now()
        did = f"{site.name}：{day.month}月{day.day}日{spans_text(read)}（{reason}）"
        await _log(uow, c, member, site.community_id, "site", site.id, did)
        await uow.commit()


async def drop_day(c: Community, staff_id: int, site_id: int, day: date) -> None:
    """As usual again on this date. Nothing happens when it was."""
    async with c.uow() as uow:
        member, site = await _site(uow, staff_id, site_id)
        known = await uow.guides.day(site_id, day)
        if known is None:
            return
        await uow.guides.remove(known)
        await _log(uow, c, member, site.community_id, "site", site.id, f"{site.name}：{day.month}月{day.day}日恢复平时的时间")
        await uow.commit()


async def edit_contact(
    c: Community, staff_id: int, new: ContactEdit, contact_id: int | None = None, community_id: int | None = None, version: int = 0
) -> None:
    """Add a contact day (of `community_id`), or change one. Raises InvalidInput, NotFound, Forbidden, Conflict."""
    name, title, place = (" ".join(text.split()) for text in (new.name, new.title, new.place))
    if not 2 <= len(name) <= 20 or not title or len(title) > 30:
        raise InvalidInput("请填姓名和身份，比如：陆海平，区人大代表。")
    if not place or len(place) > 60:
        raise InvalidInput("请填在哪里接待，60个字以内。")
    if len(new.note) > 100:
        raise InvalidInput("说明请在100个字以内。")
    rule, spans = read_rule(new.rule), read_spans(new.hours)
    if len(spans) != 1:
        raise InvalidInput("接待时间请写一段，比如：9:00-11:00。")
    async with c.uow() as uow:
        member, where = await _keeper(uow, staff_id)
        if contact_id is None:
            if community_id not in where or community_id is None:
                raise Forbidden("请选您管的社区。")
            made = ContactDay(0, community_id, new.role, name, title, place, rule, *spans[0], new.note.strip(), new.active)
            await uow.guides.add(made)
            await _log(uow, c, member, community_id, "contact", made.id, f"新增{title}{name}接待日：{rule_text(rule)}")
        else:
            known = await uow.guides.contact_day(contact_id, for_update=True)
            if known is None or known.community_id not in where:
                raise NotFound("没有找到这条接待日。")
            if known.version != version:
                raise Conflict(AGAIN)
            known.role, known.name, known.title, known.place, known.rule = new.role, name, title, place, rule
            known.starts, known.ends, known.note, known.active = *spans[0], new.note.strip(), new.active
            state = "" if new.active else "，暂停"
            await _log(uow, c, member, known.community_id, "contact", known.id, f"改{title}{name}接待日：{rule_text(rule)}{state}")
        await uow.commit()


def _contact(c: Community, one: ContactDay, community: str, today: date) -> ContactLine:
    coming = next(days(one.rule, today, c.day_info), None) if one.active else None
    return ContactLine(
        one.id, community, one.role, ROLE_NAMES[one.role], one.name, one.title, one.place, rule_text(one.rule),
        f"{clock_text(one.starts)}-{clock_text(one.ends)}", one.note, one.active, coming, one.version,
    )  # fmt: skip


async def _keeper(uow: UnitOfWork, staff_id: int) -> tuple[Staff, frozenset[int]]:
    member = await staff_of(uow, staff_id)
    if member.role not in KEEPS:
        raise Forbidden("站点和接待日由社区工作人员管理。")
    return member, await communities_of(uow, member)


async def _site(uow: UnitOfWork, staff_id: int, site_id: int) -> tuple[Staff, Site]:
    member, where = await _keeper(uow, staff_id)
    site = await uow.guides.site(site_id, for_update=True)
    if site is None or site.community_id not in where:
        raise NotFound("没有找到这个站点。")
    return member, site


async def _log(uow: UnitOfWork, c: Community, member: Staff, community_id: int, what: str, subject_id: int, did: str) -> None:
    await uow.guides.add(GuideEvent(0, community_id, what, subject_id, member.id, member.name, c.clock.now(), did[:300]))
