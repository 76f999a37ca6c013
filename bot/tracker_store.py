"""Where Rasa keeps conversations: stock SQLTrackerStore on one URL, with SQLite made fit for a server.

endpoints.yml names it with `url: ${LINSHE_TRACKER_URL}`: `sqlite:///var/rasa.db` or `postgresql://user:password@host/name`.
"""

from __future__ import annotations

import itertools
import json
import logging
import time
from typing import Any, Dict, List, Optional

import sqlalchemy as sa
import sqlalchemy.exc
import ujson
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine.url import make_url
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import QueuePool

logger = logging.getLogger(__name__)

BUSY_SECONDS = 10


def _written(data: Dict[str, Any]) -> str:
    """JSON of an event. ujson, which comes with Rasa's web server, is quicker, but knows no NaN."""
    try:
        return str(ujson.dumps(data))
    except OverflowError:
        return json.dumps(data)


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
        self.open_forms: Dict[str, str] = {}
        """The form that was open when a sender's turn was kept, '' for none: taken out by the channel at the end of the turn."""
        self._prepare_statements()

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

        # Now, while nobody writes: turning a file to WAL does not wait for a lock, which another worker that starts may hold.
        for patience in range(BUSY_SECONDS * 5, -1, -1):
            try:
                self.engine.connect().close()
                break
            except sa.exc.OperationalError:
                if not patience:
                    raise
                time.sleep(0.2)
        self.sessionmaker = sessionmaker(bind=self.engine)

    async def _retrieve(self, sender_id: str, fetch_events_from_all_sessions: bool) -> Optional[DialogueStateTracker]:
        """As stock, but reading the one column that is used, from the session's first row on.

        Stock looks at every event the sender ever had, to compare its time with that of the latest session.
        """
        session = {"sender": sender_id}
        with self.engine.connect() as connection:
            first = 0
            if not fetch_events_from_all_sessions:
                first = connection.execute(self._find_session, session).scalar() or 0
            rows = connection.execute(self._read, {**session, "first": first}).all()
        if not rows:
            return None
        tracker = DialogueStateTracker.from_dict(sender_id, [ujson.loads(row[0]) for row in rows], self.domain.slots)
        if not fetch_events_from_all_sessions:
            tracker._linshe_stored = len(tracker.events)  # type: ignore[attr-defined]
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """As stock, in one statement and one transaction.

        Stock counts what is stored, by reading it all again, to find out what is new; a tracker read here knows. The resident's
        lock is held from the reading to the saving.
        """
        self.open_forms[tracker.sender_id] = tracker.active_loop_name or ""
        stored: Optional[int] = getattr(tracker, "_linshe_stored", None)
        if stored is None or self.event_broker is not None:
            await super().save(tracker)
        else:
            rows = [self._row(tracker.sender_id, event) for event in itertools.islice(tracker.events, stored, None)]
            if rows:
                with self.engine.begin() as connection:
                    connection.execute(self._insert, rows)
        tracker._linshe_stored = len(tracker.events)  # type: ignore[attr-defined]

    @staticmethod
    def _row(sender_id: str, event: Event) -> Dict[str, Any]:
        data = event.as_dict()
        return {
            "sender_id": sender_id,
            "type_name": event.type_name,
            "timestamp": data.get("timestamp"),
            "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
            "action_name": data.get("name"),
            "data": _written(data),
        }

    def _prepare_statements(self) -> None:
        """Built once: SQLAlchemy then finds their SQL in its cache at once."""
        table = self.SQLEvent.__table__
        own = table.c.sender_id == sa.bindparam("sender")
        self._find_session = (
            sa.select(table.c.id)
            .where(own, table.c.type_name == SessionStarted.type_name)
            .order_by(table.c.id.desc())
            .limit(1)
        )
        self._read = sa.select(table.c.data).where(own, table.c.id >= sa.bindparam("first")).order_by(table.c.id)
        self._insert = sa.insert(table)
        # A sender's rows by their order: without it PostgreSQL may walk back through everybody's to find one sender's latest.
        index = sa.Index("ix_events_sender_id_id", table.c.sender_id, table.c.id)
        try:
            index.create(self.engine, checkfirst=True)
        except sa.exc.DBAPIError as error:
            # Another worker, started at the same time, was quicker.
            logger.info("Index of the conversations not made here: %s", type(error).__name__)
        finally:
            table.indexes.discard(index)

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
