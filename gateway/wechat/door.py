"""What the official account's callback needs beside its route, built from the settings."""

from __future__ import annotations

from community.config import Settings
from community.ports import Community
from gateway.wechat.callback import Mode
from gateway.wechat.crypto import Codec
from gateway.wechat.gathering import Arrivals
from gateway.wechat.waiting import Callbacks


class WechatDoor:
    """`passive`: the account may not push, answers ride on callbacks."""

    def __init__(self, community: Community, settings: Settings) -> None:
        keys = [key for key in (settings.wechat_aes_key, settings.wechat_aes_key_previous) if key]
        self.codec = Codec(settings.wechat_token, settings.wechat_appid, keys)
        self.mode: Mode = settings.wechat_mode
        self.passive = settings.wechat_push == "passive"
        self.callbacks = Callbacks(community)
        self.arrivals = Arrivals(community)
