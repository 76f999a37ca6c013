"""All tables, and their mapping onto the classes of `community.model`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import deferred, registry

from community.model.advice import AdviceGiven
from community.model.audit import ViewLine
from community.model.ballot import Ballot
from community.model.care import CareTask
from community.model.chat import ChatSession, OpenForm
from community.model.consultation import Consultation
from community.model.conversation import Conversation
from community.model.deliberation import FollowUp, Meeting, Proposal, ProposalEvent
from community.model.desk import CannedReply, Handover, SavedFilter
from community.model.diary import DiaryEntry
from community.model.household import (
    Carer,
    CarerUse,
    Consent,
    DataLink,
    Deletion,
    HomeLetter,
    HomeRequest,
    ResidentHome,
    ResidentSettings,
)
from community.model.incident import Incident, IncidentEvent
from community.model.intake import GroupDraft, GroupDraftEvent
from community.model.kf import KfAccount
from community.model.law import AnswerFlag, Article, CuratedAnswer, Statute
from community.model.media import Media
from community.model.mediation import Mediation, MediationLine
from community.model.message import InboxMessage, OutboxMessage
from community.model.notice import Notice, NoticeEvent, Receipt
from community.model.people import ChannelIdentity, Duty, Household, Leave, PropertyCompany, Resident, Staff
from community.model.place import Place
from community.model.points import Account, Entry, Gift, GiftOrder
from community.model.promise import PromiseRule
from community.model.revision import Revision
from community.model.room import RoomNote
from community.model.search import searchable
from community.model.site import ContactDay, GuideEvent, GuideMiss, Site, SiteDay
from community.model.staffing import StaffLetter, StaffMessage, StaffTalk
from community.model.taught import LexiconWord, TalkCase, TaughtEvent
from community.model.teaching import Label, LabelEvent, ModelJob, TrainedModel
from community.model.ticket import Ticket, TicketEvent
from community.model.understanding import Understanding
from community.model.volunteer import Activity, Shift, Signup
from community.model.window import Window
from community.store.tables.advice import legal_advice
from community.store.tables.audit import view_log
from community.store.tables.base import Id, metadata
from community.store.tables.bookkeeping import done_keys, facts, sessions
from community.store.tables.chats import chat_sessions, open_forms
from community.store.tables.consultations import consultations
from community.store.tables.deliberation import (
    ballot_named,
    ballot_papers,
    ballot_roll,
    ballot_turnout,
    ballot_urns,
    ballot_votes,
    ballots,
    meetings,
    property_scores,
    proposal_events,
    proposal_signatures,
    proposal_tasks,
    proposal_tickets,
    proposals,
)
from community.store.tables.desk import canned_replies, handovers, saved_filters
from community.store.tables.guides import contact_days, guide_events, guide_misses, site_days, sites
from community.store.tables.household import (
    carer_uses,
    carers,
    consents,
    data_links,
    deletions,
    home_letters,
    home_requests,
    resident_homes,
    resident_settings,
)
from community.store.tables.incidents import incident_events, incidents
from community.store.tables.intake import group_draft_events, group_drafts
from community.store.tables.laws import answer_flags, answers, articles, statutes
from community.store.tables.media import media, media_grants
from community.store.tables.mediations import care_tasks, mediation_lines, mediations
from community.store.tables.messages import channel_windows, conversations, inbox, kf_accounts, outbox
from community.store.tables.notices import notice_areas, notice_events, notice_receipts, notices
from community.store.tables.people import (
    channel_identities,
    company_estates,
    duties,
    households,
    leaves,
    places,
    property_companies,
    residents,
    staff,
)
from community.store.tables.points import gift_orders, gifts, points_accounts, points_ledger
from community.store.tables.revisions import revisions
from community.store.tables.staffing import room_notes, staff_diary, staff_inbox, staff_outbox, staff_talks
from community.store.tables.taught import lexicon_words, talk_cases, taught_events
from community.store.tables.teaching import label_events, labels, model_jobs, models, understandings
from community.store.tables.ticket_indexes import COMPARED_BY_HAND, DUE, LIVING
from community.store.tables.tickets import promise_rules, ticket_events, ticket_followers, ticket_photos, tickets
from community.store.tables.volunteering import activities, shifts, signups

__all__ = [
    "COMPARED_BY_HAND",
    "DUE",
    "Id",
    "LIVING",
    "activities",
    "answer_flags",
    "answers",
    "articles",
    "ballot_named",
    "ballot_papers",
    "ballot_roll",
    "ballot_turnout",
    "ballot_urns",
    "ballot_votes",
    "ballots",
    "canned_replies",
    "care_tasks",
    "carer_uses",
    "carers",
    "channel_identities",
    "channel_windows",
    "chat_sessions",
    "company_estates",
    "consents",
    "consultations",
    "contact_days",
    "conversations",
    "data_links",
    "deletions",
    "done_keys",
    "duties",
    "facts",
    "gift_orders",
    "gifts",
    "group_draft_events",
    "group_drafts",
    "guide_events",
    "guide_misses",
    "handovers",
    "home_letters",
    "home_requests",
    "households",
    "inbox",
    "incident_events",
    "incidents",
    "kf_accounts",
    "label_events",
    "labels",
    "leaves",
    "legal_advice",
    "lexicon_words",
    "map_model",
    "mapper",
    "media",
    "media_grants",
    "mediation_lines",
    "mediations",
    "meetings",
    "metadata",
    "model_jobs",
    "models",
    "notice_areas",
    "notice_events",
    "notice_receipts",
    "notices",
    "open_forms",
    "outbox",
    "places",
    "points_accounts",
    "points_ledger",
    "promise_rules",
    "property_companies",
    "property_scores",
    "proposal_events",
    "proposal_signatures",
    "proposal_tasks",
    "proposal_tickets",
    "proposals",
    "resident_homes",
    "resident_settings",
    "residents",
    "room_notes",
    "revisions",
    "saved_filters",
    "sessions",
    "shifts",
    "signups",
    "site_days",
    "sites",
    "staff",
    "staff_diary",
    "staff_inbox",
    "staff_outbox",
    "staff_talks",
    "statutes",
    "talk_cases",
    "taught_events",
    "ticket_events",
    "ticket_followers",
    "ticket_photos",
    "tickets",
    "understandings",
    "view_log",
]

mapper = registry(metadata=metadata)


def map_model() -> None:
    """Tie model classes to tables, once a process."""
    if mapper.mappers:
        return
    for cls, table in (
        (Place, places),
        (Household, households),
        (Resident, residents),
        (ChannelIdentity, channel_identities),
        (PropertyCompany, property_companies),
        (Staff, staff),
            (Duty, duties),
        (Leave, leaves),
        (PromiseRule, promise_rules),
        (TicketEvent, ticket_events),
        (Media, media),
        (Activity, activities),
        (AdviceGiven, legal_advice),
        (Consultation, consultations),
        (Shift, shifts),
        (Signup, signups),
        (Statute, statutes),
        (Article, articles),
        (AnswerFlag, answer_flags),
        (InboxMessage, inbox),
        (OutboxMessage, outbox),
        (Window, channel_windows),
        (KfAccount, kf_accounts),
        (RoomNote, room_notes),
        (StaffMessage, staff_inbox),
        (StaffLetter, staff_outbox),
        (StaffTalk, staff_talks),
        (DiaryEntry, staff_diary),
        (ViewLine, view_log),
        (SavedFilter, saved_filters),
        (CannedReply, canned_replies),
        (Handover, handovers),
        (Incident, incidents),
        (IncidentEvent, incident_events),
        (Mediation, mediations),
        (MediationLine, mediation_lines),
        (CareTask, care_tasks),
        (Proposal, proposals),
        (ProposalEvent, proposal_events),
        (FollowUp, proposal_tasks),
        (Meeting, meetings),
        (Ballot, ballots),
        (Account, points_accounts),
        (Entry, points_ledger),
        (Gift, gifts),
        (GiftOrder, gift_orders),
        (SiteDay, site_days),
        (GuideEvent, guide_events),
        (GuideMiss, guide_misses),
        (ResidentHome, resident_homes),
        (HomeLetter, home_letters),
        (HomeRequest, home_requests),
        (Carer, carers),
        (CarerUse, carer_uses),
        (ResidentSettings, resident_settings),
        (Consent, consents),
        (Deletion, deletions),
        (DataLink, data_links),
        (Understanding, understandings),
        (ChatSession, chat_sessions),
        (OpenForm, open_forms),
        (Receipt, notice_receipts),
        (NoticeEvent, notice_events),
        (LabelEvent, label_events),
        (TaughtEvent, taught_events),
        (ModelJob, model_jobs),
        (TrainedModel, models),
        (GroupDraftEvent, group_draft_events),
    ):
        mapper.map_imperatively(cls, table)
    mapper.map_imperatively(CuratedAnswer, answers)
    mapper.map_imperatively(GroupDraft, group_drafts, version_id_col=group_drafts.c.version)
    mapper.map_imperatively(Notice, notices, version_id_col=notices.c.version)
    mapper.map_imperatively(Site, sites, version_id_col=sites.c.version)
    mapper.map_imperatively(ContactDay, contact_days, version_id_col=contact_days.c.version)
    mapper.map_imperatively(Revision, revisions, version_id_col=revisions.c.version)
    mapper.map_imperatively(LexiconWord, lexicon_words, version_id_col=lexicon_words.c.version)
    mapper.map_imperatively(TalkCase, talk_cases, version_id_col=talk_cases.c.version)
    mapper.map_imperatively(Label, labels, version_id_col=labels.c.version)
    mapper.map_imperatively(Conversation, conversations, version_id_col=conversations.c.version)
    # What a ticket is searched by only the database reads.
    text = {"search_text": deferred(tickets.c.search_text)}
    mapper.map_imperatively(Ticket, tickets, version_id_col=tickets.c.version, properties=text)
    for moment in ("before_insert", "before_update"):
        event.listen(Ticket, moment, _keep_searchable)


def _keep_searchable(_mapper: Any, _connection: Any, ticket: Any) -> None:
    """Whoever writes a ticket: what it is found by is what it says."""
    state = inspect(ticket)
    if state.pending or any(state.attrs[name].history.has_changes() for name in ("words", "detail", "place_text")):
        ticket.search_text = searchable(ticket.words, ticket.detail, ticket.place_text)
