"""Who looked at a phone number or household, or took a list away, leaves a line

Revision: 0009
Follows: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('view_log',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('staff_id', Id, nullable=False),
    sa.Column('what', sa.String(length=32), nullable=False),
    sa.Column('ticket_id', Id, nullable=True),
    sa.Column('resident_id', Id, nullable=True),
    sa.Column('page', sa.String(length=120), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_view_log_staff_id_staff')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_view_log_ticket_id_tickets')),
    sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('fk_view_log_resident_id_residents')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_view_log'))
    )
    op.create_index('ix_view_log_at', 'view_log', ['at'])
    op.create_index('ix_view_log_staff_at', 'view_log', ['staff_id', 'at'])
    op.create_index('ix_view_log_ticket_id', 'view_log', ['ticket_id'])
    op.create_index('ix_view_log_resident_id', 'view_log', ['resident_id'])


def downgrade() -> None:
    op.drop_table('view_log')
