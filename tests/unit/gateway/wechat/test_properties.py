"""What holds for any input at all."""

from __future__ import annotations

import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.wechat import body
from gateway.wechat.callback import open_push, open_verify
from gateway.wechat.crypto import Codec, Refused
from gateway.wechat.messages import dedup_key, from_wechat
from gateway.wechat.replies import TextReply, render, split_text
from tests.unit.gateway.wechat import vectors as v
from tests.unit.gateway.wechat.pushing import NOW, aes, open_plain, push, signed
from tests.unit.gateway.wechat.test_messages import PAYLOADS
from tests.unit.gateway.wechat.test_replies import MESSAGE

CODEC = Codec(v.A_TOKEN, v.A_APPID, (v.A_KEY, v.C_KEY))
SENDABLE = st.text(st.characters(codec="utf-8").filter(lambda c: not body.ILLEGAL.match(c)))
ANY_TEXT = st.text(st.characters())
SAMPLES = sorted(path.read_bytes() for path in PAYLOADS.iterdir())


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good payload with some bytes changed, taken out, or put in."""
    raw = bytearray(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(raw)))
        end = min(len(raw), start + draw(st.integers(0, 8)))
        piece = st.sampled_from(
            [b"<", b"]]>", b"<![CDATA[", b"&#0;", b"{", b"[", b'"', b"\\ud800", b"1e999", b"\xff", b"<xml>"]
        )
        raw[start:end] = draw(st.binary(max_size=6) | piece)
    return bytes(raw)


def nothing_but_refused(raw: bytes) -> None:
    try:
        dedup_key(from_wechat(body.parse(raw).fields))
    except Refused as error:
        refusal = error
    else:
        return
    # A code for logs: no word of what was sent.
    assert refusal.status in (400, 413)
    assert re.fullmatch("[a-z_]{1,20}", refusal.reason)


@given(st.text(), st.sampled_from((0, 1)))
@settings(deadline=None)
def test_what_is_sealed_opens_again(text: str, key: int) -> None:
    opened = CODEC.decrypt(CODEC.encrypt(text, key))
    assert (opened.message.decode(), opened.key) == (text, key)


@given(st.binary(max_size=300) | damaged())
@settings(max_examples=400, deadline=None)
def test_no_bytes_raise_anything_but_a_refusal(raw: bytes) -> None:
    nothing_but_refused(raw)
    for call in (lambda: push(raw), lambda: open_plain(raw)):
        try:
            call()
        except Refused:
            pass


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_no_plain_text_under_the_seal_raises_anything_but_a_refusal(plain: bytes) -> None:
    sealed = aes(plain[: len(plain) // 16 * 16])
    try:
        CODEC.decrypt(sealed)
    except Refused:
        pass


@given(
    st.dictionaries(
        st.sampled_from(["timestamp", "nonce", "signature", "msg_signature", "echostr", "encrypt_type", "openid"]),
        ANY_TEXT,
    ),
    st.sampled_from(("safe", "compatible", "plain")),
    st.binary(max_size=100),
)
@settings(deadline=None)
def test_no_query_raises_anything_but_a_refusal(query: dict[str, str], mode: str, raw: bytes) -> None:
    for call in (
        lambda: open_push(CODEC, mode, query, raw, NOW),  # type: ignore[arg-type]
        lambda: open_push(CODEC, mode, {**signed("x"), **query}, v.envelope("x"), NOW),  # type: ignore[arg-type]
        lambda: open_verify(CODEC, query, NOW, True),
        lambda: open_verify(CODEC, {**signed("x"), **query}, NOW, False),
    ):
        try:
            call()
        except Refused:
            pass


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.dictionaries(st.sampled_from(["MsgType", "Event", "SelectedItems", "Content", "CreateTime", "MsgId", "X"]), JSON)
)
@settings(deadline=None)
def test_no_json_raises_anything_but_a_refusal(value: dict[str, object]) -> None:
    nothing_but_refused(json.dumps(value).encode())
    fixed = {"ToUserName": "gh", "FromUserName": "o", "CreateTime": 1795485600, "MsgId": 1, "MsgType": "event"}
    for event in ("template_card_event", "subscribe", "kf_msg_or_event", "LOCATION", "x"):
        nothing_but_refused(json.dumps({**value, **fixed, "Event": event, "TaskId": "t", "ResponseCode": "r"}).encode())


@given(SENDABLE)
@settings(deadline=None)
def test_any_text_arrives_as_it_was_sent(text: str) -> None:
    if not text.strip():
        return
    for form in ("xml", "json"):
        fields = body.parse(render(TextReply(text), MESSAGE, NOW, form).encode()).fields
        # XML itself makes one line end of all kinds of them.
        assert fields["Content"] == (text.replace("\r\n", "\n").replace("\r", "\n") if form == "xml" else text)
        assert len(fields) == 5


READABLE = st.text(st.sampled_from("好。，！？…“”a. \n3:😀👨\u200d👩🏽🇨🇳e\u0301\ufe0f\r"), max_size=200) | st.text(
    max_size=200
)


@given(READABLE, st.integers(4, 80))
@settings(max_examples=400, deadline=None)
def test_parts_joined_are_the_text_again_and_each_fits(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert all(part.strip() for part in parts)
    assert all(len(part.encode()) <= limit for part in parts)
    # Only a part with nothing visible may be missing.
    assert "".join("".join(parts).split()) == "".join(text.split())
    if len(text.encode()) <= limit and text.strip():
        assert parts == [text]


@given(
    st.lists(st.sampled_from(["电梯坏了。", "请等一等！", "马上来人，", "👨‍👩‍👧", "别着急"]), min_size=1),
    st.integers(27, 80),
)
@settings(deadline=None)
def test_parts_of_visible_text_joined_are_exactly_the_text(pieces: list[str], limit: int) -> None:
    assert "".join(split_text("".join(pieces), limit)) == "".join(pieces)
