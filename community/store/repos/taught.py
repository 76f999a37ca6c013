from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from community.model.taught import LexiconWord, TalkCase, TaughtEvent, WordKind
from community.model.teaching import LabelState
from community.store.repos.base import Repo
from community.store.tables import lexicon_words, talk_cases, taught_events


class LexiconWordRepo(Repo):
    async def add(self, word: LexiconWord) -> None:
        await self._add(word)

    async def get(self, word_id: int) -> LexiconWord | None:
        return await self.session.get(LexiconWord, word_id)

    async def by_word(self, kind: WordKind, word: str) -> LexiconWord | None:
        query = select(LexiconWord).where(lexicon_words.c.kind == kind, lexicon_words.c.word == word)
        return await self.session.scalar(query)

    async def in_state(self, states: Collection[LabelState], limit: int = 500) -> list[LexiconWord]:
        query = select(LexiconWord).where(lexicon_words.c.state.in_(states)).order_by(lexicon_words.c.id.desc())
        return list(await self.session.scalars(query.limit(limit)))


class TalkCaseRepo(Repo):
    async def add(self, case: TalkCase) -> None:
        await self._add(case)

    async def get(self, case_id: int) -> TalkCase | None:
        return await self.session.get(TalkCase, case_id)

    async def by_key(self, key: str) -> TalkCase | None:
        return await self.session.scalar(select(TalkCase).where(talk_cases.c.key == key))

    async def in_state(self, states: Collection[LabelState], limit: int = 500) -> list[TalkCase]:
        query = select(TalkCase).where(talk_cases.c.state.in_(states)).order_by(talk_cases.c.id.desc())
        return list(await self.session.scalars(query.limit(limit)))


class TaughtLogRepo(Repo):
    async def add(self, event: TaughtEvent) -> None:
        await self._add(event)

    async def latest(self, limit: int = 100) -> list[TaughtEvent]:
        return list(await self.session.scalars(select(TaughtEvent).order_by(taught_events.c.id.desc()).limit(limit)))
