"""What a platform's record says of a message of unknown fate: counts, never mere presence."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from community.model import fate
from community.model.delivery import plan, sealed, units_of
from community.model.fate import Begun
from community.model.message import OutboxMessage, OutboxStatus

NOW = datetime(2026, 11, 27, 8, tzinfo=timezone.utc)
LIMIT = 2048


def row(number: int, text: str, **more: Any) -> OutboxMessage:
    return OutboxMessage(number, f"k{number}", 1, "wechat", "o-1", text, NOW, **more)


def begun(*rows: OutboxMessage, left: int = 5) -> Begun:
    fate.mark(plan(rows, left, LIMIT).envelopes[0], rows, NOW)
    found = Begun.of(rows[0])
    assert found is not None
    return found


def out(number: int, text: str, ago: float, **more: Any) -> OutboxMessage:
    return row(number, text, status=OutboxStatus.SENT, sent_at=NOW - timedelta(seconds=ago), **more)


def entry(text: str, ago: float) -> tuple[datetime, str]:
    return NOW - timedelta(seconds=ago), text


def test_only_the_rows_of_the_message_that_begins_are_marked_and_the_mark_survives_being_kept() -> None:
    rows = [row(1, "一"), row(2, "二")]
    mark = begun(*rows)
    assert rows[1].begun is None
    assert Begun.of(rows[0]) == mark
    assert (mark.first, mark.index, mark.upto, mark.whole) == (1, 0, 1, True)
    fate.mark(None, rows, NOW)
    assert Begun.of(rows[0]) is None


def test_white_space_is_not_what_a_text_is_known_by_but_its_words_are() -> None:
    mark = begun(row(1, "您好。\n灯已报修"))
    assert fate.says(mark, " 您好。 灯已报修\n")
    assert not fate.says(mark, "您好。灯已报修了")
    assert not fate.says(mark, "您好。\n灯已报修，谢谢")


def test_a_menu_and_what_is_joined_are_known_by_how_they_begin() -> None:
    buttons = [{"title": "还没好"}, {"title": "修好了"}]
    menu = begun(row(1, "修好了吗？\n1 还没好\n2 修好了", buttons=buttons))
    assert fate.says(menu, "修好了吗？\n还没好\n修好了")
    assert fate.says(menu, "修好了吗？")
    assert not fate.says(menu, "要不要拍张照？")
    joined = begun(row(1, "一"), row(2, "二"), left=1)
    assert fate.says(joined, "一\n\n二")
    assert not fate.says(joined, "二")


def test_said_twice_it_takes_two_in_the_record() -> None:
    mark = begun(row(2, "请说地址"))
    known = [out(1, "请说地址", 3)]
    assert not fate.was_taken(mark, known, [entry("请说地址", 3)], LIMIT)
    assert fate.was_taken(mark, known, [entry("请说地址", 3), entry("请说地址", 0)], LIMIT)


def test_the_same_question_of_a_little_while_ago_does_not_hide_this_one() -> None:
    mark = begun(row(2, "请说地址"))
    for ago in range(1, 45):
        # Receipted up to four seconds after it was taken.
        known, before = [out(1, "请说地址", ago - min(ago, 4))], entry("请说地址", ago)
        assert fate.was_taken(mark, known, [before, entry("请说地址", 0)], LIMIT)
        assert not fate.was_taken(mark, known, [before], LIMIT)


def test_said_again_and_again_for_a_minute_it_cannot_be_told_and_counts_as_not_taken() -> None:
    mark = begun(row(99, "请说地址"))
    known = [out(n, "请说地址", n) for n in range(1, 59)]
    assert not fate.was_taken(mark, known, [entry("请说地址", n) for n in range(59)], LIMIT)


def test_what_was_sent_again_unasked_stands_twice_in_the_record_and_proves_nothing() -> None:
    mark = begun(row(2, "请说地址"))
    known = [out(1, "请说地址", 2, attempts=2)]
    assert not fate.was_taken(mark, known, [entry("请说地址", 4), entry("请说地址", 2)], LIMIT)


def test_parts_of_a_long_text_that_are_out_are_known_of_it() -> None:
    long = row(1, "啊" * 1500, progress=1)
    pieces = units_of(long, LIMIT, since=0)
    fate.mark(sealed([pieces[1]], pieces[1].text), [long], NOW)
    mark = Begun.of(long)
    assert mark is not None
    assert (mark.index, mark.upto) == (1, 2)
    record = [entry(pieces[0].text, 1)]
    assert pieces[0].text == pieces[1].text  # The hard case.
    assert not fate.was_taken(mark, [long], record, LIMIT)
    assert fate.was_taken(mark, [long], [*record, entry(pieces[1].text, 0)], LIMIT)


@given(
    st.lists(st.tuples(st.integers(1, 70), st.floats(-1, 4)), max_size=12),
    st.floats(-1, 1),
    st.booleans(),
)
def test_what_was_not_taken_is_never_seen_as_taken(
    before: list[tuple[int, float]], skew: float, taken: bool
) -> None:
    """Any past of the same words, receipts up to four seconds late, clocks up to a second apart."""
    mark = begun(row(99, "好的"))
    known = [out(n, "好的", max(0.0, ago - late)) for n, (ago, late) in enumerate(before)]
    record = [(NOW + timedelta(seconds=int(skew - ago)), "好的") for ago, _ in before]
    record = [(at, text) for at, text in record if at >= mark.since]
    known = [one for one in known if one.sent_at and one.sent_at >= mark.since]
    if not taken:
        assert not fate.was_taken(mark, known, record, LIMIT)
