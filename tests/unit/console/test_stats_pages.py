"""Links of the statistics and of 查阅记录, and what their numbers look like."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.model.audit import Viewed
from community.services.desk import DeskFilter
from community.services.maps import GridCell
from community.services.stats import Figure, Rate
from console.audit_state import AuditState
from console.grids import LEGEND, text_of, tone_of
from console.stats import hours_text, percent_text
from console.stats_state import SPANS, StatsState
from console.tickets_state import Days

PERIOD = Days(date(2026, 11, 1), date(2026, 11, 20))


def query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


@pytest.mark.parametrize("state", [*(StatsState(days) for days in SPANS), StatsState(30, PERIOD)])
def test_statistics_opened_from_their_link_are_of_the_same_period(state: StatsState) -> None:
    assert StatsState.from_query(query(state.url())) == state


def test_a_period_ends_today_or_as_it_was_chosen() -> None:
    assert StatsState(7).period(date(2026, 11, 24)) == (date(2026, 11, 18), date(2026, 11, 24))
    assert StatsState(7, PERIOD).period(date(2026, 11, 24)) == (date(2026, 11, 1), date(2026, 11, 20))


@pytest.mark.parametrize(
    "asked", [{"days": "8"}, {"days": "x"}, {"first": "2026-11-20", "last": "2026-11-01"}, {"first": "2020-01-01", "last": "2026-11-01"}]
)
def test_a_period_that_is_none_opens_the_usual_one(asked: dict[str, str]) -> None:
    assert StatsState.from_query(asked) == StatsState()


@given(
    st.builds(
        AuditState,
        what=st.sampled_from(["", *(what.value for what in Viewed)]),
        who=st.sampled_from(["", "7"]),
        number=st.sampled_from(["", "100014"]),
        days=st.sampled_from([None, PERIOD]),
        page=st.integers(1, 999),
    )
)
def test_lines_opened_from_their_link_are_the_same(state: AuditState) -> None:
    assert AuditState.from_query(query(state.url())) == state


@given(st.dictionaries(st.sampled_from(["what", "who", "number", "days", "page"]), st.text(max_size=30)))
def test_any_link_opens_some_lines(asked: dict[str, str]) -> None:
    assert AuditState.from_query(asked).to_filter().offset >= 0


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (None, "—"),
        (timedelta(seconds=3), "1分钟"),
        (timedelta(minutes=59), "59分钟"),
        (timedelta(hours=3, minutes=24), "3.4小时"),
        (timedelta(days=2, hours=12), "2.5天"),
    ],
)
def test_a_time_is_said_in_the_unit_one_thinks_in(span: timedelta | None, shown: str) -> None:
    assert hours_text(span) == shown


def test_nothing_judged_yet_is_no_zero_percent() -> None:
    def rate(part: int, whole: int) -> Rate:
        return Rate(*(Figure(n, DeskFilter()) for n in (part, whole, whole - part)))

    assert [percent_text(rate(*of)) for of in ((0, 0), (0, 3), (2, 3), (3, 3))] == ["—", "0%", "67%", "100%"]
    # 199 of 200 is not all of them.
    assert percent_text(rate(1999, 2000)) == "99%"


def test_a_name_from_an_operators_file_is_text_on_the_map() -> None:
    number = Figure(2, DeskFilter())
    said = text_of(GridCell(1, "<img src=x onerror=alert(1)>", "甲社区", number, Figure(0, DeskFilter()), ()))
    assert "<img" not in said
    assert "<b>2</b>" in said


def test_what_is_late_is_seen_before_what_is_much() -> None:
    tones = [tone_of(*counted) for counted in ((0, 0), (1, 0), (5, 0), (9, 1), (3, 3))]
    assert tones == ["none", "few", "many", "late", "bad"]
    assert set(tones) == set(LEGEND)
