"""What was understood, labels, jobs of the trainer, models

Revision: 0026
Follows: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0026'
down_revision = '0022'
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
At = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table('labels',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('text_key', sa.String(length=320), nullable=False),
    sa.Column('intent', sa.String(length=48), nullable=False),
    sa.Column('category', sa.String(length=32), nullable=False),
    sa.Column('by_id', Id, nullable=False),
    sa.Column('at', At, nullable=False),
    sa.Column('why', sa.String(length=200), nullable=False),
    sa.Column('held_out', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('second_id', Id, nullable=True),
    sa.Column('second_intent', sa.String(length=48), nullable=False),
    sa.Column('second_category', sa.String(length=32), nullable=False),
    sa.Column('sources', sa.JSON(), nullable=False),
    sa.Column('change', sa.String(length=64), nullable=False),
    sa.Column('file', sa.String(length=64), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['staff.id'], name=op.f('fk_labels_by_id_staff')),
    sa.ForeignKeyConstraint(['second_id'], ['staff.id'], name=op.f('fk_labels_second_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_labels')),
    sa.UniqueConstraint('text_key', name=op.f('uq_labels_text_key'))
    )
    op.create_index(op.f('ix_labels_state'), 'labels', ['state'])
    op.create_table('model_jobs',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('asked_by', Id, nullable=False),
    sa.Column('asked_at', At, nullable=False),
    sa.Column('model', sa.String(length=64), nullable=False),
    sa.Column('why', sa.String(length=300), nullable=False),
    sa.Column('began_at', At, nullable=True),
    sa.Column('beat_at', At, nullable=True),
    sa.Column('ended_at', At, nullable=True),
    sa.Column('worker', sa.String(length=64), nullable=False),
    sa.Column('stage', sa.String(length=100), nullable=False),
    sa.Column('share', sa.Float(), nullable=False),
    sa.Column('log', sa.Text(), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('cancel', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['asked_by'], ['staff.id'], name=op.f('fk_model_jobs_asked_by_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_model_jobs'))
    )
    op.create_index(op.f('ix_model_jobs_state'), 'model_jobs', ['state'])
    op.create_table('models',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('model_id', sa.String(length=64), nullable=False),
    sa.Column('made_at', At, nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('figures', sa.JSON(), nullable=False),
    sa.Column('blocked', sa.JSON(), nullable=False),
    sa.Column('losses', sa.JSON(), nullable=False),
    sa.Column('published_at', At, nullable=True),
    sa.Column('published_by', Id, nullable=True),
    sa.Column('why', sa.String(length=300), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['published_by'], ['staff.id'], name=op.f('fk_models_published_by_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_models')),
    sa.UniqueConstraint('name', name=op.f('uq_models_name'))
    )
    op.create_index(op.f('ix_models_state'), 'models', ['state'])
    op.create_table('label_events',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('label_id', Id, nullable=False),
    sa.Column('at', At, nullable=False),
    sa.Column('staff_id', Id, nullable=False),
    sa.Column('staff_name', sa.String(length=64), nullable=False),
    sa.Column('did', sa.String(length=32), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['label_id'], ['labels.id'], name=op.f('fk_label_events_label_id_labels')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_label_events_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_label_events'))
    )
    op.create_index(op.f('ix_label_events_label_id'), 'label_events', ['label_id'])
    op.create_table('understandings',
    sa.Column('id', Id, autoincrement=True, nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('resident_id', Id, nullable=False),
    sa.Column('at', At, nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('intent', sa.String(length=48), nullable=False),
    sa.Column('confidence', sa.Float(), nullable=False),
    sa.Column('ranking', sa.JSON(), nullable=False),
    sa.Column('category', sa.String(length=32), nullable=False),
    sa.Column('category_confidence', sa.Float(), nullable=False),
    sa.Column('model', sa.String(length=64), nullable=False),
    sa.Column('doubts', sa.JSON(), nullable=False),
    sa.Column('doubted', sa.Boolean(), nullable=False),
    sa.Column('looked', sa.String(length=32), nullable=False),
    sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('fk_understandings_resident_id_residents')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_understandings')),
    sa.UniqueConstraint('key', name=op.f('uq_understandings_key'))
    )
    op.create_index(op.f('ix_understandings_at'), 'understandings', ['at'])
    op.create_index('ix_understandings_doubted', 'understandings', ['doubted', 'looked', 'at'])
    op.create_index(op.f('ix_understandings_resident_id'), 'understandings', ['resident_id'])


def downgrade() -> None:
    for table in ('understandings', 'label_events', 'models', 'model_jobs', 'labels'):
        op.drop_table(table)
