"""Personal data at rest, passwords, photos on disk."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import io
import os
import tempfile
from datetime import datetime
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from PIL import Image, ImageOps, UnidentifiedImageError

from community.errors import ConfigError, InvalidInput
from community.model.media import MAX_SIDE, MAX_UPLOAD_BYTES, Media


def derive(secret: str, purpose: str) -> bytes:
    """A 32-byte key for one purpose (HKDF-SHA256, RFC 5869), so that no two uses share a key."""
    return HKDF(algorithm=SHA256(), length=32, salt=b"linshe", info=purpose.encode()).derive(secret.encode())


class SecretVault:
    def __init__(self, secret: str) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(derive(secret, "encrypt")))
        self._hash_key = derive(secret, "fingerprint")

    def encrypt(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, cipher: str) -> str:
        try:
            return self._fernet.decrypt(cipher.encode()).decode()
        except InvalidToken as error:
            raise ConfigError("LINSHE_SECRET_KEY is not the one this database was written with") from error

    def fingerprint(self, text: str) -> str:
        return hmac.new(self._hash_key, text.encode(), hashlib.sha256).hexdigest()


class Argon2Passwords:
    def __init__(self) -> None:
        self._hasher = PasswordHasher()

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False


class DiskMedia:
    """Photos as JPEG files named by their SHA-256 under `folder`/ab/…; re-encoded, so EXIF does not survive."""

    formats = ("JPEG", "PNG", "WEBP", "GIF")
    max_pixels = 50_000_000

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, media_hash: str) -> Path:
        if len(media_hash) != 64 or not all(c in "0123456789abcdef" for c in media_hash):
            raise InvalidInput("没有这张照片。")
        return self._folder / media_hash[:2] / f"{media_hash}.jpg"

    async def put(self, raw: bytes, now: datetime) -> Media:
        """Check, shrink and keep a photo. Raises InvalidInput when it is too large or no photo."""
        if len(raw) > MAX_UPLOAD_BYTES:
            raise InvalidInput("照片太大了（超过10MB），请压缩后再发。")
        return await asyncio.to_thread(self._put, raw, now)

    def _put(self, raw: bytes, now: datetime) -> Media:
        try:
            with Image.open(io.BytesIO(raw), formats=self.formats) as image:
                if image.width * image.height > self.max_pixels:
                    raise InvalidInput("照片的尺寸太大了，请缩小后再发。")
                image.seek(0)
                upright = ImageOps.exif_transpose(image).convert("RGB")
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise InvalidInput("这个文件不是照片，或者已经损坏。请发JPG、PNG照片。") from error
        upright.thumbnail((MAX_SIDE, MAX_SIDE))
        buffer = io.BytesIO()
        upright.save(buffer, "JPEG", quality=85)
        data = buffer.getvalue()
        digest = hashlib.sha256(data).hexdigest()
        target = self.path(digest)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=target.parent)
            with os.fdopen(handle, "wb") as out:
                out.write(data)
            os.replace(temporary, target)
        return Media(digest, "image/jpeg", len(data), upright.width, upright.height, now)
