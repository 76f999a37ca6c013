"""Several homes, letters with codes, carers, elder mode, consents, deletions, copies of one's data

Revision: 0022
Follows: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0022'
down_revision = '0020'
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
At = sa.DateTime(timezone=True)


def own() -> sa.Column[int]:
    return sa.Column('id', Id, autoincrement=True, nullable=False)


def ref(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f'{target}.id'], name=op.f(f'fk_{table}_{column}_{target}'))


def upgrade() -> None:
    op.create_table('resident_homes', own(),
    sa.Column('resident_id', Id, nullable=False),
    sa.Column('room_id', Id, nullable=False),
    sa.Column('verified', sa.Boolean(), nullable=False),
    sa.Column('added_at', At, nullable=False),
    ref('resident_homes', 'resident_id', 'residents'), ref('resident_homes', 'room_id', 'places'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_resident_homes')),
    sa.UniqueConstraint('resident_id', 'room_id', name=op.f('uq_resident_homes_resident_id_room_id'))
    )
    op.create_index(op.f('ix_resident_homes_room_id'), 'resident_homes', ['room_id'])
    op.create_table('home_letters', own(),
    sa.Column('room_id', Id, nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('staff_id', Id, nullable=False),
    sa.Column('made_at', At, nullable=False),
    sa.Column('expires_at', At, nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('used_at', At, nullable=True),
    sa.Column('used_by', Id, nullable=True),
    sa.Column('void', sa.Boolean(), nullable=False),
    ref('home_letters', 'room_id', 'places'), ref('home_letters', 'staff_id', 'staff'), ref('home_letters', 'used_by', 'residents'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_home_letters'))
    )
    op.create_index(op.f('ix_home_letters_room_id'), 'home_letters', ['room_id'])
    op.create_index(op.f('ix_home_letters_code_hash'), 'home_letters', ['code_hash'])
    op.create_table('home_requests', own(),
    sa.Column('resident_id', Id, nullable=False),
    sa.Column('room_id', Id, nullable=False),
    sa.Column('community_id', Id, nullable=True),
    sa.Column('asked_at', At, nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('decided_at', At, nullable=True),
    sa.Column('staff_id', Id, nullable=True),
    sa.Column('reason', sa.String(length=200), nullable=False),
    ref('home_requests', 'resident_id', 'residents'), ref('home_requests', 'room_id', 'places'),
    ref('home_requests', 'community_id', 'places'), ref('home_requests', 'staff_id', 'staff'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_home_requests'))
    )
    op.create_index(op.f('ix_home_requests_resident_id'), 'home_requests', ['resident_id'])
    op.create_index('ix_home_requests_community_state', 'home_requests', ['community_id', 'state', 'id'])
    op.create_table('carers', own(),
    sa.Column('carer_id', Id, nullable=False),
    sa.Column('elder_id', Id, nullable=False),
    sa.Column('asked_at', At, nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('answered_at', At, nullable=True),
    sa.Column('ended_at', At, nullable=True),
    ref('carers', 'carer_id', 'residents'), ref('carers', 'elder_id', 'residents'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_carers')),
    sa.UniqueConstraint('carer_id', 'elder_id', name=op.f('uq_carers_carer_id_elder_id'))
    )
    op.create_index(op.f('ix_carers_elder_id'), 'carers', ['elder_id'])
    op.create_table('carer_uses', own(),
    sa.Column('carer_link_id', Id, nullable=False),
    sa.Column('at', At, nullable=False),
    sa.Column('what', sa.String(length=40), nullable=False),
    sa.Column('ticket_id', Id, nullable=True),
    ref('carer_uses', 'carer_link_id', 'carers'), ref('carer_uses', 'ticket_id', 'tickets'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_carer_uses'))
    )
    op.create_index(op.f('ix_carer_uses_carer_link_id'), 'carer_uses', ['carer_link_id'])
    op.create_table('resident_settings',
    sa.Column('resident_id', Id, autoincrement=False, nullable=False),
    sa.Column('elder', sa.Boolean(), nullable=False),
    sa.Column('notice', sa.String(length=16), nullable=False),
    sa.Column('notice_for', sa.String(length=64), nullable=False),
    sa.Column('acting_for', Id, nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('tries_day', sa.String(length=10), nullable=False),
    ref('resident_settings', 'resident_id', 'residents'), ref('resident_settings', 'acting_for', 'carers'),
    sa.PrimaryKeyConstraint('resident_id', name=op.f('pk_resident_settings'))
    )
    op.create_table('consents', own(),
    sa.Column('resident_id', Id, nullable=False),
    sa.Column('what', sa.String(length=32), nullable=False),
    sa.Column('version', sa.String(length=16), nullable=False),
    sa.Column('at', At, nullable=False),
    sa.Column('how', sa.String(length=40), nullable=False),
    sa.Column('withdrawn_at', At, nullable=True),
    ref('consents', 'resident_id', 'residents'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consents'))
    )
    op.create_index(op.f('ix_consents_resident_id'), 'consents', ['resident_id'])
    op.create_table('deletions', own(),
    sa.Column('resident_id', Id, nullable=False),
    sa.Column('community_id', Id, nullable=True),
    sa.Column('asked_at', At, nullable=False),
    sa.Column('due_at', At, nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('warned_at', At, nullable=True),
    sa.Column('ended_at', At, nullable=True),
    sa.Column('report', sa.JSON(), nullable=False),
    ref('deletions', 'resident_id', 'residents'), ref('deletions', 'community_id', 'places'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deletions'))
    )
    op.create_index(op.f('ix_deletions_resident_id'), 'deletions', ['resident_id'])
    op.create_index('ix_deletions_state_due', 'deletions', ['state', 'due_at'])
    op.create_table('data_links', own(),
    sa.Column('resident_id', Id, nullable=False),
    sa.Column('nonce', sa.String(length=32), nullable=False),
    sa.Column('made_at', At, nullable=False),
    sa.Column('expires_at', At, nullable=False),
    sa.Column('fetched', sa.Integer(), nullable=False),
    ref('data_links', 'resident_id', 'residents'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_data_links')),
    sa.UniqueConstraint('nonce', name=op.f('uq_data_links_nonce'))
    )
    op.create_index(op.f('ix_data_links_resident_id'), 'data_links', ['resident_id'])


def downgrade() -> None:
    for table in ('data_links', 'deletions', 'consents', 'resident_settings', 'carer_uses', 'carers', 'home_requests',
                  'home_letters', 'resident_homes'):
        op.drop_table(table)
