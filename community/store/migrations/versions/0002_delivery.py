"""Delivery that several processes share: leases, windows, attachments

Revision: 0002
Follows: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    # Every new column has a default in the database: the code that runs now goes on writing rows without them.
    op.create_table('channel_windows',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('external_id', sa.String(length=128), nullable=False),
    sa.Column('following', sa.Boolean(), nullable=False),
    sa.Column('following_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('kind', sa.String(length=32), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('renewed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('room', sa.Integer(), nullable=False),
    sa.Column('in_flight', sa.Integer(), nullable=False),
    sa.Column('landed', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_channel_windows')),
    sa.UniqueConstraint('channel', 'external_id', name=op.f('uq_channel_windows_channel_external_id'))
    )
    with op.batch_alter_table('inbox', schema=None) as batch_op:
        batch_op.add_column(sa.Column('attachments', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('answer', sa.Text(), nullable=True))
        batch_op.create_index('ix_inbox_resident_status', ['resident_id', 'status', 'id'], unique=False)

    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.add_column(sa.Column('topic', sa.String(length=64), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('failures', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('progress', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('carried_by', Id, nullable=True))
        batch_op.add_column(sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('worker', sa.String(length=64), nullable=True))
        batch_op.create_index('ix_outbox_resident_status', ['resident_id', 'status', 'id'], unique=False)


def downgrade() -> None:
    # The older code knows neither: what is under way or waits is to be sent by it.
    op.execute("UPDATE outbox SET status = 'pending' WHERE status IN ('sending', 'waiting')")
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.drop_index('ix_outbox_resident_status')
        batch_op.drop_column('worker')
        batch_op.drop_column('lease_until')
        batch_op.drop_column('carried_by')
        batch_op.drop_column('progress')
        batch_op.drop_column('failures')
        batch_op.drop_column('topic')

    with op.batch_alter_table('inbox', schema=None) as batch_op:
        batch_op.drop_index('ix_inbox_resident_status')
        batch_op.drop_column('answer')
        batch_op.drop_column('attachments')

    op.drop_table('channel_windows')
