"""What can be counted at the door. A registry of its own per application, so that tests may build many."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_TURN = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25)


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        r = self.registry
        self.requests = Counter("linshe_http_requests", "Requests answered", ["method", "route", "status"], registry=r)
        self.request_seconds = Histogram("linshe_http_request_seconds", "Time to answer", ["route"], registry=r)
        self.received = Counter("linshe_inbox_received", "Messages taken in", ["channel", "duplicate"], registry=r)
        self.turns = Counter("linshe_turns", "Messages worked on", ["kind", "outcome"], registry=r)
        self.turn_seconds = Histogram(
            "linshe_turn_seconds", "From claim to finish of a message", ["kind"], buckets=_TURN, registry=r
        )
        self.wait_seconds = Histogram(
            "linshe_inbox_wait_seconds", "From receipt to claim of a message", buckets=_TURN, registry=r
        )
        self.rasa_seconds = Histogram("linshe_rasa_seconds", "Time Rasa took for a turn", buckets=_TURN, registry=r)
        self.delivered = Counter("linshe_outbox_delivered", "Messages sent", ["channel", "outcome"], registry=r)
        self.fates = Counter(
            "linshe_outbox_fates", "Messages of unknown fate, by what was found out", ["channel", "outcome"], registry=r
        )
        self.wechat_refused = Counter("linshe_wechat_refused", "Pushes refused", ["reason"], registry=r)
        self.wechat_alarm = Counter(
            "linshe_wechat_alarm", "What only the operator can put right, by error code", ["reason"], registry=r
        )
        self.sockets = Gauge("linshe_sockets", "Open sockets of residents", registry=r)
        self.hearing = Gauge("linshe_signals_up", "1 while hints between processes arrive, else 0", registry=r)

    def text(self) -> bytes:
        return generate_latest(self.registry)
