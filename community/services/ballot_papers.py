"""Papers: which option stands behind which digit, for one resident and one hour; and the urn of a secret ballot.

In the inbox, the outbox and Rasa's tracker a choice of a secret ballot is a digit and a place-holder. What the place-holder stands for
is put in when a message leaves, out of the paper, which is encrypted and is gone once the vote is cast. What remains of it is written down
in docs/deliberation.md.
"""

from __future__ import annotations

import json
import re
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from community.model.ballot import Ballot, Paper
from community.model.message import HistoryLine
from community.ports import Community, UnitOfWork

LASTS = timedelta(hours=1)
URN_SIZE = 4096
"""Characters of an urn before it is encrypted, whatever is in it: its length says nothing of the numbers."""
_HIDDEN = re.compile(r"⟦票:([A-Za-z0-9_-]{16,40}):(\d{1,2}):(\d)⟧")
GONE = "（选项只在投票时给本人看）"


def hidden(token: str, item: int, digit: int) -> str:
    """What stands in a message for the name of an option."""
    return f"⟦票:{token}:{item}:{digit}⟧"


async def draw(uow: UnitOfWork, c: Community, ballot: Ballot, resident_id: int, now: datetime) -> tuple[str, Paper]:
    """A new paper for a resident: (its token, it). Inside a unit of work."""
    paper = Paper.draw(ballot, resident_id, secrets.SystemRandom())
    token = secrets.token_urlsafe(16)
    await uow.ballots.put_paper(token, ballot.id, c.vault.encrypt(json.dumps(paper.as_data())), now + LASTS)
    return token, paper


async def read(uow: UnitOfWork, c: Community, token: str) -> Paper | None:
    """The paper of a token; None when it was cast or is over."""
    sealed = await uow.ballots.paper(token)
    return Paper.of_data(json.loads(c.vault.decrypt(sealed))) if sealed is not None else None


async def reveal(c: Community, resident_id: int, text: str) -> str:
    """`text` as its resident reads it: place-holders filled from papers of theirs. Somebody else's stay closed."""
    found = {match[1] for match in _HIDDEN.finditer(text)}
    if not found:
        return text
    async with c.reading() as uow:
        papers = {token: await read(uow, c, token) for token in sorted(found)}
        ballots = {p.ballot_id: await uow.ballots.get(p.ballot_id) for p in papers.values() if p is not None}

    def fill(match: re.Match[str]) -> str:
        paper = papers[match[1]]
        ballot = ballots.get(paper.ballot_id) if paper is not None else None
        item, digit = int(match[2]), int(match[3])
        if paper is None or ballot is None or paper.resident_id != resident_id or item >= len(paper.orders):
            return GONE
        if not 1 <= digit <= len(paper.orders[item]):
            return GONE
        return str(ballot.items[item]["options"][paper.option(item, digit)])

    return _HIDDEN.sub(fill, text)


async def reveal_lines(c: Community, resident_id: int, lines: Sequence[HistoryLine]) -> list[HistoryLine]:
    """A resident's own history as they read it."""
    return [
        replace(line, text=await reveal(c, resident_id, line.text)) if _HIDDEN.search(line.text) else line for line in lines
    ]


def closed(lines: Sequence[HistoryLine]) -> list[HistoryLine]:
    """A resident's history as anybody else reads it."""
    return [replace(line, text=_HIDDEN.sub(GONE, line.text)) if _HIDDEN.search(line.text) else line for line in lines]


# --- the urn ----------------------------------------------------------------------------------------------------------------


def _seal(c: Community, votes: Mapping[tuple[int, int], int]) -> str:
    inside = json.dumps([[item, option, number] for (item, option), number in sorted(votes.items())])
    return c.vault.encrypt(inside.ljust(URN_SIZE))


def sealed_empty(c: Community) -> str:
    return _seal(c, {})


def opened(c: Community, sealed: str) -> dict[tuple[int, int], int]:
    return {(int(item), int(option)): int(number) for item, option, number in json.loads(c.vault.decrypt(sealed))}


async def drop_in(uow: UnitOfWork, c: Community, ballot_id: int, choices: Sequence[int]) -> None:
    """One more vote. The ballot's row is locked: no two are dropped in at once."""
    sealed = await uow.ballots.urn(ballot_id)
    if sealed is None:
        raise RuntimeError("a secret ballot without an urn")
    votes = Counter(opened(c, sealed))
    votes.update(enumerate(choices))
    await uow.ballots.put_urn(ballot_id, _seal(c, votes))
