"""Every kind of entry of a page, what is made of it, and that nothing in a page can break it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.model.window import Opening
from community.ports import Community, NoSpeech
from community.services.kf import Bounce
from community.services.wechat import NO_KIND, NO_VOICE, Arrival
from gateway.wechat.kinds import Image, Link, Location, MenuChoice, Message, Said, Text, Unknown, Video, Voice
from gateway.wecom.kf_intake import item_of, mark_of
from gateway.wecom.kf_messages import Entered, FromStaff, NotDelivered, from_kf

AT = datetime(2026, 11, 24, 2, 0, tzinfo=timezone.utc)
COMMON = {"msgid": "m1", "open_kfid": "wk1", "external_userid": "wm1", "send_time": int(AT.timestamp()), "origin": 3}


class Deaf:
    speech = NoSpeech()


DEAF = cast(Community, Deaf())


def line(kind: str, /, origin: int = 3, **inside: Any) -> dict[str, Any]:
    return {**COMMON, "origin": origin, "msgtype": kind, kind: inside}


def event(kind: str, **inside: Any) -> dict[str, Any]:
    named = {"event_type": kind, "open_kfid": "wk1", "external_userid": "wm1", **inside}
    return {"msgid": "m1", "send_time": COMMON["send_time"], "origin": 4, "msgtype": "event", "event": named}


def kept(entry: dict[str, Any], later: float = 1) -> Arrival | Bounce | None:
    return item_of(DEAF, from_kf(entry), AT + timedelta(seconds=later))


def arrived(entry: dict[str, Any]) -> Arrival:
    found = kept(entry)
    assert isinstance(found, Arrival)
    return found


def test_text_is_said_at_the_account_it_was_written_to() -> None:
    found = arrived(line("text", content="楼道灯坏了"))
    assert (found.text, found.opens, found.event.openid, found.event.channel) == (
        "楼道灯坏了",
        Opening.SAID,
        "wk1/wm1",
        "wecom_kf",
    )
    assert from_kf(line("text", content="楼道灯坏了")).at == AT


def test_a_tap_in_a_menu_is_that_choice_and_opens_a_whole_window() -> None:
    assert isinstance(from_kf(line("text", content="还没好", menu_id="out-12-1")), MenuChoice)
    found = arrived(line("text", content="还没好", menu_id="out-12-1"))
    assert (found.choice, found.opens) == (("out-12", 1), Opening.SAID)


def test_a_photo_is_fetched_by_its_media_id() -> None:
    assert isinstance(from_kf(line("image", media_id="M1")), Image)
    assert arrived(line("image", media_id="M1")).attachments == ({"kind": "image", "media_id": "M1"},)


def test_voice_without_an_ear_asks_for_text() -> None:
    assert arrived(line("voice", media_id="M1")).sentence == NO_VOICE


def test_a_place_is_its_address_and_name() -> None:
    entry = line("location", latitude=29.58, longitude=120.82, name="剡溪花园3幢", address="望江路1号")
    assert isinstance(from_kf(entry), Location)
    assert arrived(entry).text == "位置：望江路1号 剡溪花园3幢"


@pytest.mark.parametrize(
    "entry",
    [
        line("video", media_id="M1"),
        line("file", media_id="M1"),
        line("link", title="t", desc="d", url="https://example.org"),
        line("business_card", userid="zhang"),
        line("miniprogram", title="t", appid="a", pagepath="p"),
        line("channels_shop_product", product_id="1"),
        line("invented_tomorrow"),
    ],
    ids=lambda entry: entry["msgtype"],
)
def test_what_cannot_be_read_gets_a_kind_word(entry: dict[str, Any]) -> None:
    assert arrived(entry).sentence == NO_KIND


def test_who_enters_with_a_code_is_greeted_while_it_is_good() -> None:
    entry = event("enter_session", welcome_code="CODE", scene="oa")
    assert isinstance(from_kf(entry), Entered)
    found = arrived(entry)
    assert (found.greeting, found.opens, found.code) == (True, Opening.ENTERED, "CODE")
    assert kept(entry, later=16) is None
    assert kept(event("enter_session")) is None


def test_what_the_platform_could_not_deliver_names_our_rows() -> None:
    entry = event("msg_send_fail", fail_msgid=mark_of(12, 14, 1, 2), fail_type=6)
    assert isinstance(from_kf(entry), NotDelivered)
    assert kept(entry) == Bounce("wk1/wm1", 12, 14, 1, 2, True, "fail_type 6 window used up")
    refused = kept(event("msg_send_fail", fail_msgid="o1-1-0-1", fail_type=10))
    assert isinstance(refused, Bounce)
    assert not refused.waits
    assert kept(event("msg_send_fail", fail_msgid="of-somebody-else", fail_type=6)) is None


def test_what_staff_write_in_wecom_is_not_answered() -> None:
    entry = line("text", origin=5, content="您好，我是小王", servicer_userid="wang")
    assert isinstance(from_kf(entry), FromStaff)
    assert kept(entry) is None


def test_news_of_servicers_and_sessions_change_nothing() -> None:
    for kind in ("servicer_status_change", "session_status_change", "user_recall_msg"):
        assert isinstance(from_kf(event(kind, status=1)), Unknown)
        assert kept(event(kind, status=1)) is None


def test_repeated_entries_have_one_key_and_others_another() -> None:
    one, again = arrived(line("text", content="一")), arrived(line("text", content="一"))
    other = arrived({**line("text", content="一"), "msgid": "m2"})
    elsewhere = arrived({**line("text", content="一"), "external_userid": "wm2"})
    assert one.event.dedup_key == again.event.dedup_key
    assert len({one.event.dedup_key, other.event.dedup_key, elsewhere.event.dedup_key}) == 3


@pytest.mark.parametrize("name", ["msgid", "open_kfid", "external_userid", "send_time"])
@pytest.mark.parametrize("value", [None, "", 7.5, [], "x" * 600, "中文", "a/b c", -1])
def test_an_entry_without_what_it_must_have_is_passed_over(name: str, value: Any) -> None:
    assert isinstance(from_kf({**line("text", content="一"), name: value}), Unknown)


@pytest.mark.parametrize("latitude", [None, "29", 91, float("nan"), float("inf"), True])
def test_a_place_that_is_none_is_passed_over(latitude: Any) -> None:
    entry = line("location", latitude=latitude, longitude=1.0)
    assert isinstance(from_kf(entry), Unknown)


PAYLOADS = Path(__file__).resolve().parents[3] / "payloads" / "kf"
MEDIA = "2iSLeVyqzk4eX0IB5kTi9Ljfa2rt9dwfq5WKRQ4Nvvgw"
EXPECTED: dict[str, tuple[type[Message], dict[str, Any]]] = {
    "text__report": (Text, {"content": "梧桐苑3幢2单元的电梯又坏了", "user": "wmAJ2GCAAAme1XQRC-NI-q0_ZM9ukoAw"}),
    "text__menu_choice": (MenuChoice, {"content": "还没好", "choice": "out-12-1"}),
    "text__of_staff": (FromStaff, {"account": "wkAJ2GCAAASSm4_FhToWMFea0xAFfd3Q"}),
    "image__photo": (Image, {"media": MEDIA}),
    "voice__amr": (Voice, {"media": MEDIA, "recognition": ""}),
    "video__sent": (Video, {"media": MEDIA}),
    "location__picked": (Location, {"label": "广东省广州市海珠区滨江东路 广州国际媒体港(广州市海珠区)"}),
    "link__shared": (Link, {"title": "关于电梯年检的通知", "url": "https://example.org/1"}),
    "file__sent": (Said, {}),
    "business_card__sent": (Said, {}),
    "miniprogram__sent": (Said, {}),
    "channels_shop_product__sent": (Said, {}),
    "msgmenu__echo": (Said, {}),
    "enter_session__welcome": (Entered, {"code": "aaaaaa-BBB_1"}),
    "enter_session__again": (Entered, {"code": ""}),
    "msg_send_fail__window": (NotDelivered, {"failed": "o12-14-0-1", "reason": 4}),
    "servicer_status_change__off": (Unknown, {"kind": "bad.event.servicer_status_change"}),
    "session_status_change__taken": (Unknown, {"kind": "event.session_status_change"}),
    "user_recall_msg__took_back": (Unknown, {"kind": "event.user_recall_msg"}),
}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_stored_payload_is_what_it_is(name: str) -> None:
    kind, holds = EXPECTED[name]
    message = from_kf(json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8")))
    assert type(message) is kind
    assert {field: getattr(message, field) for field in holds} == holds


def test_every_stored_payload_is_expected_to_be_something() -> None:
    assert {path.stem for path in PAYLOADS.iterdir()} == set(EXPECTED)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.dictionaries(st.sampled_from([*COMMON, "msgtype", "text", "event", "location", "image"]), JSON),
    st.sampled_from(["text", "event", "location", "image", "voice", "link"]),
    JSON,
)
def test_whatever_an_entry_holds_it_is_one_of_the_kinds(odd: dict[str, Any], kind: str, inside: Any) -> None:
    item_of(DEAF, from_kf({**COMMON, "msgtype": kind, kind: inside, **odd}), AT)
    item_of(DEAF, from_kf(odd), AT)
    item_of(DEAF, from_kf(inside), AT)


def test_a_readable_text_stays_text() -> None:
    assert isinstance(from_kf(line("text", content="")), Text)
    assert len(mark_of(10**9, 10**9 + 3, 12, 1440)) <= 32
    assert mark_of(10**17, 10**17, 0, 1) == ""
