"""The diary is worked with: whose household, what was wanted, when to come again, which ticket came of it

Revision: 0013
Follows: 0012

What notes from before this say is sealed after it (community/services/diary_seal.py, which `./linshe run` and `./linshe db upgrade`
call): that takes the city's secret.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    with op.batch_alter_table('staff_diary') as table:
        for name, target in (('grid_id', 'places'), ('community_id', 'places'), ('ticket_id', 'tickets')):
            table.add_column(sa.Column(name, Id, nullable=True))
            table.create_foreign_key(op.f(f'fk_staff_diary_{name}_{target}'), target, [name], ['id'])
        table.add_column(sa.Column('need', sa.Text(), nullable=False, server_default=''))
        table.add_column(sa.Column('follow_up', sa.Date(), nullable=True))
        table.add_column(sa.Column('followed_at', sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column('remind_at', sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column('sealed', sa.Boolean(), nullable=False, server_default=sa.false()))
    # Where it happened, else where its writer works.
    op.execute(
        'UPDATE staff_diary SET '
        'grid_id = COALESCE((SELECT p.grid_id FROM places p WHERE p.id = staff_diary.place_id), '
        '(SELECT p.grid_id FROM places p JOIN staff s ON s.place_id = p.id WHERE s.id = staff_diary.staff_id)), '
        'community_id = COALESCE((SELECT p.community_id FROM places p WHERE p.id = staff_diary.place_id), '
        '(SELECT p.community_id FROM places p JOIN staff s ON s.place_id = p.id WHERE s.id = staff_diary.staff_id))'
    )
    op.create_index('ix_staff_diary_remind_at', 'staff_diary', ['remind_at'])
    op.create_index('ix_staff_diary_grid_at', 'staff_diary', ['grid_id', 'at'])
    op.create_index('ix_staff_diary_community_at', 'staff_diary', ['community_id', 'at'])


def downgrade() -> None:
    for name in ('community_at', 'grid_at', 'remind_at'):
        op.drop_index(f'ix_staff_diary_{name}', 'staff_diary')
    with op.batch_alter_table('staff_diary') as table:
        for name, target in (('grid_id', 'places'), ('community_id', 'places'), ('ticket_id', 'tickets')):
            table.drop_constraint(op.f(f'fk_staff_diary_{name}_{target}'), type_='foreignkey')
            table.drop_column(name)
        for name in ('need', 'follow_up', 'followed_at', 'remind_at', 'sealed'):
            table.drop_column(name)
