"""What an operator would have registered: an official account, a WeCom company, and the settings the gateway needs for both."""

from __future__ import annotations

import base64
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from ops.wechat.codec import Crypt
from ops.wechat.wire import Format


class Kind(StrEnum):
    """The two that matter: what may push and show menus, and what may only answer."""

    SERVICE = "service"
    """A verified service account: everything."""
    SUBSCRIPTION = "subscription"
    """An unverified subscription account: passive replies only; pushing is answered 48001 [I]."""
    TEST = "test"
    """A platform test account: pushes, but menu messages are answered 40200 [D]."""


class Mode(StrEnum):
    """How pushes are protected [D]."""

    SAFE = "safe"
    COMPATIBLE = "compatible"
    PLAIN = "plain"


def new_aes_key(random: Random | None = None) -> str:
    """43 characters of base64 for 32 bytes, as the platform's console makes them."""
    raw = random.randbytes(32) if random else secrets.token_bytes(32)
    return base64.b64encode(raw).decode().rstrip("=")


def _word(prefix: str, bytes_: int, random: Random | None) -> str:
    return prefix + (random.randbytes(bytes_) if random else secrets.token_bytes(bytes_)).hex()


@dataclass
class Account:
    """One official account. `original_id` is its gh_ name, which pushes call ToUserName."""

    appid: str
    secret: str
    token: str
    aes_key: str
    original_id: str = "gh_linshe000001"
    kind: Kind = Kind.SERVICE
    mode: Mode = Mode.SAFE
    form: Format = "xml"
    ips: frozenset[str] = frozenset()
    """When not empty: who else calls the API is answered 40164."""
    previous_key: str = ""
    """Before the last rotation. The platform pushes with the new one at once [I]."""

    @classmethod
    def make(cls, random: Random | None = None) -> Account:
        return cls(
            appid=_word("wx", 8, random),
            secret=_word("", 16, random),
            token=_word("t", 12, random),
            aes_key=new_aes_key(random),
        )

    @property
    def may_push(self) -> bool:
        return self.kind is not Kind.SUBSCRIPTION

    @property
    def has_menu_messages(self) -> bool:
        return self.kind is Kind.SERVICE

    @property
    def has_templates(self) -> bool:
        return self.kind is not Kind.SUBSCRIPTION

    @property
    def crypt(self) -> Crypt:
        return Crypt(self.aes_key, self.appid)

    def rotate_key(self, new: str = "") -> str:
        """From now on pushes are encrypted with another key; returns it."""
        self.previous_key, self.aes_key = self.aes_key, new or new_aes_key()
        return self.aes_key

    def settings(self, api: str) -> dict[str, str]:
        """The gateway's settings for this account."""
        return {
            "LINSHE_WECHAT_APPID": self.appid,
            "LINSHE_WECHAT_TOKEN": self.token,
            "LINSHE_WECHAT_AES_KEY": self.aes_key,
            "LINSHE_WECHAT_SECRET": self.secret,
            "LINSHE_WECHAT_API": api,
        }


@dataclass
class Corp:
    """One WeCom company with one app, its members, one 微信客服 account and its group robots."""

    corpid: str
    agentid: int
    secret: str
    token: str
    aes_key: str
    kfid: str = "wkLinsheKf0001"
    members: dict[str, str] = field(default_factory=dict)
    """userid -> name."""
    robots: frozenset[str] = frozenset({"linshe-robot"})
    """Keys of group webhooks of no room in particular."""
    rooms: dict[str, str] = field(default_factory=dict)
    """Community -> key of the webhook of its room."""
    ips: frozenset[str] = frozenset()
    """When not empty: who else calls the API is answered 60020."""
    form: Format = "xml"

    @classmethod
    def make(cls, random: Random | None = None) -> Corp:
        return cls(
            corpid=_word("ww", 8, random),
            agentid=1_000_002,
            secret=_word("", 16, random),
            token=_word("t", 12, random),
            aes_key=new_aes_key(random),
        )

    @property
    def crypt(self) -> Crypt:
        return Crypt(self.aes_key, self.corpid)

    def with_rooms(self, communities: Iterable[str]) -> None:
        """A room each, with a key that stays the same as long as the secret does."""
        for name in communities:
            self.rooms[name] = str(uuid.uuid5(uuid.NAMESPACE_OID, self.secret + name))

    def room(self, key: str) -> str | None:
        """What the room of this key is called, or None."""
        known = {key: name for name, key in self.rooms.items()}
        return known.get(key) or (key if key in self.robots else None)

    def settings(self, api: str) -> dict[str, str]:
        rooms = ",".join(f"{name}={key}" for name, key in self.rooms.items())
        return {
            "LINSHE_WECOM_CORPID": self.corpid,
            "LINSHE_WECOM_AGENTID": str(self.agentid),
            "LINSHE_WECOM_SECRET": self.secret,
            "LINSHE_WECOM_TOKEN": self.token,
            "LINSHE_WECOM_AES_KEY": self.aes_key,
            "LINSHE_WECOM_API": api,
            "LINSHE_WECOM_KF": self.kfid,
            **({"LINSHE_WECOM_ROBOTS": rooms} if rooms else {}),
        }
