"""Sites and contact days for the small city, as tests need them."""

from __future__ import annotations

from community.model.contact_day import read_rule
from community.model.opening import Hours, OnHoliday, read_spans
from community.model.site import ContactDay, ContactRole, Site, SiteKind, kept
from community.ports import Community
from tests.small_city import SmallCity

OFFICE = Hours((*[read_spans("8:30-12:00、13:30-17:30")] * 5, read_spans("9:00-12:00"), ()))
ALWAYS = Hours(tuple([read_spans("全天")] * 7), OnHoliday.AS_USUAL)
DAILY = Hours(tuple([read_spans("10:45-12:30、16:45-18:30")] * 7), OnHoliday.AS_USUAL)


async def add_sites(c: Community, city: SmallCity) -> dict[str, Site]:
    """The service centre, police and canteen of 剡溪社区, the centre of 鹿山社区, and a deputy's day in the first."""
    here, there = city.places["剡溪社区"].id, city.places["鹿山社区"].id
    made = {
        "centre": Site(0, here, SiteKind.SERVICE, "剡溪社区服务中心", "剡溪路18号", "0581-0000-2101", "社保、低保", kept(OFFICE)),
        "police": Site(0, here, SiteKind.POLICE, "剡溪警务室", "剡溪路20号", "0581-0000-2102", "户籍", kept(ALWAYS)),
        "canteen": Site(0, here, SiteKind.CANTEEN, "剡溪助餐点", "剡溪路22号", "0581-0000-2103", "三餐", kept(DAILY)),
        "other": Site(0, there, SiteKind.SERVICE, "鹿山社区服务中心", "鹿山路1号", "0581-0000-2201", "社保", kept(OFFICE)),
    }
    async with c.uow() as uow:
        for site in made.values():
            await uow.guides.add(site)
        await uow.guides.add(
            ContactDay(0, here, ContactRole.CONGRESS, "陆海平", "区人大代表", "服务中心二楼", read_rule("每月15日"), 9 * 60, 11 * 60)
        )
        await uow.commit()
    return made
