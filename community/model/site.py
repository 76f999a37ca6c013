"""A place where residents are served (站点): a counter, a canteen, a health station; and days on which people's representatives receive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from community.model.opening import Hours, OnHoliday, SpecialDay


class SiteKind(StrEnum):
    SERVICE = "service"
    STATION = "station"
    CANTEEN = "canteen"
    HEALTH = "health"
    POLICE = "police"
    PROPERTY = "property"
    JUSTICE = "justice"
    CULTURE = "culture"
    ELDERLY = "elderly"


KIND_NAMES = {
    SiteKind.SERVICE: "社区服务中心", SiteKind.STATION: "邻里驿站", SiteKind.CANTEEN: "助餐点", SiteKind.HEALTH: "社区卫生服务站",
    SiteKind.POLICE: "警务室", SiteKind.PROPERTY: "物业服务站", SiteKind.JUSTICE: "司法所", SiteKind.CULTURE: "文化活动室",
    SiteKind.ELDERLY: "养老驿站",
}  # fmt: skip
KIND_WORDS = {
    SiteKind.SERVICE: (
        "服务中心", "社区中心", "社区电话", "社区的电话", "社区在哪", "居委会", "居委", "办事大厅", "社区窗口", "办事窗口", "党群",
    ),
    SiteKind.STATION: ("邻里驿站", "邻里中心"),
    SiteKind.CANTEEN: ("助餐点", "食堂", "助餐", "饭堂", "吃饭的地方"),
    SiteKind.HEALTH: ("卫生服务站", "卫生站", "卫生院", "社区医院", "医务室", "打针的地方"),
    SiteKind.POLICE: ("警务室", "派出所", "户籍窗口"),
    SiteKind.PROPERTY: ("物业服务站", "物业前台", "物业办公室", "物业"),
    SiteKind.JUSTICE: ("司法所", "调解室", "公共法律服务"),
    SiteKind.CULTURE: ("文化活动室", "活动室", "文化室", "图书室", "棋牌室", "图书馆"),
    SiteKind.ELDERLY: ("养老驿站", "日间照料", "养老中心", "托老所", "老年驿站"),
}  # fmt: skip
"""How people name them; the longest words are looked for first."""


@dataclass(eq=False)
class Site:
    """`hours` as kept: {"week": [[[510, 720], ...], ...7], "on_holiday": "closed"}. `serves` is a line of what is done there."""

    id: int
    community_id: int
    kind: SiteKind
    name: str
    address: str
    phone: str
    serves: str
    hours: dict[str, Any]
    note: str = ""
    version: int = 1

    def opening_hours(self) -> Hours:
        week = tuple(tuple((int(start), int(end)) for start, end in spans) for spans in self.hours["week"])
        return Hours(week, OnHoliday(self.hours.get("on_holiday", "closed")))


def kept(hours: Hours) -> dict[str, Any]:
    return {"week": [[list(span) for span in spans] for spans in hours.week], "on_holiday": str(hours.on_holiday)}


@dataclass(eq=False)
class SiteDay:
    """One date on which a site keeps other hours; no spans is closed."""

    id: int
    site_id: int
    day: date
    spans: list[list[int]]
    reason: str
    staff_id: int
    at: datetime

    def exception(self) -> SpecialDay:
        return SpecialDay(tuple((start, end) for start, end in self.spans), self.reason)


class ContactRole(StrEnum):
    CONGRESS = "congress"
    PARTY = "party"
    CPPCC = "cppcc"


ROLE_NAMES = {ContactRole.CONGRESS: "人大代表", ContactRole.PARTY: "党代表", ContactRole.CPPCC: "政协委员"}


@dataclass(eq=False)
class ContactDay:
    """When a deputy or member receives residents. `rule` as in community.model.contact_day; `starts`, `ends` are local minutes."""

    id: int
    community_id: int
    role: ContactRole
    name: str
    title: str
    place: str
    rule: str
    starts: int
    ends: int
    note: str = ""
    active: bool = True
    version: int = 1


@dataclass(eq=False)
class GuideEvent:
    """Who changed what about a site or a contact day. Append-only."""

    id: int
    community_id: int
    what: str
    subject_id: int
    staff_id: int
    staff_name: str
    at: datetime
    did: str


@dataclass(eq=False)
class GuideMiss:
    """A question that no guide met, masked, of nobody: kept to write the next guide."""

    id: int
    text_key: str
    text: str
    community_id: int | None
    times: int
    first_at: datetime
    last_at: datetime
