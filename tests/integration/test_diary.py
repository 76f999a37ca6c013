"""民情日记: a visit noted, linked, gone to again, made a ticket. On SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from sqlalchemy import text

from community.errors import Forbidden, InvalidInput, NotFound
from community.model.audit import Viewed
from community.model.category import Category
from community.model.people import Leave
from community.model.ticket import Move, Outcome, Status
from community.ports import Community
from community.services import clock as ticking
from community.services import desk, diary, diary_clock, diary_list, diary_seal, diary_ticket, staff_accounts
from community.services.audit import AuditFilter, lines
from community.services.diary import NewNote, NoteView
from community.services.diary_list import DiaryFilter
from tests.conftest import FakeClock
from tests.integration.test_staff_wecom import filed, letters, moves, say
from tests.small_city import SmallCity
from tests.unsent import unsent

ROOM = "3幢2单元502李奶奶，血压有点高，想装扶手，下周三再去"


@pytest.fixture
async def linked(community: Community, city: SmallCity) -> SmallCity:
    for login in ("grid1", "grid2", "desk1", "property"):
        await staff_accounts.set_wecom(community, login, login)
    return city


async def noted(c: Community, city: SmallCity, words: str = ROOM, who: str = "grid1", key: str = "n1") -> NoteView:
    return await diary.note(c, city.staff[who].id, NewNote(words, key))


async def test_a_note_in_wecom_is_answered_in_one_line_that_says_what_was_understood(
    community: Community, linked: SmallCity
) -> None:
    told = await say(community, "grid1", f"记 {ROOM}")
    assert told == (
        "已记入民情日记。户：剡溪花园3幢2单元502室；需要：想装扶手；回访：12月2日（周三）。要立单写“转工单”，更正写“改 …”。"
    )
    assert "\n" not in told
    assert "没有写哪一户" in await say(community, "grid1", "记 下午巡查两次")


async def test_an_estate_that_is_not_said_is_the_workers_own_and_a_strangers_is_not_linked(
    community: Community, linked: SmallCity
) -> None:
    note = await noted(community, linked)
    assert note.place_id == linked.places["剡溪花园/3/2/502"].id
    # 5幢 is the other grid's, 鹿山苑 another community's.
    other = await noted(community, linked, "5幢1单元101吴小梅，都好", key="n2")
    assert (other.place_id, other.place_text) == (None, "")
    assert "没有对上" in other.remark
    far = await noted(community, linked, "鹿山苑1幢1单元502孙伟", key="n3")
    assert far.place_id is None
    assert "不归您管" in far.remark


async def test_what_a_note_says_is_not_to_be_read_in_the_database(community: Community, linked: SmallCity) -> None:
    await noted(community, linked)
    async with community.reading() as uow:
        rows = (await uow.session.execute(text("SELECT text, need FROM staff_diary"))).all()  # type: ignore[attr-defined]
    ((words, need),) = rows
    assert "血压" not in words
    assert "扶手" not in need


async def test_a_note_from_before_is_sealed_and_still_reads_the_same(community: Community, linked: SmallCity) -> None:
    note = await noted(community, linked)
    async with community.uow() as uow:
        await uow.session.execute(text("UPDATE staff_diary SET text = '走访，都好', need = '', sealed = :no"), {"no": False})  # type: ignore[attr-defined]
        await uow.commit()
    assert await diary_seal.seal(community) == 1
    assert await diary_seal.seal(community) == 0
    opened = await diary_list.open_note(community, linked.staff["grid1"].id, note.id)
    assert opened.note.words == "走访，都好"


async def test_the_same_message_twice_is_one_note(community: Community, linked: SmallCity) -> None:
    first, again = await noted(community, linked), await noted(community, linked)
    assert first.id == again.id
    page = await diary_list.list_notes(community, linked.staff["grid1"].id, DiaryFilter())
    assert page.total == 1


async def test_only_who_goes_from_door_to_door_keeps_a_diary(community: Community, linked: SmallCity) -> None:
    for login in ("property", "lawyer", "operator"):
        with pytest.raises(Forbidden):
            await noted(community, linked, who=login, key=login)
    assert "由网格员和社区工作者来记" in await say(community, "property", "记 走访3幢，都好")


# --- put right, gone to again ---------------------------------------------------------------------------------------------


async def test_a_place_a_day_or_everything_is_put_right_in_a_word(community: Community, linked: SmallCity) -> None:
    await say(community, "grid1", "记 3幢李奶奶，身体都好")
    assert "户：剡溪花园3幢1单元101室" in await say(community, "grid1", "改 3幢1单元101")
    told = await say(community, "grid1", "提醒 12月1日")
    assert "回访：12月1日（周二）" in told
    assert "户：剡溪花园3幢1单元101室" in told
    told = await say(community, "grid1", "更正：是李奶奶的女儿，想申请助餐")
    assert "需要：想申请助餐" in told
    assert "回访：12月1日" in told
    (entry,) = (await diary_list.list_notes(community, linked.staff["grid1"].id, DiaryFilter())).items
    assert entry.words == "是李奶奶的女儿，想申请助餐"
    assert "回访" not in (await say(community, "grid1", "不回访")).split("要再去")[0]


async def test_what_is_to_be_put_right_must_have_been_written_lately(
    community: Community, linked: SmallCity, clock: FakeClock
) -> None:
    assert "最近没有记日记" in await say(community, "grid1", "提醒 12月1日")
    await noted(community, linked)
    clock.forward(hours=13)
    assert "最近没有记日记" in await say(community, "grid1", "改 3幢1单元101")


async def test_the_worker_is_reminded_once_on_the_morning_of_the_visit(
    community: Community, linked: SmallCity, clock: FakeClock
) -> None:
    await say(community, "grid1", f"记 {ROOM}")
    before = len(await letters(community, "grid1"))
    clock.forward(days=7, hours=22)  # Wednesday, 8:00
    assert (await ticking.tick(community)).visits == 0
    clock.forward(hours=0.6)
    told = await asyncio.gather(*(diary_clock.run(community) for _ in range(3)))
    assert sum(told) == 1
    assert await diary_clock.run(community) == 0
    (reminder,) = (await letters(community, "grid1"))[before:]
    assert reminder.text.startswith("该回访了：今天：剡溪花园3幢2单元502室，李奶奶。")
    assert "血压" not in reminder.text


async def test_a_reminder_is_answered_with_another_day(community: Community, linked: SmallCity, clock: FakeClock) -> None:
    await say(community, "grid1", f"记 {ROOM}")
    clock.forward(days=8)
    assert await diary_clock.run(community) == 1
    assert "回访：12月8日（周二）" in await say(community, "grid1", "提醒 12月8日")
    assert (await diary_list.due(community, linked.staff["grid1"].id)).total == 0
    clock.forward(days=6)
    assert await diary_clock.run(community) == 1


async def test_several_visits_of_one_morning_are_one_message_and_the_one_that_was_made_is_named(
    community: Community, linked: SmallCity, clock: FakeClock
) -> None:
    await say(community, "grid1", f"记 {ROOM}")
    await say(community, "grid1", "记 3幢1单元101张建国，12月2日回访")
    clock.forward(days=8)
    before = len(await letters(community, "grid1"))
    assert await diary_clock.run(community) == 2
    (reminder,) = (await letters(community, "grid1"))[before:]
    assert "2户" in reminder.text
    assert "去的是哪一户" in await say(community, "grid1", "已回访")
    assert "已记回访（剡溪花园3幢2单元502室）" in await say(community, "grid1", "1")
    told = await say(community, "grid1", "已回访 3幢1单元101 身体好，一周后再去")
    assert told.startswith("已记回访。户：剡溪花园3幢1单元101室；回访：12月9日（周三）")
    assert (await diary_list.due(community, linked.staff["grid1"].id)).total == 0


async def test_a_visit_on_a_day_off_is_reminded_of_on_the_working_day_before(
    community: Community, linked: SmallCity, clock: FakeClock
) -> None:
    await noted(community, linked, "3幢2单元502李奶奶，这周六再去")
    clock.forward(days=2, hours=23)  # Friday, 9:00
    assert await diary_clock.run(community) == 1


async def test_who_stands_in_is_told_and_may_open_what_is_due(
    community: Community, linked: SmallCity, clock: FakeClock
) -> None:
    note = await noted(community, linked)
    grid1, grid2 = linked.staff["grid1"].id, linked.staff["grid2"].id
    with pytest.raises(NotFound):
        await diary_list.open_note(community, grid2, note.id)
    async with community.uow() as uow:
        await uow.leaves.add(Leave(0, grid1, date(2026, 12, 1), date(2026, 12, 3), grid2))
        await uow.commit()
    clock.forward(days=8)
    assert await diary_clock.run(community) == 1
    (told,) = await letters(community, "grid2")
    assert told.text == "王强请假，由您代去的回访：今天：剡溪花园3幢2单元502室，李奶奶。"
    assert (await diary_list.due(community, grid2)).total == 1
    await diary.visited(community, grid2, note.id, "都好", "v1")
    assert (await diary_list.due(community, grid1)).total == 0


async def test_a_day_that_is_over_or_far_away_is_refused(community: Community, linked: SmallCity) -> None:
    note = await noted(community, linked)
    for day in (date(2026, 11, 23), date(2028, 1, 1)):
        with pytest.raises(InvalidInput):
            await diary.visit_on(community, linked.staff["grid1"].id, note.id, day)


# --- a ticket of it -------------------------------------------------------------------------------------------------------


async def test_a_note_becomes_one_ticket_for_who_lives_there_and_what_was_seen_stays_in_the_diary(
    community: Community, linked: SmallCity
) -> None:
    await say(community, "grid1", f"记 {ROOM}")
    told = await say(community, "grid1", "转工单")
    assert told.startswith("已转成工单1")
    assert "为老服务" in told
    (note,) = (await diary_list.list_notes(community, linked.staff["grid1"].id, DiaryFilter())).items
    opened = await desk.open_ticket(community, linked.staff["desk1"].id, note.ticket)
    ticket = opened.detail.ticket
    assert (ticket.words, ticket.resident_id) == ("想装扶手", linked.residents["R0001"].id)
    assert "血压" not in str(opened)
    async with community.reading() as uow:
        kept = await uow.tickets.by_number(note.ticket)
    assert kept is not None
    assert kept.source == "diary"
    (heard,) = [m.text for m in await unsent(community) if m.resident_id == linked.residents["R0001"].id]
    assert "网格员王强走访时听您说的，替您登记了" in heard
    assert f"已经转成工单{note.ticket}" in await say(community, "grid1", "转工单")
    assert (await desk.list_tickets(community, linked.staff["desk1"].id, desk.DeskFilter())).total == 1


async def test_without_a_need_or_a_category_they_are_asked_for(community: Community, linked: SmallCity) -> None:
    await say(community, "grid1", "记 3幢2单元502李奶奶，血压有点高")
    assert "工单里写什么事" in await say(community, "grid1", "转工单")
    assert "是哪一类" in await say(community, "grid1", "请社区医生上门量血压")
    assert "（公共卫生）：请社区医生上门量血压" in await say(community, "grid1", "公共卫生")


async def test_pressed_twice_at_once_it_is_one_ticket(community: Community, linked: SmallCity) -> None:
    note, grid1 = await noted(community, linked), linked.staff["grid1"].id
    made = await asyncio.gather(
        *(diary_ticket.turn(community, grid1, note.id, Category.ELDERLY_CARE) for _ in range(3)), return_exceptions=True
    )
    assert len({one.ticket.number for one in made if not isinstance(one, BaseException)}) == 1
    assert (await desk.list_tickets(community, linked.staff["desk1"].id, desk.DeskFilter())).total == 1


# --- read -----------------------------------------------------------------------------------------------------------------


async def test_a_community_reads_its_workers_notes_and_no_others(community: Community, linked: SmallCity) -> None:
    note = await noted(community, linked)
    desk1, desk2, grid2 = (linked.staff[login].id for login in ("desk1", "desk2", "grid2"))
    page = await diary_list.list_notes(community, desk1, DiaryFilter("all"))
    assert ([one.id for one in page.items], page.writers) == ([note.id], [(linked.staff["grid1"].id, "王强 · 网格员")])
    assert (await diary_list.list_notes(community, desk1, DiaryFilter("all", writer=grid2))).total == 0
    for other in (desk2, grid2):
        assert (await diary_list.list_notes(community, other, DiaryFilter("all"))).total == 0
        for use_case in (
            diary_list.open_note(community, other, note.id),
            diary.visit_on(community, other, note.id, None),
            diary.visited(community, other, note.id, "", "x"),
            diary_ticket.turn(community, other, note.id, Category.OTHER, "试试"),
        ):
            with pytest.raises(NotFound):
                await use_case
    with pytest.raises(NotFound):
        await diary.correct(community, desk1, note.id, "不是这样")


async def test_what_is_due_stands_first_and_place_or_words_find_a_note(
    community: Community, linked: SmallCity, clock: FakeClock
) -> None:
    grid1 = linked.staff["grid1"].id
    late = await noted(community, linked, "3幢1单元101张建国，明天回访", key="a")
    later = await noted(community, linked, key="b")
    plain = await noted(community, linked, "上午巡查，楼道干净", key="c")
    page = await diary_list.list_notes(community, grid1, DiaryFilter())
    assert [one.id for one in page.items] == [late.id, later.id, plain.id]
    clock.forward(days=2)
    page = await diary_list.list_notes(community, grid1, DiaryFilter(what="due"))
    assert ([one.id for one in page.items], page.due) == ([late.id], 1)
    assert page.items[0].late
    found = await diary_list.list_notes(community, grid1, DiaryFilter(find="3幢2单元"))
    assert ([one.id for one in found.items], found.understood) == ([later.id], "剡溪花园3幢2单元")
    assert [one.id for one in (await diary_list.list_notes(community, grid1, DiaryFilter(find="扶手"))).items] == [later.id]


async def test_opening_a_household_shows_its_history_and_leaves_a_line(
    community: Community, linked: SmallCity, clock: FakeClock
) -> None:
    number = await filed(community, linked)
    first = await noted(community, linked, key="a")
    second = await noted(community, linked, "3幢2单元502，都好", key="b")
    desk1 = linked.staff["desk1"].id
    for _ in range(2):
        opened = await diary_list.open_note(community, desk1, second.id, f"/diary/{second.id}")
    assert ([one.id for one in opened.earlier], [one.number for one in opened.tickets]) == ([first.id], [number])
    assert (opened.resident, opened.household) == ("李秀英", "剡溪花园3幢2单元502室 · 2口人")
    page = await lines(community, desk1, AuditFilter(what=Viewed.HOUSEHOLD))
    (line,) = page.items
    assert (line.staff_name, line.resident_name, line.note) == ("沈芳", "李秀英", f"民情日记{second.id}")


# --- pause, resume, explain by a word -------------------------------------------------------------------------------------


async def taken_on(c: Community, city: SmallCity) -> str:
    number = await filed(c, city)
    await desk.accept(c, city.staff["grid1"].id, number)
    return number


async def status(c: Community, number: str) -> Status:
    async with c.reading() as uow:
        ticket = await uow.tickets.by_number(number)
        assert ticket is not None
        return ticket.status


async def test_a_pause_is_typed_with_its_reason_and_end_and_ended_by_a_word(
    community: Community, linked: SmallCity
) -> None:
    number = await taken_on(community, linked)
    told = await say(community, "grid1", f"暂缓 {number} 等配件 到12月5日")
    assert told == f"已暂缓：工单{number}（楼道灯坏了），到12月5日（周六）18:00。提前好了写：恢复 {number}"
    opened = await desk.open_ticket(community, linked.staff["grid1"].id, number)
    assert opened.detail.events[-1].note == "等配件"
    assert await status(community, number) is Status.PAUSED
    assert (await say(community, "grid1", f"恢复 {number[-4:]}")).startswith(f"已恢复计时：工单{number}")
    assert await status(community, number) is Status.IN_PROGRESS


async def test_what_a_pause_lacks_is_asked_for_and_what_was_said_is_kept(
    community: Community, linked: SmallCity
) -> None:
    number = await taken_on(community, linked)
    assert "为什么要等、等到哪天" in await say(community, "grid1", f"暂缓 {number}")
    assert "暂缓到哪天" in await say(community, "grid1", "等厂家发货")
    assert await status(community, number) is Status.ACCEPTED
    assert "到12月5日（周六）18:00" in await say(community, "grid1", "5号")
    opened = await desk.open_ticket(community, linked.staff["grid1"].id, number)
    assert opened.detail.events[-1].note == "等厂家发货"
    await say(community, "grid1", "恢复")
    assert "为什么要等" in await say(community, "grid1", "暂缓到12月5日")
    assert "好的，先不办" in await say(community, "grid1", "算了")
    assert "最多暂停60天" in await say(community, "grid1", f"暂缓 {number} 等配件 到明年5月1日")


async def test_what_cannot_be_put_right_is_explained_and_counted_apart(community: Community, linked: SmallCity) -> None:
    number = await taken_on(community, linked)
    assert "为什么办不了" in await say(community, "grid1", f"解释 {number}")
    told = await say(community, "grid1", "楼道产权不清，业委会没有同意")
    assert told.startswith(f"已按办不了、已解释办结：工单{number}")
    async with community.reading() as uow:
        ticket = await uow.tickets.by_number(number)
    assert ticket is not None
    assert (ticket.outcome, ticket.status) == (Outcome.EXPLAINED, Status.RESOLVED)
    assert (await moves(community, number)).count(Move.RESOLVE) == 1


async def test_a_colleagues_ticket_is_not_paused_by_a_word(community: Community, linked: SmallCity) -> None:
    number = await taken_on(community, linked)
    await say(community, "grid2", f"暂缓 {number} 等配件 到12月5日")
    assert await status(community, number) is Status.ACCEPTED
