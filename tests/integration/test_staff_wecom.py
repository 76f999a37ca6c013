"""What staff are told and what they say in WeCom, as rows: kept with what they tell, once, in order. Both databases."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from community.errors import Conflict
from community.model.category import Category
from community.model.message import InboxStatus, OutboxStatus
from community.model.staffing import A_MINUTE, Heard, StaffLetter, StaffMessage, StaffTalk, Told
from community.model.ticket import Move
from community.ports import Community
from community.services import clock as ticking
from community.services import deadletters, desk, staff_accounts, staff_in, staff_notify, staff_out, staff_talk, tickets
from community.services.staff_in import Incoming
from community.services.tickets import FileTicket, file_ticket
from community.store.tables import staff_inbox, staff_outbox
from gateway.wecom.commands import parse
from tests.conftest import FakeClock
from tests.small_city import SmallCity


@pytest.fixture
async def linked(community: Community, city: SmallCity) -> SmallCity:
    for login in ("grid1", "grid2", "desk1"):
        await staff_accounts.set_wecom(community, login, login)
    return city


def report(city: SmallCity, key: str = "k1", words: str = "楼道灯坏了") -> FileTicket:
    place = city.places["剡溪花园/3/2/502"].id
    return FileTicket(city.residents["R0001"].id, Category.LIGHTING, words, "剡溪花园3幢2单元", place, key)


async def filed(c: Community, city: SmallCity, key: str = "k1", words: str = "楼道灯坏了") -> str:
    return (await file_ticket(c, report(city, key, words))).ticket.number


async def letters(c: Community, member: str = "") -> list[StaffLetter]:
    async with c.reading() as uow:
        found = await uow.session.scalars(select(StaffLetter).order_by(staff_outbox.c.id))  # type: ignore[attr-defined]
        return [letter for letter in found if not member or letter.member == member]


async def heard(c: Community) -> list[StaffMessage]:
    async with c.reading() as uow:
        return list(await uow.session.scalars(select(StaffMessage).order_by(staff_inbox.c.id)))  # type: ignore[attr-defined]


async def send_all(c: Community, worker: str = "s") -> list[staff_out.Errand]:
    """Everything that may leave now, taken by the platform; each card gets a code."""
    out: list[staff_out.Errand] = []
    while errands := await staff_out.claim(c, worker, 10):
        for errand in errands:
            await staff_out.sent(c, worker, errand, f"code-{errand.id}" if errand.kind is Told.CARD else "")
        out += errands
    return out


async def say(c: Community, member: str, text: str, key: str = "") -> str:
    """What `member` reads in answer to a line."""
    seen = {letter.id for letter in await letters(c)}
    await staff_in.receive(c, Incoming(member, key or f"{member}:{len(seen)}:{text}", Heard.TEXT, text))
    for message in await staff_in.claim(c, "w", 5):
        await staff_talk.handle(c, "w", message, parse)
    told = [x for x in await letters(c, member) if x.id not in seen and x.kind is Told.TEXT]
    return "\n".join(letter.text for letter in told)


async def moves(c: Community, number: str) -> list[Move]:
    async with c.reading() as uow:
        ticket = await uow.tickets.by_number(number)
        assert ticket is not None
        return [event.move for event in await uow.tickets.events(ticket.id)]


async def test_the_holder_is_told_with_the_ticket_once_and_not_of_one_that_is_not_kept(
    community: Community, linked: SmallCity
) -> None:
    await filed(community, linked)
    await filed(community, linked)
    (card,) = await letters(community)
    assert (card.member, card.kind) == ("grid1", Told.CARD)
    async with community.uow() as uow:
        await tickets.file_in(uow, community, report(linked, "k2"), linked.residents["R0001"])
    assert len(await letters(community)) == 1


async def test_who_is_not_in_wecom_gets_nothing(community: Community, city: SmallCity) -> None:
    await filed(community, city)
    assert await letters(community) == []


async def test_the_holder_hears_of_urging_notes_reopening_and_passing_on(
    community: Community, linked: SmallCity
) -> None:
    number = await filed(community, linked)
    resident, worker = linked.residents["R0001"].id, linked.staff["grid1"].id
    await tickets.urge(community, resident, number, "u1")
    await tickets.add_note(community, resident, number, "在二楼", (), "n1")
    await desk.accept(community, worker, number)
    await desk.resolve(community, worker, number, "换好了")
    await tickets.reopen(community, resident, number, "还是不亮", "r1")
    await desk.add_staff_note(community, worker, number, "备注")
    await desk.transfer(community, worker, number, linked.staff["grid2"].id, "休假")
    assert [letter.text.partition("，")[0] for letter in await letters(community, "grid1")] == [
        "新工单",
        "居民第1次催办",
        "居民补充：在二楼",
        "居民说还没好",
    ]
    (passed,) = await letters(community, "grid2")
    assert passed.text == "王强转给您：休假"
    await desk.return_ticket(community, linked.staff["grid2"].id, number, "不归我")
    (back,) = await letters(community, "desk1")
    assert back.text == "陈丽退回：不归我"


async def test_who_has_not_accepted_is_reminded_once_before_the_promise_ends(
    community: Community, linked: SmallCity, clock: FakeClock
) -> None:
    number = await filed(community, linked)
    assert (await ticking.tick(community)).promises == 0
    clock.forward(minutes=91)
    assert (await ticking.tick(community)).promises == 1
    assert (await ticking.tick(community)).promises == 0
    dispatched, reminder = await letters(community)
    assert reminder.text.startswith("提醒")
    assert reminder.task != dispatched.task
    await desk.accept(community, linked.staff["grid1"].id, number)
    assert (await ticking.tick(community)).promises == 0


async def test_who_lets_a_promise_break_hears_who_has_it_now_and_the_level_above_gets_a_card(
    community: Community, linked: SmallCity, clock: FakeClock
) -> None:
    number = await filed(community, linked)
    clock.forward(days=1)
    assert (await ticking.tick(community)).promises == 1
    card = (await letters(community, "desk1"))[-1]
    assert card.text == "超过时限，升级到社区，请督办"
    told = (await letters(community, "grid1"))[-1]
    assert told.kind is Told.TEXT
    assert number in told.text
    assert "升到社区，由社区工作者沈芳督办" in told.text


async def test_a_delivery_that_comes_again_is_one_message(community: Community, linked: SmallCity) -> None:
    said = Incoming("grid1", "d1", Heard.TEXT, "帮助")
    came = [await staff_in.receive(community, said) for _ in range(3)]
    assert came == [True, False, False]
    assert len(await heard(community)) == 1


async def test_one_worker_a_member_at_a_time_and_in_order(community: Community, linked: SmallCity) -> None:
    for n in range(3):
        await staff_in.receive(community, Incoming("grid1", f"a{n}", Heard.TEXT, "帮助"))
    await staff_in.receive(community, Incoming("grid2", "b", Heard.TEXT, "帮助"))
    one, two = await asyncio.gather(staff_in.claim(community, "w1", 5), staff_in.claim(community, "w2", 5))
    assert sorted(message.dedup_key for message in [*one, *two]) == ["a0", "b"]
    assert await staff_in.claim(community, "w3", 5) == []


async def test_a_worker_that_dies_after_the_move_answers_later_and_moves_once(
    community: Community, linked: SmallCity, clock: FakeClock
) -> None:
    number = await filed(community, linked)
    for text, done in (
        (f"接单 {number}", "已接单"),
        (f"办结 {number[-4:]} 换好了", "已办结"),
    ):
        await staff_in.receive(community, Incoming("grid1", text, Heard.TEXT, text))
        (message,) = await staff_in.claim(community, "dies", 5)
        talk = staff_talk.Conversation(community, message, StaffTalk(message.staff_id), clock.now())
        await talk.reply(parse)
        clock.forward(seconds=61)
        (again,) = await staff_in.claim(community, "lives", 5)
        assert not await staff_talk.handle(community, "dies", message, parse)
        assert await staff_talk.handle(community, "lives", again, parse)
        assert [x.text for x in await letters(community) if x.text.startswith(done)] != []
    found = await moves(community, number)
    assert (found.count(Move.ACCEPT), found.count(Move.RESOLVE)) == (1, 1)


async def test_passing_on_survives_a_death_though_the_ticket_is_in_other_hands(
    community: Community, linked: SmallCity, clock: FakeClock
) -> None:
    number = await filed(community, linked)
    await staff_in.receive(community, Incoming("grid1", "t", Heard.TEXT, f"转派 {number[-4:]} 陈丽"))
    (message,) = await staff_in.claim(community, "dies", 5)
    talk = staff_talk.Conversation(community, message, StaffTalk(message.staff_id), clock.now())
    await talk.reply(parse)
    clock.forward(seconds=61)
    (again,) = await staff_in.claim(community, "lives", 5)
    await staff_talk.handle(community, "lives", again, parse)
    assert (await moves(community, number)).count(Move.TRANSFER) == 1
    assert [x.text for x in await letters(community, "grid1") if "已转派" in x.text] != []


async def test_no_more_than_the_platform_shows_in_a_minute_and_nothing_is_dropped(
    community: Community, linked: SmallCity, clock: FakeClock
) -> None:
    async with community.uow() as uow:
        member = await uow.people.staff_by_wecom("grid1")
        assert member is not None
        for n in range(A_MINUTE + 5):
            await staff_notify.say(uow, member, f"第{n}条", key=f"k{n}", now=clock.now())
        await uow.commit()
    assert len(await send_all(community)) == A_MINUTE
    clock.forward(seconds=71)
    assert [errand.text for errand in await send_all(community)] == [f"第{n}条" for n in range(A_MINUTE, A_MINUTE + 5)]


async def test_what_a_killed_sender_held_is_sent_by_another_and_its_receipt_counts_no_more(
    community: Community, linked: SmallCity, clock: FakeClock
) -> None:
    await filed(community, linked)
    (held,) = await staff_out.claim(community, "killed", 5)
    assert await staff_out.claim(community, "other", 5) == []
    clock.forward(seconds=61)
    (again,) = await staff_out.claim(community, "other", 5)
    assert again.task == held.task
    assert not await staff_out.sent(community, "killed", held, "c1")
    assert await staff_out.sent(community, "other", again, "c2")


async def test_what_fails_is_tried_later_and_put_aside_after_eight_failures_or_at_once_for_good(
    community: Community, linked: SmallCity, clock: FakeClock
) -> None:
    await filed(community, linked)
    for n in range(8):
        (errand,) = await staff_out.claim(community, "s", 5)
        assert (await letters(community))[0].status is OutboxStatus.SENDING, n
        await staff_out.failed(community, "s", errand.id, "12345", ours=True)
        assert await staff_out.claim(community, "s", 5) == []
        clock.forward(minutes=2)
    assert (await letters(community))[0].status is OutboxStatus.DEAD
    await filed(community, linked, "k2")
    (errand,) = await staff_out.claim(community, "s", 5)
    await staff_out.failed(community, "s", errand.id, "81013", for_good=True)
    assert (await letters(community))[1].status is OutboxStatus.DEAD


async def test_a_ticket_moved_while_its_card_was_on_its_way_changes_the_card(
    community: Community, linked: SmallCity
) -> None:
    number = await filed(community, linked)
    (errand,) = await staff_out.claim(community, "s", 5)
    await desk.accept(community, linked.staff["grid1"].id, number)
    await staff_out.sent(community, "s", errand, "c1")
    card, update = await letters(community)
    assert (update.kind, update.code, card.code) == (Told.UPDATE, "c1", "")


async def test_a_message_that_always_fails_is_put_aside_and_said(
    community: Community, linked: SmallCity, clock: FakeClock
) -> None:
    await staff_in.receive(community, Incoming("grid1", "a", Heard.TEXT, "帮助"))
    for _ in range(8):
        (message,) = await staff_in.claim(community, "w", 5)
        await staff_in.postpone(community, "w", message.id, "KeyError", transient=False)
        clock.forward(minutes=2)
    assert [message.status for message in await heard(community)] == [InboxStatus.DEAD]
    assert [letter.text for letter in await letters(community)] == [staff_in.BROKEN]


async def test_todays_list_begins_with_what_is_overdue_and_counts_what_it_leaves_out(
    community: Community, linked: SmallCity, clock: FakeClock
) -> None:
    late = await filed(community, linked, "late", "门禁坏了")
    clock.forward(days=10)
    for n in range(11):
        await filed(community, linked, f"k{n}", f"灯坏了{n}")
    text = await say(community, "grid1", "今日待办")
    lines = text.splitlines()
    assert lines[0] == "要办的工单12件，其中1件已超时："
    assert lines[1].startswith(f"1 【超时】{late}")
    assert lines[11] == "还有2件，请到工作台查看。"
    await say(community, "grid1", "1")
    assert [x.ticket_id for x in await letters(community, "grid1")][-1] is not None


async def test_words_asked_for_are_awaited_for_ten_minutes_and_no_longer(
    community: Community, linked: SmallCity, clock: FakeClock
) -> None:
    number = await filed(community, linked)
    await say(community, "grid1", "接单")
    assert "请回复一句办结说明" in await say(community, "grid1", "办结")
    clock.forward(minutes=11)
    assert "没看懂" in await say(community, "grid1", "灯管换好啦，测试正常")
    assert "请回复一句办结说明" in await say(community, "grid1", f"办结 {number}")
    assert "请回复一句办结说明" in await say(community, "grid1", "1")
    assert "先不办" in await say(community, "grid1", "算了")
    assert "请回复退回的原因" in await say(community, "grid1", "退回")
    assert "已退回" in await say(community, "grid1", "这是物业的事")
    assert (await moves(community, number)).count(Move.RESOLVE) == 0


async def test_without_a_number_and_several_to_choose_from_it_asks_and_a_digit_answers(
    community: Community, linked: SmallCity
) -> None:
    first, second = await filed(community, linked, "k1"), await filed(community, linked, "k2", "门坏了")
    asked = await say(community, "grid1", "接单")
    assert "要接单哪一件" in asked
    digit = next(line[0] for line in asked.splitlines() if second in line)
    assert f"已接单：工单{second}" in await say(community, "grid1", digit)
    assert Move.ACCEPT not in await moves(community, first)


async def test_nobody_moves_what_is_not_theirs(community: Community, linked: SmallCity) -> None:
    number = await filed(community, linked)
    assert "没有找到工单" in await say(community, "grid2", f"接单 {number}")
    assert "不能办结" in await say(community, "grid1", f"办结 {number} 换好了")
    assert Move.ACCEPT not in await moves(community, number)


async def test_a_press_on_somebody_elses_card_moves_nothing(community: Community, linked: SmallCity) -> None:
    number = await filed(community, linked)
    await send_all(community)
    (card,) = await letters(community)
    await staff_in.receive(community, Incoming("grid2", "p", Heard.CLICK, "accept", task=card.task, code="x"))
    (message,) = await staff_in.claim(community, "w", 5)
    await staff_talk.handle(community, "w", message, parse)
    assert Move.ACCEPT not in await moves(community, number)
    assert "失效" in (await letters(community, "grid2"))[-1].text


async def test_one_wecom_account_is_one_person(community: Community, linked: SmallCity) -> None:
    with pytest.raises(Conflict):
        await staff_accounts.set_wecom(community, "grid2", "grid1")
    await filed(community, linked)
    await staff_accounts.set_wecom(community, "grid1", "wangqiang")
    assert [letter.member for letter in await letters(community)] == ["wangqiang"]


async def test_what_was_put_aside_is_listed_for_the_desk_and_sent_again(
    community: Community, linked: SmallCity, clock: FakeClock
) -> None:
    number = await filed(community, linked)
    (errand,) = await staff_out.claim(community, "s", 5)
    await staff_out.failed(community, "s", errand.id, "81013 gone", for_good=True)
    own, other = linked.staff["desk1"].id, linked.staff["desk2"].id
    assert await deadletters.dead(community, other) == []
    assert await deadletters.number_of_dead(community, own) == 1
    (letter,) = await deadletters.dead(community, own)
    assert (letter.resident_name, letter.text.partition("：")[0]) == ("王强", f"工单{number}")
    clock.forward(days=2)
    for _ in range(2):
        await deadletters.resend(community, own, letter.key, "click-1")
    assert await deadletters.whereabouts(community, own, [letter.key]) == {letter.key: "pending"}
    (again,) = await staff_out.claim(community, "s", 5)
    assert again.task == errand.task


async def test_a_resident_s_phone_number_does_not_go_to_wecom(community: Community, linked: SmallCity) -> None:
    number = await filed(community, linked, words="灯坏了打13800001234")
    assert "13800001234" not in await say(community, "grid1", "今日待办")
    (errand, *_) = await send_all(community)
    assert errand.face is not None
    assert "138****1234" in errand.face.desc
    assert "13800001234" not in await say(community, "grid1", f"接单 {number}")


async def test_the_desk_is_told_how_to_pass_on_what_came_back(community: Community, linked: SmallCity) -> None:
    number = await filed(community, linked)
    await say(community, "grid1", f"退回 {number} 不归我管")
    told = [errand for errand in await send_all(community) if errand.member == "desk1"]
    assert [f"可以回复：接单 {number}；转派 {number} 姓名" in errand.text for errand in told] == [True]
    assert "已转派" in await say(community, "desk1", f"转派 {number} 陈丽")


async def test_where_nobody_sends_letters_are_not_kept_and_are_no_dead_letters_later(
    community: Community, linked: SmallCity, clock: FakeClock
) -> None:
    await filed(community, linked)
    assert await letters(community)
    assert await staff_out.drop_untold(community) == 0
    clock.forward(minutes=59)
    number = await filed(community, linked, "k2", "水管漏了")
    clock.forward(minutes=2)
    assert await staff_out.drop_untold(community) > 0
    # What is an hour old is gone; a sender that starts now tells the rest, and nothing is put aside.
    left = await letters(community)
    assert left
    async with community.reading() as uow:
        ticket = await uow.tickets.by_number(number)
    assert ticket is not None
    assert {letter.ticket_id for letter in left} == {ticket.id}
    clock.forward(hours=25)
    assert await staff_out.drop_untold(community) == len(left)
    assert await staff_out.claim(community, "s", 10) == []
    assert await deadletters.dead(community, linked.staff["desk1"].id) == []


async def test_what_was_tried_in_vain_is_not_dropped(community: Community, linked: SmallCity, clock: FakeClock) -> None:
    await filed(community, linked)
    (errand, *_) = await staff_out.claim(community, "s", 10)
    await staff_out.failed(community, "s", errand.id, "45009")
    clock.forward(hours=2)
    await staff_out.drop_untold(community)
    assert errand.id in [letter.id for letter in await letters(community)]
