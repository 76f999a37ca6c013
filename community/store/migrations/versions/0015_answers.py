"""Curated answers say for where they hold, and may ask back where one fact decides

Revision: 0015
Follows: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('answers', sa.Column('scope', sa.String(length=64), nullable=False, server_default='全国'))
    op.add_column('answers', sa.Column('asks', sa.JSON(), nullable=False, server_default='{}'))


def downgrade() -> None:
    op.drop_column('answers', 'asks')
    op.drop_column('answers', 'scope')
