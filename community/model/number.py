"""Ticket numbers that survive a phone call.

A number is the ticket's serial (from 10001) with a Damm check digit behind it, six digits for the first 90,000 tickets.
The Damm algorithm (H. M. Damm, 2004) finds every single wrong digit and every swap of neighbours, which is what
people get wrong when they read a number aloud.
"""

from __future__ import annotations

import re

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


_RUN = re.compile(r"(?<!\d)\d(?:[\s-]?\d){5,9}(?!\d)")


def find_numbers(text: str) -> tuple[list[str], list[str]]:
    """Ticket numbers in `text`: (those with a right check digit, six-digit runs with a wrong one)."""
    good: list[str] = []
    bad: list[str] = []
    for match in _RUN.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if is_valid(digits):
            good.append(digits)
        elif len(digits) == 6:
            bad.append(digits)
    return good, bad
