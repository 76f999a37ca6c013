"""The codec official account and WeCom share: signatures, AES, and how long a signature is good for.

The receiver id is the appid of an official account, the corpid of WeCom. No I/O. Grades in brackets are those of the facts
file behind this room: [V] executed or read in library source, [D] official documentation, [I] issue or community post,
[G] general knowledge. Docs: docs/wechat-codec.md.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from community.errors import ConfigError

KEY_LENGTH = 43
"""Characters of an EncodingAESKey: 32 bytes of base64 without the final `=` [D]."""
BLOCK = 32
"""PKCS7 pads to 32 bytes, though AES itself works on 16 [D]."""
AES_BLOCK = 16
RANDOM = 16
"""Random bytes before the message [D]."""
HEAD = RANDOM + 4
"""... and the message's length in bytes, big-endian [D]."""
WINDOW = timedelta(seconds=300)
"""How far a push's timestamp may be from our clock, either way [G]. The platform gives up after three deliveries in 15 s."""

_KEY = re.compile(r"[A-Za-z0-9+/]{43}", re.ASCII)
_TIMESTAMP = re.compile(r"[0-9]{10}", re.ASCII)
# The further a key got, the more its refusal says: of several keys the one that got furthest names the reason.
_PROGRESS = ("padding", "length", "receiver")


class Refused(Exception):
    """Not taken. `status` is the HTTP status to answer, `reason` a short ASCII code for logs, never personal data."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason


@dataclass(frozen=True)
class Opened:
    """A decrypted message (bytes as sent), and the index of the key that opened it: the reply must use the same one [I]."""

    message: bytes
    key: int


class Codec:
    """`keys` are EncodingAESKeys, the current one first, then the one(s) before a rotation.

    Without keys it only signs and checks: an account in plain mode has none. Raises ConfigError for a key that is none.
    """

    def __init__(self, token: str, receiver_id: str, keys: Sequence[str]) -> None:
        if not token or not receiver_id:
            raise ConfigError("微信回调的 Token 和 AppID（企业微信为 CorpID）都要填写。")
        self._token = token
        self._receiver = receiver_id.encode()
        self._ciphers = [_cipher(key) for key in keys]

    @property
    def keys(self) -> int:
        """How many there are."""
        return len(self._ciphers)

    def signature(self, *parts: str) -> str:
        """sha1 in lower-case hex over the token and `parts`, sorted and joined [D/V].

        Sorted as text, by code points: what is signed is ASCII, where the order of bytes is the same.
        """
        joined = "".join(sorted((self._token, *parts)))
        # surrogatepass: a query string may hold halves of characters, and must not raise anything here.
        return hashlib.sha1(joined.encode("utf-8", "surrogatepass")).hexdigest()  # noqa: S324 - the platform's choice

    def check(self, signature: str, *parts: str) -> None:
        """Raises Refused(403, 'signature') unless `signature` is ours. In constant time."""
        given = signature.encode("utf-8", "surrogatepass")
        if not hmac.compare_digest(given, self.signature(*parts).encode()):
            raise Refused(403, "signature")

    def fresh(self, timestamp: str, now: datetime, window: timedelta = WINDOW) -> None:
        """Raises Refused(403, 'stale') unless `timestamp` (Unix seconds, ten digits) is within `window` of `now`.

        Exactly ten digits: a signature covers its parts joined, so digits could else be moved between timestamp and nonce.
        """
        if not _TIMESTAMP.fullmatch(timestamp) or abs(now.timestamp() - int(timestamp)) > window.total_seconds():
            raise Refused(403, "stale")

    def decrypt(self, encrypted: str) -> Opened:
        """Open base64 with the first key that fits.

        Raises Refused(400) with 'no_key' (none configured), 'base64', 'blocks' (not whole blocks), 'padding', 'length'
        (of the message inside), 'receiver' (meant for another account). A wrong key shows as 'padding' or 'length'.
        """
        if not self._ciphers:
            raise Refused(400, "no_key")
        try:
            sealed = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError):
            raise Refused(400, "base64") from None
        if not sealed or len(sealed) % AES_BLOCK:
            raise Refused(400, "blocks")
        furthest = 0
        for index, cipher in enumerate(self._ciphers):
            decryptor = cipher.decryptor()
            message, got = self._open(decryptor.update(sealed) + decryptor.finalize())
            if message is not None:
                return Opened(message, index)
            furthest = max(furthest, got)
        raise Refused(400, _PROGRESS[furthest])

    def _open(self, plain: bytes) -> tuple[bytes | None, int]:
        """The message in random + length + message + receiver + padding; or None and which of _PROGRESS stopped it."""
        pad = plain[-1]
        if not 1 <= pad <= BLOCK or not plain.endswith(bytes((pad,)) * pad):
            return None, 0
        end = len(plain) - pad
        if end < HEAD:
            return None, 1
        (length,) = struct.unpack_from(">I", plain, RANDOM)
        if HEAD + length > end:
            return None, 1
        if not hmac.compare_digest(plain[HEAD + length : end], self._receiver):
            return None, 2
        return plain[HEAD : HEAD + length], 2

    def encrypt(self, message: str, key: int = 0, random16: bytes | None = None) -> str:
        """`message` in base64, sealed with the key of that index. `random16` (16 bytes) is for tests only.

        Raises ValueError for a key there is not, random bytes of another length, or halves of characters.
        """
        if not 0 <= key < len(self._ciphers):
            raise ValueError("no such key")
        random16 = secrets.token_bytes(RANDOM) if random16 is None else random16
        if len(random16) != RANDOM:
            raise ValueError("16 random bytes are needed")
        raw = message.encode()
        plain = random16 + struct.pack(">I", len(raw)) + raw + self._receiver
        pad = BLOCK - len(plain) % BLOCK
        encryptor = self._ciphers[key].encryptor()
        return base64.b64encode(encryptor.update(plain + bytes((pad,)) * pad) + encryptor.finalize()).decode()


def _cipher(key: str) -> Cipher[modes.CBC]:
    # The last character carries two bits too many, and the platform's own sample keys have them set: never re-encode to check.
    if not _KEY.fullmatch(key):
        raise ConfigError(f"EncodingAESKey 应当是 {KEY_LENGTH} 个字母或数字，请从公众平台原样复制。")
    raw = base64.b64decode(key + "=")
    return Cipher(algorithms.AES(raw), modes.CBC(raw[:AES_BLOCK]))
