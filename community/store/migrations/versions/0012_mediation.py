"""办了一部分 counted; mediations with a second side; requests that a volunteer takes

Revision: 0012
Follows: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.add_column('tickets', sa.Column('partly_count', sa.Integer(), server_default='0', nullable=False))
    op.create_table('mediations',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('ticket_id', Id, nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('second', sa.String(length=32), nullable=False),
    sa.Column('second_text', sa.String(length=256), nullable=False),
    sa.Column('second_place_id', Id, nullable=True),
    sa.Column('second_id', Id, nullable=True),
    sa.Column('subject', sa.String(length=100), nullable=False),
    sa.Column('invited_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('meet_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('meet_place', sa.String(length=128), nullable=False),
    sa.Column('result', sa.String(length=32), nullable=True),
    sa.Column('result_words', sa.Text(), nullable=False),
    sa.Column('first_agrees', sa.Boolean(), nullable=True),
    sa.Column('second_agrees', sa.Boolean(), nullable=True),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_mediations_ticket_id_tickets')),
    sa.ForeignKeyConstraint(['second_place_id'], ['places.id'], name=op.f('fk_mediations_second_place_id_places')),
    sa.ForeignKeyConstraint(['second_id'], ['residents.id'], name=op.f('fk_mediations_second_id_residents')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mediations')),
    sa.UniqueConstraint('ticket_id', name=op.f('uq_mediations_ticket_id'))
    )
    op.create_index('ix_mediations_second_id', 'mediations', ['second_id'])
    op.create_table('mediation_lines',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('mediation_id', Id, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_kind', sa.String(length=16), nullable=False),
    sa.Column('actor_id', Id, nullable=False),
    sa.Column('actor_name', sa.String(length=64), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['mediation_id'], ['mediations.id'], name=op.f('fk_mediation_lines_mediation_id_mediations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mediation_lines'))
    )
    op.create_index('ix_mediation_lines_mediation_id', 'mediation_lines', ['mediation_id'])
    op.create_table('care_tasks',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('ticket_id', Id, nullable=False),
    sa.Column('shift_id', Id, nullable=False),
    sa.Column('what', sa.String(length=100), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('take_by', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('volunteer_id', Id, nullable=True),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_care_tasks_ticket_id_tickets')),
    sa.ForeignKeyConstraint(['shift_id'], ['shifts.id'], name=op.f('fk_care_tasks_shift_id_shifts')),
    sa.ForeignKeyConstraint(['volunteer_id'], ['residents.id'], name=op.f('fk_care_tasks_volunteer_id_residents')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_care_tasks')),
    sa.UniqueConstraint('ticket_id', name=op.f('uq_care_tasks_ticket_id')),
    sa.UniqueConstraint('shift_id', name=op.f('uq_care_tasks_shift_id'))
    )
    op.create_index('ix_care_tasks_state_take_by', 'care_tasks', ['state', 'take_by'])


def downgrade() -> None:
    op.drop_table('care_tasks')
    op.drop_table('mediation_lines')
    op.drop_table('mediations')
    op.drop_column('tickets', 'partly_count')
