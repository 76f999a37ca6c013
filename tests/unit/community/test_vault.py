"""Personal data at rest and photos: unreadable, re-encoded, refused when they are none."""

from __future__ import annotations

import io
from datetime import datetime, timezone
from pathlib import Path

import pytest
from PIL import Image

from community.errors import ConfigError, InvalidInput
from community.store.vault import Argon2Passwords, DiskMedia, SecretVault

NOW = datetime(2026, 11, 24, tzinfo=timezone.utc)


def picture(kind: str = "JPEG", size: tuple[int, int] = (2400, 1800), exif: bool = True) -> bytes:
    buffer = io.BytesIO()
    image = Image.new("RGB", size, "green")
    data = Image.Exif()
    data[0x010E] = "my home is at 3-2-502"
    image.save(buffer, kind, **({"exif": data} if exif and kind == "JPEG" else {}))
    return buffer.getvalue()


def test_a_phone_is_unreadable_but_can_be_matched() -> None:
    vault = SecretVault("a" * 16 + "b" * 16)
    cipher = vault.encrypt("13800000001")
    assert "13800000001" not in cipher
    assert vault.decrypt(cipher) == "13800000001"
    assert vault.encrypt("13800000001") != cipher
    assert vault.fingerprint("13800000001") == vault.fingerprint("13800000001") != vault.fingerprint("13800000002")


def test_another_secret_reads_nothing_and_says_which_setting_is_wrong() -> None:
    cipher = SecretVault("a" * 32).encrypt("13800000001")
    with pytest.raises(ConfigError, match="LINSHE_SECRET_KEY"):
        SecretVault("b" * 32).decrypt(cipher)
    assert SecretVault("a" * 32).fingerprint("1") != SecretVault("b" * 32).fingerprint("1")


def test_passwords_are_verified_and_rubbish_hashes_refuse() -> None:
    passwords = Argon2Passwords()
    hashed = passwords.hash("correct")
    assert passwords.verify(hashed, "correct")
    assert not passwords.verify(hashed, "wrong")
    assert not passwords.verify("", "correct")


async def test_a_photo_is_kept_once_shrunk_and_without_where_it_was_taken(tmp_path: Path) -> None:
    files = DiskMedia(tmp_path)
    kept = await files.put(picture(), NOW)
    again = await files.put(picture(), NOW)
    assert kept.hash == again.hash
    assert len(list(tmp_path.rglob("*.jpg"))) == 1
    stored = files.path(kept.hash).read_bytes()
    assert b"my home" not in stored
    assert max(Image.open(io.BytesIO(stored)).size) == 1600


@pytest.mark.parametrize(
    "raw",
    [b"", b"hello", b"%PDF-1.7", b"<svg onload=alert(1)>", picture()[:500], b"GIF89a" + b"\0" * 40, b"\xff\xd8\xff"],
)
async def test_what_is_no_photo_is_refused_with_a_sentence(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(InvalidInput, match="照片"):
        await DiskMedia(tmp_path).put(raw, NOW)


async def test_a_photo_over_the_limit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="10MB"):
        await DiskMedia(tmp_path).put(b"\xff" * (10 * 1024 * 1024 + 1), NOW)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "a" * 63])
def test_a_photo_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput):
        DiskMedia(tmp_path).path(name)
