"""Answers whose cited article is no more what it was."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from community.model.law import AnswerFlag
from community.store.repos.base import Repo
from community.store.tables import answer_flags


class AnswerFlagRepo(Repo):
    async def open_ones(self) -> list[AnswerFlag]:
        query = select(AnswerFlag).where(answer_flags.c.cleared_on.is_(None)).order_by(answer_flags.c.id)
        return list(await self.session.scalars(query))

    async def all_of(self, answer_code: str) -> list[AnswerFlag]:
        query = select(AnswerFlag).where(answer_flags.c.answer_code == answer_code).order_by(answer_flags.c.id)
        return list(await self.session.scalars(query))

    async def add_new(self, flags: Sequence[AnswerFlag]) -> list[AnswerFlag]:
        codes = {flag.answer_code for flag in flags}
        query = select(AnswerFlag).where(answer_flags.c.answer_code.in_(codes))
        known = {_change(flag): flag for flag in await self.session.scalars(query)} if codes else {}
        new = []
        for flag in flags:
            old = known.get(_change(flag))
            if old is None:
                await self._add(flag)
                new.append(flag)
            elif old.cleared_on is not None:
                old.cleared_by, old.cleared_on, old.why, old.found_on = "", None, "", flag.found_on
                new.append(old)
        return new


def _change(flag: AnswerFlag) -> tuple[object, ...]:
    return flag.answer_code, flag.law, flag.article, flag.old_digest, flag.new_digest, flag.from_on
