"""Nobody sees a phone number, a household or a list to take away without a line that says so; on SQLite and PostgreSQL."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import pytest

from community.errors import Forbidden, NotFound
from community.model.audit import SAME_LOOK, Viewed
from community.model.category import Category
from community.ports import Community
from community.services import audit, contacts, desk, export, homes, staff_talk, tickets
from community.services.audit import AuditFilter, AuditPage
from community.services.desk import DeskFilter
from community.services.tickets import FileTicket
from tests.conftest import FakeClock
from tests.small_city import SmallCity

PHONE = "13800000001"


async def lamp(c: Community, city: SmallCity, who: str = "R0001", room: str = "剡溪花园/3", **more: str) -> str:
    place = city.places[room]
    words = more.pop("words", "楼下的路灯不亮了")
    command = FileTicket(
        city.residents[who].id, Category.LIGHTING, words, place.full_name, place.id, f"{who}:{words}", **more  # type: ignore[arg-type]
    )
    return (await tickets.file_ticket(c, command)).ticket.number


async def read(c: Community, city: SmallCity, login: str = "operator", **asked: object) -> AuditPage:
    return await audit.lines(c, city.staff[login].id, AuditFilter(**asked))  # type: ignore[arg-type]


async def test_a_phone_is_masked_until_it_is_asked_for_and_then_there_is_a_line(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    number, worker = await lamp(community, city, contact=PHONE), city.staff["grid1"].id
    opened = await desk.open_ticket(community, worker, number)
    assert opened.contact == "138****0001"
    assert PHONE not in repr(opened)
    assert [line.what for line in (await read(community, city)).items] == [Viewed.HOUSEHOLD]
    before = clock.time
    assert await contacts.show_phone(community, worker, number, f"/tickets/{number}") == PHONE
    line = (await read(community, city, what=Viewed.PHONE)).items[0]
    assert (line.staff_name, line.role_name, line.what_name) == ("王强", "网格员", "查看电话")
    assert (line.number, line.resident_name, line.page) == (number, "李秀英", f"/tickets/{number}")
    assert before < line.at <= clock.time
    assert PHONE not in repr(line)


async def test_every_look_at_a_phone_is_a_line_of_its_own(community: Community, city: SmallCity) -> None:
    number, worker = await lamp(community, city, contact=PHONE), city.staff["grid1"].id
    for _ in range(3):
        await contacts.show_phone(community, worker, number)
    assert (await read(community, city, what=Viewed.PHONE)).total == 3


async def test_the_residents_own_phone_is_given_when_none_was_left_with_the_ticket(
    community: Community, city: SmallCity
) -> None:
    number, worker = await lamp(community, city), city.staff["grid1"].id
    assert (await desk.open_ticket(community, worker, number)).contact == ""
    with pytest.raises(NotFound, match="没有留电话"):
        await contacts.show_phone(community, worker, number)
    await homes.set_phone(community, city.residents["R0001"].id, "13800000009")
    assert await contacts.show_phone(community, worker, number) == "13800000009"


async def test_who_may_not_see_the_ticket_gets_no_phone_and_leaves_no_line(community: Community, city: SmallCity) -> None:
    number = await lamp(community, city, contact=PHONE)
    for login in ("grid3", "desk2", "lawyer"):
        with pytest.raises(NotFound):
            await contacts.show_phone(community, city.staff[login].id, number)
    assert (await read(community, city)).total == 0


async def test_a_phone_is_not_given_when_its_line_cannot_be_written(
    community: Community, city: SmallCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await lamp(community, city, contact=PHONE)

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the log is full")

    for module in (contacts, export):
        monkeypatch.setattr(module, "looked", broken)
    worker = city.staff["grid1"].id
    for giving in (
        contacts.show_phone(community, worker, number),
        desk.open_ticket(community, worker, number),
        export.export(community, worker, DeskFilter()),
    ):
        with pytest.raises(RuntimeError, match="the log is full"):
            await giving


async def test_an_open_page_that_asks_again_is_one_look_at_the_household(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    number, worker = await lamp(community, city), city.staff["grid1"].id
    for _ in range(4):
        assert "剡溪花园3幢2单元502室" in (await desk.open_ticket(community, worker, number)).household
    assert (await read(community, city, what=Viewed.HOUSEHOLD)).total == 1
    await desk.open_ticket(community, city.staff["desk1"].id, number)
    clock.forward(seconds=SAME_LOOK.total_seconds() + 1)
    await desk.open_ticket(community, worker, number)
    assert (await read(community, city, what=Viewed.HOUSEHOLD)).total == 3


async def test_work_by_messages_is_no_look_at_anybodys_household(community: Community, city: SmallCity) -> None:
    number = await lamp(community, city)
    opened = await desk.open_ticket(community, city.staff["grid1"].id, number, household=False)
    assert opened.household == ""
    assert (await read(community, city)).total == 0
    # What works on tickets by message never asks for it.
    source = Path(staff_talk.__file__).read_text(encoding="utf-8")
    assert source.count("open_ticket(") == source.count("household=False")


async def test_each_reads_of_their_own_people(community: Community, city: SmallCity) -> None:
    here, there = await lamp(community, city, contact=PHONE), await lamp(community, city, "R0004", "鹿山苑/1", contact=PHONE)
    for login, number in (("grid1", here), ("property", here), ("desk1", here), ("grid3", there), ("operator", there)):
        await contacts.show_phone(community, city.staff[login].id, number)

    async def seen(login: str) -> list[str]:
        return [line.staff_name for line in (await read(community, city, login)).items]

    # The company looks after an estate of 剡溪社区; an operator is nobody's people but the city's.
    assert await seen("desk1") == ["沈芳", "赵物业", "王强"]
    assert await seen("desk2") == ["周敏"]
    assert await seen("operator") == ["运维", "周敏", "沈芳", "赵物业", "王强"]
    assert (await read(community, city, "desk2", who=city.staff["grid1"].id)).items == ()
    assert city.staff["grid1"].id not in dict((await read(community, city, "desk2")).people)
    for login in ("grid1", "property", "lawyer"):
        with pytest.raises(Forbidden, match="查阅记录给社区和运维看"):
            await read(community, city, login)


async def test_lines_are_found_by_who_what_when_and_ticket_and_paged(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    first, second = await lamp(community, city, contact=PHONE), await lamp(community, city, contact=PHONE, words="门禁坏了")
    await contacts.show_phone(community, city.staff["grid1"].id, first)
    clock.forward(days=2)
    await contacts.show_phone(community, city.staff["desk1"].id, second)
    await desk.open_ticket(community, city.staff["desk1"].id, second)
    assert [line.number for line in (await read(community, city, who=city.staff["grid1"].id)).items] == [first]
    assert [line.number for line in (await read(community, city, number=second)).items] == [second, second]
    assert [line.number for line in (await read(community, city, days=(date(2026, 11, 24), date(2026, 11, 24)))).items] == [first]
    assert [line.what for line in (await read(community, city, what=Viewed.HOUSEHOLD)).items] == [Viewed.HOUSEHOLD]
    page = await read(community, city, limit=2, offset=2)
    assert (page.total, [line.number for line in page.items]) == (3, [first])
    assert (await read(community, city, number="999999")).total == 0


async def test_a_search_by_phone_is_a_line_that_does_not_say_the_number(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    member, number = city.staff["desk1"].id, await lamp(community, city, contact=PHONE)

    async def search(words: str) -> list[str]:
        page = await desk.list_tickets(community, member, DeskFilter(status="any", words=words))
        return [ticket.number for ticket in page.items]

    assert await search(PHONE) == await search(f"电话{PHONE}") == [number]
    assert await search("13800000002") == []
    assert await search("路灯") == [number]
    found = (await read(community, city, what=Viewed.PHONE_SEARCH)).items
    assert [line.staff_name for line in found] == ["沈芳", "沈芳"], "an open list that asks again is one search"
    assert found[0].note != found[1].note
    assert PHONE not in repr(found)
    assert community.vault.fingerprint(PHONE) not in repr(found), "the whole of it would open the resident's row"
    clock.forward(hours=1)
    await search(PHONE)
    again = (await read(community, city, what=Viewed.PHONE_SEARCH)).items
    assert again[0].note == found[1].note


async def test_an_export_has_what_the_list_has_without_phones_and_leaves_a_line(
    community: Community, city: SmallCity
) -> None:
    await lamp(community, city, contact=PHONE, words="灯坏了，打我电话138-0000-0001或0575-83000000", detail="或者13900000002")
    await lamp(community, city, "R0004", "鹿山苑/1", contact=PHONE)
    member = city.staff["desk1"].id
    made = await export.export(community, member, DeskFilter(status="any", words="灯坏了，打"))
    assert made.total == len(made.rows) == 1
    row = dict(zip(export.HEADINGS, made.rows[0], strict=True))
    assert (row["类别"], row["网格"], row["经办人"], row["状态"]) == ("照明", "第一网格", "王强", "已派单")
    assert (row["内容"], row["补充"]) == ("灯坏了，打我电话138****0001或057****0000", "或者139****0002")
    assert str(row["上报时间"]) == "2026-11-24 10:00:00"
    everything = await export.export(community, member, DeskFilter(status="any"))
    listed = await desk.list_tickets(community, member, DeskFilter(status="any"))
    assert [r[0] for r in everything.rows] == [t.number for t in listed.items]
    assert "李秀英" not in repr(everything)
    lines = (await read(community, city, what=Viewed.EXPORT)).items
    assert [line.note for line in lines] == ["1件：全部、不限", "1件：全部、不限、含搜索词"]
    # What was searched for may be personal itself.
    assert "灯坏了" not in repr(lines)
    assert lines[0].page == "/tickets"


async def test_a_long_list_is_read_in_parts_and_cut_at_the_most(
    community: Community, city: SmallCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [await lamp(community, city, words=f"第{n}件") for n in range(7)]
    monkeypatch.setattr(export, "AT_ONCE", 3)
    member = city.staff["desk1"].id
    assert sorted(r[0] for r in (await export.export(community, member, DeskFilter())).rows) == sorted(numbers)
    monkeypatch.setattr(export, "MOST", 5)
    cut = await export.export(community, member, DeskFilter())
    assert (len(cut.rows), cut.total) == (5, 7)


async def test_who_has_no_tickets_exports_none(community: Community, city: SmallCity) -> None:
    with pytest.raises(Forbidden):
        await export.export(community, city.staff["lawyer"].id, DeskFilter())
    assert (await read(community, city)).total == 0


def test_what_a_line_says_of_an_export_names_nobody() -> None:
    asked = DeskFilter(words="李秀英 13800000001", worker_id=7, grid_id=3, category=Category.LEAK)
    said = export.asked_in_words(asked)
    assert said == "全部、未办结、漏水渗水、限一个网格、限一位经办人、含搜索词"
    assert dataclasses.asdict(asked)["words"] not in said


def test_phone_numbers_are_decrypted_in_one_place_where_a_line_is_written() -> None:
    """Who adds another place says here why it gives the number to nobody, or writes a line."""
    services = Path(contacts.__file__).parent
    # search_fill keeps the fingerprints of what it reads, and shows nothing of it.
    # diary opens what a note says of a visit; no number is kept there but what its writer typed, and opening one writes a line.
    # intake opens what a neighbour wrote in a group: who said it is masked, and numbers in it are starred, before anybody sees it.
    # The others open no number: papers of a ballot, who comes with a signup, a link to a certificate, what a lawyer is asked (masked).
    known = {"contacts.py", "search_fill.py", "diary.py", "ballot_papers.py", "signups.py", "certificates.py", "consultations.py"}
    known.add("intake.py")
    assert {path.name for path in services.glob("*.py") if "decrypt(" in path.read_text("utf-8")} == known
