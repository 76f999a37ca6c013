"""What must not come in does not: refused with a status and a reason, never a crash, never a slow answer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from community.errors import ConfigError
from gateway.wechat import body
from gateway.wechat.callback import open_push, open_verify
from gateway.wechat.crypto import Codec, Refused
from tests.unit.gateway.wechat import vectors as v
from tests.unit.gateway.wechat.pushing import (
    NOW,
    STAMP,
    aes,
    open_plain,
    open_sealed,
    packed,
    padded,
    push,
    signed,
    signed_plain,
)

GOOD = b"<xml><MsgType>text</MsgType></xml>"
SEALED = aes(padded(packed(GOOD)))


def refused(call: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        call()
    return caught.value.status, caught.value.reason


# --- who signed it, and when


def test_a_forged_signature_is_refused() -> None:
    query = signed(SEALED) | {"msg_signature": "0" * 40}
    assert refused(lambda: open_push(v.a_codec(), "safe", query, v.envelope(SEALED), NOW)) == (403, "signature")


@pytest.mark.parametrize("signature", ["", "é" * 40, "\udcff", "A" * 4000, "046E02F8204D34F8BA5FA3B1DB94908F3DF2E9B3"])
def test_a_signature_of_any_form_is_refused_not_stumbled_over(signature: str) -> None:
    query = signed(SEALED) | {"msg_signature": signature}
    assert refused(lambda: open_push(v.a_codec(), "safe", query, v.envelope(SEALED), NOW)) == (403, "signature")


def test_a_body_exchanged_under_a_good_signature_is_refused() -> None:
    other = aes(padded(packed(b"<xml><MsgType>image</MsgType></xml>")))
    assert refused(lambda: open_push(v.a_codec(), "safe", signed(SEALED), v.envelope(other), NOW)) == (403, "signature")


@pytest.mark.parametrize("changed", ["timestamp", "nonce"])
def test_a_changed_query_is_refused(changed: str) -> None:
    query = signed(SEALED)
    query[changed] = str(int(query[changed]) + 1)
    assert refused(lambda: open_push(v.a_codec(), "safe", query, v.envelope(SEALED), NOW)) == (403, "signature")


@pytest.mark.parametrize("missing", ["timestamp", "nonce"])
def test_a_query_without_what_is_signed_is_refused(missing: str) -> None:
    query = {name: value for name, value in signed(SEALED).items() if name != missing}
    assert refused(lambda: open_push(v.a_codec(), "safe", query, v.envelope(SEALED), NOW)) == (400, "query")


@pytest.mark.parametrize("seconds", [301, -301, 86_400, 10_000_000])
def test_a_push_recorded_and_sent_again_later_is_refused(seconds: int) -> None:
    later = NOW + timedelta(seconds=seconds)
    query = signed(SEALED)
    assert refused(lambda: open_push(v.a_codec(), "safe", query, v.envelope(SEALED), later)) == (403, "stale")


@pytest.mark.parametrize("seconds", [0, 15, 300, -300])
def test_a_push_of_the_last_five_minutes_is_taken(seconds: int) -> None:
    later = NOW + timedelta(seconds=seconds)
    assert open_push(v.a_codec(), "safe", signed(SEALED), v.envelope(SEALED), later).fields == {"MsgType": "text"}


def test_a_plain_push_recorded_and_sent_again_later_is_refused() -> None:
    later = NOW + timedelta(seconds=301)
    assert refused(lambda: open_push(v.a_codec(), "plain", signed_plain(), GOOD, later)) == (403, "stale")


@pytest.mark.parametrize(
    "stamp", ["0", "00" + STAMP, "-1", "now", "1e9", " 1795485600", "१७९५४८५६००", "1795485600.0", "9" * 5000, "9" * 10]
)
def test_a_timestamp_that_is_none_is_stale(stamp: str) -> None:
    query = signed(SEALED, timestamp=stamp)
    assert refused(lambda: open_push(v.a_codec(), "safe", query, v.envelope(SEALED), NOW)) == (403, "stale")


def test_digits_moved_from_nonce_to_timestamp_do_not_make_an_old_push_new() -> None:
    """Both are signed as one text, and where one ends is not. Only ten digits are a timestamp."""
    query = signed(SEALED, timestamp=STAMP, nonce="2222222222")
    moved = query | {"timestamp": STAMP + "2", "nonce": "222222222"}
    assert v.a_codec().signature(moved["timestamp"], moved["nonce"], SEALED) == query["msg_signature"]
    assert refused(lambda: open_push(v.a_codec(), "safe", moved, v.envelope(SEALED), NOW)) == (403, "stale")


# --- downgrades


def test_a_plain_push_in_safe_mode_is_refused_as_a_downgrade() -> None:
    assert refused(lambda: open_plain(GOOD, "safe")) == (403, "downgrade")


def test_a_stranger_with_a_plain_push_is_a_forger_and_no_downgrade() -> None:
    """An alarm about downgrades must mean the account's own settings, not anybody on the internet."""
    query = signed_plain() | {"signature": "0" * 40}
    assert refused(lambda: open_plain(GOOD, "safe", query)) == (403, "signature")


