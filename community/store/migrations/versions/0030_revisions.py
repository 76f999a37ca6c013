"""Revisions of the assistant's knowledge, and when an answer wants checking again

Revision: 0030
Follows: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
At = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table('revisions',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('code', sa.String(length=80), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('base', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('by_id', Id, nullable=False),
    sa.Column('by_name', sa.String(length=64), nullable=False),
    sa.Column('by_role', sa.String(length=32), nullable=False),
    sa.Column('at', At, nullable=False),
    sa.Column('why', sa.String(length=300), nullable=False),
    sa.Column('gone', sa.Boolean(), nullable=False),
    sa.Column('look', sa.JSON(), nullable=False),
    sa.Column('second_id', Id, nullable=True),
    sa.Column('second_name', sa.String(length=64), nullable=False),
    sa.Column('decided_at', At, nullable=True),
    sa.Column('said', sa.String(length=300), nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=True),
    sa.Column('change', sa.String(length=64), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('open_key', sa.String(length=100), nullable=True),
    sa.Column('live_key', sa.String(length=100), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['staff.id'], name=op.f('fk_revisions_by_id_staff')),
    sa.ForeignKeyConstraint(['second_id'], ['staff.id'], name=op.f('fk_revisions_second_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_revisions')),
    sa.UniqueConstraint('live_key', name=op.f('uq_revisions_live_key')),
    sa.UniqueConstraint('open_key', name=op.f('uq_revisions_open_key'))
    )
    op.create_index('ix_revisions_kind_code', 'revisions', ['kind', 'code'])
    op.create_index(op.f('ix_revisions_state'), 'revisions', ['state'])
    op.add_column('answers', sa.Column('expires_on', sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_table('revisions')
    op.drop_column('answers', 'expires_on')
