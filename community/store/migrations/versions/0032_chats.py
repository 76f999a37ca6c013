"""Sessions with the assistant, open forms, and what came of a message later

Revision: 0032
Follows: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
At = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table('chat_sessions',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('resident_id', Id, nullable=False),
    sa.Column('began_at', At, nullable=False),
    sa.Column('last_at', At, nullable=False),
    sa.Column('intent', sa.String(length=48), nullable=False),
    sa.Column('messages', sa.Integer(), nullable=False),
    sa.Column('unclear', sa.Integer(), nullable=False),
    sa.Column('handed', sa.Boolean(), nullable=False),
    sa.Column('staff', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('fk_chat_sessions_resident_id_residents')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chat_sessions'))
    )
    op.create_index('ix_chat_sessions_counted', 'chat_sessions', ['began_at', 'intent', 'handed', 'staff', 'messages', 'unclear'])
    op.create_index('ix_chat_sessions_resident_last', 'chat_sessions', ['resident_id', 'last_at'])
    op.create_table('open_forms',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('resident_id', Id, nullable=False),
    sa.Column('form', sa.String(length=48), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('opened_at', At, nullable=False),
    sa.Column('last_at', At, nullable=False),
    sa.Column('answers', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('fk_open_forms_resident_id_residents')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_open_forms'))
    )
    op.create_index(op.f('ix_open_forms_last_at'), 'open_forms', ['last_at'])
    op.create_index('uq_open_forms_resident', 'open_forms', ['resident_id'], unique=True)
    op.add_column('understandings', sa.Column('session_id', Id, nullable=True))
    op.add_column('understandings', sa.Column('staff_category', sa.String(length=32), nullable=False, server_default=''))
    op.add_column('understandings', sa.Column('vote', sa.String(length=8), nullable=False, server_default=''))
    op.create_index(op.f('ix_understandings_session_id'), 'understandings', ['session_id'])
    op.drop_index(op.f('ix_understandings_at'), 'understandings')
    op.create_index('ix_understandings_counted', 'understandings', ['at', 'intent', 'doubted'])
    op.create_index('ix_understandings_doubted_at', 'understandings', ['doubted', 'at'])
    op.create_index('ix_understandings_voted', 'understandings', ['vote', 'at', 'intent'])


def downgrade() -> None:
    for name in ('voted', 'doubted_at', 'counted'):
        op.drop_index(f'ix_understandings_{name}', 'understandings')
    op.create_index(op.f('ix_understandings_at'), 'understandings', ['at'])
    op.drop_index(op.f('ix_understandings_session_id'), 'understandings')
    for column in ('vote', 'staff_category', 'session_id'):
        op.drop_column('understandings', column)
    op.drop_table('open_forms')
    op.drop_table('chat_sessions')
