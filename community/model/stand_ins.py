"""A real conversation as one of nobody: personal data not only hidden but replaced, so that it can still be said to the assistant.

The stand-ins live where the conversation tests' newcomer lives (剡溪花园3幢2单元502).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from chinese.address import PlaceMention, find_places
from chinese.masking import SOMEBODY, mask

ESTATE, BUILDINGS, UNIT, ROOM = "剡溪花园", ("3幢", "5幢"), "2单元", "502室"
FOR_MARKS = {
    "［电话］": "13800000000",
    "［姓名］": "王阿姨",
    "［身份证号］": "110101199003070011",
    "［卡号］": "6222000000000000",
    "［号码］": "10000000",
    "［车牌］": "浙D12345",
    "［门牌］": "502",
}
"""What stands for what `chinese.masking.mask` hides."""
SHORTEST = 2
"""Letters of a sentence worth asking for."""
_KEPT = "\ue000{}\ue001"
_NUMBER = re.compile(r"[0-9０-９①-⑳]|[一二两三四五六七八九十百]+(?:[幢号楼点分天日月年人户件]|小时|分钟)")
_SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?]?")


def replaced(text: str, names: Sequence[str], estates: Iterable[tuple[str, str]]) -> str:
    """`text` with every place, number and name of `names` (the speaker's) put in other words of the same kind."""
    known = tuple(estates)
    places: list[str] = []
    found = find_places(text, known)
    # Two buildings of one message stay two: 3幢和5幢的灯都坏了.
    buildings = list(dict.fromkeys((place.estate, place.building) for place in found if place.building))
    for place in sorted(found, key=lambda one: -one.start):
        if place.home:
            continue
        said = text[place.start : place.end]
        named = any(name in said for name, of in known if of == place.estate) or bool(place.estate and place.estate in said)
        words = (ESTATE if named else "") + (_building(buildings, place) if place.building else "") + (UNIT if place.unit else "")
        words += ROOM if place.room else ""
        if words:
            text = text[: place.start] + _KEPT.format(len(places)) + text[place.end :]
            places.append(words)
    text = mask(text, names, rooms=())
    for name in names:
        if len(name) >= 2:
            text = text.replace(name[0] + SOMEBODY, "王阿姨")
    for mark, stands in FOR_MARKS.items():
        text = text.replace(mark, stands)
    for number, words in enumerate(places):
        text = text.replace(_KEPT.format(number), words)
    return text


def _building(buildings: Sequence[tuple[str | None, str | None]], place: PlaceMention) -> str:
    return BUILDINGS[min(buildings.index((place.estate, place.building)), len(BUILDINGS) - 1)]


def sentences(text: str) -> list[str]:
    """The sentences and lines of an answer, in order, each once."""
    found = (match.group().strip(" \t-—·") for match in _SENTENCE.finditer(text))
    return list(dict.fromkeys(said for said in found if len(re.sub(r"\W", "", said)) >= SHORTEST))


def steady(sentence: str, names: Iterable[str], estates: Iterable[tuple[str, str]]) -> bool:
    """Whether a sentence of an answer would be said in another city and at another time too: it names nobody, no place, no number."""
    if replaced(sentence, (), estates) != sentence or _NUMBER.search(sentence):
        return False
    return not any(len(name) >= 2 and name in sentence for name in names)
