"""办事指南 for residents: which guide is meant, the counter of their own community that does it, its hours, and what was not found."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from chinese.masking import mask
from community.model.calendar import local
from community.model.contact_day import days, rule_text
from community.model.guide import Guide
from community.model.opening import WEEKDAYS, clock_text
from community.model.site import KIND_NAMES, ROLE_NAMES, ContactRole, Site, SiteKind
from community.ports import Community, UnitOfWork
from community.services.site_hours import SiteView, asks_hours, hours_answer, kind_named, openings_of, view_of

FRESH = timedelta(minutes=30)
"""After so long a silence a question stands for itself."""
MOST_CHOICES = 3
LONG = 24
SHORT = 14
"""Characters. A follow-up is short; what is longer says itself what it is about."""
ASPECTS = {
    "papers": re.compile(
        r"带(?:什么|啥|哪些|些什么|点啥|点什么|哪几样)|(?:什么|啥|哪些)(?:材料|证件|手续|东西|资料)|"
        r"(?:材料|证件)(?:有|要)?(?:什么|哪些|清单)|清单"
    ),
    "where": re.compile(r"(?:去|上|到|在)(?:哪|那里|什么地方|啥地方)|哪个窗口|别的地方|别处|地址|怎么走"),
    "others": re.compile(
        r"代办|代(?:我|他|她)?[去办交]|(?:让|叫|请|由|帮|替).{0,6}(?:女儿|儿子|儿女|子女|老伴|老公|老婆|家里人|家人|别人|邻居|媳妇|孙子|孙女|妈|爸|我)"
        r".{0,4}(?:去|来|办|交|行|可以|吗)|(?:女儿|儿子|子女|老伴|家里人|家人|别人|邻居|媳妇).{0,3}(?:能|可以|行|好).{0,4}(?:去|办|来|吗)|本人(?:去|来|到)|要本人|亲自"
    ),
    "fee": re.compile(r"多少钱|要钱|收费|费用|花钱|要交钱|免费"),
    "takes": re.compile(r"多久|多长时间|(?:要|得)?几天|几个(?:月|工作日)|什么时候(?:能)?(?:好|拿|下来)|要等"),
    "online": re.compile(r"网上|手机|线上|在家(?:能|可以)?办|上网|小程序"),
    "steps": re.compile(r"^(?:那)?(?:怎么办|怎么弄|咋办|咋弄|先做什么|第一步|流程|步骤|怎么个?流程|先去哪)"),
    "phone": re.compile(r"电话|打给谁|联系方式|号码"),
}
_CONTACT = re.compile(
    r"人大代表|党代表|政协委员|两代表|代表.{0,4}(?:接待|联络)|(?:接待|联络)(?:日|站).{0,6}(?:代表|委员)|委员.{0,4}接待"
)
_ROLE_WORDS = ((ContactRole.CONGRESS, "人大"), (ContactRole.PARTY, "党代表"), (ContactRole.CPPCC, "政协"), (ContactRole.CPPCC, "委员"))
_FILLER = re.compile(
    r"那么?|这个|它|能|可以|可不可以|办理?|要|需要|得|吗|呢|啊|呀|的|了|我|去|来|到|弄|是|还|也|都|一下|怎么|现在|大概|行|不|请问|\W"
)
_WHICH_SITES = re.compile(
    r"(?:附近|这边|社区|周围|旁边)(?:有|都有)(?:哪些|什么|啥).{0,6}(?:地方|站点|点|站|中心)|站点|有哪些(?:办事的?地方|服务点)"
)
_LAW = re.compile(r"法|第.{1,4}条|规定|依据|违|告|赔|起诉|判|仲裁|维权|责任|权利|该不该|怎么算")
_WHERE_SITE = re.compile(r"在哪|哪里|哪儿|地址|电话|怎么走|什么地方|号码|怎么联系")


@dataclass(frozen=True)
class Answer:
    """`kind`: 'guide' (one, with the site that does it), 'choices' (titles), 'hours' or 'text' (`text` is said), 'none'."""

    kind: str
    guide: Guide | None = None
    site: SiteView | None = None
    choices: tuple[Guide, ...] = ()
    text: str = ""
    home_known: bool = True


@dataclass(frozen=True)
class Shown:
    """What was shown last: the code of a guide or 'site:7', and when (aware)."""

    what: str
    at: datetime

    def fresh(self, now: datetime) -> bool:
        return timedelta(0) <= now - self.at <= FRESH


def asks_contact(text: str) -> bool:
    """Whether `text` asks for a day on which a deputy or member receives."""
    return len(text) <= LONG and bool(_CONTACT.search(text))


def about(text: str) -> bool:
    """Whether a short `text` is about sites or contact days, whatever intent it was taken for."""
    if len(text) > LONG:
        return False
    named = kind_named(text) is not None and (asks_hours(text) or bool(_WHERE_SITE.search(text)))
    return named or asks_contact(text) or bool(_WHICH_SITES.search(text))


def only_aspect(text: str) -> bool:
    """Whether a short question asks for a part of a guide and names no matter of its own: 那要带什么, but not 老年证在哪办."""
    name = aspect_of(text)
    return name is not None and len(_FILLER.sub("", ASPECTS[name].sub("", text))) <= 2


def aspect_of(text: str) -> str | None:
    """Which part of a guide a short question asks for; None when none."""
    said = text.strip()
    if not said or len(said) > SHORT:
        return None
    return next((name for name, pattern in ASPECTS.items() if pattern.search(said)), None)


async def answer(c: Community, resident_id: int, text: str, key: str, shown: Shown | None = None) -> Answer:
    """What is known to `text`. With `shown` a short question may mean what was shown. What was not found is noted, once a key."""
    if _CONTACT.search(text):
        return Answer("text", text=await contact_text(c, resident_id, text))
    hits = await c.guides.find(text, MOST_CHOICES)
    sure = hits[0].guide if hits and hits[0].sure else None
    seen = await _seen(c, shown)
    if asks_hours(text):
        kind = kind_named(text) or (sure.site if sure else None)
        return await hours(c, resident_id, text, kind, shown if kind is None else None)
    named = kind_named(text)
    if seen is not None and named is None and aspect_of(text) and (sure is None or sure.code == seen.code or only_aspect(text)):
        return await show(c, resident_id, seen.code)
    if _WHICH_SITES.search(text) or (named is not None and _WHERE_SITE.search(text) and sure is None):
        return Answer("text", text=await sites_text(c, resident_id, named))
    if sure is not None:
        return await show(c, resident_id, sure.code)
    if hits:
        return Answer("choices", choices=tuple(hit.guide for hit in hits))
    return await none_of(c, resident_id, text, key)


async def leans(c: Community, resident_id: int, text: str, shown: Shown | None) -> Answer | None:
    """What a short question means after a guide was shown (要带什么, 几点关门); None when it does not lean on it."""
    if shown is None or not shown.fresh(c.clock.now()) or len(text.strip()) > SHORT:
        return None
    seen = await _seen(c, shown)
    if asks_hours(text):
        return await hours(c, resident_id, text, kind_named(text), shown)
    if seen is None or not aspect_of(text):
        return None
    hits = [] if only_aspect(text) else await c.guides.find(text, 1)
    return await show(c, resident_id, hits[0].guide.code if hits and hits[0].sure else seen.code)


async def instead_of_law(c: Community, resident_id: int, text: str) -> Answer | None:
    """The guide that surely answers what sounded like a question of law, has no curated answer, and does not ask for law; else None."""
    if _LAW.search(text):
        return None
    hits = await c.guides.find(text, 1)
    return await show(c, resident_id, hits[0].guide.code) if hits and hits[0].sure else None


async def none_of(c: Community, resident_id: int, text: str, key: str) -> Answer:
    """None of the titles offered was meant: noted like what was not found."""
    await _missed(c, resident_id, text, key)
    site, known = await _site_for(c, resident_id, SiteKind.SERVICE)
    return Answer("none", site=site, home_known=known)


async def show(c: Community, resident_id: int, code: str) -> Answer:
    """One guide with the site of the resident's community that does it; 'none' when there is no such guide any more."""
    guide = c.guides.get(code)
    if guide is None:
        return Answer("none")
    site, known = await _site_for(c, resident_id, guide.site) if guide.site else (None, True)
    return Answer("guide", guide, site, home_known=known)


