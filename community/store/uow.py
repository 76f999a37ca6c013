"""The unit of work over one SQLAlchemy session."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm.exc import StaleDataError

from community.errors import Conflict
from community.ports import Signals
from community.store.repos.advice import AdviceRepo
from community.store.repos.audit import ViewLogRepo
from community.store.repos.chats import ChatRepo
from community.store.repos.consultations import ConsultationRepo
from community.store.repos.deliberation import BallotRepo, MeetingRepo, ProposalRepo
from community.store.repos.desk import DeskRepo
from community.store.repos.diary import DiaryRepo
from community.store.repos.erasure import ErasureRepo
from community.store.repos.figures import FigureRepo
from community.store.repos.flags import AnswerFlagRepo
from community.store.repos.guides import GuideRepo
from community.store.repos.household import CarerRepo, HomeRepo, PrivacyRepo
from community.store.repos.incidents import IncidentRepo
from community.store.repos.intake import GroupDraftRepo
from community.store.repos.kf import KfRepo
from community.store.repos.leaves import LeaveRepo
from community.store.repos.mediations import CareRepo, MediationRepo
from community.store.repos.messages import ConversationRepo, InboxRepo
from community.store.repos.notices import NoticeRepo
from community.store.repos.organising import OrganisingRepo, PointsRepo
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
from community.store.repos.revisions import RevisionRepo
from community.store.repos.rooms import RoomRepo
from community.store.repos.staffing import StaffInboxRepo, StaffOutboxRepo, StaffTalkRepo
from community.store.repos.taught import LexiconWordRepo, TalkCaseRepo, TaughtLogRepo
from community.store.repos.teaching import LabelRepo, ModelJobRepo, ModelRepo, UnderstandingRepo
from community.store.repos.tickets import PromiseRepo, TicketRepo
from community.store.repos.windows import WindowRepo


class SqlUnitOfWork:
    """See `community.ports.UnitOfWork`."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], signals: Signals) -> None:
        self._sessions = sessions
        self._signals = signals
        self._announcements: list[tuple[str, dict[str, Any]]] = []

    async def __aenter__(self) -> Self:
        self.session = self._sessions()
        self.places = PlaceRepo(self.session)
        self.advice = AdviceRepo(self.session)
        self.consultations = ConsultationRepo(self.session)
        self.people = PeopleRepo(self.session)
        self.tickets = TicketRepo(self.session)
        self.incidents = IncidentRepo(self.session)
        self.promises = PromiseRepo(self.session)
        self.figures = FigureRepo(self.session)
        self.view_log = ViewLogRepo(self.session)
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
        self.group_drafts = GroupDraftRepo(self.session)
        self.leaves = LeaveRepo(self.session)
        self.desk = DeskRepo(self.session)
        self.mediations = MediationRepo(self.session)
        self.organising = OrganisingRepo(self.session)
        self.points = PointsRepo(self.session)
        self.care = CareRepo(self.session)
        self.proposals = ProposalRepo(self.session)
        self.meetings = MeetingRepo(self.session)
        self.ballots = BallotRepo(self.session)
        self.guides = GuideRepo(self.session)
        self.homes = HomeRepo(self.session)
        self.carers = CarerRepo(self.session)
        self.privacy = PrivacyRepo(self.session)
        self.erasure = ErasureRepo(self.session)
        self.laws = LawRepo(self.session)
        self.answer_flags = AnswerFlagRepo(self.session)
        self.notices = NoticeRepo(self.session)
        self.understandings = UnderstandingRepo(self.session)
        self.labels = LabelRepo(self.session)
        self.chats = ChatRepo(self.session)
        self.lexicon_words = LexiconWordRepo(self.session)
        self.talk_cases = TalkCaseRepo(self.session)
        self.taught_log = TaughtLogRepo(self.session)
        self.model_jobs = ModelJobRepo(self.session)
        self.models = ModelRepo(self.session)
        self.revisions = RevisionRepo(self.session)
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

    async def begin(self) -> None:
        await self.session.connection()

    async def flush(self) -> None:
        await self.session.flush()

    async def commit(self) -> None:
        try:
            await self.session.commit()
        except (IntegrityError, StaleDataError) as error:
            await self.session.rollback()
            raise Conflict("刚才有人同时在改同一件事，请再试一次。") from error
        if self._announcements:
            self._signals.tell(*self._announcements)
            self._announcements = []

    def announce(self, topic: str, **payload: Any) -> None:
        self._announcements.append((topic, payload))
