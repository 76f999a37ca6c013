"""What was said to legal questions, and whether it was of use

Revision: 0016
Follows: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table(
        'legal_advice',
        sa.Column('id', Id, primary_key=True, autoincrement=True),
        sa.Column('resident_id', Id, sa.ForeignKey('residents.id', name=op.f('fk_legal_advice_resident_id_residents')), nullable=False),
        sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('question', sa.Text(), nullable=False),
        sa.Column('kind', sa.String(16), nullable=False),
        sa.Column('chance', sa.Float(), nullable=False),
        sa.Column('key', sa.String(200), nullable=False, unique=True),
        sa.Column('codes', sa.JSON(), nullable=False),
        sa.Column('labels', sa.JSON(), nullable=False),
        sa.Column('useful', sa.Boolean(), nullable=True),
        sa.Column('said_at', sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index('ix_legal_advice_asked_at', 'legal_advice', ['asked_at'])
    op.create_index('ix_legal_advice_resident_id', 'legal_advice', ['resident_id'])


def downgrade() -> None:
    op.drop_table('legal_advice')
