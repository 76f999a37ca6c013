"""The desk: saved lists, phrases, what is left for the next person

Revision: 0010
Follows: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('saved_filters',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('staff_id', Id, nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('query', sa.String(length=600), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_saved_filters_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_filters')),
    sa.UniqueConstraint('staff_id', 'name', name=op.f('uq_saved_filters_staff_id_name'))
    )
    op.create_table('canned_replies',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('title', sa.String(length=40), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('staff_id', Id, nullable=True),
    sa.Column('community_id', Id, nullable=True),
    sa.CheckConstraint('(staff_id IS NULL) <> (community_id IS NULL)', name=op.f('ck_canned_replies_one_owner')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_canned_replies_staff_id_staff')),
    sa.ForeignKeyConstraint(['community_id'], ['places.id'], name=op.f('fk_canned_replies_community_id_places')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_canned_replies'))
    )
    op.create_index('ix_canned_replies_staff_id', 'canned_replies', ['staff_id'])
    op.create_index('ix_canned_replies_community_id', 'canned_replies', ['community_id'])
    op.create_table('handovers',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('resident_id', Id, nullable=False),
    sa.Column('staff_id', Id, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('fk_handovers_resident_id_residents')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_handovers_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handovers'))
    )
    op.create_index('ix_handovers_resident_at', 'handovers', ['resident_id', 'at'])


def downgrade() -> None:
    op.drop_table('handovers')
    op.drop_table('canned_replies')
    op.drop_table('saved_filters')