async def hours(c: Community, resident_id: int, text: str, kind: SiteKind | None, shown: Shown | None = None) -> Answer:
    """When the site meant is open: of that kind, else the one of what was shown, else the community's service centre."""
    site_id = None
    if kind is None and shown is not None and shown.fresh(c.clock.now()):
        if shown.what.startswith("site:"):
            site_id = int(shown.what[5:])
        elif (guide := c.guides.get(shown.what)) is not None:
            kind = guide.site
    async with c.reading() as uow:
        found, known = await _sites(uow, resident_id)
        chosen = next((one for one in found if one.id == site_id), None) or next(
            (one for one in found if one.kind is (kind or SiteKind.SERVICE)), None
        )
        if chosen is None and known and kind is not None:
            said = f"您社区还没有登记{KIND_NAMES[kind]}的时间，可以打12345问一问。"
            return Answer("text", text=said)
        if chosen is None:
            return Answer("none", home_known=known)
        opening = (await openings_of(uow, c, [chosen]))[chosen.id]
        view = view_of(chosen, await _name_of(uow, chosen.community_id), opening, c.clock.now())
    return Answer("hours", site=view, text=hours_answer(c, view, opening, text), home_known=known)


async def sites_text(c: Community, resident_id: int, kind: SiteKind | None = None) -> str:
    """The sites of the resident's community, a line each with address, phone and whether it is open; of one kind when asked."""
    async with c.reading() as uow:
        found, known = await _sites(uow, resident_id)
        if not known:
            return "先要知道您住哪里，才知道是哪个社区的站点。跟我说“绑定住址”就行。"
        some = [one for one in found if kind is None or one.kind is kind]
        openings = await openings_of(uow, c, some)
        views = [view_of(one, "", openings[one.id], c.clock.now()) for one in some]
    if not views:
        return "您社区还没有登记这样的站点，可以打12345问一问。"
    return "\n".join(f"{one.name}：{one.address}，电话{one.phone}。{one.state}。" for one in views)


