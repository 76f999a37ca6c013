"""Settings: all documented, safe at start."""

from __future__ import annotations

from pathlib import Path

import pytest

from community.config import ROOT, Settings
from community.errors import ConfigError


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[call-arg, arg-type]


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `")}
    assert documented == {field.alias for field in Settings.model_fields.values()}
    assert all(field.description for field in Settings.model_fields.values())


@pytest.mark.parametrize("secret", ["", "short", "example-secret-key-of-32-characters!", "a" * 64])
def test_production_refuses_to_start_with_no_or_an_example_secret(secret: str) -> None:
    with pytest.raises(ConfigError, match="LINSHE_SECRET_KEY"):
        settings(LINSHE_MODE="production", LINSHE_SECRET_KEY=secret).check_secret()


def test_the_demo_makes_its_secret_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    demo = settings(LINSHE_MODE="demo", LINSHE_VAR=tmp_path, LINSHE_SECRET_KEY="")
    assert demo.check_secret() == demo.check_secret()
    assert (tmp_path / "demo-secret").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgresql://u:p@db/linshe", "postgresql+asyncpg://u:p@db/linshe"),
        ("postgres://u:p@db/linshe", "postgresql+asyncpg://u:p@db/linshe"),
        ("sqlite:///x.db", "sqlite+aiosqlite:///x.db"),
        ("sqlite+aiosqlite:///x.db", "sqlite+aiosqlite:///x.db"),
    ],
)
def test_database_urls_are_taken_as_operators_write_them(given: str, used: str) -> None:
    assert settings(DATABASE_URL=given).async_database_url == used


ACCOUNT = {
    "LINSHE_WECHAT_APPID": "wx1",
    "LINSHE_WECHAT_TOKEN": "token123",
    "LINSHE_WECHAT_AES_KEY": "A" * 43,
    "LINSHE_WECHAT_SECRET": "secret",
}


def test_without_an_account_there_is_no_wechat_and_with_all_of_it_there_is() -> None:
    assert not settings().check_wechat()
    assert settings(**ACCOUNT).check_wechat()


@pytest.mark.parametrize("missing", sorted(ACCOUNT))
def test_half_an_account_stops_the_start_and_names_what_is_missing(missing: str) -> None:
    with pytest.raises(ConfigError, match=missing):
        settings(**{name: value for name, value in ACCOUNT.items() if name != missing}).check_wechat()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LINSHE_WECHAT_TOKEN", "with space"),
        ("LINSHE_WECHAT_AES_KEY", "short"),
        ("LINSHE_WECHAT_AES_KEY_PREVIOUS", "short"),
        ("LINSHE_WECHAT_API", "api.weixin.qq.com"),
        ("LINSHE_WECHAT_TEMPLATE_FIELDS", "thing2=name"),
    ],
)
def test_a_wrong_setting_of_the_account_stops_the_start_and_is_named(name: str, value: str) -> None:
    wrong = settings(**{**ACCOUNT, "LINSHE_WECHAT_TEMPLATE_ID": "T1" if "TEMPLATE" in name else "", name: value})
    with pytest.raises(ConfigError, match=name):
        wrong.check_wechat()


def test_plain_pushes_are_for_trying_out_only() -> None:
    plain = {**ACCOUNT, "LINSHE_WECHAT_MODE": "plain", "LINSHE_WECHAT_AES_KEY": ""}
    assert settings(**plain).check_wechat()
    with pytest.raises(ConfigError, match="LINSHE_WECHAT_MODE"):
        settings(**plain, LINSHE_MODE="production").check_wechat()


def test_an_account_that_may_not_push_needs_no_secret_and_has_no_template() -> None:
    passive = {**ACCOUNT, "LINSHE_WECHAT_PUSH": "passive"}
    assert settings(**{**passive, "LINSHE_WECHAT_SECRET": ""}).check_wechat()
    with pytest.raises(ConfigError, match="LINSHE_WECHAT_TEMPLATE_ID"):
        settings(**passive, LINSHE_WECHAT_TEMPLATE_ID="T1").check_wechat()


@pytest.mark.parametrize("agentid", ["linshe", "1 2", "12345678901"])
def test_an_agentid_that_is_none_is_refused_before_anything_is_sent(agentid: str) -> None:
    corp = {"CORPID": "ww1", "SECRET": "s", "TOKEN": "token1", "AES_KEY": "a" * 43}
    given = {f"LINSHE_WECOM_{name}": value for name, value in corp.items()}
    assert settings(**given, LINSHE_WECOM_AGENTID="1000002").check_wecom()
    with pytest.raises(ConfigError, match="LINSHE_WECOM_AGENTID"):
        settings(**given, LINSHE_WECOM_AGENTID=agentid).check_wecom()
    with pytest.raises(ConfigError, match="LINSHE_WECOM_CORPID is missing"):
        settings(LINSHE_WECOM_AGENTID="1000002").check_wecom()
