"""What is said in a community's room, and what never is."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from community.config import Settings
from community.errors import ConfigError
from community.model.category import Category, Urgency
from community.model.place import Place, PlaceKind
from community.model.room import escalated_text, filed_text, public_place, room_left
from community.model.ticket import Status, Ticket

AT = datetime(2026, 11, 24, 2, 0, tzinfo=timezone.utc)
UNIT = Place(1, None, PlaceKind.UNIT, "2", "2单元", full_name="剡溪花园3幢2单元")
ROOM = Place(2, 1, PlaceKind.ROOM, "502", "502室", full_name="剡溪花园3幢2单元502室")


def ticket(**more: object) -> Ticket:
    given = {
        "id": 1,
        "number": "2611240017",
        "resident_id": 7,
        "category": Category.ELEVATOR,
        "urgency": Urgency.DANGER,
        "status": Status.DISPATCHED,
        "words": "我是李秀英，502室，电话13800000001，电梯困人",
        "created_at": AT,
        "accept_by": AT.replace(hour=3),
        "resolve_by": AT.replace(hour=9, minute=30),
        "detail": "老人有心脏病",
        "contact": "cipher",
        "place_text": "剡溪花园3幢2单元502室李秀英家",
        "place_id": 2,
        "estate_id": 3,
        "grid_id": 4,
        "community_id": 5,
        **more,
    }
    return Ticket(**given)  # type: ignore[arg-type]


def test_the_room_reads_number_category_place_and_promise() -> None:
    assert filed_text(ticket(), public_place([ROOM, UNIT])).split("\n") == [
        "【危急】新工单2611240017",
        "类别：电梯",
        "地点：剡溪花园3幢2单元",
        "承诺：11月24日11:00前接单，11月24日17:30前办好",
    ]
    assert "升级到街道" in escalated_text(ticket(), "剡溪花园3幢", "街道")


@pytest.mark.parametrize("place", [[ROOM, UNIT], [ROOM], [UNIT], []])
def test_nobody_is_named_and_no_room(place: list[Place]) -> None:
    for text in (filed_text(ticket(), public_place(place)), escalated_text(ticket(), public_place(place), "街道")):
        assert not any(part in text for part in ("502", "李秀英", "138", "心脏", "cipher", "困人"))


def test_a_place_that_is_not_known_is_not_guessed() -> None:
    assert public_place([]) == public_place([ROOM]) == "待核实"


def test_what_the_robot_may_say_is_never_less_than_nothing() -> None:
    assert [room_left(0, 0), room_left(10, 8), room_left(17, 0), room_left(30, 5)] == [18, 0, 1, 0]


def settings(value: str) -> Settings:
    return Settings(_env_file=None, LINSHE_WECOM_ROBOTS=value)  # type: ignore[call-arg]


def test_robots_are_named_by_their_community() -> None:
    assert settings("").robots == {}
    keys = "剡溪社区=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa， 鹿山社区 = linshe-robot,"
    assert settings(keys).robots == {
        "剡溪社区": "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa",
        "鹿山社区": "linshe-robot",
    }


@pytest.mark.parametrize(
    "value",
    ["剡溪社区", "=secretkey1", "剡溪社区=", "剡溪社区=https://host/send?key=secretkey1", "甲=secretkey1,甲=secretkey2"],
)
def test_a_wrong_robot_is_refused_and_its_key_not_repeated(value: str) -> None:
    with pytest.raises(ConfigError) as refused:
        _ = settings(value).robots
    assert "LINSHE_WECOM_ROBOTS" in refused.value.message
    assert "secretkey" not in refused.value.message
