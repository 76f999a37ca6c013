"""Words for the lexicon, marks and parts of labels, who is asked to look, conversations kept as tests

Revision: 0031
Follows: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
At = sa.DateTime(timezone=True)


def own() -> sa.Column[int]:
    return sa.Column('id', Id, autoincrement=True, nullable=False)


def by(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ['staff.id'], name=op.f(f'fk_{table}_{column}_staff'))


def upgrade() -> None:
    op.add_column('labels', sa.Column('spans', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('labels', sa.Column('parts', sa.JSON(), nullable=False, server_default='[]'))
    with op.batch_alter_table('understandings') as table:
        table.add_column(sa.Column('assigned_to', Id, nullable=True))
        table.create_foreign_key(op.f('fk_understandings_assigned_to_staff'), 'staff', ['assigned_to'], ['id'])
    op.create_table('lexicon_words', own(),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('word', sa.String(length=24), nullable=False),
    sa.Column('of', sa.String(length=64), nullable=False),
    sa.Column('by_id', Id, nullable=False),
    sa.Column('at', At, nullable=False),
    sa.Column('why', sa.String(length=200), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('change', sa.String(length=64), nullable=False),
    sa.Column('file', sa.String(length=64), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    by('lexicon_words', 'by_id'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lexicon_words')),
    sa.UniqueConstraint('kind', 'word', name=op.f('uq_lexicon_words_kind_word'))
    )
    op.create_index(op.f('ix_lexicon_words_state'), 'lexicon_words', ['state'])
    op.create_table('talk_cases', own(),
    sa.Column('key', sa.String(length=96), nullable=False),
    sa.Column('turns', sa.JSON(), nullable=False),
    sa.Column('home', sa.Boolean(), nullable=False),
    sa.Column('by_id', Id, nullable=False),
    sa.Column('at', At, nullable=False),
    sa.Column('why', sa.String(length=200), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('passed', sa.Boolean(), nullable=True),
    sa.Column('ran_at', At, nullable=True),
    sa.Column('missing', sa.String(length=200), nullable=False),
    sa.Column('sources', sa.JSON(), nullable=False),
    sa.Column('change', sa.String(length=64), nullable=False),
    sa.Column('file', sa.String(length=64), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    by('talk_cases', 'by_id'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_talk_cases')),
    sa.UniqueConstraint('key', name=op.f('uq_talk_cases_key'))
    )
    op.create_index(op.f('ix_talk_cases_state'), 'talk_cases', ['state'])
    op.create_table('taught_events', own(),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('of_id', Id, nullable=False),
    sa.Column('at', At, nullable=False),
    sa.Column('staff_id', Id, nullable=False),
    sa.Column('staff_name', sa.String(length=64), nullable=False),
    sa.Column('did', sa.String(length=64), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    by('taught_events', 'staff_id'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_taught_events'))
    )


def downgrade() -> None:
    for name in ('taught_events', 'talk_cases', 'lexicon_words'):
        op.drop_table(name)
    with op.batch_alter_table('understandings') as table:
        table.drop_constraint(op.f('fk_understandings_assigned_to_staff'), type_='foreignkey')
        table.drop_column('assigned_to')
    op.drop_column('labels', 'parts')
    op.drop_column('labels', 'spans')