def test_a_push_whose_encrypted_half_was_taken_out_is_refused() -> None:
    for mode in ("safe", "compatible", "plain"):
        call = lambda mode=mode: open_sealed(SEALED, GOOD, mode)  # noqa: E731
        assert refused(call) == (403, "downgrade")


def test_the_unsigned_half_of_a_compatible_push_is_not_read() -> None:
    forged = f"<xml><MsgType>image</MsgType><Encrypt>{SEALED}</Encrypt></xml>".encode()
    for mode in ("safe", "compatible", "plain"):
        assert open_sealed(SEALED, forged, mode).fields == {"MsgType": "text"}


def test_an_account_in_plain_mode_needs_no_key() -> None:
    keyless = Codec(v.A_TOKEN, v.A_APPID, ())
    assert open_push(keyless, "plain", signed_plain(), GOOD, NOW).fields == {"MsgType": "text"}
    both = signed(SEALED) | signed_plain(nonce="415670741")
    body_of_both = f"<xml><MsgType>text</MsgType><Encrypt>{SEALED}</Encrypt></xml>".encode()
    assert open_push(keyless, "plain", both, body_of_both, NOW).fields["MsgType"] == "text"
    assert refused(lambda: open_push(keyless, "safe", both, body_of_both, NOW)) == (400, "no_key")


# --- what is sealed


def test_a_push_to_another_account_is_refused() -> None:
    for receiver in ("wxba5fad812f8e6fb8", "", v.A_APPID + "x", "x" + v.A_APPID, v.A_APPID[:-1]):
        assert refused(lambda r=receiver: open_sealed(aes(padded(packed(GOOD, receiver=r))))) == (400, "receiver")


def test_every_padding_value_but_the_right_one_is_refused() -> None:
    plain = packed(GOOD)
    right = 32 - len(plain) % 32
    for pad in range(256):
        sealed = aes(plain + bytes([pad]) * right)
        if pad == right:
            assert open_sealed(sealed).fields == {"MsgType": "text"}
        else:
            # A shorter padding leaves bytes behind the receiver id; 0 and more than 32 are none.
            assert refused(lambda s=sealed: open_sealed(s)) in ((400, "padding"), (400, "receiver"))


def test_every_length_of_padding_opens() -> None:
    for length in range(1, 65):
        message = b"<xml><a>" + b"x" * length + b"</a></xml>"
        assert push(message).fields == {"a": "x" * length}


def test_padding_that_does_not_say_its_length_throughout_is_refused() -> None:
    plain = packed(GOOD)
    pad = 32 - len(plain) % 32
    assert refused(lambda: open_sealed(aes(plain + b"\x01" * (pad - 1) + bytes([pad])))) == (400, "padding")


@pytest.mark.parametrize("length", [len(GOOD) + 19, 1000, 2**31, 2**32 - 1])
def test_a_message_said_to_be_longer_than_it_is_is_refused(length: int) -> None:
    assert refused(lambda: open_sealed(aes(padded(packed(GOOD, length=length))))) == (400, "length")


def test_a_message_said_to_be_shorter_than_it_is_is_refused() -> None:
    assert refused(lambda: open_sealed(aes(padded(packed(GOOD, length=3))))) == (400, "receiver")


def test_ciphertext_too_short_for_its_head_is_refused() -> None:
    assert refused(lambda: open_sealed(aes(b"\x20" * 32))) == (400, "length")
    assert refused(lambda: open_sealed(aes(b"\x10" * 16))) == (400, "length")


def test_truncated_ciphertext_is_refused_at_every_length() -> None:
    for end in range(len(SEALED)):
        status, reason = refused(lambda e=end: open_sealed(SEALED[:e]))
        assert (status, reason) in {(400, why) for why in ("base64", "blocks", "padding", "length", "receiver")}, end


