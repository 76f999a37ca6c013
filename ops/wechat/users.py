"""The residents who are simulated, and what of them only the platform knows: their openid, and whether they follow."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

OPENID_LENGTH = 28
"""As all openids seen [G]."""


@dataclass
class User:
    """`follows` no: nothing may be sent to them. `blocks`: they follow but refuse template messages."""

    name: str
    openid: str
    follows: bool = True
    blocks: bool = False
    typing_until: float = 0.0
    """Until when they see the other side typing, by the windows' clock."""
    last_heard: float = float("-inf")
    """When they last did something that opens a window."""
    last_create_time: int = 0


def openid_of(account: str, name: str) -> str:
    """The same person at the same account always has the same openid; at another account another one [D]."""
    digest = hashlib.sha256(f"{account}\0{name}".encode()).digest()
    return ("o" + base64.urlsafe_b64encode(digest).decode())[:OPENID_LENGTH]


class Users:
    """By name and by openid."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._by_name: dict[str, User] = {}
        self._by_openid: dict[str, User] = {}

    def named(self, name: str) -> User:
        """That person, made at the first mention."""
        user = self._by_name.get(name)
        if user is None:
            user = User(name, openid_of(self._account, name))
            self._by_name[name] = self._by_openid[user.openid] = user
        return user

    def get(self, openid: str) -> User | None:
        return self._by_openid.get(openid)

    def __iter__(self) -> Iterator[User]:
        return iter(self._by_name.values())
