"""Our codec beside wechatpy's, over a thousand random messages; and where wechatpy is wrong, by name (docs/wechat-codec.md).

wechatpy is only an oracle. Where it and we differ on what a platform sends, the difference is one of the named ones below.
"""

from __future__ import annotations

import random
import struct
from typing import Any
from xml.etree import ElementTree

import pytest

from gateway.wechat import body, kinds, messages
from gateway.wechat.crypto import Codec, Refused
from gateway.wechat.replies import TextReply, cdata, render, seal
from tests.unit.gateway.wechat import vectors as v
from tests.unit.gateway.wechat.pushing import NOW, STAMP, aes, packed, push
from tests.unit.gateway.wechat.test_messages import EXPECTED, stored
from tests.unit.gateway.wechat.test_replies import MESSAGE

wechatpy = pytest.importorskip(
    "wechatpy", reason="wechatpy, an oracle of tests, is not installed (requirements/dev.txt)"
)

TOKEN, KEY, APPID = v.C_TOKEN, v.C_KEY, "wxba5fad812f8e6fb9"
LETTERS = "电梯坏了，请快点来。abcXYZ019 <>&'\"[]/\\😀👨‍👩‍👧é\n\t"


def official() -> Any:
    from wechatpy.crypto import WeChatCrypto

    return WeChatCrypto(TOKEN, KEY, APPID)


def ours() -> Codec:
    return Codec(TOKEN, APPID, (KEY,))


def words(chance: random.Random, most: int = 400) -> str:
    # Never with white space at an end: see test_wechatpy_takes_white_space_off_what_was_written.
    return "x" + "".join(chance.choice(LETTERS) for _ in range(chance.randrange(most))) + "x"


def random_push(chance: random.Random) -> dict[str, str]:
    """A message or event with the documented fields, in any words."""
    fields = {
        "ToUserName": f"gh_{chance.getrandbits(48):012x}",
        "FromUserName": f"o{chance.getrandbits(120):030x}",
        "CreateTime": str(chance.randrange(1_400_000_000, 2_000_000_000)),
    }
    kind = chance.choice(["text", "image", "voice", "video", "location", "link", "CLICK", "VIEW", "SCAN", "subscribe"])
    if kind[0].isupper() or kind == "subscribe":
        key = chance.choice(["", "qrscene_"]) + words(chance, 40) if kind == "subscribe" else words(chance, 40)
        return {**fields, "MsgType": "event", "Event": kind, "EventKey": key, "Ticket": words(chance, 60)}
    fields |= {"MsgType": kind, "MsgId": str(chance.getrandbits(63))}
    more: dict[str, dict[str, str]] = {
        "text": {"Content": words(chance)},
        "image": {"PicUrl": "http://a.example/" + words(chance, 20), "MediaId": f"m{chance.getrandbits(60)}"},
        "voice": {"MediaId": f"m{chance.getrandbits(60)}", "Format": "amr", "Recognition": words(chance)},
        "video": {"MediaId": f"m{chance.getrandbits(60)}", "ThumbMediaId": "t1"},
        "location": {
            "Location_X": f"{chance.uniform(-90, 90):.6f}",
            "Location_Y": f"{chance.uniform(-180, 180):.6f}",
            "Scale": "16",
            "Label": words(chance, 60),
        },
        "link": {
            "Title": words(chance, 60),
            "Description": words(chance, 60),
            "Url": "http://a.example/" + words(chance, 9),
        },
    }
    return fields | more[kind]


def as_xml(fields: dict[str, str]) -> str:
    return "<xml>" + "".join(f"<{name}>{cdata(value)}</{name}>" for name, value in fields.items()) + "</xml>"


def test_a_thousand_pushes_sealed_by_wechatpy_are_read_alike() -> None:
    chance = random.Random(20261124)
    for number in range(1000):
        xml = as_xml(random_push(chance))
        nonce = str(chance.getrandbits(30))
        envelope = body.parse(official().encrypt_message(xml, nonce, STAMP).encode()).fields
        encrypted = str(envelope["Encrypt"])
        ours().check(str(envelope["MsgSignature"]), STAMP, nonce, encrypted)
        opened = ours().decrypt(encrypted).message
        assert opened.decode() == xml
        fields = body.parse(opened).fields
        theirs = wechatpy.parse_message(xml)
        assert {name: value or None for name, value in fields.items()} == as_sent(theirs), number
        same_message(messages.from_wechat(fields), theirs)


def as_sent(theirs: Any) -> dict[str, Any]:
    """wechatpy's fields, before it takes a QR code's prefix away."""
    data = dict(theirs._data)
    if data.get("Event") == "subscribe_scan":
        data |= {"Event": "subscribe", "EventKey": "qrscene_" + data["EventKey"]}
    return data


def same_message(message: kinds.Message, theirs: Any) -> None:
    assert (message.user, message.account) == (theirs.source, theirs.target)
    match message:
        case kinds.Text(content=content):
            assert content == theirs.content
        case kinds.Image(media=media, url=url):
            assert (media, url) == (theirs.media_id, theirs.image)
        case kinds.Voice(media=media, recognition=recognition):
            assert (media, recognition) == (theirs.media_id, theirs.recognition)
        case kinds.Video(media=media, thumb=thumb):
            assert (media, thumb) == (theirs.media_id, theirs.thumb_media_id)
        case kinds.Location(latitude=latitude, longitude=longitude, label=label):
            assert (latitude, longitude, label) == (float(theirs.location_x), float(theirs.location_y), theirs.label)
        case kinds.Link(title=title, description=description, url=url):
            assert (title, description, url) == (theirs.title, theirs.description, theirs.url)
        case kinds.Subscribe(scene=scene) if scene is not None:
            assert scene == theirs.scene_id
        case kinds.Scan(event_key=key):
            assert key == theirs.scene_id
        case kinds.Click(event_key=key):
            assert key == theirs.key
        case kinds.View(event_key=key):
            assert key == theirs.url
    if isinstance(message, kinds.Said):
        assert message.msg_id == str(theirs.id)


