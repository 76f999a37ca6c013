"""Addresses as residents write them: 剡溪花园3号楼二单元502, 三幢2单元五零二, 12-3-502, 我家."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from community.model.numerals import CHARS, to_int

_N = rf"(?:[0-9０-９]{{1,4}}|[{CHARS}]{{1,5}})"
_BUILDING = re.compile(rf"(?<![0-9０-９])(?P<n>{_N})\s*(?:号楼|幢|栋|座|#楼|#|号(?=\s*[0-9０-９{CHARS}]+\s*单元))")
_UNIT = re.compile(rf"(?P<n>{_N})\s*单元")
_ROOM = re.compile(rf"(?P<n>{_N})\s*(?:室|号房|房(?!子|东|产|租|顶|屋))")
_DASHED = re.compile(r"(?<![0-9-])(\d{1,2})\s*[-—–－]\s*(\d{1,2})\s*[-—–－]\s*(\d{3,4})(?![0-9-])")
_DASHED2 = re.compile(r"(?<![0-9-])(\d{1,2})\s*[-—–－]\s*(\d{3,4})(?![0-9-])")
_TAIL_ROOM = re.compile(rf"^\s*[-—,，、]?\s*(?P<n>[0-9０-９]{{3,4}}|[{CHARS}]{{3,5}})(?![0-9０-９年月日号点块元个])")
_HOME = re.compile(r"我家|我们家|家里|我屋里|自己家|我这(?:里|儿)?家|咱家|我们?这?(?:一)?(?:幢|栋|楼|单元)")
_FULLWIDTH = str.maketrans("０１２３４５６７８９－＃", "0123456789-#")


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


def _number(text: str) -> str | None:
    value = to_int(text)
    return str(value) if value else None


def parse_address(text: str, estates: Iterable[tuple[str, str]]) -> ParsedAddress:
    """Read an address out of free words.

    `estates` are (name or alias, canonical name) pairs; the longest name found wins. Never raises.
    """
    flat = text.translate(_FULLWIDTH)
    estate = None
    rest = flat
    for alias, name in sorted(estates, key=lambda pair: -len(pair[0])):
        where = flat.find(alias)
        if where >= 0:
            estate, rest = name, flat[where + len(alias) :] + " " + flat[:where]
            break
    building = unit = room = None
    if dashed := _DASHED.search(rest):
        building, unit, room = (_number(g) for g in dashed.groups())
        return ParsedAddress(estate, building, unit, room, bool(_HOME.search(flat)))
    after = 0
    if match := _BUILDING.search(rest):
        building, after = _number(match["n"]), match.end()
    if match := _UNIT.search(rest, after):
        unit, after = _number(match["n"]), match.end()
    if (match := _ROOM.search(rest, after)) or (building or unit) and (match := _TAIL_ROOM.match(rest[after:])):
        room = _number(match["n"])
    if building is None and unit is None and room is None and (two := _DASHED2.search(rest)):
        building, room = (_number(g) for g in two.groups())
    return ParsedAddress(estate, building, unit, room, bool(_HOME.search(flat)))