async def contact_text(c: Community, resident_id: int, text: str) -> str:
    """When the deputies and members named in `text` (else all) receive residents next."""
    roles = {role for role, word in _ROLE_WORDS if word in text}
    now = c.clock.now()
    today = local(now).date()
    async with c.reading() as uow:
        community_id = await _community_of(uow, resident_id)
        if community_id is None:
            return "先要知道您住哪里，才知道是哪个社区的代表、委员。跟我说“绑定住址”就行。"
        found = [one for one in await uow.guides.contact_days([community_id]) if one.active and (not roles or one.role in roles)]
    if not found:
        return "您社区还没有登记代表、委员的接待日，可以打社区电话问一问。"
    lines = []
    for one in found:
        here = local(now)
        coming = (day for day in days(one.rule, today, c.day_info) if day > today or one.ends > here.hour * 60 + here.minute)
        day = next(coming, None)
        when = f"下次{day.month}月{day.day}日（周{WEEKDAYS[day.weekday()]}）" if day else "日子待定"
        lines.append(
            f"{ROLE_NAMES[one.role]}{one.name}（{one.title}）：{when}{clock_text(one.starts)}–{clock_text(one.ends)}，{one.place}。"
            f"平时{rule_text(one.rule)}。{one.note}"
        )
    return "\n".join(lines)


async def _seen(c: Community, shown: Shown | None) -> Guide | None:
    return c.guides.get(shown.what) if shown is not None and shown.fresh(c.clock.now()) else None


async def _community_of(uow: UnitOfWork, resident_id: int) -> int | None:
    resident = await uow.people.resident(resident_id)
    room = await uow.places.get(resident.room_id) if resident is not None and resident.room_id else None
    return room.community_id if room is not None else None


async def _sites(uow: UnitOfWork, resident_id: int) -> tuple[list[Site], bool]:
    """(sites of their community, whether it is known)."""
    community_id = await _community_of(uow, resident_id)
    return (await uow.guides.sites([community_id]) if community_id else []), community_id is not None


async def _name_of(uow: UnitOfWork, community_id: int) -> str:
    place = await uow.places.get(community_id)
    return place.name if place is not None else ""


async def _site_for(c: Community, resident_id: int, kind: SiteKind | None) -> tuple[SiteView | None, bool]:
    async with c.reading() as uow:
        found, known = await _sites(uow, resident_id)
        chosen = next((one for one in found if one.kind is kind), None)
        if chosen is None:
            return None, known
        opening = (await openings_of(uow, c, [chosen]))[chosen.id]
        return view_of(chosen, await _name_of(uow, chosen.community_id), opening, c.clock.now()), known


async def _missed(c: Community, resident_id: int, text: str, key: str) -> None:
    said = " ".join(mask(text).split())[:200]
    if len(said) < 4 or not key:
        return
    plain = re.sub(r"[^\w]", "", said).lower()
    async with c.uow() as uow:
        if await uow.keys.ref(key) is not None:
            return
        now = c.clock.now()
        await uow.keys.put(key, "guide", now)
        await uow.guides.missed(hashlib.sha256(plain.encode()).hexdigest(), said, await _community_of(uow, resident_id), now)
        await uow.commit()
