"""What the desk keeps and does beside the moves of a ticket, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest

from community.errors import Conflict, Forbidden, IllegalMove, InvalidInput, NotFound, NotSignedIn
from community.model.category import Category, Urgency
from community.model.conversation import Topic
from community.model.desk import MAX_FILTERS
from community.model.people import ChannelIdentity
from community.model.ticket import Move, Status
from community.ports import Community
from community.services import (
    bulk,
    canned,
    conversations,
    desk,
    handover,
    homes,
    inbound,
    on_behalf,
    presence,
    replies,
    saved_filters,
    tickets,
)
from community.services.on_behalf import Report
from community.services.tickets import FileTicket
from tests.conftest import FakeClock
from tests.small_city import SmallCity
from tests.unsent import unsent


async def filed(
    c: Community, city: SmallCity, key: str, words: str = "三幢楼下的路灯不亮了", room: str = "剡溪花园/3", who: str = "R0001"
) -> str:
    place = city.places[room]
    command = FileTicket(city.residents[who].id, Category.LIGHTING, words, place.full_name, place.id, key)
    return (await tickets.file_ticket(c, command)).ticket.number


async def told(c: Community, city: SmallCity, who: str = "R0001") -> list[str]:
    return [m.text for m in await unsent(c) if m.resident_id == city.residents[who].id]


# Saved filters


async def test_a_saved_filter_comes_back_for_its_member_and_nobody_else(community: Community, city: SmallCity) -> None:
    desk1, grid1 = city.staff["desk1"].id, city.staff["grid1"].id
    await saved_filters.save(community, desk1, " 电梯  超时 ", "group=all&status=overdue&category=elevator")
    (kept,) = await saved_filters.saved(community, desk1)
    assert (kept.name, kept.query) == ("电梯 超时", "group=all&status=overdue&category=elevator")
    assert await saved_filters.saved(community, grid1) == []
    await saved_filters.drop(community, grid1, kept.id)
    assert len(await saved_filters.saved(community, desk1)) == 1
    assert await saved_filters.drop(community, desk1, kept.id) == []


async def test_an_old_name_means_the_new_filter_and_keeps_its_place(community: Community, city: SmallCity) -> None:
    desk1 = city.staff["desk1"].id
    await saved_filters.save(community, desk1, "电梯", "category=elevator")
    await saved_filters.save(community, desk1, "噪音", "category=noise")
    kept = await saved_filters.save(community, desk1, "电梯", "group=all&category=elevator")
    assert [(one.name, one.query) for one in kept] == [
        ("电梯", "group=all&category=elevator"),
        ("噪音", "category=noise"),
    ]


async def test_a_filter_needs_a_name_and_there_is_an_end_to_their_number(community: Community, city: SmallCity) -> None:
    desk1 = city.staff["desk1"].id
    for name in ("", "   ", "长" * 21):
        with pytest.raises(InvalidInput):
            await saved_filters.save(community, desk1, name, "group=all")
    for n in range(MAX_FILTERS):
        await saved_filters.save(community, desk1, f"第{n}个", f"q={n}")
    with pytest.raises(InvalidInput, match="最多"):
        await saved_filters.save(community, desk1, "再来一个", "q=x")
    await saved_filters.save(community, desk1, "第3个", "q=changed")


# Phrases


async def test_a_communitys_phrase_is_for_its_own_people_and_an_own_one_for_oneself(
    community: Community, city: SmallCity
) -> None:
    staff = {login: member.id for login, member in city.staff.items()}
    await canned.keep(community, staff["desk1"], "收到", "{姓名}您好，收到了。", shared=True)
    await canned.keep(community, staff["grid1"], "我到了", "我到楼下了。")
    seen = {who: [p.title for p in await canned.phrases(community, staff[who])] for who in staff}
    assert seen["grid1"] == ["我到了", "收到"]
    assert seen["desk1"] == seen["grid2"] == seen["property"] == ["收到"]
    assert seen["desk2"] == seen["grid3"] == []


async def test_only_the_desk_writes_what_the_whole_desk_says(community: Community, city: SmallCity) -> None:
    staff = {login: member.id for login, member in city.staff.items()}
    await canned.keep(community, staff["desk1"], "收到", "收到了。", shared=True)
    (phrase,) = await canned.phrases(community, staff["grid1"])
    assert not phrase.mine_to_change
    with pytest.raises(Forbidden):
        await canned.keep(community, staff["grid1"], "收到", "改了", phrase_id=phrase.id)
    with pytest.raises(Forbidden):
        await canned.keep(community, staff["grid1"], "x", "y", shared=True)
    with pytest.raises(NotFound):
        await canned.drop(community, staff["desk2"], phrase.id)
    await canned.keep(community, staff["desk1"], "收到", "收到，谢谢。", phrase_id=phrase.id)
    assert (await canned.phrases(community, staff["grid1"]))[0].text == "收到，谢谢。"
    await canned.drop(community, staff["desk1"], phrase.id)
    assert await canned.phrases(community, staff["grid1"]) == []


async def test_a_phrase_is_filled_with_what_is_known_of_the_ticket(community: Community, city: SmallCity) -> None:
    number, desk1 = await filed(community, city, "a"), city.staff["desk1"].id
    text = "{姓名}您好，工单{工单号}（{地点}）{承诺时间}办好。"
    shown = await replies.preview(community, desk1, number, text)
    assert f"李秀英您好，工单{number}（剡溪花园3幢）" in shown.text
    assert "{" not in shown.text
    assert (shown.author, shown.where) == ("沈芳（社区工作者）", "网页聊天")
    assert shown.parts == (shown.text,)
    assert shown.remarks == ()


async def test_a_long_answer_is_shown_as_the_messages_wechat_makes_of_it(community: Community, city: SmallCity) -> None:
    number, desk1 = await filed(community, city, "a"), city.staff["desk1"].id
    async with community.uow() as uow:
        await uow.people.add_identity(ChannelIdentity(0, city.residents["R0001"].id, "wechat", "openid-1"))
        await uow.commit()
    shown = await replies.preview(community, desk1, number, "物业张师傅明天上午9点来换灯。" * 60)
    assert (len(shown.parts), shown.author, shown.where) == (2, "", "微信公众号")
    assert "".join(shown.parts) == shown.text
    assert [remark.kind for remark in shown.remarks] == ["long"]


# Answers


async def test_an_answer_reaches_the_resident_once_and_stands_in_the_history(community: Community, city: SmallCity) -> None:
    number, worker = await filed(community, city, "a"), city.staff["grid1"].id
    for _ in range(2):
        await replies.reply(community, worker, number, "师傅明天上午9点到。", "draft-1")
    assert (await told(community, city)).count("师傅明天上午9点到。") == 1
    opened = await desk.open_ticket(community, worker, number)
    (event,) = [e for e in opened.detail.events if e.move is Move.NOTE]
    assert (event.who, event.note, event.visible) == ("王强", "师傅明天上午9点到。", True)
    talk = await replies.talk(community, worker, number)
    assert [(line.direction, line.text) for line in talk.lines] == [
        ("in", "三幢楼下的路灯不亮了"),
        ("staff", "师傅明天上午9点到。"),
    ]


async def test_beside_a_ticket_the_talk_with_the_assistant_stays_closed_until_a_person_is_asked_for(
    community: Community, city: SmallCity
) -> None:
    number, resident, worker = await filed(community, city, "a"), city.residents["R0001"].id, city.staff["grid1"].id
    await inbound.receive(community, inbound.Incoming("webchat", resident, "m1", "我和小邻说的家里事"))
    talk = await replies.talk(community, worker, number)
    assert not talk.whole
    assert all("家里事" not in line.text for line in talk.lines)
    await conversations.ask_person(community, resident, Topic.GENERAL, "要找人", "ask")
    talk = await replies.talk(community, worker, number)
    assert talk.whole
    assert any("家里事" in line.text for line in talk.lines)
    await conversations.take(community, worker, resident)
    await conversations.hand_back(community, worker, resident)
    talk = await replies.talk(community, worker, number)
    assert (talk.whole, talk.conversation) == (False, None)
    assert all("家里事" not in line.text for line in talk.lines)


async def test_what_happened_meanwhile_is_said_and_nothing_is_sent(community: Community, city: SmallCity) -> None:
    number, desk1 = await filed(community, city, "a"), city.staff["desk1"].id
    seen = len((await desk.open_ticket(community, desk1, number)).detail.events)
    await desk.start(community, city.staff["grid1"].id, number)
    assert await replies.changed_since(community, desk1, number, seen) == "王强刚刚开始处理了这件工单。"
    with pytest.raises(Conflict, match="王强刚刚开始处理"):
        await replies.reply(community, desk1, number, "我们下午去看", "draft", seen)
    assert "我们下午去看" not in await told(community, city)
    await replies.reply(community, desk1, number, "我们下午去看", "draft", seen + 1)
    assert "我们下午去看" in await told(community, city)
    # What I did myself is no news to me.
    await replies.reply(community, desk1, number, "带了梯子", "draft-2", seen + 1)


async def test_who_may_not_handle_a_ticket_may_not_answer_for_it(community: Community, city: SmallCity) -> None:
    number = await filed(community, city, "a")
    with pytest.raises(Forbidden):
        await replies.reply(community, city.staff["grid2"].id, await _to_see(community, city), "好", "d")
    for login in ("grid3", "desk2", "lawyer"):
        for ask in (
            replies.reply(community, city.staff[login].id, number, "好", "d"),
            replies.talk(community, city.staff[login].id, number),
            replies.preview(community, city.staff[login].id, number, "好"),
            replies.changed_since(community, city.staff[login].id, number, 0),
            presence.here(community, city.staff[login].id, number),
        ):
            with pytest.raises(NotFound):
                await ask
    assert await told(community, city) == []


async def _to_see(c: Community, city: SmallCity) -> str:
    """A ticket that grid2 may see (their grid) and the desk holds."""
    number = await filed(c, city, "see", room="剡溪花园/5/1/101", who="R0003")
    await desk.return_ticket(c, city.staff["grid2"].id, number, "不归我们")
    return number


async def test_a_closed_ticket_is_not_answered_any_more(community: Community, city: SmallCity) -> None:
    number, resident = await filed(community, city, "a"), city.residents["R0001"].id
    await tickets.withdraw(community, resident, number, "不用了", "w")
    with pytest.raises(IllegalMove):
        await replies.reply(community, city.staff["grid1"].id, number, "好", "d")


async def test_the_look_before_sending_knows_what_is_still_unanswered(community: Community, city: SmallCity) -> None:
    words = "3幢2单元楼道灯坏了，门禁也刷不开"
    number, worker = await filed(community, city, "a", words), city.staff["grid1"].id
    look = await replies.preview(community, worker, number, "楼道灯明天上午换。")
    assert [remark.kind for remark in look.remarks] == ["skips"]
    await replies.reply(community, worker, number, "楼道灯明天上午换，门禁周四前修。", "d1")
    look = await replies.preview(community, worker, number, "楼道灯改到下午3点换。")
    assert look.remarks == ()
    own = await replies.preview(community, worker, number, "有事打我电话138-0000-0001。")
    assert own.remarks == ()


async def test_in_a_held_talk_the_look_goes_by_what_was_said_since_the_last_answer(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    resident, desk1 = city.residents["R0001"].id, city.staff["desk1"].id
    number = await filed(community, city, "a")
    with pytest.raises(NotFound):
        await replies.preview_talk(community, desk1, resident, "好")
    await inbound.receive(community, inbound.Incoming("webchat", resident, "m1", "楼道灯坏了，还有门禁也刷不开"))
    await conversations.ask_person(community, resident, Topic.GENERAL, "要找人", "ask")
    await conversations.take(community, desk1, resident)
    clock.forward(seconds=5)
    look = await replies.preview_talk(community, desk1, resident, "{姓名}您好，楼道灯明天上午换（工单{工单号}）。")
    assert look.text == f"李秀英您好，楼道灯明天上午换（工单{number}）。"
    assert [remark.kind for remark in look.remarks] == ["skips"]
    await conversations.say(community, desk1, resident, "灯和门禁都报物业了。", "c1")
    assert (await replies.preview_talk(community, desk1, resident, "灯明天上午换。")).remarks == ()
    for login in ("grid3", "desk2", "property"):
        with pytest.raises(NotFound):
            await replies.preview_talk(community, city.staff[login].id, resident, "好")


# Colleagues


async def test_a_colleague_at_the_same_ticket_is_named_and_gone_when_they_leave(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    number, desk1, worker = await filed(community, city, "a"), city.staff["desk1"].id, city.staff["grid1"].id
    assert await presence.here(community, worker, number) == ()
    (other,) = await presence.here(community, desk1, number)
    assert other.said == "王强正在看"
    await presence.here(community, worker, number, "writes")
    (other,) = await presence.here(community, desk1, number)
    assert other.said == "王强正在写答复"
    clock.forward(seconds=15)
    (other,) = await presence.here(community, desk1, number)
    assert other.said == "王强正在看"
    await presence.gone(community, worker, number)
    assert await presence.here(community, desk1, number) == ()
    await presence.here(community, worker, number)
    clock.forward(seconds=60)
    assert await presence.here(community, desk1, number) == ()


async def test_without_the_shared_cache_nobody_is_there_and_nothing_fails(
    community: Community, city: SmallCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, desk1 = await filed(community, city, "a"), city.staff["desk1"].id

    async def away(*_: object) -> None:
        raise OSError("away")

    monkeypatch.setattr(community.cache, "get", away)
    assert await presence.here(community, desk1, number) == ()
    await presence.gone(community, desk1, number)


# On behalf


def call(city: SmallCity, **more: object) -> Report:
    said: dict[str, object] = {
        "source": "phone",
        "words": "楼道灯坏了",
        "category": Category.LIGHTING,
        "place_text": "剡溪花园3幢2单元",
        "key": "call-1",
    }
    return Report(**{**said, **more})  # type: ignore[arg-type]


async def test_a_caller_known_by_their_phone_is_found_and_told_in_their_own_chat(
    community: Community, city: SmallCity
) -> None:
    resident, desk1 = city.residents["R0001"].id, city.staff["desk1"].id
    await homes.set_phone(community, resident, "13912345678")
    (known,) = await on_behalf.known(community, desk1, phone="139 1234 5678")
    assert (known.resident_id, known.name, known.in_chat) == (resident, "李秀英", True)
    made = await on_behalf.file(community, desk1, call(city, resident_id=resident, phone="13912345678"))
    number = made.ticket.number
    assert (made.ticket.status, made.ticket.place_text, made.ticket.holder_name) == (
        Status.DISPATCHED,
        "剡溪花园3幢2单元",
        "王强",
    )
    assert (made.events[0].move, made.events[0].who) == (Move.FILE, "沈芳")
    (text,) = await told(community, city)
    assert "社区工作者沈芳按您电话里说的" in text
    assert number in text
    # It is theirs from now on: they urge and confirm it as their own.
    assert (await tickets.progress(community, resident, number)).ticket.number == number
    again = await on_behalf.file(community, desk1, call(city, resident_id=resident, phone="13912345678"))
    assert again.ticket.number == number
    assert len(await told(community, city)) == 1


async def test_a_stranger_is_kept_with_their_phone_and_known_the_next_time(community: Community, city: SmallCity) -> None:
    grid1 = city.staff["grid1"].id
    assert await on_behalf.known(community, grid1, phone="13711112222") == []
    made = await on_behalf.file(community, grid1, call(city, source="walk_in", name="赵大爷", phone="13711112222"))
    opened = await desk.open_ticket(community, grid1, made.ticket.number)
    assert (opened.resident_name, opened.contact) == ("赵大爷", "137****2222")
    (known,) = await on_behalf.known(community, grid1, phone="13711112222")
    assert (known.name, known.in_chat) == ("赵大爷", False)
    async with community.reading() as uow:
        ticket = await uow.tickets.by_number(made.ticket.number)
        assert ticket is not None
        assert ticket.source == "walk_in"
    # No channel reaches them: it is said before somebody writes into the void.
    assert not (await replies.talk(community, grid1, made.ticket.number)).may_write
    with pytest.raises(InvalidInput, match="打电话"):
        await replies.reply(community, grid1, made.ticket.number, "明天来", "d")


async def test_a_place_nobody_knows_goes_to_the_clerks_own_community(community: Community, city: SmallCity) -> None:
    desk2 = city.staff["desk2"].id
    made = await on_behalf.file(community, desk2, call(city, place_text="老菜场后门", name="过路人"))
    opened = await desk.open_ticket(community, desk2, made.ticket.number)
    assert opened.detail.ticket.place_text == "老菜场后门"
    assert opened.detail.ticket.holder_name == "何军"


async def test_another_communitys_place_and_residents_stay_closed(community: Community, city: SmallCity) -> None:
    desk2, resident = city.staff["desk2"].id, city.residents["R0001"].id
    with pytest.raises(Forbidden, match="剡溪社区"):
        await on_behalf.file(community, desk2, call(city, name="过路人"))
    assert await on_behalf.known(community, desk2, name="李秀英") == []
    with pytest.raises(NotFound):
        await on_behalf.file(community, desk2, call(city, place_text="鹿山苑1幢", resident_id=resident))
    await homes.set_phone(community, resident, "13912345678")
    (known,) = await on_behalf.known(community, desk2, phone="13912345678")
    assert (known.name, known.home) == ("已登记的居民", "不在您的社区")


@pytest.mark.parametrize("login", ["property", "lawyer"])
async def test_who_takes_no_calls_files_for_nobody(community: Community, city: SmallCity, login: str) -> None:
    member = city.staff[login].id
    for ask in (
        on_behalf.file(community, member, call(city, name="x")),
        on_behalf.known(community, member, phone="13912345678"),
        on_behalf.place_of(community, member, "剡溪花园3幢"),
    ):
        with pytest.raises(Forbidden):
            await ask


@pytest.mark.parametrize(
    "wrong", [{"words": "  "}, {"name": "", "phone": ""}, {"phone": "123"}, {"source": "fax"}, {"photos": ("0" * 64,)}]
)
async def test_what_a_call_lacks_is_said_and_nothing_is_filed(
    community: Community, city: SmallCity, wrong: dict[str, object]
) -> None:
    desk1 = city.staff["desk1"].id
    with pytest.raises(InvalidInput):
        await on_behalf.file(community, desk1, call(city, **{"name": "赵大爷", **wrong}))
    assert (await desk.list_tickets(community, desk1, desk.DeskFilter(status="any"))).total == 0


async def test_danger_on_the_telephone_is_as_urgent_as_in_chat(community: Community, city: SmallCity) -> None:
    words = "家里煤气漏了，一股很大的煤气味"
    made = await on_behalf.file(community, city.staff["desk1"].id, call(city, words=words, name="赵大爷", category=Category.GAS))
    assert made.ticket.urgency is Urgency.DANGER


# Several at once


async def test_several_tickets_go_to_a_colleague_and_what_did_not_go_says_why(community: Community, city: SmallCity) -> None:
    desk1, grid2 = city.staff["desk1"].id, city.staff["grid2"].id
    numbers = [await filed(community, city, key) for key in ("a", "b", "c")]
    await tickets.withdraw(community, city.residents["R0001"].id, numbers[1], "不用了", "w")
    foreign = await filed(community, city, "d", room="鹿山苑/1/1/502", who="R0004")
    people = await bulk.receivers(community, desk1, [*numbers, foreign])
    assert (grid2, "陈丽 · 网格员 · 第二网格", 3) in people
    for _ in range(2):
        went = await bulk.assign(community, desk1, [*numbers, foreign, numbers[0]], grid2, "王强请假", "bulk-1")
        assert [(one.number, one.ok) for one in went] == [
            (numbers[0], True),
            (numbers[1], False),
            (numbers[2], True),
            (foreign, False),
        ]
    assert "已撤回" in went[1].why
    assert "没有找到" in went[3].why
    opened = await desk.open_ticket(community, desk1, numbers[0])
    assert opened.detail.ticket.holder_name == "陈丽"
    assert [e.move for e in opened.detail.events].count(Move.TRANSFER) == 1


async def test_a_grid_worker_gives_away_only_what_the_rules_let_them(community: Community, city: SmallCity) -> None:
    number = await filed(community, city, "a")
    went = await bulk.assign(community, city.staff["grid3"].id, [number], city.staff["grid2"].id, "x", "k")
    assert [(one.ok, "没有找到" in one.why) for one in went] == [(False, True)]
    for numbers in ([], [str(n) for n in range(51)]):
        with pytest.raises(InvalidInput):
            await bulk.assign(community, city.staff["desk1"].id, numbers, city.staff["grid2"].id, "x", "k")


# From one colleague to the next


async def test_the_next_colleague_reads_what_the_last_one_left(community: Community, city: SmallCity, clock: FakeClock) -> None:
    resident, desk1, grid1 = city.residents["R0001"].id, city.staff["desk1"].id, city.staff["grid1"].id
    number = await filed(community, city, "a")
    await inbound.receive(community, inbound.Incoming("webchat", resident, "m1", "灯什么时候修"))
    await conversations.ask_person(community, resident, Topic.GENERAL, "催了两次没人来", "ask")
    await conversations.take(community, desk1, resident)
    clock.forward(seconds=5)
    await conversations.say(community, desk1, resident, "我问一下王强。", "c1")
    clock.forward(seconds=5)
    await inbound.receive(community, inbound.Incoming("webchat", resident, "m2", "好的我等着"))
    draft = await handover.draft(community, desk1, resident)
    for part in ("李秀英", "催了两次没人来", number, "已派单", "网格员王强", "居民：灯什么时候修", "居民最后这句还没有回"):
        assert part in draft, (part, draft)
    assert await handover.latest(community, grid1, resident) is None
    await conversations.hand_back(community, desk1, resident, "配件周四到，到了告诉她。")
    left = await handover.latest(community, grid1, resident)
    assert left is not None
    assert (left.who, left.text) == ("沈芳", "配件周四到，到了告诉她。")
    assert all("配件周四到" not in text for text in await told(community, city))
    for login in ("grid3", "desk2", "property"):
        assert await handover.latest(community, city.staff[login].id, resident) is None
        with pytest.raises(NotFound):
            await handover.draft(community, city.staff[login].id, resident)


async def test_handing_back_without_words_leaves_nothing(community: Community, city: SmallCity) -> None:
    resident, desk1 = city.residents["R0001"].id, city.staff["desk1"].id
    await conversations.ask_person(community, resident, Topic.GENERAL, "要找人", "ask")
    await conversations.take(community, desk1, resident)
    await conversations.hand_back(community, desk1, resident, "   ")
    assert await handover.latest(community, desk1, resident) is None


async def test_an_account_that_was_closed_reads_and_writes_nothing_of_the_desk(community: Community, city: SmallCity) -> None:
    member = city.staff["desk1"].id
    async with community.uow() as uow:
        known = await uow.people.staff(member)
        assert known is not None
        known.active = False
        await uow.commit()
    number = await filed(community, city, "a")
    for ask in (
        saved_filters.saved(community, member),
        canned.phrases(community, member),
        replies.talk(community, member, number),
        on_behalf.known(community, member, phone="13912345678"),
        handover.latest(community, member, city.residents["R0001"].id),
        presence.here(community, member, number),
    ):
        with pytest.raises(NotSignedIn):
            await ask


async def test_two_answers_at_the_same_moment_are_both_there_or_one_is_told(community: Community, city: SmallCity) -> None:
    number = await filed(community, city, "a")
    people = (city.staff["desk1"].id, city.staff["grid1"].id)
    seen = 2
    results = await asyncio.gather(
        *(replies.reply(community, who, number, f"第{who}位说的", f"d{who}", seen) for who in people),
        return_exceptions=True,
    )
    sent = [r for r in results if not isinstance(r, BaseException)]
    assert all(not isinstance(r, BaseException) or isinstance(r, Conflict) for r in results), results
    assert len([text for text in await told(community, city) if "位说的" in text]) == len(sent) >= 1
