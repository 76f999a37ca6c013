"""Promises that act: levels, pauses and a clock for each ticket, rules with effective dates, leave, followers

Revision: 0007
Follows: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

TIMES = ('paused_at', 'paused_until', 'clock_from', 'reminded_for', 'remind_at', 'escalated_at', 'escalate_at', 'look_at')


def upgrade() -> None:
    op.add_column('tickets', sa.Column('level', sa.Integer(), nullable=False, server_default='2'))
    op.add_column('tickets', sa.Column('outcome', sa.String(length=32), nullable=True))
    for name in TIMES:
        op.add_column('tickets', sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_index('ix_tickets_look_at', 'tickets', ['look_at'])
    # What is open by now is looked at when its promise ends; the clock sets the rest from there.
    op.execute(
        "UPDATE tickets SET escalate_at = CASE WHEN accepted_at IS NULL THEN accept_by ELSE resolve_by END, "
        "look_at = CASE WHEN accepted_at IS NULL THEN accept_by ELSE resolve_by END "
        "WHERE status IN ('received', 'dispatched', 'accepted', 'in_progress', 'returned')"
    )
    op.create_table(
        'leaves',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
        sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('starts', sa.Date(), nullable=False),
        sa.Column('ends', sa.Date(), nullable=False),
        sa.Column('deputy_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
        sa.Column('reason', sa.String(length=200), nullable=False),
        sa.CheckConstraint('ends >= starts', name=op.f('ck_leaves_ends_after_start')),
        sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_leaves_staff_id_staff')),
        sa.ForeignKeyConstraint(['deputy_id'], ['staff.id'], name=op.f('fk_leaves_deputy_id_staff')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_leaves')),
    )
    op.create_index('ix_leaves_staff_id', 'leaves', ['staff_id'])
    op.create_table(
        'promise_rules',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
        sa.Column('category', sa.String(length=32), nullable=False),
        sa.Column('effective_from', sa.Date(), nullable=False),
        sa.Column('accept_minutes', sa.Integer(), nullable=False),
        sa.Column('resolve_hours', sa.Integer(), nullable=False),
        sa.Column('step_hours', sa.Integer(), nullable=False),
        sa.Column('first', sa.String(length=32), nullable=False),
        sa.Column('photos', sa.String(length=32), nullable=False),
        sa.Column('department', sa.String(length=128), nullable=False),
        sa.Column('author', sa.String(length=64), nullable=False),
        sa.Column('set_at', sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_promise_rules')),
    )
    op.create_index('ix_promise_rules_category', 'promise_rules', ['category'])
    op.create_table(
        'ticket_followers',
        sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('resident_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('words', sa.Text(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_ticket_followers_ticket_id_tickets')),
        sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('fk_ticket_followers_resident_id_residents')),
        sa.PrimaryKeyConstraint('ticket_id', 'resident_id', name=op.f('pk_ticket_followers')),
    )
    op.create_index('ix_ticket_followers_resident_id', 'ticket_followers', ['resident_id'])


def downgrade() -> None:
    op.drop_table('ticket_followers')
    op.drop_table('promise_rules')
    op.drop_table('leaves')
    op.drop_index('ix_tickets_look_at', 'tickets')
    for name in (*reversed(TIMES), 'outcome', 'level'):
        op.drop_column('tickets', name)
