"""Sites with their hours, contact days, who changed them, and questions no guide met

Revision: 0027
Follows: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
At = sa.DateTime(timezone=True)


def own() -> sa.Column[int]:
    return sa.Column('id', Id, autoincrement=True, nullable=False)


def ref(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f'{target}.id'], name=op.f(f'fk_{table}_{column}_{target}'))


def upgrade() -> None:
    op.create_table('sites', own(),
    sa.Column('community_id', Id, nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('address', sa.String(length=120), nullable=False),
    sa.Column('phone', sa.String(length=32), nullable=False),
    sa.Column('serves', sa.String(length=200), nullable=False),
    sa.Column('hours', sa.JSON(), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    ref('sites', 'community_id', 'places'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sites')),
    sa.UniqueConstraint('community_id', 'name', name=op.f('uq_sites_community_id_name'))
    )
    op.create_index(op.f('ix_sites_community_id'), 'sites', ['community_id'])
    op.create_table('site_days', own(),
    sa.Column('site_id', Id, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('spans', sa.JSON(), nullable=False),
    sa.Column('reason', sa.String(length=60), nullable=False),
    sa.Column('staff_id', Id, nullable=False),
    sa.Column('at', At, nullable=False),
    ref('site_days', 'site_id', 'sites'), ref('site_days', 'staff_id', 'staff'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site_days')),
    sa.UniqueConstraint('site_id', 'day', name=op.f('uq_site_days_site_id_day'))
    )
    op.create_table('contact_days', own(),
    sa.Column('community_id', Id, nullable=False),
    sa.Column('role', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('place', sa.String(length=120), nullable=False),
    sa.Column('rule', sa.String(length=16), nullable=False),
    sa.Column('starts', sa.Integer(), nullable=False),
    sa.Column('ends', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    ref('contact_days', 'community_id', 'places'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact_days'))
    )
    op.create_index(op.f('ix_contact_days_community_id'), 'contact_days', ['community_id'])
    op.create_table('guide_events', own(),
    sa.Column('community_id', Id, nullable=False),
    sa.Column('what', sa.String(length=16), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('staff_id', Id, nullable=False),
    sa.Column('staff_name', sa.String(length=64), nullable=False),
    sa.Column('at', At, nullable=False),
    sa.Column('did', sa.String(length=300), nullable=False),
    ref('guide_events', 'community_id', 'places'), ref('guide_events', 'staff_id', 'staff'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_guide_events'))
    )
    op.create_index('ix_guide_events_community_id_at', 'guide_events', ['community_id', 'at'])
    op.create_table('guide_misses', own(),
    sa.Column('text_key', sa.String(length=64), nullable=False),
    sa.Column('text', sa.String(length=200), nullable=False),
    sa.Column('community_id', Id, nullable=True),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.Column('first_at', At, nullable=False),
    sa.Column('last_at', At, nullable=False),
    ref('guide_misses', 'community_id', 'places'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_guide_misses')),
    sa.UniqueConstraint('text_key', name=op.f('uq_guide_misses_text_key'))
    )
    op.create_index(op.f('ix_guide_misses_last_at'), 'guide_misses', ['last_at'])


def downgrade() -> None:
    for table in ('guide_misses', 'guide_events', 'contact_days', 'site_days', 'sites'):
        op.drop_table(table)
