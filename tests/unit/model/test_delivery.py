"""What is planned loses nothing, keeps its order, and never takes more messages or bytes than there are."""

from __future__ import annotations

from datetime import datetime, timezone

from hypothesis import given
from hypothesis import strategies as st

from community.model.delivery import MORE, Plan, plan, plan_passive, with_choices
from community.model.message import OutboxMessage
from community.model.splitting import size

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=timezone.utc)
LIMIT = 2048


def row(
    number: int, text: str, *, buttons: tuple[str, ...] = (), photos: int = 0, author: str = "bot"
) -> OutboxMessage:
    return OutboxMessage(
        number,
        f"k{number}",
        1,
        "wechat",
        "o1",
        text,
        NOW,
        author,
        buttons=[{"title": title, "payload": f"/{title}"} for title in buttons],
        photos=[f"p{number}-{n}" for n in range(photos)],
    )


def texts(planned: Plan) -> list[str]:
    return [envelope.text or envelope.photo for envelope in planned.envelopes]


def test_while_there_is_room_each_answer_is_a_message_of_its_own() -> None:
    planned = plan([row(1, "一"), row(2, "二", photos=1)], 5, LIMIT)
    assert texts(planned) == ["一", "二", "p2-0"]
    assert planned.waiting == ()


def test_when_room_runs_short_answers_are_joined() -> None:
    planned = plan([row(1, "一"), row(2, "二"), row(3, "三")], 1, LIMIT)
    assert texts(planned) == ["一\n\n二\n\n三"]
    assert planned.envelopes[0].progress() == {1: (1, True), 2: (1, True), 3: (1, True)}


def test_what_does_not_fit_waits_and_the_resident_is_told_that_there_is_more() -> None:
    planned = plan([row(1, "长" * 600), row(2, "短")], 1, 600 * 3 + 100)
    assert planned.waiting == ()
    planned = plan([row(1, "长" * 600), row(2, "话" * 600)], 1, LIMIT)
    assert planned.waiting == (2,)
    assert planned.envelopes[0].text == "长" * 600 + "\n\n" + MORE


def test_without_room_everything_waits() -> None:
    assert plan([row(1, "一")], 0, LIMIT) == Plan((), (1,))


def test_a_row_of_which_only_a_part_is_out_goes_on_where_it_stopped() -> None:
    long = row(1, "甲" * 600 + "。" + "乙" * 600 + "。", photos=2)
    first = plan([long], 2, LIMIT)
    assert first.waiting == (1,)
    ((_, (out, whole)),) = first.envelopes[-1].progress().items()
    assert (out, whole) == (2, False)
    long.progress = out
    assert texts(plan([long], 5, LIMIT)) == ["p1-0", "p1-1"]


def test_of_joined_questions_only_the_last_keeps_its_numbers() -> None:
    planned = plan([row(1, "哪里？", buttons=("家里", "楼道")), row(2, "何时？", buttons=("今天", "明天"))], 1, LIMIT)
    (envelope,) = planned.envelopes
    assert envelope.text == "哪里？\n\n何时？\n1 今天\n2 明天"
    assert (envelope.buttons_of, [b["title"] for b in envelope.buttons]) == (2, ["今天", "明天"])


def test_choices_that_the_words_already_number_are_not_written_twice() -> None:
    assert with_choices("选：\n1 报修", [{"title": "报修"}, {"title": "查进度"}]) == "选：\n1 报修\n2 查进度"
    assert with_choices("去不了请回 1", [{"title": "去不了，取消"}]) == "去不了请回 1"


def test_words_of_a_person_alone_are_not_labelled_as_a_machines() -> None:
    assert not plan([row(1, "您好", author="staff")], 5, LIMIT).envelopes[0].by_bot
    assert plan([row(1, "您好", author="staff"), row(2, "好")], 1, LIMIT).envelopes[0].by_bot


def test_one_callback_takes_one_text_and_the_rest_waits() -> None:
    planned = plan_passive([row(1, "长" * 400), row(2, "话" * 400)], LIMIT)
    assert len(planned.envelopes) == 1
    assert planned.waiting == (2,)
    assert planned.envelopes[0].text.endswith(MORE)


ROWS = st.lists(
    st.tuples(st.text("长话。a \n😀", max_size=1500), st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=6
)


@given(rows=ROWS, left=st.integers(0, 6))
def test_nothing_is_lost_doubled_or_out_of_order_over_as_many_windows_as_it_takes(
    rows: list[tuple[str, int, int]], left: int
) -> None:
    waiting = [
        row(n, text or "空", buttons=("甲", "乙", "丙")[:buttons], photos=photos)
        for n, (text, photos, buttons) in enumerate(rows, 1)
        if text.strip() or photos
    ]
    if not waiting:
        return
    first_plan = plan(waiting, left, LIMIT)
    assert len(first_plan.envelopes) <= left
    seen: list[tuple[int, int]] = []
    for _ in range(60):
        planned = plan(waiting, max(1, left), LIMIT)
        for envelope in planned.envelopes:
            assert size(envelope.text) <= LIMIT
            assert bool(envelope.text.strip()) != bool(envelope.photo)
            seen += [(unit.row_id, unit.index) for unit in envelope.units]
            for one in waiting:
                one.progress = envelope.progress().get(one.id, (one.progress, False))[0]
        waiting = [one for one in waiting if one.id in planned.waiting]
        if not waiting:
            break
    assert not waiting
    assert seen == sorted(set(seen))
