"""What the platform is known to send opens, and what we send is what it is known to take."""

from __future__ import annotations

import json

from gateway.wechat import messages
from gateway.wechat.callback import open_push, open_verify
from gateway.wechat.crypto import Codec
from gateway.wechat.kinds import KfNotice, Text, Unknown
from tests.unit.gateway.wechat import vectors as v


def test_an_official_account_can_be_verified() -> None:
    assert open_verify(v.a_codec(), v.A_VERIFY, v.at("1714036504"), encrypted_echo=False) == "4375120948345356249"


def test_a_plain_push_is_read_where_the_operator_allows_it() -> None:
    body = b'{"ToUserName":"gh","FromUserName":"o9AgO5","CreateTime":1714037059,"MsgType":"event","Event":"debug_demo"}'
    push = open_push(v.a_codec(), "plain", v.A_PLAIN, body, v.at("1714037059"))
    assert (push.encrypted, push.format, push.fields["Event"]) == (False, "json", "debug_demo")


def test_a_push_in_safe_mode_is_opened() -> None:
    body = json.dumps({"ToUserName": "gh_97417a04a28d", "Encrypt": v.A_ENCRYPT}).encode()
    push = open_push(v.a_codec(), "safe", v.A_SAFE, body, v.at("1714112445"))
    assert (push.encrypted, push.key, push.format) == (True, 0, "json")
    assert push.fields["FromUserName"] == "o9AgO5Kd5ggOC-bXrbNODIiE3bGY"
    message = messages.from_wechat(push.fields)
    assert isinstance(message, Unknown)
    assert message.kind == "event.debug_demo"


def test_the_message_inside_is_the_one_that_was_sent() -> None:
    opened = v.a_codec().decrypt(v.A_ENCRYPT)
    assert len(opened.message) == 167


def test_a_reply_is_sealed_as_the_platform_expects() -> None:
    codec = v.a_codec()
    encrypted = codec.encrypt(v.A_REPLY, random16=v.A_REPLY_RANDOM)
    assert encrypted == v.A_REPLY_ENCRYPT
    assert codec.signature(v.A_REPLY_TIMESTAMP, v.A_REPLY_NONCE, encrypted) == v.A_REPLY_SIGNATURE


def test_wecom_can_be_verified_with_its_encrypted_echo() -> None:
    assert open_verify(v.b_codec(), v.B_VERIFY, v.at("1409659589"), encrypted_echo=True) == "1616140317555161061"
    assert open_verify(v.c_codec(), v.C_VERIFY, v.at("1795485650"), encrypted_echo=True) == "5512345678901234567"


def test_what_a_member_writes_in_wecom_is_read() -> None:
    push = open_push(v.b_codec(), "safe", v.B_PUSH, v.envelope(v.B_ENCRYPT), v.at("1409659813"))
    message = messages.from_wechat(push.fields)
    assert isinstance(message, Text)
    assert (message.user, message.content, message.msg_id, message.agent) == (
        "mycreate",
        "hello",
        "4561255354251345929",
        "218",
    )


def test_customer_service_tells_that_there_is_something_to_fetch() -> None:
    push = open_push(v.c_codec(), "safe", v.C_PUSH, v.envelope(v.C_ENCRYPT), v.at("1795485701"))
    message = messages.from_wechat(push.fields)
    assert isinstance(message, KfNotice)
    assert message.token == "ENCApHxnGDNAVNY4AaSJKj4Tb5mwsEMzxhFmHVGcra996NR"
    assert message.open_kf_id == "wkAJ2GCAAASSm4_FhToWMFea0xAFfd3Q"
    assert message.user == ""


def test_what_was_sealed_before_a_key_rotation_is_still_read_and_the_key_is_named() -> None:
    rotated = Codec(v.A_TOKEN, v.A_APPID, (v.C_KEY, v.A_KEY))
    opened = rotated.decrypt(v.A_ENCRYPT)
    assert opened.key == 1
    assert v.a_codec().decrypt(rotated.encrypt("好的", key=opened.key)).message.decode() == "好的"
