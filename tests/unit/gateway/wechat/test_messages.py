"""Whatever residents send and do is understood as what it is: one stored payload a kind, in XML and in JSON."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from gateway.wechat import body, kinds
from gateway.wechat.crypto import Refused
from gateway.wechat.messages import dedup_key, from_wechat
from tests.unit.gateway.wechat.pushing import push

PAYLOADS = Path(__file__).resolve().parents[3] / "payloads" / "wechat"

MEDIA = "pF2SCyzzqOnxTyLHtbuyMuKcGZfJoLk3lXqAAZ0aYVu1kGdSXCkRCYfTpqZX_bVe"
THUMB = "4Yz8bG0xkbTiZQvC0cPHmnnwKTiUVkOzkZ2nFmUH7lOv3Vf5pKqE8cYwF9uRw6sA"
TICKET = "gQH47zwAAAAAAAAAAS5odHRwOi8vd2VpeGluLnFxLmNvbS9xLzAy"
CODE = "aF2aw4gTxzuDKQPxZ2pCcpXzMX3xcxXjYYnQVrzJfGs"
CARD = {"task": "ticket-20261124-0007", "response_code": CODE}

# What each payload must be understood as: the kind, and what matters in it.
EXPECTED: dict[str, tuple[type[kinds.Message], dict[str, Any]]] = {
    "text__report": (kinds.Text, {"content": "梧桐苑3幢2单元的电梯又坏了，老人下不来，请快点来看看。"}),
    "text__markup": (kinds.Text, {"content": "墙上写着 <b>拆</b> & <!DOCTYPE html>，\n这是谁写的？😤"}),
    "text__unsupported": (kinds.Text, {"content": "【收到不支持的消息类型，暂无法显示】"}),
    "text__menu_choice": (kinds.MenuChoice, {"content": "很满意", "choice": "out-12:0"}),
    "image__photo": (kinds.Image, {"media": MEDIA, "url": "http://mmbiz.qpic.cn/mmbiz_jpg/3iaU9Vt1bQk/0"}),
    "voice__recognised": (
        kinds.Voice,
        {"media": MEDIA, "media_16k": THUMB, "format": "amr", "recognition": "楼道的灯不亮了。"},
    ),
    "voice__unrecognised": (kinds.Voice, {"media": MEDIA, "media_16k": THUMB, "recognition": ""}),
    "voice__old": (kinds.Voice, {"media": MEDIA, "media_16k": "", "format": "speex", "recognition": ""}),
    "video__sent": (kinds.Video, {"media": MEDIA, "thumb": THUMB, "short": False}),
    "shortvideo__sent": (kinds.Video, {"media": MEDIA, "thumb": THUMB, "short": True}),
    "location__picked": (
        kinds.Location,
        {"latitude": 30.274085, "longitude": 120.155069, "label": "浙江省杭州市西湖区文三路（梧桐苑东门）"},
    ),
    "link__shared": (
        kinds.Link,
        {"title": "关于电梯年检的通知", "url": "https://mp.weixin.qq.com/s?__biz=MzA&mid=1&idx=2#rd"},
    ),
    "file__unknown": (kinds.Unknown, {"kind": "file"}),
    "subscribe__found": (kinds.Subscribe, {"scene": None, "ticket": None}),
    "subscribe__scanned": (kinds.Subscribe, {"scene": "estate-7", "ticket": TICKET}),
    "subscribe__paid": (kinds.Subscribe, {"scene": None, "ticket": None}),
    "unsubscribe__left": (kinds.Unsubscribe, {}),
    "scan__follower": (kinds.Scan, {"event": "scan", "event_key": "estate-7", "ticket": TICKET}),
    "click__menu": (kinds.Click, {"event_key": "REPORT"}),
    "view__menu": (kinds.View, {"event_key": "https://linshe.example/chat?from=menu&x=1"}),
    "location_report__entered": (
        kinds.LocationReport,
        {"latitude": 23.137466, "longitude": 113.352425, "precision": "119.385041"},
    ),
    "templatesendjobfinish__success": (
        kinds.TemplateSent,
        {"template_msg": "200163836", "outcome": kinds.Outcome.SENT},
    ),
    "templatesendjobfinish__blocked": (kinds.TemplateSent, {"outcome": kinds.Outcome.BLOCKED}),
    "templatesendjobfinish__failed": (kinds.TemplateSent, {"outcome": kinds.Outcome.FAILED}),
    "debug_demo__unknown": (kinds.Unknown, {"kind": "event.debug_demo"}),
    "subscribe_msg_popup_event__unknown": (kinds.Unknown, {"kind": "event.subscribe_msg_popup_event"}),
    "text__wecom": (kinds.Text, {"user": "wang.qiang", "agent": "1000002", "content": "办结 1234 已更换灯管"}),
    "image__wecom": (kinds.Image, {"media": MEDIA}),
    "voice__wecom": (kinds.Voice, {"media": MEDIA, "format": "amr", "recognition": ""}),
    "video__wecom": (kinds.Video, {"media": MEDIA, "short": False}),
    "location__wecom": (kinds.Location, {"latitude": 23.134521, "label": "海珠区客村艺苑路 12号"}),
    "link__wecom": (kinds.Link, {"title": "通知", "description": "台风天气提醒"}),
    "subscribe__wecom": (kinds.Subscribe, {"user": "wang.qiang", "agent": "1000002", "scene": None}),
    "unsubscribe__wecom": (kinds.Unsubscribe, {"user": "wang.qiang"}),
    "enter_agent__opened": (kinds.EnterAgent, {"user": "wang.qiang"}),
    "location_report__wecom": (kinds.LocationReport, {"latitude": 23.104, "longitude": 113.32}),
    "click__wecom": (kinds.Click, {"event_key": "TODAY"}),
    "view__wecom": (kinds.View, {"event_key": "https://linshe.example/desk"}),
    "template_card_event__button": (kinds.CardClick, {**CARD, "event_key": "accept", "selected": ()}),
    "template_card_event__selected": (
        kinds.CardClick,
        {**CARD, "selected": (("reason", ("not_ours", "wrong_place")), ("to", ("zhang.san",)))},
    ),
    "template_card_event__one_selected": (kinds.CardClick, {**CARD, "selected": (("reason", ("not_ours",)),)}),
    "kf_msg_or_event__notice": (
        kinds.KfNotice,
        {
            "user": "",
            "token": "ENCApHxnGDNAVNY4AaSJKj4Tb5mwsEMzxhFmHVGcra996NR",
            "open_kf_id": "wkAJ2GCAAASSm4_FhToWMFea0xAFfd3Q",
        },
    ),
    "change_contact__create_user": (kinds.Unknown, {"kind": "event.change_contact", "user": "sys"}),
    "batch_job_result__done": (kinds.Unknown, {"kind": "event.batch_job_result"}),
    "suite_ticket__unknown": (kinds.Unknown, {"kind": "info.suite_ticket", "user": "", "account": ""}),
}


def stored(name: str, form: str = "xml") -> bytes:
    return (PAYLOADS / f"{name}.{form}").read_bytes()


def read(name: str, form: str = "xml") -> kinds.Message:
    return from_wechat(body.parse(stored(name, form)).fields)


def without(name: str, field: str) -> body.Fields:
    fields = body.parse(stored(name)).fields
    del fields[field]
    return fields


def test_every_stored_payload_is_looked_at_in_both_forms() -> None:
    assert {path.name for path in PAYLOADS.iterdir()} == {
        f"{name}.{form}" for name in EXPECTED for form in ("xml", "json")
    }


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("name", EXPECTED)
def test_a_resident_is_understood_whatever_is_sent(name: str, form: str) -> None:
    kind, what = EXPECTED[name]
    message = from_wechat(push(stored(name, form)).fields)
    assert type(message) is kind
    assert {field: getattr(message, field) for field in what} == what


@pytest.mark.parametrize("name", EXPECTED)
def test_xml_and_json_say_the_same_but_for_lists(name: str) -> None:
    ours, theirs = read(name, "xml"), read(name, "json")
    if not isinstance(ours, kinds.Unknown):
        assert ours == theirs
        assert dedup_key(ours) == dedup_key(theirs)


def test_no_two_stored_pushes_are_taken_for_one() -> None:
    keys = {dedup_key(read(name)) for name in EXPECTED}
    assert len(keys) == len(EXPECTED)
    assert all(key.isascii() and len(key) <= 80 for key in keys)


def test_the_time_is_the_platforms_and_aware() -> None:
    assert read("text__report").at == datetime(2026, 11, 24, 2, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("text__report", "MsgId"),
        ("text__report", "Content"),
        ("text__report", "FromUserName"),
        ("text__report", "ToUserName"),
        ("text__report", "CreateTime"),
        ("text__report", "MsgType"),
        ("image__photo", "MediaId"),
        ("voice__old", "MediaId"),
        ("video__sent", "MediaId"),
        ("location__picked", "Location_X"),
        ("location_report__entered", "Longitude"),
        ("templatesendjobfinish__success", "MsgID"),
        ("templatesendjobfinish__success", "Status"),
        ("click__menu", "Event"),
        ("template_card_event__button", "TaskId"),
        ("template_card_event__button", "ResponseCode"),
        ("kf_msg_or_event__notice", "Token"),
        ("kf_msg_or_event__notice", "OpenKfId"),
    ],
)
def test_a_push_that_lacks_what_it_must_have_is_refused(name: str, field: str) -> None:
    with pytest.raises(Refused) as caught:
        from_wechat(without(name, field))
    assert (caught.value.status, caught.value.reason) == (400, "fields")


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("text__report", "Content", {"a": "1"}),
        ("text__report", "FromUserName", ""),
        ("text__report", "FromUserName", "a b"),
        ("text__report", "FromUserName", "x" * 129),
        ("text__report", "MsgId", "1;2"),
        ("text__report", "CreateTime", "yesterday"),
        ("text__report", "CreateTime", "9" * 11),
        ("text__report", "CreateTime", "-1"),
        ("location__picked", "Location_X", "nan"),
        ("location__picked", "Location_X", "1e9"),
        ("location__picked", "Location_X", "90.5"),
        ("location__picked", "Location_Y", "-180.5"),
        ("template_card_event__button", "SelectedItems", {"SelectedItem": "x"}),
    ],
)
def test_a_field_of_another_form_is_refused(name: str, field: str, value: body.Value) -> None:
    with pytest.raises(Refused, match="400 fields"):
        from_wechat({**body.parse(stored(name)).fields, field: value})


@pytest.mark.parametrize(
    "fields", [{"MsgType": "新类型"}, {"MsgType": "event", "Event": "<b>"}, {"InfoType": "x\n" * 99}]
)
def test_a_kind_of_tomorrow_is_ignored_and_no_failure_and_safe_to_log(fields: body.Fields) -> None:
    message = from_wechat(fields)
    assert isinstance(message, kinds.Unknown)
    assert message.kind.isascii()
    assert message.kind.isprintable()
    assert len(message.kind) <= 64


def change(name: str, **fields: str) -> str:
    return dedup_key(from_wechat({**body.parse(stored(name)).fields, **fields}))


def test_a_second_delivery_of_a_message_is_known() -> None:
    assert change("text__report") == change("text__report")
    assert change("click__menu") == change("click__menu")


def test_two_residents_whose_messages_have_one_number_are_both_heard() -> None:
    assert change("text__report") != change("text__report", FromUserName="somebody-else")


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("text__report", {"MsgId": "1"}),
        ("text__report", {"ToUserName": "gh_other"}),
        ("click__menu", {"EventKey": "PROGRESS"}),
        ("click__menu", {"CreateTime": "1795485601"}),
        ("click__menu", {"Event": "VIEW"}),
        ("click__menu", {"FromUserName": "somebody-else"}),
        ("click__wecom", {"AgentID": "1000003"}),
        ("template_card_event__button", {"TaskId": "ticket-20261124-0008"}),
        ("templatesendjobfinish__success", {"MsgID": "1"}),
        ("kf_msg_or_event__notice", {"Token": "other"}),
        ("kf_msg_or_event__notice", {"OpenKfId": "other"}),
        ("debug_demo__unknown", {"debug_str": "x"}),
    ],
)
def test_what_differs_is_heard_twice(name: str, changed: dict[str, str]) -> None:
    assert change(name) != change(name, **changed)


def test_a_card_tapped_twice_in_one_second_counts_once_though_each_tap_brings_a_code() -> None:
    assert change("template_card_event__button") == change("template_card_event__button", ResponseCode="another")


def test_no_two_events_make_one_key_by_where_their_parts_end() -> None:
    assert change("click__menu", FromUserName="a", EventKey='b","c') != change(
        "click__menu", FromUserName='a","b', EventKey="c"
    )
