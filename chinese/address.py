"""Where: addresses as residents write them: 剡溪花园3号楼二单元502, 三幢2单元五零二, 12-3-502, 3#2-502, 三杠二杠五零二, 我家."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from chinese.address_parts import LEVELS, Part, find_parts
from chinese.normalise import Normalised, normalise


@dataclass(frozen=True)
class ParsedAddress:
    """What a text says about where. Numbers are plain digits. `home` means the writer's own home was meant."""

    estate: str | None = None
    building: str | None = None
    unit: str | None = None
    room: str | None = None
    home: bool = False

    @property
    def empty(self) -> bool:
        return not (self.estate or self.building or self.unit or self.room or self.home)

    @property
    def key(self) -> str | None:
        """The unique address below an estate: 剡溪花园/3/2/502; None when the estate is not known.

        A part that was not said ends the key: 剡溪花园 + room without building is 剡溪花园.
        """
        if not self.estate:
            return None
        parts = [self.estate]
        for part in (self.building, self.unit, self.room):
            if part is None:
                break
            parts.append(part)
        return "/".join(parts)


@dataclass(frozen=True)
class PlaceMention:
    """One place in a text. What another mention of the same text says of it is filled in: in 剡溪花园3幢和5幢 both are there."""

    start: int
    end: int
    estate: str | None = None
    building: str | None = None
    unit: str | None = None
    room: str | None = None
    home: bool = False
    floor: str | None = None

    @property
    def key(self) -> str:
        """estate/building/unit/room as far as said; what is not said before it stays empty: /12, //4; empty for 我家."""
        return "/".join(part or "" for part in (self.estate, self.building, self.unit, self.room)).rstrip("/")

    @property
    def depth(self) -> int:
        return sum(part is not None for part in (self.estate, self.building, self.unit, self.room))


_GAP = re.compile(r"[\s,。、;:·/-]*(?:小区)?(?:的|里的?|内|那边的?|这边的?|那里的?|这里的?|是|住|在)?[\s,、]*(?:第)?")


def _joined(words: str, parts: list[Part]) -> list[list[Part]]:
    """Parts that are one place: each below the one before it, nothing but a comma or 的 between."""
    groups: list[list[Part]] = []
    for part in parts:
        if groups:
            last = groups[-1][-1]
            near = _GAP.fullmatch(words, last.end, part.start) is not None
            if near and LEVELS[part.first] > LEVELS[last.last] and "home" not in (last.first, part.first):
                groups[-1].append(part)
                continue
        groups.append([part])
    return groups


def find_places(text: str | Normalised, estates: Iterable[tuple[str, str]] = ()) -> list[PlaceMention]:
    """Every place that `text` names, in order. Never raises.

    `estates` are (name or alias, canonical name) pairs; a name with one character misheard is still found.
    """
    flat = normalise(text)
    found: list[PlaceMention] = []
    for group in _joined(flat.text, find_parts(flat.text, tuple(estates))):
        values: dict[str, str] = {}
        for part in group:
            values.update(part.values)
        if set(values) == {"floor"}:
            continue  # 三楼 alone is no place that anything could be sent to
        home = values.pop("home", None) is not None
        start, end = flat.span(group[0].start, group[-1].end)
        found.append(PlaceMention(start, end, home=home, **values))
    return _filled(found)


def _filled(found: list[PlaceMention]) -> list[PlaceMention]:
    """What was said once holds for what follows, and an estate said last for what was said before it."""
    out: list[PlaceMention] = []
    before: PlaceMention | None = None
    named = {place.estate for place in found if place.estate}
    only = next(iter(named)) if len(named) == 1 else None
    for place in found:
        if not place.home or place.depth:
            if place.estate is None and place.depth:
                if place.building is None and before is not None and before.building is not None:
                    unit = before.unit if place.unit is None else place.unit
                    place = replace(place, building=before.building, unit=unit)
                place = replace(place, estate=before.estate if before is not None and before.estate else only)
            before = place
        out.append(place)
    return out


def main_place(places: Iterable[PlaceMention]) -> PlaceMention | None:
    """The place a message is about: the most exact one, the first of several; None when only the home or nothing is named."""
    named = [place for place in places if place.depth]
    return max(named, key=lambda place: place.depth) if named else None


def parse_address(text: str, estates: Iterable[tuple[str, str]]) -> ParsedAddress:
    """Read an address out of free words.

    `estates` are (name or alias, canonical name) pairs; the longest name found wins. Never raises.
    """
    places = find_places(text, estates)
    home = any(place.home for place in places)
    place = main_place(places)
    if place is None:
        return ParsedAddress(home=home)
    return ParsedAddress(place.estate, place.building, place.unit, place.room, home)
