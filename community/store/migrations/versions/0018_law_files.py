"""Statutes say where they hold and what ends them by themselves; answers are flagged when an article that they cite changed

Revision: 0018
Follows: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.add_column('statutes', sa.Column('scope', sa.String(length=64), nullable=False, server_default='全国'))
    op.add_column('statutes', sa.Column('own_end', sa.Date(), nullable=True))
    # Until now every end was told by the statute file itself.
    op.execute('UPDATE statutes SET own_end = repealed_on')
    op.create_table('answer_flags',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('answer_code', sa.String(length=80), nullable=False),
    sa.Column('law', sa.String(length=200), nullable=False),
    sa.Column('article', sa.String(length=64), nullable=False),
    sa.Column('what', sa.String(length=32), nullable=False),
    sa.Column('old_digest', sa.String(length=64), nullable=False),
    sa.Column('new_digest', sa.String(length=64), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('found_on', sa.DateTime(timezone=True), nullable=False),
    sa.Column('note', sa.String(length=256), nullable=False),
    sa.Column('cleared_by', sa.String(length=64), nullable=False),
    sa.Column('cleared_on', sa.DateTime(timezone=True), nullable=True),
    sa.Column('why', sa.String(length=256), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answer_flags')),
    sa.UniqueConstraint('answer_code', 'law', 'article', 'old_digest', 'new_digest', 'from_on', name='uq_answer_flags_change')
    )
    op.create_index('ix_answer_flags_cleared_on', 'answer_flags', ['cleared_on'])


def downgrade() -> None:
    op.drop_table('answer_flags')
    op.drop_column('statutes', 'own_end')
    op.drop_column('statutes', 'scope')
