"""The unit of work over one SQLAlchemy session."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Any, Self

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm.exc import StaleDataError

from community.errors import Conflict
from community.ports import Signals
from community.store.repos.kf import KfRepo
from community.store.repos.messages import ConversationRepo, InboxRepo
from community.store.repos.others import (
    FactRepo,
    KeyRepo,
    LawRepo,
    MediaRepo,
    SessionRepo,
    VolunteeringRepo,
)
from community.store.repos.outbox import OutboxRepo
from community.store.repos.people import PeopleRepo
from community.store.repos.places import PlaceRepo
from community.store.repos.rooms import RoomRepo
from community.store.repos.staffing import DiaryRepo, StaffInboxRepo, StaffOutboxRepo, StaffTalkRepo
from community.store.repos.tickets import TicketRepo
from community.store.repos.windows import WindowRepo

log = logging.getLogger(__name__)


class SqlUnitOfWork:
    """See `community.ports.UnitOfWork`."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], signals: Signals) -> None:
        self._sessions = sessions
        self._signals = signals
        self._announcements: list[tuple[str, dict[str, Any]]] = []

    async def __aenter__(self) -> Self:
        self.session = self._sessions()
        self.places = PlaceRepo(self.session)
        self.people = PeopleRepo(self.session)
        self.tickets = TicketRepo(self.session)
        self.media = MediaRepo(self.session)
        self.volunteering = VolunteeringRepo(self.session)
        self.conversations = ConversationRepo(self.session)
        self.inbox = InboxRepo(self.session)
        self.outbox = OutboxRepo(self.session)
        self.windows = WindowRepo(self.session)
        self.kf = KfRepo(self.session)
        self.rooms = RoomRepo(self.session)
        self.staff_inbox = StaffInboxRepo(self.session)
        self.staff_outbox = StaffOutboxRepo(self.session)
        self.staff_talks = StaffTalkRepo(self.session)
        self.diary = DiaryRepo(self.session)
        self.laws = LawRepo(self.session)
        self.sessions = SessionRepo(self.session)
        self.keys = KeyRepo(self.session)
        self.facts = FactRepo(self.session)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            # What was read stays usable after the unit of work: a rollback would empty objects that still belong to it.
            self.session.expunge_all()
            await self.session.rollback()
        finally:
            await self.session.close()
        if isinstance(error, (IntegrityError, StaleDataError)):
            raise Conflict("刚才有人同时在改同一件事，请再试一次。") from error

    async def flush(self) -> None:
        await self.session.flush()

    async def commit(self) -> None:
        try:
            await self.session.commit()
        except (IntegrityError, StaleDataError) as error:
            await self.session.rollback()
            raise Conflict("刚才有人同时在改同一件事，请再试一次。") from error
        announcements, self._announcements = self._announcements, []
        for topic, payload in announcements:
            try:
                await self._signals.publish(topic, payload)
            except Exception as error:
                # A lost hint only delays a screen: everything that must happen is a row by now.
                log.warning("signal lost: %s (%s)", topic, type(error).__name__)

    def announce(self, topic: str, **payload: Any) -> None:
        self._announcements.append((topic, payload))
