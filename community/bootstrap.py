"""The only place that builds engines and clients and ties the heart together."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, datetime, timezone
from functools import lru_cache, partial
from typing import Any

import chinese_calendar
from sqlalchemy.ext.asyncio import async_sessionmaker

from community.config import Settings, load_settings
from community.errors import ConfigError
from community.knowledge.curation import KnowledgeFiles
from community.knowledge.danger import LiveDangerRules, TrainedDangerSense
from community.knowledge.guides import open_guides
from community.knowledge.sameness import ByMeaning
from community.knowledge.search import open_search
from community.knowledge.vectors import Encodes
from community.knowledge.wording import LexiconWording
from community.model.opening import DayInfo, DayKind
from community.ports import Community, LegalSearch, NoSpeech, NoWriter, SpeechToText, UnitOfWork, Writer
from community.search_elsewhere import SearchElsewhere
from community.speech import HttpSpeech
from community.store.cache import LocalCache, ValkeyCache
from community.store.danger_rules import load_added, load_bare_rules
from community.store.dialogue import RasaMemory
from community.store.engine import open_engines
from community.store.shapes import load_shapes
from community.store.signals import LocalSignals, ValkeySignals
from community.store.tables import map_model
from community.store.uow import SqlUnitOfWork
from community.store.vault import Argon2Passwords, DiskMedia, SecretVault
from community.writer import HttpWriter


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(timezone.utc)


@lru_cache(maxsize=10_000)
def is_workday(day: date) -> bool:
    """Public holidays and make-up days by chinesecalendar; years it does not know yet fall back to Monday-Friday.

    Remembered: the library looks for its first and last day at each question, which was half the time of a promise.
    """
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


@lru_cache(maxsize=10_000)
def day_info(day: date) -> DayInfo:
    """By chinesecalendar; a year whose holidays it does not know yet is Monday to Friday and says so."""
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return DayInfo(DayKind.WORKDAY if day.weekday() < 5 else DayKind.WEEKEND, known=False)
    if name is None:
        return DayInfo(DayKind.WEEKEND if off else DayKind.WORKDAY)
    return DayInfo(DayKind.HOLIDAY if off else DayKind.MAKE_UP, chinese_calendar.Holiday(name).chinese)


def load_speech(name: str, url: str = "") -> SpeechToText:
    """The service at LINSHE_ASR_URL, or the adapter of LINSHE_ASR: 'none', or 'package.module:name' of something to call."""
    if url:
        if name not in ("", "none"):
            raise ConfigError("LINSHE_ASR and LINSHE_ASR_URL are both set: one of them listens, not two")
        return HttpSpeech(url)
    if name in ("", "none"):
        return NoSpeech()
    module, _, attribute = name.partition(":")
    try:
        made: SpeechToText = getattr(importlib.import_module(module), attribute)()
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise ConfigError(f"LINSHE_ASR={name} cannot be loaded: {error}") from error
    return made


def load_writer(settings: Settings) -> Writer:
    if not settings.writer_url:
        return NoWriter()
    return HttpWriter(settings.writer_url, settings.writer_key, settings.writer_model, settings.writer_timeout)


def _encoder(settings: Settings) -> Encodes:
    import encoder

    opened: Encodes = encoder.load(settings.encoder or None)
    return opened


@asynccontextmanager
async def open_community(
    settings: Settings | None = None, *, signals: Any = None, clock: Any = None, search_at: str = ""
) -> AsyncIterator[Community]:
    """Open the heart on the settings' database and Valkey, close it cleanly at the end.

    `signals=False` runs without a server (tools, tests); a clock may be injected. `search_at`: address of the process that searches the
    law, for those that do so seldom and should not hold its index.
    """
    settings = settings or load_settings()
    clock = clock or SystemClock()
    map_model()
    settings.var.mkdir(parents=True, exist_ok=True)
    writing, reading = open_engines(settings.async_database_url)
    cache = LocalCache(clock) if signals is False else ValkeyCache(settings.valkey_url)
    signals = LocalSignals() if signals is False else signals or ValkeySignals(settings.valkey_url)
    write_sessions = async_sessionmaker(writing, expire_on_commit=False)
    read_sessions = async_sessionmaker(reading, expire_on_commit=False)

    def uow_of(sessions: Any) -> Callable[[], UnitOfWork]:
        return lambda: SqlUnitOfWork(sessions, signals)

    secret = settings.check_secret()
    read_uow = uow_of(read_sessions)
    legal: LegalSearch = open_search(read_uow, settings.var / "knowledge", lambda: _encoder(settings), settings.region)
    if search_at:
        legal = SearchElsewhere(search_at, legal, read_uow)
    rules, added = load_bare_rules(settings.danger_rules), partial(load_added, settings.danger_rules)
    guides = open_guides(settings.var / "knowledge", lambda: _encoder(settings), reading=read_uow)
    community = Community(
        uow=uow_of(write_sessions),
        reading=read_uow,
        clock=clock,
        signals=signals,
        vault=SecretVault(secret),
        passwords=Argon2Passwords(),
        media_files=DiskMedia(settings.var / "media"),
        legal=legal,
        is_workday=is_workday,
        cache=cache,
        memory=RasaMemory(writing, settings.var),
        speech=load_speech(settings.asr, settings.asr_url),
        writer=load_writer(settings),
        danger_rules=LiveDangerRules(rules, added, read_uow),
        danger_sense=TrainedDangerSense(settings.danger_model, settings.encoder),
        sameness=ByMeaning(lambda: _encoder(settings)),
        wording=LexiconWording(settings.lexicon),
        guides=guides,
        curation=KnowledgeFiles(settings.knowledge, rules, added, legal),
        day_info=day_info,
        rooms=frozenset(settings.robots),
        shapes=load_shapes(settings.grids),
        public_url=(settings.public_url or f"http://{settings.gateway_host}:{settings.gateway_port}").rstrip("/"),
        demo=settings.mode == "demo",
        extras={"settings": settings},
    )
    try:
        yield community
    finally:
        await signals.close()
        await cache.close()
        await writing.dispose()
        if reading is not writing:
            await reading.dispose()
