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
