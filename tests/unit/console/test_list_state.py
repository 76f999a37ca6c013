"""A list's filters and their link are the same thing."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.model.category import Category
from community.model.figures import Mark
from community.model.ticket import Status
from community.services.desk import DeskFilter
from console.start import every_day
from console.tickets_state import GROUPS, MAX_WORDS, STATUSES, Days, ListState


def read(url: str) -> ListState:
    return ListState.from_query(dict(parse_qsl(urlsplit(url).query)))


states = st.builds(
    ListState,
    group=st.sampled_from(list(GROUPS)),
    status=st.sampled_from([*STATUSES, *(s.value for s in Status)]),
    category=st.sampled_from(["", *(c.value for c in Category)]),
    words=st.text(st.characters(exclude_categories=["Cs"]), max_size=MAX_WORDS).map(str.strip),
    mark=st.sampled_from(["", *(m.value for m in Mark)]),
    grid=st.sampled_from(["", "0", "17"]),
    worker=st.sampled_from(["", "0", "5"]),
    page=st.integers(1, 100_000),
    open=st.from_regex(r"|[0-9]{1,12}", fullmatch=True),
)


@given(states)
def test_a_list_opened_from_its_link_is_the_same_list(state: ListState) -> None:
    assert read(state.url()) == state


@given(
    st.dictionaries(
        st.sampled_from(["group", "status", "category", "q", "page", "filed", "ended", "mark", "grid", "worker"]),
        st.text(max_size=80),
    )
)
def test_any_link_opens_some_list(query: dict[str, str]) -> None:
    asked = ListState.from_query(query).to_filter()
    assert asked.offset >= 0
    assert len(asked.words) <= MAX_WORDS


def test_the_bare_address_is_my_open_tickets() -> None:
    assert ListState().url() == "/tickets"
    asked = read("/tickets").to_filter()
    assert (asked.group, asked.status, asked.offset) == ("mine", "open", 0)


def test_changing_a_filter_starts_at_the_first_page() -> None:
    assert ListState(page=7).changed(status="ended").page == 1
    assert ListState(page=7).changed(page=8).page == 8


@pytest.mark.parametrize("text", ["", "x", "2026-13-01", "2026-11-24..2026-11-01", "..", "2026-11-24..x"])
def test_days_that_are_none_are_not_a_filter(text: str) -> None:
    assert Days.read(text) is None


def test_days_read_and_write_the_same() -> None:
    one, span = Days.read("2026-11-24"), Days.read("2026-11-11..2026-11-24")
    assert (str(one), str(span)) == ("2026-11-24", "2026-11-11..2026-11-24")
    assert one is not None
    assert one.shown == "11月24日"


def test_links_keep_days() -> None:
    state = ListState(status="ended", ended=Days(date(2026, 11, 11), date(2026, 11, 24)))
    assert read(state.url()) == state


def test_the_chart_has_every_day_also_those_without_tickets() -> None:
    days = every_day([(date(2026, 11, 22), 2, 1)], date(2026, 11, 24), 14)
    assert len(days) == 14
    assert days[0][0] == date(2026, 11, 11)
    assert days[-3:] == [(date(2026, 11, 22), 2, 1), (date(2026, 11, 23), 0, 0), (date(2026, 11, 24), 0, 0)]


def test_the_link_of_a_figure_asks_for_what_the_figure_counted() -> None:
    days = (date(2026, 11, 11), date(2026, 11, 24))
    for behind in (
        DeskFilter(status="any", filed=days, mark=Mark.ACCEPT_MISSED, category=Category.LEAK),
        DeskFilter(status="ended", ended=days, worker_id=0),
        DeskFilter(grid_id=0),
    ):
        assert read(ListState.of(behind).url()).to_filter() == behind
