"""Neighbours propose, meet and vote: proposals, meetings, ballots

Revision: 0020
Follows: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('meetings',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('community_id', Id, nullable=False),
    sa.Column('place_id', Id, nullable=False),
    sa.Column('place_name', sa.String(length=128), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('title', sa.String(length=64), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('where_text', sa.String(length=128), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', sa.String(length=32), nullable=False),
    sa.Column('notices', sa.Integer(), nullable=False),
    sa.Column('told', sa.Integer(), nullable=False),
    sa.Column('minutes', sa.Text(), nullable=False),
    sa.Column('minutes_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['community_id'], ['places.id'], name=op.f('fk_meetings_community_id_places')),
    sa.ForeignKeyConstraint(['place_id'], ['places.id'], name=op.f('fk_meetings_place_id_places')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meetings'))
    )
    op.create_index('ix_meetings_community_starts', 'meetings', ['community_id', 'starts_at'], unique=False)
    op.create_table('proposals',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('community_id', Id, nullable=False),
    sa.Column('title', sa.String(length=64), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('category', sa.String(length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('threshold', sa.Integer(), nullable=False),
    sa.Column('place_id', Id, nullable=True),
    sa.Column('place_text', sa.String(length=128), nullable=False),
    sa.Column('proposer_id', Id, nullable=True),
    sa.Column('staff_id', Id, nullable=True),
    sa.Column('incident_id', Id, nullable=True),
    sa.Column('status', sa.String(length=32), nullable=False),
    sa.Column('meeting_id', Id, nullable=True),
    sa.Column('agenda_order', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.String(length=32), nullable=True),
    sa.Column('outcome_words', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['places.id'], name=op.f('fk_proposals_community_id_places')),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_proposals_incident_id_incidents')),
    sa.ForeignKeyConstraint(['meeting_id'], ['meetings.id'], name=op.f('fk_proposals_meeting_id_meetings')),
    sa.ForeignKeyConstraint(['place_id'], ['places.id'], name=op.f('fk_proposals_place_id_places')),
    sa.ForeignKeyConstraint(['proposer_id'], ['residents.id'], name=op.f('fk_proposals_proposer_id_residents')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_proposals_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposals'))
    )
    op.create_index('ix_proposals_community_status', 'proposals', ['community_id', 'status', 'id'], unique=False)
    op.create_index(op.f('ix_proposals_meeting_id'), 'proposals', ['meeting_id'], unique=False)
    op.create_index(op.f('ix_proposals_proposer_id'), 'proposals', ['proposer_id'], unique=False)
    op.create_table('ballots',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('community_id', Id, nullable=False),
    sa.Column('place_id', Id, nullable=False),
    sa.Column('place_name', sa.String(length=128), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('title', sa.String(length=64), nullable=False),
    sa.Column('items', sa.JSON(), nullable=False),
    sa.Column('secret', sa.Boolean(), nullable=False),
    sa.Column('rule', sa.String(length=32), nullable=False),
    sa.Column('opens_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('quorum_percent', sa.Integer(), nullable=True),
    sa.Column('proposal_id', Id, nullable=True),
    sa.Column('meeting_id', Id, nullable=True),
    sa.Column('company_id', Id, nullable=True),
    sa.Column('status', sa.String(length=32), nullable=False),
    sa.Column('roll_size', sa.Integer(), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.String(length=32), nullable=True),
    sa.Column('result', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['places.id'], name=op.f('fk_ballots_community_id_places')),
    sa.ForeignKeyConstraint(['company_id'], ['property_companies.id'], name=op.f('fk_ballots_company_id_property_companies')),
    sa.ForeignKeyConstraint(['meeting_id'], ['meetings.id'], name=op.f('fk_ballots_meeting_id_meetings')),
    sa.ForeignKeyConstraint(['place_id'], ['places.id'], name=op.f('fk_ballots_place_id_places')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposals.id'], name=op.f('fk_ballots_proposal_id_proposals')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ballots'))
    )
    op.create_index('ix_ballots_community_status', 'ballots', ['community_id', 'status', 'id'], unique=False)
    op.create_index(op.f('ix_ballots_company_id'), 'ballots', ['company_id'], unique=False)
    op.create_index(op.f('ix_ballots_proposal_id'), 'ballots', ['proposal_id'], unique=False)
    op.create_index('ix_ballots_status_closes', 'ballots', ['status', 'closes_at'], unique=False)
    op.create_table('proposal_events',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('proposal_id', Id, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('move', sa.String(length=32), nullable=False),
    sa.Column('actor_kind', sa.String(length=16), nullable=False),
    sa.Column('actor_id', Id, nullable=False),
    sa.Column('actor_name', sa.String(length=64), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposals.id'], name=op.f('fk_proposal_events_proposal_id_proposals')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposal_events'))
    )
    op.create_index(op.f('ix_proposal_events_proposal_id'), 'proposal_events', ['proposal_id'], unique=False)
    op.create_table('proposal_signatures',
    sa.Column('proposal_id', Id, autoincrement=False, nullable=False),
    sa.Column('household_id', Id, autoincrement=False, nullable=False),
    sa.Column('resident_id', Id, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['household_id'], ['households.id'], name=op.f('fk_proposal_signatures_household_id_households')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposals.id'], name=op.f('fk_proposal_signatures_proposal_id_proposals')),
    sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('fk_proposal_signatures_resident_id_residents')),
    sa.PrimaryKeyConstraint('proposal_id', 'household_id', name=op.f('pk_proposal_signatures'))
    )
    op.create_table('proposal_tasks',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('proposal_id', Id, nullable=False),
    sa.Column('what', sa.String(length=200), nullable=False),
    sa.Column('owner', sa.String(length=64), nullable=False),
    sa.Column('due', sa.Date(), nullable=False),
    sa.Column('progress', sa.Text(), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposals.id'], name=op.f('fk_proposal_tasks_proposal_id_proposals')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposal_tasks'))
    )
    op.create_index(op.f('ix_proposal_tasks_proposal_id'), 'proposal_tasks', ['proposal_id'], unique=False)
    op.create_table('proposal_tickets',
    sa.Column('proposal_id', Id, autoincrement=False, nullable=False),
    sa.Column('ticket_id', Id, autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposals.id'], name=op.f('fk_proposal_tickets_proposal_id_proposals')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_proposal_tickets_ticket_id_tickets')),
    sa.PrimaryKeyConstraint('proposal_id', 'ticket_id', name=op.f('pk_proposal_tickets'))
    )
    op.create_table('ballot_named',
    sa.Column('ballot_id', Id, autoincrement=False, nullable=False),
    sa.Column('household_id', Id, autoincrement=False, nullable=False),
    sa.Column('item', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('option', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['ballot_id'], ['ballots.id'], name=op.f('fk_ballot_named_ballot_id_ballots')),
    sa.ForeignKeyConstraint(['household_id'], ['households.id'], name=op.f('fk_ballot_named_household_id_households')),
    sa.PrimaryKeyConstraint('ballot_id', 'household_id', 'item', name=op.f('pk_ballot_named'))
    )
    op.create_table('ballot_papers',
    sa.Column('token', sa.String(length=40), nullable=False),
    sa.Column('ballot_id', Id, nullable=False),
    sa.Column('sealed', sa.Text(), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['ballot_id'], ['ballots.id'], name=op.f('fk_ballot_papers_ballot_id_ballots')),
    sa.PrimaryKeyConstraint('token', name=op.f('pk_ballot_papers'))
    )
    op.create_index(op.f('ix_ballot_papers_ballot_id'), 'ballot_papers', ['ballot_id'], unique=False)
    op.create_index(op.f('ix_ballot_papers_until'), 'ballot_papers', ['until'], unique=False)
    op.create_table('ballot_roll',
    sa.Column('ballot_id', Id, autoincrement=False, nullable=False),
    sa.Column('household_id', Id, autoincrement=False, nullable=False),
    sa.Column('room_id', Id, nullable=False),
    sa.Column('area', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['ballot_id'], ['ballots.id'], name=op.f('fk_ballot_roll_ballot_id_ballots')),
    sa.ForeignKeyConstraint(['household_id'], ['households.id'], name=op.f('fk_ballot_roll_household_id_households')),
    sa.ForeignKeyConstraint(['room_id'], ['places.id'], name=op.f('fk_ballot_roll_room_id_places')),
    sa.PrimaryKeyConstraint('ballot_id', 'household_id', name=op.f('pk_ballot_roll')),
    sa.UniqueConstraint('ballot_id', 'room_id', name=op.f('uq_ballot_roll_ballot_id_room_id'))
    )
    op.create_index(op.f('ix_ballot_roll_room_id'), 'ballot_roll', ['room_id'], unique=False)
    op.create_table('ballot_turnout',
    sa.Column('ballot_id', Id, autoincrement=False, nullable=False),
    sa.Column('household_id', Id, autoincrement=False, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['ballot_id'], ['ballots.id'], name=op.f('fk_ballot_turnout_ballot_id_ballots')),
    sa.ForeignKeyConstraint(['household_id'], ['households.id'], name=op.f('fk_ballot_turnout_household_id_households')),
    sa.PrimaryKeyConstraint('ballot_id', 'household_id', name=op.f('pk_ballot_turnout'))
    )
    op.create_table('ballot_urns',
    sa.Column('ballot_id', Id, autoincrement=False, nullable=False),
    sa.Column('sealed', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['ballot_id'], ['ballots.id'], name=op.f('fk_ballot_urns_ballot_id_ballots')),
    sa.PrimaryKeyConstraint('ballot_id', name=op.f('pk_ballot_urns'))
    )
    op.create_table('ballot_votes',
    sa.Column('ballot_id', Id, autoincrement=False, nullable=False),
    sa.Column('item', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('option', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('votes', sa.Integer(), nullable=False),
    sa.CheckConstraint('votes >= 0', name=op.f('ck_ballot_votes_votes_not_negative')),
    sa.ForeignKeyConstraint(['ballot_id'], ['ballots.id'], name=op.f('fk_ballot_votes_ballot_id_ballots')),
    sa.PrimaryKeyConstraint('ballot_id', 'item', 'option', name=op.f('pk_ballot_votes'))
    )
    op.create_table('property_scores',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('company_id', Id, nullable=False),
    sa.Column('community_id', Id, nullable=False),
    sa.Column('ballot_id', Id, nullable=False),
    sa.Column('item', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=64), nullable=False),
    sa.Column('total', Id, nullable=False),
    sa.Column('voters', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.CheckConstraint('voters > 0', name=op.f('ck_property_scores_voters_positive')),
    sa.ForeignKeyConstraint(['ballot_id'], ['ballots.id'], name=op.f('fk_property_scores_ballot_id_ballots')),
    sa.ForeignKeyConstraint(['community_id'], ['places.id'], name=op.f('fk_property_scores_community_id_places')),
    sa.ForeignKeyConstraint(['company_id'], ['property_companies.id'], name=op.f('fk_property_scores_company_id_property_companies')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_property_scores')),
    sa.UniqueConstraint('ballot_id', 'item', name=op.f('uq_property_scores_ballot_id_item'))
    )
    op.create_index(op.f('ix_property_scores_company_id'), 'property_scores', ['company_id'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_property_scores_company_id'), table_name='property_scores')
    op.drop_table('property_scores')
    op.drop_table('ballot_votes')
    op.drop_table('ballot_urns')
    op.drop_table('ballot_turnout')
    op.drop_index(op.f('ix_ballot_roll_room_id'), table_name='ballot_roll')
    op.drop_table('ballot_roll')
    op.drop_index(op.f('ix_ballot_papers_until'), table_name='ballot_papers')
    op.drop_index(op.f('ix_ballot_papers_ballot_id'), table_name='ballot_papers')
    op.drop_table('ballot_papers')
    op.drop_table('ballot_named')
    op.drop_table('proposal_tickets')
    op.drop_index(op.f('ix_proposal_tasks_proposal_id'), table_name='proposal_tasks')
    op.drop_table('proposal_tasks')
    op.drop_table('proposal_signatures')
    op.drop_index(op.f('ix_proposal_events_proposal_id'), table_name='proposal_events')
    op.drop_table('proposal_events')
    op.drop_index('ix_ballots_status_closes', table_name='ballots')
    op.drop_index(op.f('ix_ballots_proposal_id'), table_name='ballots')
    op.drop_index(op.f('ix_ballots_company_id'), table_name='ballots')
    op.drop_index('ix_ballots_community_status', table_name='ballots')
    op.drop_table('ballots')
    op.drop_index(op.f('ix_proposals_proposer_id'), table_name='proposals')
    op.drop_index(op.f('ix_proposals_meeting_id'), table_name='proposals')
    op.drop_index('ix_proposals_community_status', table_name='proposals')
    op.drop_table('proposals')
    op.drop_index('ix_meetings_community_starts', table_name='meetings')
    op.drop_table('meetings')
