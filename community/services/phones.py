"""Phone numbers: read from what was said, and masked."""

from __future__ import annotations

import re

from chinese.contacts import find_phones

_PHONE = re.compile(r"^(?:\+?86)?(1[3-9]\d{9}|0\d{9,11}|[2-9]\d{6,7})$")


def clean_phone(text: str) -> str | None:
    """The phone number in `text` as digits, or None. Mobile, landline with area code, or a local number of 7-8 digits."""
    digits = re.sub(r"[^\d+]", "", text)
    match = _PHONE.match(digits)
    return match.group(1) if match else None


def phone_in(text: str) -> str | None:
    """The number to match somebody by: the one that `text` is, else the first that it names (13800000001 张阿姨), as digits."""
    return clean_phone(text) or next((phone.number for phone in find_phones(text)), None)


def mask_phone(phone: str) -> str:
    return phone[:3] + "*" * max(0, len(phone) - 7) + phone[-4:] if len(phone) >= 7 else "*" * len(phone)
