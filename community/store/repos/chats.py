from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import and_, case, func, not_, or_, select

from community.model.chat import ChatSession, OpenForm
from community.ports.chats import Talked
from community.store.repos.base import Repo
from community.store.tables import chat_sessions, open_forms

_S, _F = chat_sessions.c, open_forms.c


class ChatRepo(Repo):
    async def add(self, session: ChatSession) -> None:
        await self._add(session)

    async def running(self, resident_ids: Collection[int], since: datetime) -> dict[int, ChatSession]:
        query = select(ChatSession).where(_S.resident_id.in_(resident_ids), _S.last_at >= since).order_by(_S.id)
        return {session.resident_id: session for session in await self.session.scalars(query)}

    async def counted(self, since: datetime, until: datetime) -> list[Talked]:
        def number(which: object) -> object:
            return func.sum(case((which, 1), else_=0))  # type: ignore[arg-type]

        # Presses alone (知道了 under a notice) are no talk that was solved; a press that asks for a person is one that was not.
        said = or_(_S.messages > 0, _S.handed, _S.staff)
        alone = number(and_(not_(_S.handed), not_(_S.staff)))
        query = select(
            _S.intent, func.count(), alone, number(_S.handed), func.sum(_S.messages), func.sum(_S.unclear)  # type: ignore[call-overload]
        )
        rows = await self.session.execute(query.where(_S.began_at >= since, _S.began_at < until, said).group_by(_S.intent))
        return [Talked(str(row[0]), *(int(value or 0) for value in row[1:])) for row in rows]

    async def forms(self, resident_ids: Collection[int]) -> dict[int, OpenForm]:
        found = await self.session.scalars(select(OpenForm).where(_F.resident_id.in_(resident_ids)))
        return {form.resident_id: form for form in found}

    async def open(self, form: OpenForm) -> None:
        await self._add(form)

    async def close(self, form: OpenForm) -> None:
        await self.session.delete(form)
        await self.session.flush()

    async def silent(self, before: datetime, limit: int) -> Sequence[OpenForm]:
        query = select(OpenForm).where(_F.last_at < before).order_by(_F.last_at).limit(limit)
        return list(await self.session.scalars(query.with_for_update(skip_locked=True)))
