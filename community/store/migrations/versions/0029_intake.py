"""Drafts of what was passed on from groups

Revision: 0029
Follows: 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
At = sa.DateTime(timezone=True)


def own() -> sa.Column[int]:
    return sa.Column('id', Id, autoincrement=True, nullable=False)


def ref(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f'{target}.id'], name=op.f(f'fk_{table}_{column}_{target}'))


def upgrade() -> None:
    op.create_table('group_drafts', own(),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('mark', sa.String(length=80), nullable=False),
    sa.Column('staff_id', Id, nullable=False),
    sa.Column('at', At, nullable=False),
    sa.Column('who', sa.Text(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('said_at', sa.String(length=8), nullable=False),
    sa.Column('also', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('category', sa.String(length=32), nullable=False),
    sa.Column('urgency', sa.String(length=32), nullable=False),
    sa.Column('danger', sa.String(length=32), nullable=False),
    sa.Column('place_id', Id, nullable=True),
    sa.Column('place_text', sa.String(length=256), nullable=False),
    sa.Column('grid_id', Id, nullable=True),
    sa.Column('community_id', Id, nullable=True),
    sa.Column('resident_id', Id, nullable=True),
    sa.Column('ticket_id', Id, nullable=True),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('decided_by', Id, nullable=True),
    sa.Column('decided_at', At, nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    ref('group_drafts', 'staff_id', 'staff'), ref('group_drafts', 'place_id', 'places'), ref('group_drafts', 'grid_id', 'places'),
    ref('group_drafts', 'community_id', 'places'), ref('group_drafts', 'resident_id', 'residents'),
    ref('group_drafts', 'ticket_id', 'tickets'), ref('group_drafts', 'decided_by', 'staff'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_group_drafts')),
    sa.UniqueConstraint('key', name=op.f('uq_group_drafts_key'))
    )
    op.create_index(op.f('ix_group_drafts_mark'), 'group_drafts', ['mark'])
    op.create_index(op.f('ix_group_drafts_resident_id'), 'group_drafts', ['resident_id'])
    op.create_index('ix_group_drafts_state_grid', 'group_drafts', ['state', 'grid_id', 'id'])
    op.create_index('ix_group_drafts_state_community', 'group_drafts', ['state', 'community_id', 'id'])
    op.create_table('group_draft_events', own(),
    sa.Column('draft_id', Id, nullable=False),
    sa.Column('at', At, nullable=False),
    sa.Column('staff_id', Id, nullable=False),
    sa.Column('what', sa.String(length=32), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    ref('group_draft_events', 'draft_id', 'group_drafts'), ref('group_draft_events', 'staff_id', 'staff'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_group_draft_events'))
    )
    op.create_index(op.f('ix_group_draft_events_draft_id'), 'group_draft_events', ['draft_id'])


def downgrade() -> None:
    op.drop_table('group_draft_events')
    op.drop_table('group_drafts')
