"""What the heart needs from outside, as protocols by topic, and the one object that carries it all: `Community`."""

from community.ports.advice import AdviceLog
from community.ports.chats import Chats, Talked
from community.ports.consultations import Consultations
from community.ports.deliberation import Ballots, Meetings, Proposals, Voter
from community.ports.desk import (
    Clue,
    Desk,
    Endings,
    Figures,
    GridPlace,
    MarkCounts,
    Scope,
    TicketCounts,
    TicketPage,
    TicketQuery,
    Workload,
)
from community.ports.diary import Diary, DiaryQuery
from community.ports.flags import AnswerFlags
from community.ports.guides import Guides, GuideSearch, NoGuides
from community.ports.heart import Community
from community.ports.household import Carers, Erasure, Homes, Privacy
from community.ports.intake import DraftQuery, GroupDrafts
from community.ports.law import AnswerHit, ArticleHit, Laws, LegalSearch
from community.ports.messages import Conversations, Inbox, KfAccounts, MediaRows, Outbox, Windows
from community.ports.notices import Notices
from community.ports.organising import Organising, Points
from community.ports.outside import (
    ByCharacters,
    Clock,
    DangerSense,
    DialogueMemory,
    MediaFiles,
    NoDangerSense,
    NoMemory,
    NoSpeech,
    NoWriter,
    Passwords,
    Sameness,
    Signals,
    SpeechToText,
    TokenCache,
    Vault,
    Writer,
)
from community.ports.people import Leaves, People, Places, Sessions
from community.ports.revisions import Checked, Curation, DangerRules, FixedRules, KnowledgeEntry, NoCuration, Revisions
from community.ports.seen import SeenLine, ViewLog, ViewQuery
from community.ports.staff import RoomNotes, StaffInbox, StaffOutbox, StaffTalks
from community.ports.taught import EveryCharacter, Lexicon, LexiconWords, TalkCases, TaughtLog, Wording
from community.ports.teaching import Labels, ModelJobs, Models, Understandings, Wanted
from community.ports.tickets import Incidents, Mediations, Promises, Tickets
from community.ports.volunteering import Care, Volunteering
from community.ports.work import Facts, Keys, UnitOfWork

__all__ = [
    "AdviceLog",
    "AnswerFlags",
    "AnswerHit",
    "ArticleHit",
    "Ballots",
    "ByCharacters",
    "Care",
    "Carers",
    "Chats",
    "Checked",
    "Clock",
    "Clue",
    "Community",
    "Consultations",
    "Conversations",
    "Curation",
    "DangerRules",
    "DangerSense",
    "Desk",
    "DialogueMemory",
    "Diary",
    "DiaryQuery",
    "DraftQuery",
    "Endings",
    "Erasure",
    "EveryCharacter",
    "Facts",
    "Figures",
    "FixedRules",
    "GridPlace",
    "GroupDrafts",
    "GuideSearch",
    "Guides",
    "Homes",
    "Inbox",
    "Incidents",
    "Keys",
    "KfAccounts",
    "KnowledgeEntry",
    "Labels",
    "Laws",
    "Leaves",
    "LegalSearch",
    "Lexicon",
    "LexiconWords",
    "MarkCounts",
    "MediaFiles",
    "MediaRows",
    "Mediations",
    "Meetings",
    "ModelJobs",
    "Models",
    "NoCuration",
    "NoDangerSense",
    "NoGuides",
    "NoMemory",
    "NoSpeech",
    "NoWriter",
    "Notices",
    "Organising",
    "Outbox",
    "Passwords",
    "People",
    "Places",
    "Points",
    "Privacy",
    "Promises",
    "Proposals",
    "Revisions",
    "RoomNotes",
    "Sameness",
    "Scope",
    "SeenLine",
    "Sessions",
    "Signals",
    "SpeechToText",
    "StaffInbox",
    "StaffOutbox",
    "StaffTalks",
    "TalkCases",
    "Talked",
    "TaughtLog",
    "TicketCounts",
    "TicketPage",
    "TicketQuery",
    "Tickets",
    "TokenCache",
    "Understandings",
    "UnitOfWork",
    "Vault",
    "ViewLog",
    "ViewQuery",
    "Volunteering",
    "Voter",
    "Wanted",
    "Windows",
    "Wording",
    "Workload",
    "Writer",
]
