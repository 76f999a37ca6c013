"""Appointments with the community's lawyers

Revision: 0017
Follows: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        'consultations',
        sa.Column('id', Id, primary_key=True, autoincrement=True),
        sa.Column('lawyer_id', Id, sa.ForeignKey('staff.id', name=op.f('fk_consultations_lawyer_id_staff')), nullable=False),
        sa.Column('resident_id', Id, sa.ForeignKey('residents.id', name=op.f('fk_consultations_resident_id_residents')), nullable=False),
        sa.Column('starts_at', moment, nullable=False),
        sa.Column('ends_at', moment, nullable=False),
        sa.Column('question', sa.Text(), nullable=False),
        sa.Column('key', sa.String(200), nullable=False, unique=True),
        sa.Column('booked_at', moment, nullable=False),
        sa.Column('status', sa.String(32), nullable=False),
        sa.Column('holds', sa.Integer(), nullable=True),
        sa.Column('remind_at', moment, nullable=True),
        sa.Column('outcome', sa.String(32), nullable=True),
        sa.Column('note', sa.Text(), nullable=False),
        sa.UniqueConstraint('lawyer_id', 'starts_at', 'holds', name=op.f('uq_consultations_lawyer_id_starts_at_holds')),
    )
    for name in ('resident_id', 'starts_at', 'remind_at'):
        op.create_index(f'ix_consultations_{name}', 'consultations', [name])


def downgrade() -> None:
    op.drop_table('consultations')
