"""Staff in WeCom: who is who, what they send, what they are told, where the talk stands, their diary

Revision: 0005
Follows: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def _when(name: str, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    with op.batch_alter_table('staff', schema=None) as batch_op:
        batch_op.add_column(sa.Column('wecom_id', sa.String(length=64), nullable=True))
        batch_op.create_unique_constraint('uq_staff_wecom_id', ['wecom_id'])

    op.create_table('staff_inbox',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('dedup_key', sa.String(length=200), nullable=False),
    sa.Column('staff_id', Id, nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    _when('received_at', False),
    sa.Column('task', sa.String(length=128), nullable=False),
    sa.Column('code', sa.String(length=512), nullable=False),
    sa.Column('media_id', sa.String(length=512), nullable=False),
    sa.Column('photo', sa.String(length=64), nullable=False),
    sa.Column('status', sa.String(length=32), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    _when('next_try_at'),
    _when('lease_until'),
    sa.Column('worker', sa.String(length=64), nullable=True),
    _when('handled_at'),
    sa.Column('error', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_inbox_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_inbox')),
    sa.UniqueConstraint('dedup_key', name=op.f('uq_staff_inbox_dedup_key'))
    )
    op.create_index('ix_staff_inbox_staff_status', 'staff_inbox', ['staff_id', 'status', 'id'])
    op.create_index('ix_staff_inbox_status', 'staff_inbox', ['status', 'id'])
    op.create_table('staff_outbox',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('idempotency_key', sa.String(length=200), nullable=False),
    sa.Column('staff_id', Id, nullable=True),
    sa.Column('member', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    _when('created_at', False),
    sa.Column('ticket_id', Id, nullable=True),
    sa.Column('task', sa.String(length=128), nullable=False),
    sa.Column('code', sa.String(length=512), nullable=False),
    _when('code_until'),
    sa.Column('status', sa.String(length=32), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('uses', sa.Integer(), nullable=False),
    _when('used_at'),
    _when('next_try_at'),
    _when('lease_until'),
    sa.Column('worker', sa.String(length=64), nullable=True),
    _when('sent_at'),
    sa.Column('error', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_outbox_staff_id_staff')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_staff_outbox_ticket_id_tickets')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_outbox')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_staff_outbox_idempotency_key'))
    )
    op.create_index('ix_staff_outbox_member_status', 'staff_outbox', ['member', 'status', 'id'])
    op.create_index('ix_staff_outbox_member_used', 'staff_outbox', ['member', 'used_at'])
    op.create_index('ix_staff_outbox_status', 'staff_outbox', ['status', 'id'])
    op.create_index('ix_staff_outbox_ticket', 'staff_outbox', ['ticket_id', 'staff_id'])
    op.create_index('ix_staff_outbox_task', 'staff_outbox', ['task'])
    op.create_table('staff_talks',
    sa.Column('staff_id', Id, autoincrement=False, nullable=False),
    sa.Column('number', sa.String(length=12), nullable=False),
    _when('spoken_at'),
    sa.Column('asking', sa.String(length=16), nullable=False),
    _when('asked_at'),
    sa.Column('options', sa.JSON(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('photos', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_talks_staff_id_staff')),
    sa.PrimaryKeyConstraint('staff_id', name=op.f('pk_staff_talks'))
    )
    op.create_table('staff_diary',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('staff_id', Id, nullable=False),
    _when('at', False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('place_id', Id, nullable=True),
    sa.Column('place_text', sa.String(length=256), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_diary_staff_id_staff')),
    sa.ForeignKeyConstraint(['place_id'], ['places.id'], name=op.f('fk_staff_diary_place_id_places')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_diary')),
    sa.UniqueConstraint('key', name=op.f('uq_staff_diary_key'))
    )
    op.create_index('ix_staff_diary_place_id', 'staff_diary', ['place_id'])
    op.create_index('ix_staff_diary_staff_at', 'staff_diary', ['staff_id', 'at'])


def downgrade() -> None:
    op.drop_table('staff_diary')
    op.drop_table('staff_talks')
    op.drop_table('staff_outbox')
    op.drop_table('staff_inbox')
    with op.batch_alter_table('staff', schema=None) as batch_op:
        batch_op.drop_constraint('uq_staff_wecom_id', type_='unique')
        batch_op.drop_column('wecom_id')
