"""Several tickets at once, each as if it were done alone: its own rights, its own transaction, its own answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from community.errors import InvalidInput, LinsheError
from community.ports import Community
from community.services import desk

MOST = 50


@dataclass(frozen=True)
class Went:
    """What became of one ticket; `why` is a sentence when it did not go."""

    number: str
    ok: bool
    why: str = ""


async def receivers(c: Community, staff_id: int, numbers: Sequence[str]) -> list[tuple[int, str, int]]:
    """(staff id, 'name · role · place', how many of these tickets they can take), who can take most first."""
    labels: dict[int, str] = {}
    taken: dict[int, int] = {}
    for number in _few(numbers):
        try:
            opened = await desk.open_ticket(c, staff_id, number, household=False)
        except LinsheError:
            continue  # it is told when it is assigned
        for person, label in opened.transfer_to:
            labels[person] = label
            taken[person] = taken.get(person, 0) + 1
    return sorted(((person, label, taken[person]) for person, label in labels.items()), key=lambda one: (-one[2], one[1]))


async def assign(
    c: Community, staff_id: int, numbers: Sequence[str], to_staff_id: int, reason: str, key: str
) -> list[Went]:
    """Transfer each of these tickets to a colleague. `key` makes each once: the same again does only what had not gone."""
    went = []
    for number in _few(numbers):
        try:
            await desk.transfer(c, staff_id, number, to_staff_id, reason, key=f"{key[:64]}:{staff_id}:{number}")
        except LinsheError as error:
            went.append(Went(number, False, error.message))
        else:
            went.append(Went(number, True))
    return went


def _few(numbers: Sequence[str]) -> list[str]:
    chosen = list(dict.fromkeys(numbers))
    if not chosen:
        raise InvalidInput("还没有选工单。")
    if len(chosen) > MOST:
        raise InvalidInput(f"一次最多{MOST}件，请分几次。")
    return chosen
