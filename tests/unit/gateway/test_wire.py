"""Lines of a conversation as the page gets them."""

from __future__ import annotations

from datetime import datetime, timezone

from community.model.message import HistoryLine
from gateway.webchat import wire

AT = datetime(2026, 11, 24, 2, 0, tzinfo=timezone.utc)


def test_a_line_looks_as_agreed() -> None:
    buttons = ({"title": "提交", "payload": "/affirm"}, {"title": "很满意", "payload": "/rate", "digit": "5"})
    line = HistoryLine("out-12", "staff", "您好", AT, buttons, ("ab",), "王强（网格员）", 7)
    assert wire.message(line) == {
        "id": "out-12",
        "direction": "staff",
        "text": "您好",
        "at": "2026-11-24T02:00:00+00:00",
        "buttons": [{"title": "提交"}, {"title": "很满意", "digit": "5"}],
        "photos": ["/api/photos/ab"],
        "author": "王强（网格员）",
        "in_reply_to": 7,
    }


def test_only_lines_of_the_resident_have_an_inbox_id() -> None:
    assert wire.inbox_id(HistoryLine("in-7", "in", "", AT)) == 7
    assert wire.inbox_id(HistoryLine("out-7", "out", "", AT)) is None
