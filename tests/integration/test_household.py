"""Homes made certain, carers with consent, and leaving: what a resident would miss. On SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import create_async_engine

from community.errors import Forbidden, InvalidInput, LinsheError, NotFound
from community.model.category import Category
from community.model.conversation import Topic
from community.model.household import LETTER_TRIES, DeletionState, RequestState
from community.ports import Community
from community.services import (
    carers,
    clock,
    conversations,
    deadletters,
    desk,
    export,
    home_binding,
    homes,
    inbound,
    privacy,
    retention,
    staff_accounts,
    tickets,
)
from community.services.desk import DeskFilter
from community.services.inbound import Incoming
from community.store import tables as t
from community.store.dialogue import FILE, RasaMemory
from tests.conftest import FakeClock
from tests.small_city import SmallCity

ROOM = "剡溪花园3幢2单元502"


async def newcomer(c: Community, city: SmallCity, room: str = ROOM) -> int:
    who = city.residents["R0005"].id
    await homes.bind_home(c, who, room, "bind")
    return who


async def report(c: Community, resident_id: int, words: str = "厕所漏水", key: str = "k1") -> tickets.TicketDetail:
    return await tickets.file_ticket(
        c, tickets.FileTicket(resident_id, Category.LEAK, words, f"{ROOM}室", None, key, contact="13800001234")
    )


async def linked(c: Community, city: SmallCity) -> tuple[int, int, int]:
    """(carer, elder, link) with the elder's consent."""
    carer, elder = city.residents["R0003"].id, city.residents["R0001"].id
    await homes.set_phone(c, elder, "13800005678")
    await carers.ask(c, carer, "13800005678", "ask")
    (link,) = await carers.links(c, elder)
    await carers.answer(c, elder, link.id, True)
    return carer, elder, link.id


async def told(c: Community, resident_id: int) -> list[str]:
    async with c.reading() as uow:
        return [row.text for row in await uow.outbox.latest(resident_id, 20)]


# Homes -------------------------------------------------------------------------------------------------------------------


async def test_the_code_on_a_letter_verifies_the_home_once_and_is_not_kept_as_it_is(community: Community, city: SmallCity) -> None:
    who, desk = await newcomer(community, city), city.staff["desk1"].id
    (letter,) = await home_binding.make_letters(community, desk, ROOM)
    assert (await home_binding.use_code(community, who, f"码是{letter.code}", "c1")).verified
    assert (await home_binding.use_code(community, who, letter.code, "c1")).verified  # the same message again
    async with community.reading() as uow:
        (kept,) = await uow.homes.letters_of([(await homes.home_of(community, who)).place_id])  # type: ignore[union-attr]
        assert letter.code.replace(" ", "") not in kept.code_hash
    await homes.bind_home(community, city.residents["R0002"].id, ROOM, "bind2")
    with pytest.raises(InvalidInput, match="已经用过"):
        await home_binding.use_code(community, city.residents["R0002"].id, letter.code, "c2")


async def test_two_who_use_one_code_at_once_are_not_both_verified(community: Community, city: SmallCity) -> None:
    first, second = await newcomer(community, city), city.residents["R0002"].id
    await homes.bind_home(community, second, ROOM, "bind2")
    (letter,) = await home_binding.make_letters(community, city.staff["desk1"].id, ROOM)
    went = await asyncio.gather(
        *(home_binding.use_code(community, who, letter.code, f"c{who}") for who in (first, second)), return_exceptions=True
    )
    assert sum(not isinstance(one, LinsheError) for one in went) == 1, went


async def test_guessing_a_code_makes_the_letter_worthless(community: Community, city: SmallCity) -> None:
    who = await newcomer(community, city)
    (letter,) = await home_binding.make_letters(community, city.staff["desk1"].id, ROOM)
    wrong = "00000000" if letter.code != "0000 0000" else "11111111"
    for n in range(LETTER_TRIES):
        with pytest.raises(InvalidInput, match="对不上"):
            await home_binding.use_code(community, who, wrong, f"w{n}")
    with pytest.raises(InvalidInput):
        await home_binding.use_code(community, who, letter.code, "right")


