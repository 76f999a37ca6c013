"""The one object that carries all of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from community.model.opening import DayInfo, plain_calendar
from community.model.shapes import CityShapes
from community.ports.guides import GuideSearch, NoGuides
from community.ports.law import LegalSearch
from community.ports.outside import (
    ByCharacters,
    Clock,
    DangerSense,
    DialogueMemory,
    MediaFiles,
    NoDangerSense,
    NoMemory,
    NoSpeech,
    NoWriter,
    Passwords,
    Sameness,
    Signals,
    SpeechToText,
    TokenCache,
    Vault,
    Writer,
)
from community.ports.revisions import Curation, DangerRules, FixedRules, NoCuration
from community.ports.taught import EveryCharacter, Wording
from community.ports.work import UnitOfWork


@dataclass(frozen=True)
class Community:
    """Everything a use case may need; built only by `community.bootstrap`."""

    uow: Callable[[], UnitOfWork]
    reading: Callable[[], UnitOfWork]
    clock: Clock
    signals: Signals
    vault: Vault
    passwords: Passwords
    media_files: MediaFiles
    legal: LegalSearch
    is_workday: Callable[[date], bool]
    cache: TokenCache
    speech: SpeechToText = field(default_factory=NoSpeech)
    writer: Writer = field(default_factory=NoWriter)
    memory: DialogueMemory = field(default_factory=NoMemory)
    danger_rules: DangerRules = field(default_factory=FixedRules)
    danger_sense: DangerSense = field(default_factory=NoDangerSense)
    sameness: Sameness = field(default_factory=ByCharacters)
    wording: Wording = field(default_factory=EveryCharacter)
    guides: GuideSearch = field(default_factory=NoGuides)
    curation: Curation = field(default_factory=NoCuration)
    day_info: Callable[[date], DayInfo] = plain_calendar
    """What kind of day a local date is, and the holiday's name."""
    rooms: frozenset[str] = frozenset()
    """Names of the communities that have a room to be told in; how it is reached only the gateway knows."""
    shapes: CityShapes = field(default_factory=CityShapes)
    public_url: str = ""
    """Address of the public door, without a slash at its end: what links in messages begin with."""
    demo: bool = False
    extras: dict[str, Any] = field(default_factory=dict)
