"""What is passed on from a group: drafts once, a ticket only by a member's hand, and back. On SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select

from community.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from community.model.category import Category, Urgency
from community.model.intake import DraftState
from community.model.ticket import Move, Ticket
from community.ports import Community
from community.services import desk, intake, intake_acts, retention, staff_accounts
from community.services.intake_acts import Change
from community.store.tables import group_draft_events, group_drafts
from tests.conftest import FakeClock
from tests.integration.test_staff_wecom import filed, say
from tests.small_city import SmallCity

BLOCK = "王建国 10:32\n3号楼下水道堵了，电话13800001234\n李阿姨 10:35\n我家也是\n小马 10:36\n+1\n陈大姐 10:40\n5幢楼道灯不亮"


async def tickets(c: Community) -> list[Ticket]:
    async with c.reading() as uow:
        return list(await uow.session.scalars(select(Ticket)))  # type: ignore[attr-defined]


async def rows(c: Community, table: object = group_drafts) -> int:
    async with c.reading() as uow:
        return int(await uow.session.scalar(select(func.count()).select_from(table)) or 0)  # type: ignore[attr-defined,arg-type]


async def test_a_block_becomes_a_draft_a_problem_and_no_ticket_before_it_is_confirmed(community: Community, city: SmallCity) -> None:
    me = city.staff["grid1"].id
    taken = await intake.take(community, me, BLOCK)
    assert [(v.who, v.category, v.place_text, v.also) for v in taken.drafts] == [
        ("王某", Category.DRAINAGE, "剡溪花园3幢", 1),
        ("陈大姐", Category.LIGHTING, "剡溪花园5幢", 0),
    ]
    assert "1380000" not in taken.drafts[0].words
    assert await tickets(community) == []
    done = await intake_acts.confirm(community, me, taken.drafts[0].id)
    again = await intake_acts.confirm(community, city.staff["desk1"].id, taken.drafts[0].id)
    assert done.ticket
    assert done.ticket == again.ticket
    (ticket,) = await tickets(community)
    assert (ticket.source, ticket.category, ticket.grid_id is not None) == ("group", Category.DRAINAGE, True)
    assert ticket.words.startswith("群里王某10:32反映：3号楼下水道堵了")
    assert "另有1户也说" in ticket.words
    assert "王建国" not in ticket.words
    assert "13800001234" not in ticket.words


async def test_names_and_words_lie_sealed(community: Community, city: SmallCity) -> None:
    await intake.take(community, city.staff["grid1"].id, BLOCK)
    async with community.reading() as uow:
        found = (await uow.session.execute(select(group_drafts))).mappings().all()  # type: ignore[attr-defined]
        logged = (await uow.session.execute(select(group_draft_events))).mappings().all()  # type: ignore[attr-defined]
    assert "王建国" not in str(found) + str(logged)
    assert "下水道" not in str(found) + str(logged)


async def test_the_same_block_twice_and_from_two_workers_at_once_is_one_set_of_drafts(community: Community, city: SmallCity) -> None:
    one, other = city.staff["grid1"].id, city.staff["grid2"].id
    taken = await asyncio.gather(*(intake.take(community, who, BLOCK) for who in (one, other, one, other)), return_exceptions=True)
    assert not [error for error in taken if isinstance(error, Exception)], taken
    assert await rows(community) == 2
    assert (await intake.take(community, one, BLOCK)).again == 2
    longer = await intake.take(community, one, BLOCK.replace("小马 10:36", "赵师傅 10:36\n我们也是\n小马 10:37"))
    assert (longer.again, longer.drafts[0].also, await rows(community)) == (2, 2, 2)


async def test_the_same_words_after_a_day_are_a_new_draft(community: Community, city: SmallCity, clock: FakeClock) -> None:
    me = city.staff["grid1"].id
    await intake.take(community, me, "群消息 张阿姨：3幢电梯又坏了")
    clock.forward(hours=25)
    assert (await intake.take(community, me, "群消息 张阿姨：3幢电梯又坏了")).again == 0


async def test_two_who_confirm_one_draft_at_once_file_one_ticket(community: Community, city: SmallCity) -> None:
    (draft,) = (await intake.take(community, city.staff["grid1"].id, "群消息 张阿姨：3幢单元门打不开")).drafts
    both = (city.staff["grid1"].id, city.staff["desk1"].id)
    await asyncio.gather(*(intake_acts.confirm(community, who, draft.id) for who in both), return_exceptions=True)
    assert len(await tickets(community)) == 1


async def test_who_says_what_a_ticket_says_already_is_shown_it_and_merged_as_a_note(community: Community, city: SmallCity) -> None:
    number, me = await filed(community, city), city.staff["grid1"].id
    (draft,) = (await intake.take(community, me, "群消息\n李阿姨：3幢楼道灯怎么还不亮")).drafts
    assert draft.match is not None
    assert draft.match.number == number
    merged = await intake_acts.merge(community, me, draft.id)
    assert (merged.state, merged.ticket, len(await tickets(community))) == (DraftState.MERGED, number, 1)
    detail = await desk.open_ticket(community, me, number, household=False)
    assert any("李阿姨反映" in event.note for event in detail.detail.events)
    back = await intake_acts.undo(community, me)
    assert (back.id, back.state, back.ticket) == (draft.id, DraftState.OPEN, "")


async def test_dropped_needs_why_comes_back_and_is_deleted_after_its_time(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    me = city.staff["grid1"].id
    (draft,) = (await intake.take(community, me, "群消息 张阿姨：3幢电梯又坏了")).drafts
    with pytest.raises(InvalidInput):
        await intake_acts.drop(community, me, draft.id, " ")
    await intake_acts.drop(community, me, draft.id, "已经修好了")
    with pytest.raises(IllegalMove):
        await intake_acts.confirm(community, me, draft.id)
    assert (await intake_acts.undo(community, me, draft.id)).state is DraftState.OPEN
    await intake_acts.drop(community, me, draft.id, "已经修好了")
    await retention.run(community)
    assert await rows(community) == 1
    clock.forward(days=31)
    await retention.run(community)
    assert (await rows(community), await rows(community, group_draft_events)) == (0, 0)


async def test_a_filed_draft_is_the_desk_s_to_end(community: Community, city: SmallCity) -> None:
    me = city.staff["grid1"].id
    (draft,) = (await intake.take(community, me, "群消息 张阿姨：3幢电梯又坏了")).drafts
    await intake_acts.confirm(community, me, draft.id)
    with pytest.raises(IllegalMove):
        await intake_acts.undo(community, me, draft.id)


async def test_danger_is_said_with_its_number_and_stands_first(community: Community, city: SmallCity) -> None:
    me = city.staff["grid1"].id
    taken = await intake.take(community, me, "群消息\n张三：5幢楼道灯不亮\n李四：3幢楼道里好大的煤气味，闻着头晕")
    assert taken.alarms
    assert "燃气" in taken.alarms[0]
    views, _ = await intake.list_drafts(community, me)
    assert (views[0].urgency, views[0].category, views[1].category) == (Urgency.DANGER, Category.GAS, Category.LIGHTING)
    assert await tickets(community) == []


async def test_only_who_is_in_charge_there_sees_and_decides(community: Community, city: SmallCity) -> None:
    (draft,) = (await intake.take(community, city.staff["grid1"].id, "群消息 张阿姨：3幢电梯又坏了")).drafts
    for login, error in (("property", Forbidden), ("grid2", NotFound)):
        with pytest.raises(error):
            await intake_acts.confirm(community, city.staff[login].id, draft.id)
    assert (await intake.show(community, city.staff["desk1"].id, draft.id)).log[0].endswith("转来")


async def test_a_draft_is_put_right_and_a_place_that_is_not_here_is_refused(community: Community, city: SmallCity) -> None:
    me = city.staff["grid1"].id
    (draft,) = (await intake.take(community, me, "群消息 张阿姨：电梯又坏了")).drafts
    assert draft.place_text == ""
    with pytest.raises(InvalidInput):
        await intake_acts.amend(community, me, draft.id, Change(place_text="东方花园99幢"))
    now = await intake_acts.amend(community, me, draft.id, Change("3幢2单元", Category.NOISE, Urgency.HIGH, "电梯夜里响"))
    assert (now.place_text, now.category, now.urgency, now.words) == ("剡溪花园3幢2单元", Category.NOISE, Urgency.HIGH, "电梯夜里响")


async def test_a_resident_is_linked_by_hand_only_when_the_name_is_one_person_s(community: Community, city: SmallCity) -> None:
    me, known = city.staff["grid1"].id, city.residents["R0001"]
    text = f"群消息\n{known.name}：3幢电梯又坏了"
    (draft,) = (await intake.take(community, me, text)).drafts
    assert draft.resident_id is None
    maybe = await intake_acts.who_may_it_be(community, me, draft.id)
    assert maybe is not None
    assert maybe.resident_id == known.id
    with pytest.raises(NotFound):
        await intake_acts.link(community, me, draft.id, city.residents["R0002"].id)
    await intake_acts.link(community, me, draft.id, known.id)
    await intake_acts.confirm(community, me, draft.id)
    (ticket,) = await tickets(community)
    assert ticket.resident_id == known.id
    assert known.name not in ticket.words


# --- in WeCom -------------------------------------------------------------------------------------------------------------


async def test_in_wecom_a_block_is_listed_and_digits_and_words_decide(community: Community, city: SmallCity) -> None:
    await staff_accounts.set_wecom(community, "grid1", "grid1")
    said = await say(community, "grid1", BLOCK)
    assert "记下2条草稿，还没有立单" in said
    assert "1 【较急】下水堵塞，剡溪花园3幢，王某" in said
    assert "2 照明，剡溪花园5幢" in said
    said = await say(community, "grid1", "改 2 3幢2单元")
    assert "已改" in said
    assert "照明，剡溪花园3幢2单元" in said
    lighting = next(line for line in said.splitlines() if "照明" in line)[0]
    said = await say(community, "grid1", f"不要 {lighting} 昨天报过了")
    assert "不要了" in said
    assert "还有1条" in said
    assert "照明" in await say(community, "grid1", "撤销")
    said = await say(community, "grid1", "确认 全部")
    assert said.startswith("已立单：工单")
    assert len(await tickets(community)) == 2
    assert "现在没有正在看的" in await say(community, "grid1", "确认 1")
    assert "没有等着确认" in await say(community, "grid1", "草稿")
    assert "之前转来过" in await say(community, "grid1", BLOCK)


async def test_in_wecom_one_digit_files_and_the_number_to_call_stands_first(community: Community, city: SmallCity) -> None:
    await staff_accounts.set_wecom(community, "grid1", "grid1")
    said = await say(community, "grid1", "群里张阿姨说3幢电梯困人了")
    assert said.splitlines()[0].find("119") >= 0 or "110" in said.splitlines()[0] or "120" in said.splitlines()[0], said
    assert await tickets(community) == []
    assert "已立单" in await say(community, "grid1", "1")
    (ticket,) = await tickets(community)
    assert ticket.urgency is Urgency.DANGER


async def test_in_wecom_an_open_ticket_is_named_and_the_draft_goes_into_it(community: Community, city: SmallCity) -> None:
    await staff_accounts.set_wecom(community, "grid1", "grid1")
    number = await filed(community, city)
    said = await say(community, "grid1", "李阿姨 10:35\n3幢楼道灯又不亮了")
    assert f"已有 #{number}" in said
    assert "并入 1" in said
    assert f"已并入工单{number}" in await say(community, "grid1", "并入 1")
    async with community.reading() as uow:
        ticket = await uow.tickets.by_number(number)
        assert ticket is not None
        assert [e.move for e in await uow.tickets.events(ticket.id)][-1] is Move.NOTE


async def test_words_that_were_asked_for_are_no_block_and_no_command(community: Community, city: SmallCity) -> None:
    await staff_accounts.set_wecom(community, "grid1", "grid1")
    number = await filed(community, city)
    await say(community, "grid1", f"接单 {number}")
    assert "办结说明" in await say(community, "grid1", f"办结 {number}")
    assert "办结" in await say(community, "grid1", "李奶奶：灯已经换好了")
    assert await rows(community) == 0
    async with community.reading() as uow:
        ticket = await uow.tickets.by_number(number)
        assert ticket is not None
        assert ticket.status == "resolved"


async def test_a_list_is_forgotten_after_ten_minutes_and_a_digit_files_nothing(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    await staff_accounts.set_wecom(community, "grid1", "grid1")
    await say(community, "grid1", BLOCK)
    clock.forward(minutes=11)
    for text in ("1", "确认 1", "不要 1 没用", "并入 1"):
        await say(community, "grid1", text, key=f"late:{text}")
    assert await tickets(community) == []
    views, total = await intake.list_drafts(community, city.staff["grid1"].id)
    assert (total, {view.state for view in views}) == (2, {DraftState.OPEN})


async def test_to_correct_a_diary_note_still_needs_no_list(community: Community, city: SmallCity) -> None:
    await staff_accounts.set_wecom(community, "grid1", "grid1")
    await say(community, "grid1", "记 走访3幢李奶奶")
    assert "已改" in await say(community, "grid1", "改 2 个老人都在家")