def test_ciphertext_with_any_bit_flipped_is_not_taken_for_the_message() -> None:
    """Under a signature of its own: CBC alone does not notice all of it, which is why the signature is checked first."""
    for place in range(len(SEALED)):
        flipped = SEALED[:place] + chr(ord(SEALED[place]) ^ 1) + SEALED[place + 1 :]
        try:
            opened = open_sealed(flipped)
        except Refused:
            continue
        else:
            # Only the 16 random bytes, in which nobody reads, can have changed; or the last character's spare bits.
            assert opened.fields == {"MsgType": "text"}, place


@pytest.mark.parametrize("encrypted", ["", "=", "!!!!", "AAAA\nAAAA", "你好", "A" * 43, "AAAA AAAA", "\u00e9" * 44])
def test_what_is_not_base64_of_blocks_is_refused(encrypted: str) -> None:
    assert refused(lambda: v.a_codec().decrypt(encrypted))[0] == 400


def test_a_wrong_key_is_refused_and_the_key_that_got_furthest_says_why() -> None:
    assert refused(lambda: Codec(v.A_TOKEN, v.A_APPID, (v.C_KEY,)).decrypt(v.A_ENCRYPT))[0] == 400
    elsewhere = Codec(v.A_TOKEN, "wx0000000000000000", (v.C_KEY, v.A_KEY, v.B_KEY))
    assert refused(lambda: elsewhere.decrypt(v.A_ENCRYPT)) == (400, "receiver")


@pytest.mark.parametrize("key", ["", "A" * 42, "A" * 44, "A" * 42 + "=", "A" * 42 + "é", "A" * 42 + " "])
def test_a_key_that_is_none_is_named_when_the_gateway_starts(key: str) -> None:
    with pytest.raises(ConfigError, match="EncodingAESKey"):
        Codec("token", "wx", (key,))


def test_a_codec_without_token_or_receiver_is_named_when_the_gateway_starts() -> None:
    for token, receiver in (("", "wx"), ("token", "")):
        with pytest.raises(ConfigError, match="Token"):
            Codec(token, receiver, ())


def test_sealing_refuses_what_cannot_be_opened() -> None:
    with pytest.raises(ValueError):
        v.a_codec().encrypt("x", key=1)
    with pytest.raises(ValueError):
        v.a_codec().encrypt("x", key=-1)
    with pytest.raises(ValueError):
        v.a_codec().encrypt("x", random16=b"short")


# --- verification


def test_verification_refuses_a_forger_an_old_one_and_markup() -> None:
    codec = v.a_codec()
    now = v.at("1714036504")
    assert refused(lambda: open_verify(codec, v.A_VERIFY | {"nonce": "1"}, now, False)) == (403, "signature")
    assert refused(lambda: open_verify(codec, v.A_VERIFY, v.at("1714036504", 301), False)) == (403, "stale")
    assert refused(lambda: open_verify(codec, {}, now, False)) == (400, "query")
    for echo in ("", "<script>", "a b", "好", "x" * 513):
        assert refused(lambda e=echo: open_verify(codec, v.A_VERIFY | {"echostr": e}, now, False)) == (400, "echo")


def test_verification_of_wecom_refuses_a_plain_echo() -> None:
    now = v.at("1409659589")
    query = v.B_VERIFY | {"echostr": "1616140317555161061"}
    assert refused(lambda: open_verify(v.b_codec(), query, now, True)) == (403, "signature")
    assert refused(lambda: open_verify(v.a_codec(), v.A_VERIFY, v.at("1714036504"), True)) == (403, "signature")


def test_verification_refuses_an_echo_that_is_no_text() -> None:
    encrypted = aes(padded(packed(b"\xff\xfe")))
    query = signed(encrypted) | {"echostr": encrypted}
    assert refused(lambda: open_verify(v.a_codec(), query, NOW, True)) == (400, "echo")


# --- bodies

