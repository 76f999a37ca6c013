"""Incidents: several tickets of one trouble, handled together

Revision: 0011
Follows: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('incidents',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('name', sa.String(length=160), nullable=False),
    sa.Column('community_id', Id, nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('staff_id', Id, nullable=True),
    sa.Column('expected_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expected_why', sa.String(length=200), nullable=False),
    sa.Column('expected_by', sa.String(length=96), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['places.id'], name=op.f('fk_incidents_community_id_places')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_incidents_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incidents'))
    )
    op.create_index('ix_incidents_community_id', 'incidents', ['community_id'])
    op.create_table('incident_events',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('incident_id', Id, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('what', sa.String(length=32), nullable=False),
    sa.Column('who', sa.String(length=96), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_incident_events_incident_id_incidents')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident_events'))
    )
    op.create_index('ix_incident_events_incident_id', 'incident_events', ['incident_id'])
    op.add_column('tickets', sa.Column('incident_id', Id, nullable=True))
    # Few tickets are in one: the index holds these alone.
    here = sa.text('incident_id IS NOT NULL')
    op.create_index('ix_tickets_incident', 'tickets', ['incident_id'], postgresql_where=here, sqlite_where=here)


def downgrade() -> None:
    op.drop_index('ix_tickets_incident', 'tickets')
    op.drop_column('tickets', 'incident_id')
    op.drop_table('incident_events')
    op.drop_table('incidents')
