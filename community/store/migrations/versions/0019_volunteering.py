"""Volunteering: parties, places to confirm, check-in, series, and the ledger of points and hours

Revision: 0019
Follows: 0018
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from community.store.tables.base import Id
from community.store.types import UtcDateTime


revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def added() -> dict[str, list[sa.Column[Any]]]:
    """New columns of each table; made anew for each use, since a column belongs to one table."""
    return {
        'activities': [
            sa.Column('skills', sa.String(length=128), nullable=False, server_default=''),
            sa.Column('style', sa.String(length=32), nullable=False, server_default='activity'),
            sa.Column('points', sa.Integer(), nullable=False, server_default='10'),
            sa.Column('confirm_hours', sa.Integer(), nullable=False, server_default='12'),
            sa.Column('series', sa.String(length=64), nullable=False, server_default=''),
            sa.Column('published', sa.Boolean(), nullable=False, server_default=sa.text('true')),
        ],
        'shifts': [
            sa.Column('reminded_at', UtcDateTime(), nullable=True),
            sa.Column('settled_at', UtcDateTime(), nullable=True),
        ],
        'signups': [
            sa.Column('seats', sa.Integer(), nullable=False, server_default='1'),
            sa.Column('party', sa.Text(), nullable=False, server_default=''),
            sa.Column('confirm_by', UtcDateTime(), nullable=True),
            sa.Column('checked_in_at', UtcDateTime(), nullable=True),
            sa.Column('tries', sa.Integer(), nullable=False, server_default='0'),
        ],
    }


def upgrade() -> None:
    for table, columns in added().items():
        for column in columns:
            op.add_column(table, column)
    # Shifts that were over before there was a ledger: nobody checked in, nobody is a no-show.
    op.execute("UPDATE shifts SET settled_at = ends_at, reminded_at = starts_at WHERE ends_at < CURRENT_TIMESTAMP")
    op.create_table('points_accounts',
        sa.Column('resident_id', Id, nullable=False, autoincrement=False),
        sa.Column('points', sa.Integer(), server_default='0', nullable=False),
        sa.Column('minutes', sa.Integer(), server_default='0', nullable=False),
        sa.Column('ranked', sa.Boolean(), server_default=sa.text('false'), nullable=False),
        sa.CheckConstraint('points >= 0', name=op.f('ck_points_accounts_points_not_below_zero')),
        sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('fk_points_accounts_resident_id_residents')),
        sa.PrimaryKeyConstraint('resident_id', name=op.f('pk_points_accounts')),
    )
    op.create_table('gifts',
        sa.Column('id', Id, autoincrement=True, nullable=False),
        sa.Column('title', sa.String(length=64), nullable=False),
        sa.Column('community_id', Id, nullable=False),
        sa.Column('points', sa.Integer(), nullable=False),
        sa.Column('stocked', sa.Integer(), nullable=False),
        sa.Column('stock', sa.Integer(), nullable=False),
        sa.CheckConstraint('stock >= 0 AND stock <= stocked', name=op.f('ck_gifts_stock_within_stocked')),
        sa.ForeignKeyConstraint(['community_id'], ['places.id'], name=op.f('fk_gifts_community_id_places')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_gifts')),
    )
    op.create_index(op.f('ix_gifts_community_id'), 'gifts', ['community_id'])
    op.create_table('points_ledger',
        sa.Column('id', Id, autoincrement=True, nullable=False),
        sa.Column('resident_id', Id, nullable=False),
        sa.Column('delta', sa.Integer(), nullable=False),
        sa.Column('minutes', sa.Integer(), server_default='0', nullable=False),
        sa.Column('why', sa.String(length=32), nullable=False),
        sa.Column('what', sa.String(length=128), nullable=False),
        sa.Column('key', sa.String(length=96), nullable=False),
        sa.Column('at', UtcDateTime(), nullable=False),
        sa.Column('who', sa.String(length=16), server_default='', nullable=False),
        sa.Column('shift_id', Id, nullable=True),
        sa.Column('gift_id', Id, nullable=True),
        sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('fk_points_ledger_resident_id_residents')),
        sa.ForeignKeyConstraint(['shift_id'], ['shifts.id'], name=op.f('fk_points_ledger_shift_id_shifts')),
        sa.ForeignKeyConstraint(['gift_id'], ['gifts.id'], name=op.f('fk_points_ledger_gift_id_gifts')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_points_ledger')),
        sa.UniqueConstraint('key', name=op.f('uq_points_ledger_key')),
    )
    op.create_index(op.f('ix_points_ledger_resident_id'), 'points_ledger', ['resident_id'])
    op.create_table('gift_orders',
        sa.Column('id', Id, autoincrement=True, nullable=False),
        sa.Column('gift_id', Id, nullable=False),
        sa.Column('resident_id', Id, nullable=False),
        sa.Column('points', sa.Integer(), nullable=False),
        sa.Column('code', sa.String(length=8), nullable=False),
        sa.Column('at', UtcDateTime(), nullable=False),
        sa.Column('handed_at', UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(['gift_id'], ['gifts.id'], name=op.f('fk_gift_orders_gift_id_gifts')),
        sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('fk_gift_orders_resident_id_residents')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_gift_orders')),
    )
    op.create_index(op.f('ix_gift_orders_gift_id'), 'gift_orders', ['gift_id'])
    op.create_index(op.f('ix_gift_orders_resident_id'), 'gift_orders', ['resident_id'])


def downgrade() -> None:
    for table in ('gift_orders', 'points_ledger', 'gifts', 'points_accounts'):
        op.drop_table(table)
    op.execute("UPDATE signups SET status = 'signed_up' WHERE status IN ('confirming', 'attended', 'no_show')")
    for table, columns in added().items():
        for column in columns:
            op.drop_column(table, column.name)
