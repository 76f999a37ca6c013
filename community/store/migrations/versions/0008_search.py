"""A desk of a million tickets: what is searched by words and by phone, and indexes in the order of the lists

Revision: 0008
Follows: 0007

`search_text` and `contact_hash` of tickets that are there already are filled after this (community/services/search_fill.py, which
`./linshe run` and `./linshe db upgrade` call): what a contact is can only be read with the city's secret. docs/desk.md says what
each index is for.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

# The characters and pairs of community.model.search.grams, six times as fast as with an aggregate. The cost is said so that the planner
# never tries it row by row where LIKE will do.
GRAMS = """
CREATE FUNCTION linshe_grams(words text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 5000 AS $$
DECLARE
    one text[] := string_to_array(words, NULL);
    two text[] := one;
BEGIN
    FOR i IN 1 .. cardinality(one) - 1 LOOP
        two[i] := one[i] || one[i + 1];
    END LOOP;
    RETURN one || two;
END
$$
"""
DUE = (
    'CASE WHEN paused_until IS NOT NULL THEN paused_until '
    'WHEN accepted_at IS NULL AND accept_by < resolve_by THEN accept_by ELSE resolve_by END'
)
LIVING, ENDED = 'ended_at IS NULL', 'ended_at IS NOT NULL'


def _index(name: str, columns: list[str], where: str | None = None) -> None:
    said = sa.text(where) if where else None
    parts = [sa.text(f'({column})') if ' ' in column else column for column in columns]
    op.create_index(name, 'tickets', parts, postgresql_where=said, sqlite_where=said)


def upgrade() -> None:
    op.add_column('tickets', sa.Column('contact_hash', sa.String(length=64), nullable=True))
    op.add_column('tickets', sa.Column('search_text', sa.Text(), nullable=True))
    for name in ('community', 'grid', 'holder', 'estate'):
        op.drop_index(f'ix_tickets_{name}_status', table_name='tickets')
        _index(f'ix_tickets_{name}_ended', [f'{name}_id', 'ended_at'])
    _index('ix_tickets_created', ['created_at', 'community_id', 'grid_id', 'estate_id'])
    filters = ['community_id', 'grid_id', 'estate_id', 'category', 'status']
    _index('ix_tickets_ended', ['ended_at', 'id', *filters], ENDED)
    _index('ix_tickets_due', [DUE, 'id'], LIVING)
    _index('ix_tickets_living', [*filters, 'accepted_at', 'accept_by', 'resolve_by', 'paused_until'], LIVING)
    _index('ix_tickets_contact_hash', ['contact_hash'], 'contact_hash IS NOT NULL')
    _index('ix_tickets_unread', ['id'], 'search_text IS NULL')
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(GRAMS)
        # An estate is in one community: without this, both asked for at once are thought to be rarer than they are.
        op.execute('CREATE STATISTICS st_tickets_places (dependencies) ON community_id, grid_id, estate_id FROM tickets')
        op.execute('CREATE INDEX ix_tickets_grams ON tickets USING gin (linshe_grams(search_text)) WITH (fastupdate = off)')


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.drop_index('ix_tickets_grams', table_name='tickets')
        op.execute('DROP FUNCTION linshe_grams(text)')
        op.execute('DROP STATISTICS st_tickets_places')
    for name in ('unread', 'contact_hash', 'living', 'due', 'ended', 'created'):
        op.drop_index(f'ix_tickets_{name}', table_name='tickets')
    for name, columns in (
        ('community', ['status', 'resolve_by']), ('grid', ['status', 'resolve_by']), ('holder', ['status', 'resolve_by']), ('estate', ['status'])
    ):
        op.drop_index(f'ix_tickets_{name}_ended', table_name='tickets')
        op.create_index(f'ix_tickets_{name}_status', 'tickets', [f'{name}_id', *columns])
    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.drop_column('search_text')
        batch_op.drop_column('contact_hash')
