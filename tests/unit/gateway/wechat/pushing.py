"""A platform small enough to read: it seals whatever it is told to, also what no platform would send."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime, timezone

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from gateway.wechat.callback import Mode, Push, open_push
from gateway.wechat.crypto import Codec
from tests.unit.gateway.wechat.vectors import A_APPID, A_KEY, a_codec, envelope

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=timezone.utc)
STAMP = str(int(NOW.timestamp()))


def aes(plain: bytes, key: str = A_KEY) -> str:
    """Whole blocks, sealed as they are."""
    raw = base64.b64decode(key + "=")
    encryptor = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def packed(message: bytes, length: int | None = None, receiver: str = A_APPID) -> bytes:
    """random + length + message + receiver, not yet padded. `length` may lie."""
    told = len(message) if length is None else length
    return b"r" * 16 + told.to_bytes(4, "big") + message + receiver.encode()


def padded(plain: bytes) -> bytes:
    pad = 32 - len(plain) % 32
    return plain + bytes([pad]) * pad


def signed(
    encrypted: str, codec: Codec | None = None, timestamp: str = STAMP, nonce: str = "415670741"
) -> dict[str, str]:
    """The query of a push in safe mode."""
    signature = (codec or a_codec()).signature(timestamp, nonce, encrypted)
    return {"timestamp": timestamp, "nonce": nonce, "encrypt_type": "aes", "msg_signature": signature}


def signed_plain(timestamp: str = STAMP, nonce: str = "486452656") -> dict[str, str]:
    return {"timestamp": timestamp, "nonce": nonce, "signature": a_codec().signature(timestamp, nonce)}


def push(message: bytes, form: str = "xml", mode: Mode = "safe", codec: Codec | None = None, key: str = A_KEY) -> Push:
    """What our door makes of `message`, sent in safe mode."""
    encrypted = aes(padded(packed(message)), key)
    body = envelope(encrypted) if form == "xml" else json.dumps({"ToUserName": "gh", "Encrypt": encrypted}).encode()
    return open_sealed(encrypted, body, mode, codec)


def open_sealed(encrypted: str, body: bytes | None = None, mode: Mode = "safe", codec: Codec | None = None) -> Push:
    codec = codec or a_codec()
    return open_push(codec, mode, signed(encrypted, codec), envelope(encrypted) if body is None else body, NOW)


def open_plain(body: bytes, mode: Mode = "plain", query: Mapping[str, str] | None = None) -> Push:
    return open_push(a_codec(), mode, signed_plain() if query is None else query, body, NOW)