async def test_a_code_of_another_room_an_old_letter_and_a_late_one_open_nothing(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    who, desk = await newcomer(community, city), city.staff["desk1"].id
    (other,) = await home_binding.make_letters(community, desk, "剡溪花园3幢1单元101")
    (old,) = await home_binding.make_letters(community, desk, ROOM)
    (late,) = await home_binding.make_letters(community, desk, ROOM)
    for n, code in enumerate((other.code, old.code)):
        with pytest.raises(InvalidInput):
            await home_binding.use_code(community, who, code, f"c{n}")
    clock.forward(days=31)
    with pytest.raises(InvalidInput, match="过期"):
        await home_binding.use_code(community, who, late.code, "c9")


async def test_staff_approve_or_refuse_with_a_reason_and_only_their_own_community(community: Community, city: SmallCity) -> None:
    who = await newcomer(community, city)
    await home_binding.ask_check(community, who)
    await home_binding.ask_check(community, who)
    desk = city.staff["desk1"].id
    (one,) = await home_binding.requests(community, desk)
    assert one.others == 1
    assert await home_binding.requests(community, city.staff["desk2"].id) == []
    with pytest.raises(NotFound):
        await home_binding.decide(community, city.staff["desk2"].id, one.id, True, "")
    for login in ("grid1", "property", "lawyer"):
        with pytest.raises(Forbidden):
            await home_binding.decide(community, city.staff[login].id, one.id, True, "")
        with pytest.raises(Forbidden):
            await home_binding.make_letters(community, city.staff[login].id, ROOM)
    with pytest.raises(InvalidInput, match="为什么"):
        await home_binding.decide(community, desk, one.id, False, " ")
    assert await home_binding.decide(community, desk, one.id, True, "") is RequestState.APPROVED
    assert await home_binding.decide(community, desk, one.id, True, "") is RequestState.APPROVED
    assert (await homes.home_of(community, who)).verified  # type: ignore[union-attr]
    assert sum("核实好了" in text for text in await told(community, who)) == 1


async def test_a_verified_home_stays_when_another_is_added_and_can_be_left(community: Community, city: SmallCity) -> None:
    who = city.residents["R0001"].id
    await homes.bind_home(community, who, "剡溪花园5幢1单元101", "b1")
    mine = await home_binding.homes_of(community, who)
    assert [(home.text, home.verified) for home in mine] == [("剡溪花园5幢1单元101室", False), (f"{ROOM}室", True)]
    left = await home_binding.leave_home(community, who, mine[0].place_id, "l1")
    assert [(home.text, home.verified) for home in left] == [(f"{ROOM}室", True)]
    assert await home_binding.leave_home(community, who, mine[0].place_id, "l1") == left


# Carers ------------------------------------------------------------------------------------------------------------------


async def test_a_carer_sees_nothing_before_the_elder_agrees_and_nothing_after_it_ends(community: Community, city: SmallCity) -> None:
    elder, carer = city.residents["R0001"].id, city.residents["R0003"].id
    number = (await report(community, elder)).ticket.number
    await homes.set_phone(community, elder, "13800005678")
    said = await carers.ask(community, carer, "13800005678", "a1")
    assert said == await carers.ask(community, carer, "13999999999", "a2")  # nobody learns whose number is known
    assert "同意吗" in (await told(community, elder))[0]
    with pytest.raises(NotFound):
        await tickets.progress(community, carer, number)
    (link,) = await carers.links(community, elder)
    with pytest.raises(NotFound):
        await carers.answer(community, carer, link.id, True)  # not the carer's to give
    await carers.answer(community, elder, link.id, True)
    assert (await tickets.progress(community, carer, number)).ticket.number == number
    assert [one.number for one in await tickets.mine(community, carer)] == [number]
    await carers.end(community, elder, link.id)
    with pytest.raises(NotFound):
        await tickets.progress(community, carer, number)
    assert await tickets.mine(community, carer) == []


async def test_every_look_of_a_carer_is_a_line_the_elder_can_read(community: Community, city: SmallCity) -> None:
    carer, elder, _ = await linked(community, city)
    number = (await report(community, elder)).ticket.number
    await tickets.progress(community, carer, number)
    await tickets.progress(community, carer, number)  # the same look
    await tickets.find(community, carer, "漏水")
    assert [(one.what, one.number) for one in await carers.uses(community, elder)] == [(carers.LISTED, ""), (carers.READ, number)]


async def test_a_carer_reports_for_the_elder_who_is_told_and_only_the_next_one(community: Community, city: SmallCity) -> None:
    carer, elder, link = await linked(community, city)
    await carers.act_for(community, carer, link)
    number = (await report(community, carer)).ticket.number
    assert [one.number for one in await tickets.mine(community, elder)] == [number]
    assert any("替您报了" in text for text in await told(community, elder))
    other = (await report(community, carer, "路灯不亮", "k2")).ticket
    assert other.resident_id == carer
    with pytest.raises(NotFound):
        await tickets.withdraw(community, carer, number, "", "w1")  # closing stays the elder's


# Elder mode, consent -----------------------------------------------------------------------------------------------------


async def test_elder_mode_is_kept_and_changes_how_news_are_told(community: Community, city: SmallCity) -> None:
    carer, elder, link = await linked(community, city)
    assert await privacy.set_elder(community, carer, True, link) == "李秀英"
    assert (await privacy.profile(community, elder)).elder
    assert not (await privacy.profile(community, carer)).elder
    with pytest.raises(NotFound):
        await privacy.set_elder(community, city.residents["R0002"].id, True, link)
    await carers.end(community, carer, link)
    assert "\n" in (await told(community, elder))[0] or "解除" in (await told(community, elder))[0]


async def test_the_consent_text_is_shown_once_also_when_two_messages_come_at_once(community: Community, city: SmallCity) -> None:
    who = city.residents["R0001"].id
    went = await asyncio.gather(*(privacy.noticed(community, who, "测试") for _ in range(3)), return_exceptions=True)
    assert went.count(True) == 1
    assert await privacy.withdraw_consent(community, who)
    assert not await privacy.withdraw_consent(community, who)
    assert (await privacy.consent_figures(community, city.staff["desk1"].id))[0][2:] == (0, 1)


# My data -----------------------------------------------------------------------------------------------------------------


async def test_the_link_to_ones_data_is_for_one_person_a_day_and_a_few_times(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    who, other = city.residents["R0001"].id, city.residents["R0002"].id
    await report(community, who)
    await report(community, other, "别人家的事", "k2")
    token = await privacy.make_link(community, who)
    copy = json.dumps(await privacy.fetch(community, token), ensure_ascii=False)
    assert "厕所漏水" in copy
    assert "13800001234" in copy
    assert "别人家的事" not in copy
    nonce, _, signed = token.partition(".")
    for bad in (f"{nonce}.{signed[:-1]}x", nonce, "", "x.y", (await privacy.make_link(community, other)).split(".")[0] + "." + signed):
        with pytest.raises(NotFound):
            await privacy.fetch(community, bad)
    await privacy.fetch(community, token)
    await privacy.fetch(community, token)
    with pytest.raises(NotFound):
        await privacy.fetch(community, token)
    late = await privacy.make_link(community, who)
    clock.forward(hours=25)
    with pytest.raises(NotFound):
        await privacy.fetch(community, late)


async def test_a_deletion_waits_can_be_taken_back_and_then_leaves_no_trace_of_the_person(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    who = city.residents["R0001"].id
    await homes.set_phone(community, who, "13800005678")
    await staff_accounts.set_wecom(community, "grid1", "grid1")
    ticket = (await report(community, who, f"我是李秀英，{ROOM}漏水，打13800005678")).ticket
    await inbound.receive(community, Incoming("webchat", who, "d1", "我家漏水，我叫李秀英"))
    await privacy.noticed(community, who, "测试")
    async with community.uow() as uow:
        session = uow.session  # type: ignore[attr-defined]
        await session.execute(insert(t.channel_windows).values(channel="webchat", external_id="R0001"))
        await uow.commit()
    due = await privacy.ask_deletion(community, who)
    assert await privacy.ask_deletion(community, who) == due
    await privacy.withdraw_deletion(community, who)
    clock.forward(days=8)
    assert (await retention.run(community)).erased == 0
    await privacy.ask_deletion(community, who)
    clock.forward(days=6, hours=1)
    assert (await retention.run(community)).warned == 1
    assert any("撤回删除" in text for text in await told(community, who))
    clock.forward(days=1)
    assert (await retention.run(community, dry=True)).erased == 1
    reports = await asyncio.gather(retention.run(community), retention.run(community))
    assert sum(one.erased for one in reports) == 1
    everything = []
    async with community.reading() as uow:
        for table in t.metadata.tables.values():
            if table.name in ("households", "places", "staff"):  # the roll, the city, its people
                continue
            for row in await uow.session.execute(select(table)):  # type: ignore[attr-defined]
                everything.append(f"{table.name}: {tuple(row)}")
        resident = await uow.people.resident(who)
        kept = await uow.tickets.by_number(ticket.number)
        assert resident is not None
        assert (resident.name, resident.room_id, resident.phone_cipher, resident.phone_hash) == ("", None, None, None)
        assert kept is not None
        assert (kept.category, kept.resolve_by) == (Category.LEAK, ticket.resolve_by)  # what is counted stays
        assert "漏水" in kept.words
        assert await uow.people.resident_by_identity("webchat", "R0001") is None
    for secret in ("李秀英", "13800005678", "2单元502", "'R0001'"):
        assert [row for row in everything if secret in row] == []
    (over,) = [one for one in await privacy.deletions(community, city.staff["desk1"].id) if one.state is DeletionState.DONE]
    assert over.done


async def test_what_grew_old_goes_by_itself_once_a_day_and_what_is_new_stays(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    who = city.residents["R0001"].id
    await report(community, who)
    await inbound.receive(community, Incoming("webchat", who, "d1", "很久以前说的话"))
    for one in await inbound.claim(community, "w"):
        await inbound.finish(community, "w", [inbound.Answered(one.id)])
    assert (await retention.run(community, dry=True)).old["inbox"] == 0
    clock.forward(days=366)
    await inbound.receive(community, Incoming("webchat", who, "d2", "今天说的话"))
    assert (await retention.run(community, dry=True)).old["inbox"] == 1
    assert (await clock_tick(community)).erased == 0
    async with community.reading() as uow:
        left = await uow.session.scalar(select(func.count()).select_from(t.inbox))  # type: ignore[attr-defined]
        assert left == 1


async def clock_tick(c: Community) -> clock.TickReport:
    return await clock.tick(c)


async def test_pages_of_staff_show_no_whole_number(community: Community, city: SmallCity) -> None:
    who = await newcomer(community, city)
    await homes.set_phone(community, who, "13800005678")
    await home_binding.ask_check(community, who)
    await privacy.ask_deletion(community, who)
    desk = city.staff["desk1"].id
    shown = f"{await home_binding.requests(community, desk)}{await privacy.deletions(community, desk)}"
    assert "13800005678" not in shown
    assert "138****5678" in shown
    (one,) = await privacy.deletions(community, desk)
    assert one.due_at - one.asked_at == timedelta(days=7)


async def test_what_rasa_remembers_of_a_talk_goes_with_the_resident(tmp_path: Path) -> None:
    file = tmp_path / FILE
    with closing(sqlite3.connect(file)) as rasa, rasa:
        rasa.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, sender_id TEXT, timestamp FLOAT, data TEXT)")
        rasa.executemany("INSERT INTO events (sender_id, timestamp, data) VALUES (?, ?, ?)", [("a", 1, "x"), ("b", 9e9, "y")])
    memory = RasaMemory(create_async_engine("sqlite+aiosqlite:///:memory:"), tmp_path)
    assert await memory.forget("nobody") == 0
    assert await memory.forget_before(datetime.now(timezone.utc)) == 1
    assert await memory.forget("b") == 1
    assert await RasaMemory(create_async_engine("sqlite+aiosqlite:///:memory:"), tmp_path / "none").forget("b") == 0


async def test_no_list_page_or_export_of_any_role_holds_a_whole_number(community: Community, city: SmallCity) -> None:
    who = city.residents["R0001"].id
    await homes.set_phone(community, who, "13800005678")
    number = (await report(community, who)).ticket.number
    await conversations.ask_person(community, who, Topic.GENERAL, "找人", "p1")
    everything = DeskFilter(group="all", status="any")
    for login, member in city.staff.items():
        shown = []
        for ask in (
            lambda m=member.id: desk.list_tickets(community, m, everything),
            lambda m=member.id: desk.open_ticket(community, m, number),
            lambda m=member.id: export.export(community, m, everything),
            lambda m=member.id: conversations.queue(community, m),
            lambda m=member.id: conversations.open_conversation(community, m, who),
            lambda m=member.id: deadletters.dead(community, m),
            lambda m=member.id: home_binding.requests(community, m),
        ):
            try:
                shown.append(repr(await ask()))  # type: ignore[no-untyped-call]
            except LinsheError:
                continue  # not this role's to see
        found = [part for part in shown if "13800005678" in part or "13800001234" in part]
        assert not found, (login, found[0][:300])


async def test_a_carer_sees_nothing_of_an_elder_who_had_their_data_deleted(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    carer, elder, _ = await linked(community, city)
    number = (await report(community, elder)).ticket.number
    await privacy.ask_deletion(community, elder)
    clock.forward(days=8)
    assert (await retention.run(community)).erased == 1
    assert await tickets.mine(community, carer) == []
    assert await carers.links(community, carer) == []
    with pytest.raises(NotFound):
        await tickets.progress(community, carer, number)
