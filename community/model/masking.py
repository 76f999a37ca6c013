"""Taking a person out of what they wrote: numbers, their names, their room. What is left still says what happened."""

from __future__ import annotations

import re
from collections.abc import Collection

from chinese.contacts import find_phones

NAME = "某"
_ID_CARD = re.compile(r"(?<!\d)\d{6}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?!\d)")
_LONG = re.compile(r"(?<!\d)\d{7,}(?!\d)")
_ROOM = re.compile(r"(?:[0-9一二三四五六七八九十百]+单元)?[0-9]{3,4}室?(?:房)?$")
_ROOM_IN = re.compile(r"([0-9]+[幢栋号]楼?)[0-9]+单元[0-9]{3,4}室?")


def masked_words(text: str, names: Collection[str] = (), rooms: Collection[str] = ()) -> str:
    """`text` with phones, id cards and long numbers starred, `names` as 某, and `rooms` (full names of homes) cut to the building."""
    for phone in sorted(find_phones(text), key=lambda p: -p.start):
        text = text[: phone.start] + "***" + text[phone.end :]
    text = _LONG.sub("***", _ID_CARD.sub("***", text))
    for room in rooms:
        if room:
            text = text.replace(room, building_of(room))
    text = _ROOM_IN.sub(r"\1", text)
    for name in sorted((n for n in names if len(n) >= 2), key=len, reverse=True):
        text = text.replace(name, name[0] + NAME)
    return text


def building_of(place_text: str) -> str:
    """剡溪花园3幢2单元502室 -> 剡溪花园3幢. A place without a room is left as it is."""
    return _ROOM.sub("", place_text.strip())
