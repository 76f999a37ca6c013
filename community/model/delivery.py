"""What one person gets, in how many messages: planned before anything is sent.

A platform counts messages, people count answers. While there is room each row of the outbox is a message of its own; when there
is not, rows are joined rather than dropped, and what still does not fit waits for the person's next word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from community.model.message import OutboxMessage
from community.model.splitting import size, split_text

BETWEEN = "\n\n"
PHOTO = "（附有照片，这里看不了。）"
MORE = "（还有没发完的，您回我一句，我接着发。）"


@dataclass(frozen=True)
class Way:
    """How messages leave on a channel. `limit_bytes` is the longest text the platform takes, in UTF-8; 0: any.

    `tap_opens_less`: a tap in a menu message counts as something done, not as something said.
    """

    metered: bool = False
    limit_bytes: int = 0
    tap_opens_less: bool = False


WAYS = {
    "webchat": Way(),
    "wechat": Way(metered=True, limit_bytes=2048, tap_opens_less=True),
    "wecom_kf": Way(metered=True, limit_bytes=2048),
}


def way_of(channel: str) -> Way:
    return WAYS.get(channel, Way())


@dataclass(frozen=True)
class Unit:
    """A piece of a row that is one message at least: its text (or a part of a long one), or one photo."""

    row_id: int
    index: int
    last: bool
    text: str = ""
    photo: str = ""
    buttons: tuple[dict[str, str], ...] = ()
    by_bot: bool = False


@dataclass(frozen=True)
class Envelope:
    """One message to the platform. `template` is the topic of a row that leaves as a template message; `again` the try of which
    nobody knows what became and which this one repeats, where the platform knows a message again by its key (0: none).
    """

    units: tuple[Unit, ...]
    text: str = ""
    photo: str = ""
    buttons: tuple[dict[str, str], ...] = ()
    buttons_of: int | None = None
    template: str = ""
    again: int = 0

    @property
    def by_bot(self) -> bool:
        return any(unit.by_bot for unit in self.units)

    @property
    def row_ids(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(unit.row_id for unit in self.units))

    def progress(self) -> dict[int, tuple[int, bool]]:
        """For each row: how many of its pieces are out once this is sent, and whether that is all of it."""
        return {unit.row_id: (unit.index + 1, unit.last) for unit in self.units}


@dataclass(frozen=True)
class Plan:
    envelopes: tuple[Envelope, ...] = ()
    waiting: tuple[int, ...] = ()
    """Rows that do not leave now, or not whole."""


def with_choices(text: str, buttons: Sequence[dict[str, str]]) -> str:
    """`text` with its choices as numbers to type. Those it names already are not repeated."""
    missing = []
    for position, button in enumerate(buttons, 1):
        number = button.get("digit", str(position))
        if f"{number} {button['title']}" not in text and f"回 {number}" not in text:
            missing.append(f"{number} {button['title']}")
    return "\n".join([text, *missing]) if text else "\n".join(missing)


def units_of(row: OutboxMessage, limit_bytes: int, *, choices: bool = True, since: int | None = None) -> list[Unit]:
    """The pieces of a row that are not out yet, or those from number `since`. The same row always falls into the same pieces."""
    since = row.progress if since is None else since
    buttons = tuple(row.buttons) if choices else ()
    text = with_choices(row.text, buttons)
    if limit_bytes and size(text) > limit_bytes:
        parts = [part.strip() for part in split_text(text, limit_bytes)]
    else:
        parts = [text] * bool(text.strip())
    pieces: list[dict[str, str]] = [{"text": part} for part in parts] + [{"photo": photo} for photo in row.photos]
    if not pieces:
        pieces = [{"text": ""}]
    at_text = len(parts) - 1
    return [
        Unit(
            row.id,
            index,
            index == len(pieces) - 1,
            buttons=buttons if index == at_text else (),
            by_bot=row.author == "bot",
            **piece,
        )
        for index, piece in enumerate(pieces)
        if index >= since
    ]


@dataclass
class _Packing:
    """An envelope being filled."""

    limit: int
    units: list[Unit] = field(default_factory=list)
    text: str = ""

    def takes(self, unit: Unit) -> bool:
        if unit.photo or not self.units or self.units[-1].photo:
            return False
        return size(self.text + BETWEEN + unit.text) <= self.limit

    def add(self, unit: Unit) -> None:
        self.text = self.text + BETWEEN + unit.text if self.units else unit.text
        self.units.append(unit)


def sealed(units: Sequence[Unit], text: str) -> Envelope:
    """The last choices of what is joined stay choices; earlier ones are only text by then, and their numbers would clash."""
    asking = next((unit for unit in reversed(units) if unit.buttons), None)
    return Envelope(
        tuple(units),
        text,
        units[-1].photo,
        asking.buttons if asking else (),
        asking.row_id if asking else None,
    )


def _to_join(rows: Sequence[OutboxMessage], limit_bytes: int) -> list[Unit]:
    """The pieces of rows of which several go into one message: only the last question keeps its numbers."""
    asking = next((row.id for row in reversed(rows) if row.buttons), None)
    units = []
    for row in rows:
        pieces = units_of(row, limit_bytes)
        if row.id != asking and row.buttons:
            bare = units_of(row, limit_bytes, choices=False)
            pieces = bare if len(bare) == len(pieces) else pieces
        units += pieces
    return units


def pack(units: Sequence[Unit], limit_bytes: int) -> list[Envelope]:
    """As few messages as the pieces fit into, in order."""
    packed: list[_Packing] = []
    for unit in units:
        if not packed or not packed[-1].takes(unit):
            packed.append(_Packing(limit_bytes))
        packed[-1].add(unit)
    return [sealed(one.units, one.text) for one in packed]


def plan(rows: Sequence[OutboxMessage], left: int, limit_bytes: int) -> Plan:
    """What leaves now in at most `left` messages, in order; the rest waits."""
    units = [unit for row in rows for unit in units_of(row, limit_bytes)]
    if left <= 0:
        return Plan((), tuple(row.id for row in rows))
    if len(units) <= left:
        return Plan(tuple(sealed([unit], unit.text) for unit in units))
    units = _to_join(rows, limit_bytes)
    envelopes = pack(units, limit_bytes)
    if len(envelopes) <= left:
        return Plan(tuple(envelopes))
    # The last one says that there is more: only then does anybody know that a word brings it.
    room = limit_bytes - size(BETWEEN + MORE)
    envelopes = pack(units, room)[:left]
    last = envelopes[-1]
    if not last.photo and size(last.text) <= room:
        envelopes[-1] = sealed(last.units, last.text + BETWEEN + MORE)
    out = {unit.row_id for envelope in envelopes for unit in envelope.units if unit.last}
    return Plan(tuple(envelopes), tuple(row.id for row in rows if row.id not in out))


def plan_passive(rows: Sequence[OutboxMessage], limit_bytes: int) -> Plan:
    """What fits into the one answer to a callback. Photos cannot go into it; they are counted as told."""
    units = [
        replace(unit, text=PHOTO, photo="") if unit.photo else unit
        for unit in (_to_join(rows, limit_bytes) if len(rows) > 1 else units_of(rows[0], limit_bytes) if rows else [])
    ]
    joined = Plan(tuple(pack(units, limit_bytes)))
    if len(joined.envelopes) <= 1:
        return joined
    room = limit_bytes - size(BETWEEN + MORE)
    first = pack(units, room)[0]
    text = first.text + BETWEEN + MORE if size(first.text) <= room else first.text
    out = {unit.row_id for unit in first.units if unit.last}
    return Plan((sealed(first.units, text),), tuple(row.id for row in rows if row.id not in out))
