"""Words open their window when they are claimed, not at the door

Revision: 0006
Follows: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('inbox', sa.Column('said_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('inbox', sa.Column('address', sa.String(length=128), nullable=False, server_default=''))


def downgrade() -> None:
    op.drop_column('inbox', 'address')
    op.drop_column('inbox', 'said_at')
