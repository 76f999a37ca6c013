"""Where Rasa keeps conversations: stock SQLTrackerStore on one URL, with SQLite made fit for a server.

endpoints.yml names it with `url: ${LINSHE_TRACKER_URL}`: `sqlite:///var/rasa.db` or `postgresql://user:password@host/name`.
"""

from __future__ import annotations

import json
from typing import Any, Dict, List, Optional

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine.url import make_url
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import QueuePool

BUSY_SECONDS = 10


class LinsheTrackerStore(SQLTrackerStore):
    """Rasa falls back to a store in memory, with a warning, when a store's constructor raises AttributeError or ImportError;
    bot.channel checks at the start that this one is really in use."""

    def __init__(
        self,
        domain: Optional[Domain] = None,
        host: Optional[str] = None,
        event_broker: Optional[EventBroker] = None,
        **kwargs: Dict[str, Any],
    ) -> None:
        if not host or "://" not in host:
            raise ValueError("LINSHE_TRACKER_URL must be a URL: sqlite:///var/rasa.db or postgresql://…")
        url = make_url(host.replace("postgres://", "postgresql://", 1) if host.startswith("postgres://") else host)
        super().__init__(
            domain=domain, host=url.render_as_string(hide_password=False), event_broker=event_broker, **kwargs
        )
        if self.engine.dialect.name == "sqlite" and url.database not in (None, "", ":memory:"):
            self._use_sqlite_well(url)

    def _use_sqlite_well(self, url: sa.engine.url.URL) -> None:
        """WAL (a reader never waits for a writer), patience when locked, and connections kept instead of opened per query."""
        self.engine.dispose()
        self.engine = sa.create_engine(
            url, poolclass=QueuePool, connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS}
        )

        @sa.event.listens_for(self.engine, "connect")
        def prepare(connection: Any, _: Any) -> None:
            connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")

        # Now, while nobody writes: turning a file to WAL does not wait for a lock.
        self.engine.connect().close()
        self.sessionmaker = sessionmaker(bind=self.engine)

    async def _retrieve(self, sender_id: str, fetch_events_from_all_sessions: bool) -> Optional[DialogueStateTracker]:
        """As stock, but reading the one column that is used instead of building an object for every row."""
        with self.session_scope() as session:
            query = self._event_query(session, sender_id, fetch_events_from_all_sessions)
            events = [json.loads(row.data) for row in query.with_entities(self.SQLEvent.data).all()]
        return DialogueStateTracker.from_dict(sender_id, events, self.domain.slots) if events else None

    def replies_to(self, sender_id: str, message_id: str) -> Optional[List[Dict[str, Any]]]:
        """The stored bot messages of the turn that handled `message_id`, if it is the resident's latest turn; else None.

        Reads two or three rows by index instead of the whole conversation: this is asked before every turn. A turn is stored
        in one transaction at its end, so a stored question always has all of its answers behind it.
        """
        event = self.SQLEvent
        with self.session_scope() as session:
            last = (
                session.query(event.id, event.data)
                .filter(event.sender_id == sender_id, event.type_name == "user")
                .order_by(event.id.desc())
                .first()
            )
            if last is None or json.loads(last.data).get("message_id") != message_id:
                return None
            rows = (
                session.query(event.data)
                .filter(event.sender_id == sender_id, event.type_name == "bot", event.id > last.id)
                .order_by(event.id)
                .all()
            )
            return [json.loads(row.data) for row in rows]