DEEP_XML = b"<xml>" + b"<a>" * 12 + b"</a>" * 12 + b"</xml>"
BILLION = (
    b'<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><xml><Content>&j;</Content></xml>"
)
BODIES = {
    "a DOCTYPE": (b"<!DOCTYPE xml><xml><a>1</a></xml>", "doctype"),
    "a DOCTYPE after the declaration": (
        b"<?xml version='1.0'?>\n<!DOCTYPE xml SYSTEM 'file:///etc/passwd'><xml/>",
        "doctype",
    ),
    "a billion laughs": (BILLION, "doctype"),
    "an outside entity": (b'<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml><a>&x;</a></xml>', "doctype"),
    "a DOCTYPE behind a comment": (b"<!-- --><!DOCTYPE xml><xml/>", "malformed"),
    "a DOCTYPE inside": (b"<xml><!DOCTYPE xml></xml>", "malformed"),
    "an entity nobody declared": (b"<xml><a>&nbsp;</a></xml>", "entity"),
    "a style sheet": (b"<?xml-stylesheet href='x'?><xml/>", "instruction"),
    "an instruction inside": (b"<xml><?php echo 1 ?></xml>", "instruction"),
    "a field twice": (b"<xml><a>1</a><a>2</a></xml>", "duplicate"),
    "a field twice, once with fields": (b"<xml><a>1</a><a><b>2</b></a></xml>", "duplicate"),
    "more fields than anybody sends": (b"<xml><l>" + b"<a/>" * 4095 + b"</l></xml>", "too_many"),
    "text beside fields": (b"<xml><a><b>1</b>x</a></xml>", "mixed"),
    "text before fields": (b"<xml>x<a>1</a></xml>", "mixed"),
    "deep nesting": (DEEP_XML, "depth"),
    "another root": (b"<html><body/></html>", "malformed"),
    "two roots": (b"<xml/><xml/>", "malformed"),
    "an end without a beginning": (b"</xml>", "malformed"),
    "no end": (b"<xml><a>1", "malformed"),
    "a control character": (b"<xml><a>\x08</a></xml>", "malformed"),
    "a control character in other words": (b"<xml><a>&#8;</a></xml>", "malformed"),
    "half a character in other words": (b"<xml><a>&#xD800;</a></xml>", "malformed"),
    "nothing": (b"", "malformed"),
    "white space": (b" \n", "malformed"),
    "a form": (b"a=1&b=2", "malformed"),
    "GBK": ("<xml><a>电梯</a></xml>".encode("gbk"), "encoding"),
    "GBK, said": ("<?xml version='1.0' encoding='GBK'?><xml><a>电梯</a></xml>".encode(), "encoding"),
    "ASCII, said": (b"<?xml version='1.0' encoding='us-ascii'?><xml/>", "encoding"),
    "UTF-16": ("<xml><a>1</a></xml>".encode("utf-16"), "encoding"),
    "UTF-16 without a mark": ("<xml><a>1</a></xml>".encode("utf-16-le"), "encoding"),
    "UTF-32": ("<xml><a>1</a></xml>".encode("utf-32"), "encoding"),
    "a byte order mark": (b"\xef\xbb\xbf<xml/>", "encoding"),
    "halves of characters as bytes": (b"<xml><a>\xed\xa0\x80</a></xml>", "encoding"),
    "too long a form of a character": (b"<xml><a>\xc0\xbc</a></xml>", "encoding"),
    "a NUL": (b"<xml><a>\x00</a></xml>", "encoding"),
    "a JSON list": (b"[]", "not_object"),
    "a JSON text": (b'"a"', "not_object"),
    "a JSON number": (b"1", "not_object"),
    "null": (b"null", "not_object"),
    "NaN": (b'{"a":NaN}', "number"),
    "infinity": (b'{"a":-Infinity}', "number"),
    "a JSON field twice": (b'{"a":1,"a":2}', "duplicate"),
    "a JSON field twice, differently spelt": (b'{"a":1,"\\u0061":2}', "duplicate"),
    "a JSON field twice, inside": (b'{"a":{"b":1,"b":1}}', "duplicate"),
    "half a character in JSON": (b'{"a":"\\ud83d"}', "characters"),
    "half a character in a JSON name": (b'{"\\ude00":"1"}', "characters"),
    "a NUL in JSON": (b'{"a":"\\u0000"}', "characters"),
    "a control character in JSON": (b'{"a":[{"b":"\\u0008"}]}', "characters"),
    "a raw control character in JSON": (b'{"a":"\x08"}', "malformed"),
    "a JSON comment": (b'{"a":1 /* */}', "malformed"),
    "two JSON objects": (b"{}{}", "malformed"),
    "JSON in GBK": ('{"a":"电梯"}'.encode("gbk"), "encoding"),
    "deep JSON": (b'{"a":' + b"[" * 12 + b"]" * 12 + b"}", "depth"),
    "JSON deeper than Python": (b'{"a":' + b"[" * 200_000, "depth"),
    "JSON objects deeper than Python": (b'{"a":' * 150_000, "depth"),
}


