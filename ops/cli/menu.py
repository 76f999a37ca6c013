"""wechat menu: the menu below the official account's chat, sent to the platform."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ops.cli.common import console, sentences
from ops.environments import ROOT

if TYPE_CHECKING:
    from community.config import Settings

MENU = ROOT / "data" / "wechat" / "menu.json"
MOST, MOST_BELOW = 3, 5
LONGEST, LONGEST_BELOW = 16, 60
"""Buttons, and UTF-8 bytes of their names [D]: five Chinese characters, twenty below."""


def menu(
    file: Annotated[Path, typer.Option(help="The menu, in the platform's form.")] = MENU,
    check: Annotated[bool, typer.Option("--check", help="Only look whether it is right; send nothing.")] = False,
) -> None:
    """Create the official account's menu, instead of the one there is. Followers see it within a day, new ones at once."""
    from ops import context as contexts

    with sentences():
        wanted = read(file)
        if not check:
            asyncio.run(send(contexts.load().settings, wanted))
        for line in lines(wanted):
            console.print(line, markup=False, highlight=False)
        console.print("The menu is right; nothing was sent." if check else "The platform took the menu.")


def read(file: Path) -> dict[str, Any]:
    """The menu of a file. Raises OperationFailed for what the platform would refuse, and for keys that nobody meant."""
    from ops.context import OperationFailed

    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise OperationFailed(f"{file} is not a menu: {error}") from None
    if trouble := wrong(found):
        raise OperationFailed(f"{file}: {trouble}")
    return dict(found)


def wrong(menu: Any) -> str:
    """What is wrong with it, or nothing."""
    if not isinstance(menu, dict) or not isinstance(menu.get("button"), list) or not 1 <= len(menu["button"]) <= MOST:
        return f'it must be {{"button": [...]}} with one to {MOST} buttons'
    for button in menu["button"]:
        below = button.get("sub_button", []) if isinstance(button, dict) else None
        if not isinstance(below, list) or len(below) > MOST_BELOW:
            return f"a button must be an object with at most {MOST_BELOW} buttons in sub_button"
        if trouble := _named(button, LONGEST) or ("" if below else _acts(button)):
            return trouble
        for one in below:
            if trouble := _named(one, LONGEST_BELOW) or _acts(one):
                return trouble
    return ""


def _named(button: Any, longest: int) -> str:
    name = button.get("name") if isinstance(button, dict) else None
    if not isinstance(name, str) or not name.strip():
        return "each button must have a name"
    return "" if len(name.encode()) <= longest else f"the name {name} is longer than {longest} bytes"


def _acts(button: dict[str, Any]) -> str:
    from community.services.wechat import MENU as MEANT

    kind, key = button.get("type"), button.get("key")
    if not isinstance(kind, str) or not kind:
        return f"{button['name']} needs a type, like click"
    if kind != "click":
        return ""
    if not isinstance(key, str) or not key or len(key.encode()) > 128:
        return f"{button['name']} needs a key of at most 128 bytes"
    if key.isascii() and key not in MEANT:
        # A Chinese key is said as if typed; an ASCII one that we do not know is a slip.
        return f"{button['name']}: the key {key} means nothing; those that do are {', '.join(MEANT)}, or write what is to be said"
    return ""


def lines(menu: dict[str, Any]) -> list[str]:
    shown = []
    for button in menu["button"]:
        shown.append(_line(button))
        shown += ["  " + _line(one) for one in button.get("sub_button", [])]
    return shown


def _line(button: dict[str, Any]) -> str:
    what = button.get("key") or button.get("url") or ""
    return f"{button['name']}  ->  {what}" if what else str(button["name"])


async def send(settings: Settings, wanted: dict[str, Any]) -> None:
    """Ask the platform once. Raises OperationFailed with the platform's code."""
    from community.bootstrap import SystemClock
    from community.store.cache import LocalCache
    from gateway.delivery import SendFailed
    from gateway.wechat.api import WechatApi
    from ops.context import OperationFailed

    if not settings.check_wechat() or not settings.wechat_secret:
        raise OperationFailed("LINSHE_WECHAT_APPID and LINSHE_WECHAT_SECRET must be set to create a menu.")
    clock = SystemClock()
    # A cache of its own: an unforced stable_token is the token that the gateway has, so nobody's ends.
    api = WechatApi(settings.wechat_api, settings.wechat_appid, settings.wechat_secret, LocalCache(clock), clock)
    await api.open()
    try:
        await api.create_menu(wanted)
    except SendFailed as error:
        raise OperationFailed(
            f"The platform did not take the menu: {error.failure.error}. See docs/wechat.md."
        ) from None
    finally:
        await api.close()
