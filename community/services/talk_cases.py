"""Conversations kept as tests."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from community.model.taught import TalkCase, written_as
from community.model.teaching import LabelState
from community.ports import Community

WAITING = (LabelState.READY, LabelState.UNDONE)


async def to_write(c: Community) -> list[TalkCase]:
    """Conversations that the tests must gain (READY) or lose (UNDONE), the oldest first."""
    async with c.reading() as uow:
        return list(reversed(await uow.talk_cases.in_state(WAITING, 2000)))


async def written(c: Community, files: dict[int, str], change: str, gone: Collection[int]) -> None:
    """These (id: file) are among the tests now by that change, those of `gone` no longer."""
    async with c.uow() as uow:
        for number, file in files.items():
            found = await uow.talk_cases.get(number)
            if found is not None:
                found.change, found.file = change[:64], file[:64]
                found.state = written_as(found.state, gone=number in gone)
        await uow.commit()


async def ran(c: Community, passed: Mapping[int, bool]) -> None:
    """What a comparison found of each."""
    async with c.uow() as uow:
        for number, ok in passed.items():
            found = await uow.talk_cases.get(number)
            if found is not None:
                found.passed, found.ran_at = ok, c.clock.now()
        await uow.commit()
