"""The simulator's codec against vectors A and B, which were made by others."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qsl

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from ops.wechat.accounts import Corp, new_aes_key
from ops.wechat.codec import CodecError, Crypt, signature
from ops.wechat.seal import CorpSeal
from ops.wechat.wire import WireError, dump, load

A_KEY, A_ID, A_TOKEN = "A" * 43, "wxba5fad812f8e6fb9", "AAAAA"
A_SEALED = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT"
    "740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8Y"
    "L/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)
A_REPLY = "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
B_KEY, B_ID, B_TOKEN = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7", "QDG6eK"
B_ECHO = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
B_SEALED = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUk"
    "SUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekU"
    "NXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rU"
    "PA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+"
    "qN+E7Q=="
)


@pytest.mark.parametrize(
    ("parts", "digest"),
    [
        ((A_TOKEN, "1714036504", "1514711492"), "f464b24fc39322e44b38aa78f5edd27bd1441696"),
        ((A_TOKEN, "1714037059", "486452656"), "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
        ((A_TOKEN, "1714112445", "415670741", A_SEALED), "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"),
        ((A_TOKEN, "1713424427", "415670741", A_REPLY), "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"),
        ((B_TOKEN, "1409659589", "263014780", B_ECHO), "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"),
        ((B_TOKEN, "1409659813", "1372623149", B_SEALED), "477715d11cdb4164915debcba66cb864d751f3e6"),
    ],
)
def test_signatures_are_those_of_the_vectors(parts: tuple[str, ...], digest: str) -> None:
    assert signature(*parts) == digest


def test_vector_a_is_read() -> None:
    message = Crypt(A_KEY, A_ID).decrypt(A_SEALED)
    assert len(message) == 167
    found = json.loads(message)
    assert (found["FromUserName"], found["Event"]) == ("o9AgO5Kd5ggOC-bXrbNODIiE3bGY", "debug_demo")


def test_vector_a_is_written_to_the_last_byte() -> None:
    assert Crypt(A_KEY, A_ID).encrypt('{"demo_resp":"good luck"}', b"707722b803182950") == A_REPLY


def test_vector_b_is_read() -> None:
    crypt = Crypt(B_KEY, B_ID)
    assert crypt.decrypt(B_ECHO) == b"1616140317555161061"
    found = load(crypt.decrypt(B_SEALED), "xml")
    assert (found["FromUserName"], found["Content"]) == ("mycreate", "hello")
    assert (found["MsgId"], found["AgentID"]) == ("4561255354251345929", "218")


def test_vector_b_is_written_to_the_last_byte() -> None:
    cipher = Cipher(algorithms.AES(key := base64.b64decode(B_KEY + "=")), modes.CBC(key[:16])).decryptor()
    start = cipher.update(base64.b64decode(B_SEALED))[:16]
    crypt = Crypt(B_KEY, B_ID)
    assert crypt.encrypt(crypt.decrypt(B_SEALED), start) == B_SEALED


def test_a_push_of_wecom_is_packed_as_vector_b_is() -> None:
    corp = Corp(B_ID, 218, "secret", B_TOKEN, B_KEY)
    query, body = CorpSeal(corp).pack({"FromUserName": "mycreate", "MsgType": "text", "Content": "hello"}, 1409659813)
    asked, outer = dict(parse_qsl(query)), load(body, "xml")
    assert set(asked) == {"msg_signature", "timestamp", "nonce"}
    assert asked["msg_signature"] == signature(B_TOKEN, "1409659813", asked["nonce"], outer["Encrypt"])
    assert (outer["ToUserName"], outer["AgentID"]) == (B_ID, "218")
    assert load(Crypt(B_KEY, B_ID).decrypt(outer["Encrypt"]), "xml")["Content"] == "hello"


@given(st.text(max_size=200), st.integers(min_value=0))
def test_what_is_encrypted_is_read_again_and_a_damaged_bit_is_not_taken_for_the_message(text: str, where: int) -> None:
    crypt = Crypt(new_aes_key(), "wxreceiver")
    sealed = crypt.encrypt(text)
    assert crypt.decrypt(sealed).decode() == text
    raw = bytearray(base64.b64decode(sealed))
    raw[where % len(raw)] ^= 0x40
    try:
        found = crypt.decrypt(base64.b64encode(bytes(raw)).decode())
    except CodecError:
        return
    # CBC has no integrity of its own (that is what the signature is for): only the message itself or its random start may differ.
    assert isinstance(found, bytes)


def test_another_receiver_another_key_and_every_broken_form_are_refused() -> None:
    crypt = Crypt(A_KEY, A_ID)
    for sealed in (Crypt(A_KEY, "wxother").encrypt("x"), "", "*", base64.b64encode(b"x" * 31).decode(), A_SEALED[:64]):
        with pytest.raises(CodecError):
            crypt.decrypt(sealed)
    for key in ("short", "A" * 44, "!" * 43):
        with pytest.raises(ValueError):
            Crypt(key, "wx")


@pytest.mark.parametrize("pad", [0, 33, 255])
def test_padding_beyond_one_to_thirty_two_is_refused(pad: int) -> None:
    crypt, key = Crypt(A_KEY, A_ID), base64.b64decode(A_KEY + "=")
    plain = b"r" * 16 + (4).to_bytes(4, "big") + b"text" + A_ID.encode()
    plain += bytes([pad]) * (64 - len(plain))
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    with pytest.raises(CodecError):
        crypt.decrypt(base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode())


@pytest.mark.parametrize("form", ["xml", "json"])
def test_any_words_survive_the_wire(form: str) -> None:
    for words in ("灯坏了", "a]]>b]]>", "<b>&amp;", "第一行\n第二行", "👴"):
        assert load(dump({"Content": words}, form).encode(), form)["Content"] == words  # type: ignore[arg-type]


def test_an_answer_with_a_document_type_or_a_field_twice_is_none() -> None:
    for body in (b"<!DOCTYPE a><xml/>", b"<xml><a>1</a><a>2</a></xml>", b"<xml>", b"\xff", b"<html/>"):
        with pytest.raises(WireError):
            load(body, "xml")
