"""微信客服: how far each account is fetched; the code of a chat that was only entered. What is said in a community's room

Revision: 0004
Follows: 0002 (what comes next follows this one, whatever its number)
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0004'
down_revision = '0002'
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('kf_accounts',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('open_kfid', sa.String(length=64), nullable=False),
    sa.Column('cursor', sa.String(length=512), nullable=False),
    sa.Column('token', sa.String(length=512), nullable=False),
    sa.Column('token_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('noted', sa.Integer(), nullable=False),
    sa.Column('fetched', sa.Integer(), nullable=False),
    sa.Column('looked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('worker', sa.String(length=64), nullable=True),
    sa.Column('error', sa.String(length=300), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kf_accounts')),
    sa.UniqueConstraint('open_kfid', name=op.f('uq_kf_accounts_open_kfid'))
    )
    op.create_table('room_notes',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('idempotency_key', sa.String(length=200), nullable=False),
    sa.Column('community_id', Id, nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', sa.String(length=32), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('worker', sa.String(length=64), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['places.id'], name=op.f('fk_room_notes_community_id_places')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_room_notes')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_room_notes_idempotency_key'))
    )
    with op.batch_alter_table('room_notes', schema=None) as batch_op:
        batch_op.create_index('ix_room_notes_community', ['community_id', 'status', 'id'], unique=False)

    with op.batch_alter_table('channel_windows', schema=None) as batch_op:
        batch_op.add_column(sa.Column('code', sa.String(length=256), nullable=False, server_default=''))


def downgrade() -> None:
    # The older code does not know what opened such a window, and it is over in seconds.
    op.execute("UPDATE channel_windows SET kind = NULL, room = 0 WHERE kind = 'entered'")
    with op.batch_alter_table('channel_windows', schema=None) as batch_op:
        batch_op.drop_column('code')

    op.drop_table('room_notes')
    op.drop_table('kf_accounts')