@pytest.mark.parametrize("name", BODIES)
def test_no_body_comes_in_that_holds(name: str) -> None:
    raw, reason = BODIES[name]
    assert refused(lambda: body.parse(raw)) == (400, reason)
    # The same under a good signature, where it is plain and where it is sealed.
    assert refused(lambda: open_plain(raw)) == (400, reason)
    assert refused(lambda: push(raw)) == (400, reason)


def test_what_residents_write_is_not_taken_for_markup() -> None:
    said = "<!DOCTYPE html> &nbsp; <?php ?> <a>1</a> ]]"
    assert push(f"<xml><Content><![CDATA[{said}]]></Content></xml>".encode()).fields == {"Content": said}
    assert push(json.dumps({"Content": said}).encode()).fields == {"Content": said}


def test_both_forms_give_the_same_fields() -> None:
    xml = b"<?xml version='1.0' encoding='UTF-8'?>\n<xml>\n <n>1234567890123456789</n><f>30.10</f><e/><l><i>1</i><i>2</i></l></xml>\n"
    text = b' {"n":1234567890123456789,"f":30.10,"e":null,"l":{"i":[1,2]}} '
    assert body.parse(xml).fields == body.parse(text).fields
    assert body.parse(b'{"yes":true,"no":false}').fields == {"yes": "true", "no": "false"}


def test_the_deepest_that_is_taken_is_the_same_in_both_forms() -> None:
    xml = b"<xml>" + b"<a>" * 11 + b"1" + b"</a>" * 11 + b"</xml>"
    text = b'{"a":' * 11 + b'"1"' + b"}" * 11
    assert body.parse(xml).fields == body.parse(text).fields
    assert refused(lambda: body.parse(b'{"a":' * 13 + b'"1"' + b"}" * 13)) == (400, "depth")


def test_ten_megabytes_are_refused_unread() -> None:
    for raw in (
        b"<xml><a>" + b"x" * 10_000_000 + b"</a></xml>",
        b'{"a":"' + b"x" * 10_000_000 + b'"}',
        b"<" * 10_000_000,
    ):
        began = time.process_time()
        assert refused(lambda r=raw: body.parse(r)) == (413, "too_large")
        assert time.process_time() - began < 0.05


MEGABYTE = 1024 * 1024
HEAVY = {
    "open elements": lambda n: b"<xml>" + b"<a>" * (n // 3 - 8),
    "many fields": lambda n: b"<xml>" + b"".join(b"<a%d/>" % i for i in range(n // 11)) + b"</xml>",
    "one field again and again": lambda n: b"<xml><l>" + b"<a/>" * (n // 4 - 8) + b"</l></xml>",
    "many small texts": lambda n: b"<xml><a>" + b"&amp;" * (n // 5 - 8) + b"</a></xml>",
    "many sections": lambda n: b"<xml><a>" + b"<![CDATA[]]>" * (n // 12 - 8) + b"</a></xml>",
    "an open section": lambda n: b"<xml><a><![CDATA[" + b"]" * (n - 20),
    "an open comment": lambda n: b"<xml><!--" + b" -" * (n // 2 - 8),
    "many attributes": lambda n: b"<xml " + b" ".join(b"a%d='1'" % i for i in range(n // 14)) + b"></xml>",
    "white space before": lambda n: b" " * (n - 8) + b"<xml/>",
    "an open declaration": lambda n: b"<?xml " + b"?" * (n - 8),
    "JSON brackets": lambda n: b"[" * n,
    "many JSON fields": lambda n: b"{" + b",".join(b'"%d":1' % i for i in range(n // 12)) + b"}",
    "a long JSON number": lambda n: b'{"a":' + b"9" * (n - 8) + b"}",
    "JSON escapes": lambda n: b'{"a":"' + b"\\u4e00" * (n // 6 - 2) + b'"}',
    "a long base64": lambda n: b"<xml><Encrypt>" + b"A" * (n - 64) + b"</Encrypt></xml>",
}


@pytest.mark.parametrize("name", HEAVY)
def test_no_megabyte_holds_the_door_shut(name: str) -> None:
    """Four times the size takes about four times the time (quadratic would be sixteen), and never long."""

    def seconds(raw: bytes) -> float:
        taken = []
        for _ in range(3):
            began = time.process_time()
            try:
                open_push(v.a_codec(), "safe", signed("x"), raw, NOW)
            except Refused:
                pass
            taken.append(time.process_time() - began)
        return min(taken)

    whole = seconds(HEAVY[name](MEGABYTE))
    assert whole < max(0.15, 9 * seconds(HEAVY[name](MEGABYTE // 4)))
    assert whole < 1
