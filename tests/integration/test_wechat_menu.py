"""`./linshe wechat menu` against the simulated platform."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from community.config import Settings
from community.services.wechat import MENU as MEANT
from ops.cli import menu
from ops.context import OperationFailed
from ops.wechat.accounts import Account, Kind
from ops.wechat.simulator import Options, Simulator
from tests.conftest import free_port


def settings_for(platform: Simulator, **more: Any) -> Settings:
    account = platform.options.account
    given = {
        "LINSHE_WECHAT_API": platform.api,
        "LINSHE_WECHAT_APPID": account.appid,
        "LINSHE_WECHAT_SECRET": account.secret,
        "LINSHE_WECHAT_TOKEN": account.token,
        "LINSHE_WECHAT_AES_KEY": account.aes_key,
    }
    return Settings(_env_file=None, **{**given, **more})  # type: ignore[call-arg]


@pytest.fixture
async def platform() -> AsyncIterator[Simulator]:
    async with Simulator(Options(gateway="http://127.0.0.1:9", port=0)) as simulator:
        yield simulator


async def test_the_menu_we_ship_is_taken_and_names_every_key_that_means_something(platform: Simulator) -> None:
    wanted = menu.read(menu.MENU)
    await menu.send(settings_for(platform), wanted)
    assert platform.platform.menu == wanted
    assert sorted(line.partition("->")[2].strip() for line in menu.lines(wanted) if "->" in line) == sorted(MEANT)


async def test_what_the_platform_refuses_is_said_with_its_code(platform: Simulator) -> None:
    wanted = menu.read(menu.MENU)
    with pytest.raises(OperationFailed, match="40125|no token"):
        await menu.send(settings_for(platform, LINSHE_WECHAT_SECRET="wrong"), wanted)
    with pytest.raises(OperationFailed, match="LINSHE_WECHAT_SECRET"):
        await menu.send(settings_for(platform, LINSHE_WECHAT_SECRET="", LINSHE_WECHAT_PUSH="passive"), wanted)
    with pytest.raises(OperationFailed, match="ClientConnectorError|no token"):
        await menu.send(settings_for(platform, LINSHE_WECHAT_API=f"http://127.0.0.1:{free_port()}"), wanted)


async def test_an_account_without_the_right_is_told_so() -> None:
    account = replace(Account.make(), kind=Kind.SUBSCRIPTION)
    async with Simulator(Options(gateway="http://127.0.0.1:9", port=0, account=account)) as platform:
        with pytest.raises(OperationFailed, match="48001 no permission"):
            await menu.send(settings_for(platform), menu.read(menu.MENU))


@pytest.mark.parametrize(
    ("buttons", "said"),
    [
        ([], "one to 3"),
        ([{"name": "a", "type": "click", "key": "report"}] * 4, "one to 3"),
        ([{"name": "报修反映问题", "type": "click", "key": "report"}], "16 bytes"),
        ([{"name": "报修", "type": "click", "key": "raport"}], "means nothing"),
        ([{"name": "报修", "type": "click"}], "needs a key"),
        ([{"name": "报修"}], "needs a type"),
        ([{"name": "报修", "sub_button": [{"name": "x", "type": "click", "key": "report"}] * 6}], "at most 5"),
        ([{"name": "报修", "sub_button": [{"name": "长" * 21, "type": "click", "key": "report"}]}], "60 bytes"),
        ([{"type": "click", "key": "report"}], "a name"),
        (["x"], "an object"),
    ],
)
def test_what_would_be_refused_or_mean_nothing_is_found_before_it_is_sent(
    tmp_path: Path, buttons: list[Any], said: str
) -> None:
    file = tmp_path / "menu.json"
    file.write_text(json.dumps({"button": buttons}), "utf-8")
    with pytest.raises(OperationFailed, match=said):
        menu.read(file)


def test_a_chinese_key_is_words_to_be_said() -> None:
    assert menu.wrong({"button": [{"name": "办事", "type": "click", "key": "怎么办居住证"}]}) == ""
