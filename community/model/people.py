"""Residents, households, staff and what each may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Literal


class Role(StrEnum):
    GRID_WORKER = "grid_worker"
    COMMUNITY_STAFF = "community_staff"
    PROPERTY = "property"
    LAWYER = "lawyer"
    MEDIATOR = "mediator"
    TRAINER = "trainer"
    OPERATOR = "operator"


ROLE_NAMES = {
    Role.GRID_WORKER: "网格员",
    Role.COMMUNITY_STAFF: "社区工作者",
    Role.PROPERTY: "物业",
    Role.LAWYER: "社区法律顾问",
    Role.MEDIATOR: "调解员",
    Role.TRAINER: "训练师",
    Role.OPERATOR: "运维",
}


@dataclass(eq=False)
class Household:
    id: int
    room_id: int
    head_name: str
    members: int = 1
    elderly_alone: bool = False


@dataclass(eq=False)
class Resident:
    """A person who writes to us. `key` (like r3f2…) is what Rasa and logs know; names and phones stay here."""

    id: int
    key: str
    name: str
    household_id: int | None = None
    room_id: int | None = None
    home_verified: bool = False
    phone_cipher: str | None = None
    phone_hash: str | None = None
    demo: bool = False
    created_at: datetime | None = None


@dataclass(eq=False)
class ChannelIdentity:
    """Where a resident can be reached: channel ('webchat', later 'wechat') and their id there. Unique together."""

    id: int
    resident_id: int
    channel: str
    external_id: str


@dataclass(eq=False)
class PropertyCompany:
    id: int
    name: str
    phone: str


@dataclass(eq=False)
class Staff:
    """Somebody who handles what escalates. `place_id` is the top of what they may see: a grid, a community, a city.

    Property people see the estates of their `company_id` instead of an administrative place.
    """

    id: int
    login: str
    name: str
    role: Role
    place_id: int | None
    company_id: int | None = None
    phone: str = ""
    password_hash: str = ""
    active: bool = True
    failed_logins: int = 0
    locked_until: datetime | None = None
    wecom_id: str | None = None
    """UserId in WeCom; None: not there, or not told to us."""

    @property
    def role_name(self) -> str:
        return ROLE_NAMES[self.role]


@dataclass(eq=False)
class Duty:
    """A weekly time of duty in Asia/Shanghai; weekday 0 is Monday."""

    id: int
    staff_id: int
    weekday: int
    starts: time
    ends: time


@dataclass(eq=False)
class Leave:
    """Days on which somebody is away (local, both ends included), and who stands in for them."""

    id: int
    staff_id: int
    starts: date
    ends: date
    deputy_id: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Actor:
    """Who asks. Services check rights against this, never against a page."""

    kind: Literal["resident", "staff", "system"]
    id: int
    name: str

    @classmethod
    def system(cls, name: str = "系统") -> Actor:
        return cls("system", 0, name)

    @classmethod
    def of_resident(cls, resident: Resident) -> Actor:
        return cls("resident", resident.id, resident.name)

    @classmethod
    def of_staff(cls, staff: Staff) -> Actor:
        return cls("staff", staff.id, staff.name)
