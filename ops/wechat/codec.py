"""The platform's half of the message encryption: signatures, AES, and the envelopes around them.

Written from the documents alone and checked against vectors A and B; it shares no line with the gateway's.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import struct

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
"""PKCS7 to 32 bytes, not to AES's own 16 [D]."""
RANDOM_BYTES = 16
"""Random bytes before the length [D]."""


class CodecError(Exception):
    """What came cannot be read; says which step failed, never with the content."""


def signature(*parts: str) -> str:
    """sha1 of the sorted parts, concatenated; 40 hex digits [D/V]."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 - the platform's choice


def same(left: str, right: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


class Crypt:
    """One EncodingAESKey (43 characters) and the receiver it is for: an appid or a corpid.

    Raises ValueError for a key that is none.
    """

    def __init__(self, aes_key: str, receiver: str) -> None:
        try:
            key = base64.b64decode(aes_key + "=")
        except binascii.Error as error:
            raise ValueError("an EncodingAESKey is 43 characters of base64") from error
        if len(aes_key) != 43 or len(key) != 32:
            raise ValueError("an EncodingAESKey is 43 characters of base64")
        self.receiver = receiver
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))  # noqa: S304 - CBC with the key as IV: the platform's choice

    def encrypt(self, message: str | bytes, random: bytes = b"") -> str:
        """Base64 of the encrypted message. `random` is for test vectors only."""
        content = message.encode() if isinstance(message, str) else message
        start = random or os.urandom(RANDOM_BYTES)
        plain = start + struct.pack(">I", len(content)) + content + self.receiver.encode()
        padder = padding.PKCS7(BLOCK * 8).padder()
        padded = padder.update(plain) + padder.finalize()
        encryptor = self._cipher.encryptor()
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()

    def decrypt(self, encrypted: str) -> bytes:
        """The message. Raises CodecError when it is not for this key or this receiver, or is damaged."""
        try:
            raw = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError) as error:
            raise CodecError("not base64") from error
        if not raw or len(raw) % BLOCK:
            raise CodecError("not a whole number of blocks")
        decryptor = self._cipher.decryptor()
        padded = decryptor.update(raw) + decryptor.finalize()
        unpadder = padding.PKCS7(BLOCK * 8).unpadder()
        try:
            plain = unpadder.update(padded) + unpadder.finalize()
        except ValueError as error:
            raise CodecError("wrong padding: another key, or damaged") from error
        head = RANDOM_BYTES + 4
        if len(plain) < head:
            raise CodecError("too short")
        (length,) = struct.unpack(">I", plain[RANDOM_BYTES:head])
        if head + length > len(plain):
            raise CodecError("the inner length is beyond the end")
        if plain[head + length :] != self.receiver.encode():
            raise CodecError("for another receiver")
        return plain[head : head + length]
