"""Under a notice: what takes it for the answer, and what still reports."""

from __future__ import annotations

import pytest

from actions.report_notice import settled_by


@pytest.mark.parametrize("said", ["不用报", "不用报了", "不报了", "那就不报了", "收到", "明白了", "那我等等", "不用了", "算了"])
def test_who_does_not_want_to_report_is_not_made_to(said: str) -> None:
    assert settled_by(said)


@pytest.mark.parametrize("said", ["还是要报", "要报", "不是这回事，还是要报", "水压一直很小", "不是，我家是漏水", "明白，但还是要报"])
def test_who_has_another_trouble_is_heard(said: str) -> None:
    assert not settled_by(said)
