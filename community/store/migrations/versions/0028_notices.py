"""Notices, their areas, receipts and events

Revision: 0028
Follows: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
At = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table('notices',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('begins_at', At, nullable=False),
    sa.Column('ends_at', At, nullable=False),
    sa.Column('community_id', Id, nullable=False),
    sa.Column('by_id', Id, nullable=False),
    sa.Column('by_name', sa.String(length=64), nullable=False),
    sa.Column('created_at', At, nullable=False),
    sa.Column('send_at', At, nullable=False),
    sa.Column('area', sa.String(length=300), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('why_urgent', sa.String(length=200), nullable=False),
    sa.Column('sent_at', At, nullable=True),
    sa.Column('place_ids', sa.JSON(), nullable=False),
    sa.Column('late', sa.JSON(), nullable=False),
    sa.Column('resends', sa.Integer(), nullable=False),
    sa.Column('resent_at', At, nullable=True),
    sa.Column('correction', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['staff.id'], name=op.f('fk_notices_by_id_staff')),
    sa.ForeignKeyConstraint(['community_id'], ['places.id'], name=op.f('fk_notices_community_id_places')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notices'))
    )
    op.create_index('ix_notices_community_ends', 'notices', ['community_id', 'ends_at'])
    op.create_index('ix_notices_state_send', 'notices', ['state', 'send_at'])
    op.create_table('notice_areas',
    sa.Column('notice_id', Id, nullable=False),
    sa.Column('place_id', Id, nullable=False),
    sa.ForeignKeyConstraint(['notice_id'], ['notices.id'], name=op.f('fk_notice_areas_notice_id_notices')),
    sa.ForeignKeyConstraint(['place_id'], ['places.id'], name=op.f('fk_notice_areas_place_id_places')),
    sa.PrimaryKeyConstraint('notice_id', 'place_id', name=op.f('pk_notice_areas'))
    )
    op.create_index(op.f('ix_notice_areas_place_id'), 'notice_areas', ['place_id'])
    op.create_table('notice_events',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('notice_id', Id, nullable=False),
    sa.Column('at', At, nullable=False),
    sa.Column('who', sa.String(length=64), nullable=False),
    sa.Column('did', sa.String(length=400), nullable=False),
    sa.ForeignKeyConstraint(['notice_id'], ['notices.id'], name=op.f('fk_notice_events_notice_id_notices')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice_events'))
    )
    op.create_index(op.f('ix_notice_events_notice_id'), 'notice_events', ['notice_id'])
    op.create_table('notice_receipts',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('notice_id', Id, nullable=False),
    sa.Column('resident_id', Id, nullable=False),
    sa.Column('sent_at', At, nullable=False),
    sa.Column('read_at', At, nullable=True),
    sa.Column('how', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['notice_id'], ['notices.id'], name=op.f('fk_notice_receipts_notice_id_notices')),
    sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('fk_notice_receipts_resident_id_residents')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice_receipts')),
    sa.UniqueConstraint('notice_id', 'resident_id', name=op.f('uq_notice_receipts_notice_id_resident_id'))
    )
    op.create_index(op.f('ix_notice_receipts_resident_id'), 'notice_receipts', ['resident_id'])


def downgrade() -> None:
    for table in ('notice_receipts', 'notice_events', 'notice_areas', 'notices'):
        op.drop_table(table)
