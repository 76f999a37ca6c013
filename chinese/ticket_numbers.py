"""Ticket numbers that survive a phone call.

A number is the ticket's serial (from 10001) with a Damm check digit behind it, six digits for the first 90,000 tickets.
The Damm algorithm (H. M. Damm, 2004) finds every single wrong digit and every swap of neighbours, which is what
people get wrong when they read a number aloud.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chinese.normalise import Normalised, normalise
from chinese.numerals import DIGITS

FIRST_SERIAL = 10_000

_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2), (7, 0, 9, 2, 1, 5, 4, 8, 6, 3), (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6), (6, 1, 2, 3, 0, 4, 5, 9, 7, 8), (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4), (8, 9, 4, 5, 3, 6, 2, 0, 1, 7), (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)  # fmt: skip


def _damm(digits: str) -> int:
    state = 0
    for digit in digits:
        state = _DAMM[state][int(digit)]
    return state


def ticket_number(ticket_id: int) -> str:
    """The number a person reads for the ticket with this database id (>= 1)."""
    serial = str(FIRST_SERIAL + ticket_id)
    return serial + str(_damm(serial))


def is_valid(number: str) -> bool:
    """Whether `number` could be a ticket number (length and check digit)."""
    return number.isascii() and number.isdigit() and 6 <= len(number) <= 10 and _damm(number) == 0


def ids_ending(tail: str, last_id: int) -> list[int]:
    """The ids up to `last_id` whose numbers end in these digits (two or more): what somebody remembers of a number.

    Reckoned, not looked up: of four digits three are the serial's and the fourth checks it, so that of a million a hundred are left.
    """
    step = 10 ** (len(tail) - 1)
    serials = range(int(tail[:-1]) or step, FIRST_SERIAL + last_id + 1, step)
    found = (serial - FIRST_SERIAL for serial in serials if serial > FIRST_SERIAL)
    return [id_ for id_ in found if ticket_number(id_).endswith(tail)]


_DIGITS = "".join(DIGITS)
_RUN = re.compile(rf"(?<![0-9{_DIGITS}])[0-9{_DIGITS}](?:[ -]?[0-9{_DIGITS}]){{5,9}}(?![0-9{_DIGITS}])")


@dataclass(frozen=True)
class NumberMention:
    """What looks like a ticket number. `right` says whether the check digit is."""

    start: int
    end: int
    number: str
    right: bool


def find_number_mentions(text: str | Normalised) -> list[NumberMention]:
    """Ticket numbers in `text`, also spaced or dictated (一零零零一…), and six-digit runs with a wrong check digit."""
    flat = normalise(text)
    found = []
    for match in _RUN.finditer(flat.text):
        written = "".join(c for c in match.group() if c not in " -")
        number = "".join(str(DIGITS.get(c, c)) for c in written)
        right = is_valid(number)
        if right or written.isascii() and len(number) == 6:
            found.append(NumberMention(*flat.span(*match.span()), number, right))
    return found


def find_numbers(text: str) -> tuple[list[str], list[str]]:
    """Ticket numbers in `text`: (those with a right check digit, six-digit runs with a wrong one)."""
    found = find_number_mentions(text)
    return [m.number for m in found if m.right], [m.number for m in found if not m.right]