def test_a_thousand_replies_sealed_by_us_are_opened_by_wechatpy() -> None:
    chance = random.Random(4)
    for _ in range(1000):
        text = words(chance)
        nonce = str(chance.getrandbits(30))
        plain = render(TextReply(text), MESSAGE, NOW, "xml")
        sealed = seal(ours(), plain, 0, STAMP, nonce, "xml")
        signature = str(body.parse(sealed.encode()).fields["MsgSignature"])
        assert official().decrypt_message(sealed, signature, STAMP, nonce) == plain
        assert wechatpy.parse_message(plain).content == text


def test_wecom_is_sealed_alike() -> None:
    from wechatpy.enterprise.crypto import WeChatCrypto

    theirs = WeChatCrypto(v.B_TOKEN, v.B_KEY, v.B_CORPID)
    query = v.B_VERIFY
    echo = theirs.check_signature(query["msg_signature"], query["timestamp"], query["nonce"], query["echostr"])
    assert echo.encode() == v.b_codec().decrypt(query["echostr"]).message
    assert theirs.decrypt_message(
        v.envelope(v.B_ENCRYPT), *(v.B_PUSH[n] for n in ("msg_signature", "timestamp", "nonce"))
    )


@pytest.mark.parametrize(
    "name", [name for name in EXPECTED if "wecom" not in name and EXPECTED[name][0] is not kinds.Unknown]
)
def test_stored_payloads_of_official_accounts_hold_the_fields_wechatpy_knows(name: str) -> None:
    fields = body.parse(stored(name)).fields
    theirs = as_sent(wechatpy.parse_message(stored(name)))
    if not name.startswith("template_card"):
        assert {field: value or None for field, value in fields.items()} == theirs


# --- where wechatpy is wrong


@pytest.mark.parametrize("pad", [0, 255])
def test_wechatpy_breaks_on_padding_that_ours_refuses(pad: int) -> None:
    sealed = aes(packed(b"<xml><a>1</a></xml>").ljust(63, b"p") + bytes([pad]), KEY)
    with pytest.raises(struct.error):
        decrypted_by_wechatpy(sealed)
    with pytest.raises(Refused, match="400 padding"):
        ours().decrypt(sealed)


def test_wechatpy_takes_padding_of_another_length_for_good() -> None:
    """The last byte alone counts for it: more than 32 is a length of padding, too, and what stands in it does not matter."""
    plain = packed(b"<xml><a>1</a></xml>")
    sealed = aes(plain + b"?" * (127 - len(plain)) + bytes([128 - len(plain)]), KEY)
    assert 128 - len(plain) > 32
    assert decrypted_by_wechatpy(sealed) == "<xml><a>1</a></xml>"
    with pytest.raises(Refused, match="400 padding"):
        ours().decrypt(sealed)


def test_wechatpy_breaks_or_gives_lists_for_a_field_sent_twice() -> None:
    """The facts file has a TypeError for it; with wechatpy 1.8.18 and xmltodict 1.0 it is an AttributeError, or no error at all."""
    kind_twice = b"<xml><MsgType>text</MsgType><MsgType>image</MsgType></xml>"
    text_twice = b"<xml><MsgType>text</MsgType><Content>a</Content><Content>b</Content></xml>"
    with pytest.raises(AttributeError):
        wechatpy.parse_message(kind_twice)
    assert wechatpy.parse_message(text_twice).content == ["a", "b"]
    for raw in (kind_twice, text_twice):
        with pytest.raises(Refused, match="400 duplicate"):
            body.parse(raw)


def test_wechatpy_lets_a_text_write_fields_of_its_reply() -> None:
    from wechatpy.replies import TextReply as TheirReply

    attack = "好]]></Content><Injected>yes</Injected><Content><![CDATA["
    theirs = TheirReply(content=attack, source="gh", target="o").render()
    assert ElementTree.fromstring(theirs).findtext("Injected") == "yes"
    fields = body.parse(render(TextReply(attack), MESSAGE, NOW, "xml").encode()).fields
    assert fields["Content"] == attack
    assert "Injected" not in fields


def test_wechatpy_takes_white_space_off_what_was_written() -> None:
    xml = as_xml({"MsgType": "text", "Content": "  好\n"})
    assert wechatpy.parse_message(xml).content == "好"
    assert push(xml.encode()).fields["Content"] == "  好\n"


def test_wechatpy_reads_a_body_that_names_another_encoding() -> None:
    raw = "<?xml version='1.0' encoding='utf-16'?><xml><MsgType>text</MsgType><Content>好</Content></xml>"
    assert wechatpy.parse_message(raw).content == "好"
    with pytest.raises(Refused, match="400 encoding"):
        body.parse(raw.encode())


def decrypted_by_wechatpy(sealed: str) -> str:
    crypto = official()
    envelope = v.envelope(sealed).decode()
    opened: str = crypto.decrypt_message(envelope, ours().signature(STAMP, "1", sealed), STAMP, "1")
    return opened
