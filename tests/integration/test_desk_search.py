"""The desk's one search box, on SQLite and PostgreSQL: the same tickets are found on both, and never those of somebody else's place."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import update

from community.model.category import Category
from community.ports import Community
from community.services import desk, homes, search_fill, tickets
from community.services.desk import DeskFilter, Page
from community.services.tickets import FileTicket
from community.store import tables as t
from community.store.repos import ticket_lists
from tests.small_city import SmallCity

LEFT, OWN = "13800000001", "13911112222"


@dataclass
class Desk:
    """Six tickets: in 剡溪花园 the lamp of 3幢, the lift and a leak in 3幢2单元502, cars of 5幢, the gate; in 鹿山苑 another lift."""

    c: Community
    city: SmallCity
    numbers: dict[str, str]

    async def page(self, words: str, who: str = "operator", status: str = "any", **more: object) -> Page:
        asked = DeskFilter(status=status, words=words, **more)  # type: ignore[arg-type]
        return await desk.list_tickets(self.c, self.city.staff[who].id, asked)

    async def finds(self, words: str, who: str = "operator") -> set[str]:
        names = {number: name for name, number in self.numbers.items()}
        return {names[item.number] for item in (await self.page(words, who)).items}


FILED = (
    ("lamp", "R0001", Category.LIGHTING, "三幢楼下的路灯不亮了", "剡溪花园/3", "", LEFT),
    ("lift", "R0001", Category.ELEVATOR, "電梯停在两楼，ＡＢ梯都不动", "剡溪花园/3/2/502", "从早上8点开始，100%走不了", ""),
    ("leak", "R0002", Category.LEAK, "厨房天花板漏水", "剡溪花园/3/2/502", "", "李阿姨 138-0000-0001"),
    ("cars", "R0003", Category.PARKING, "消防通道停满了车", "剡溪花园/5/1/101", "", ""),
    ("gate", "R0003", Category.DOOR_ACCESS, "大门的门禁坏了，进出靠电话", "剡溪花园", "", ""),
    ("other lift", "R0004", Category.ELEVATOR, "电梯里有异响", "鹿山苑/1/1/502", "", LEFT),
)


@pytest.fixture
async def filed(community: Community, city: SmallCity) -> Desk:
    found = Desk(community, city, {})
    for name, who, category, words, place, detail, contact in FILED:
        at = city.places[place]
        command = FileTicket(
            city.residents[who].id, category, words, at.full_name, at.id, f"{name}:file", detail=detail, contact=contact
        )
        found.numbers[name] = (await tickets.file_ticket(community, command)).ticket.number
    await homes.set_phone(community, city.residents["R0003"].id, OWN)
    return found


async def test_a_ticket_is_found_by_its_number_or_by_the_end_of_it(filed: Desk) -> None:
    for name, number in filed.numbers.items():
        for words in (number, f"工单{number}", f" {number[:3]} {number[3:]} ", number[-4:]):
            assert await filed.finds(words) == {name}, words
    assert "工单号" in (await filed.page(filed.numbers["lamp"])).understood
    wrong = filed.numbers["lamp"][:-1] + str((int(filed.numbers["lamp"][-1]) + 1) % 10)
    assert await filed.finds(wrong) == set()


async def test_a_telephone_finds_what_was_left_with_it_and_what_its_resident_reported(filed: Desk) -> None:
    for words in (LEFT, "138 0000 0001", "+86 138-0000-0001", "电话13800000001", "幺三八零零零零零零零幺"):
        assert await filed.finds(words) == {"lamp", "leak", "other lift"}, words
    assert await filed.finds(OWN) == {"cars", "gate"}
    assert await filed.finds("13800000002") == set()
    assert (await filed.page(LEFT)).understood == "按电话查"


async def test_a_neighbours_telephone_finds_the_ticket_they_joined(filed: Desk) -> None:
    number = filed.numbers["lift"]
    async with filed.c.uow() as uow:
        ticket = await uow.tickets.by_number(number)
        assert ticket is not None
        await uow.tickets.follow(ticket.id, filed.city.residents["R0003"].id, "我家也是", filed.c.clock.now())
        await uow.commit()
    assert await filed.finds(OWN) == {"cars", "gate", "lift"}
    assert await filed.finds(OWN, "grid2") == {"cars"}
    mine = await tickets.mine(filed.c, filed.city.residents["R0003"].id)
    assert {view.number for view in mine} == {filed.numbers[name] for name in ("cars", "gate", "lift")}


async def test_nobody_finds_by_any_clue_what_is_outside_their_place(filed: Desk) -> None:
    everywhere = {"lamp", "lift", "leak", "cars", "gate", "other lift"}
    theirs = {
        "grid1": {"lamp", "lift", "leak"},
        "grid2": {"cars"},
        "grid3": {"other lift"},
        "desk1": everywhere - {"other lift"},
        "desk2": {"other lift"},
        "property": everywhere - {"other lift"},
        "lawyer": set(),
        "operator": everywhere,
    }
    clues = [LEFT, OWN, "电梯", "的", "剡溪花园", "剡溪花园3幢", "鹿山苑", "鹿山社区", "第一网格", *filed.numbers.values()]
    for words in (*clues, *(number[-4:] for number in filed.numbers.values())):
        whole = await filed.finds(words)
        assert whole, words
        for who, seen in theirs.items():
            assert await filed.finds(words, who) == whole & seen, (words, who)


async def test_words_are_found_in_any_writing_and_all_of_them_are_needed(filed: Desk) -> None:
    for words, expected in (
        ("电梯", {"lift", "other lift"}),
        ("電梯", {"lift", "other lift"}),
        ("ab梯", {"lift"}),
        ("灯", {"lamp"}),
        ("8点", {"lift"}),
        ("100%", {"lift"}),
        ("1_0", set()),
        ("电梯 异响", {"other lift"}),
        ("异响，电梯", {"other lift"}),
        ("电梯异响", set()),
        ("漏水 电梯", set()),
        ("2单元502室", {"lift", "leak"}),
    ):
        assert await filed.finds(words) == expected, words
    assert (await filed.page("电梯 异响")).understood == "按内容查：“电梯”“异响”"


async def test_a_place_finds_what_is_at_it_or_below(filed: Desk) -> None:
    for words, expected in (
        ("剡溪花园", {"lamp", "lift", "leak", "cars", "gate"}),
        ("剡溪3号楼", {"lamp", "lift", "leak"}),
        ("剡溪花园三幢二单元五零二", {"lift", "leak"}),
        ("剡溪花园3幢502", {"lift", "leak"}),
        ("剡溪花园3幢1单元", set()),
        ("鹿山社区", {"other lift"}),
        ("第二网格", {"cars"}),
        ("望江街道", {"lamp", "lift", "leak", "cars", "gate", "other lift"}),
        ("剡溪花园3幢 漏水", {"leak"}),
        ("剡溪花园的门禁", {"gate"}),
    ):
        assert await filed.finds(words) == expected, words
    assert (await filed.page("剡溪花园3幢 漏水")).understood == "按地点查：剡溪花园3幢，内容有“漏水”"


async def test_signs_alone_find_nothing_and_say_so(filed: Desk) -> None:
    page = await filed.page("，。！")
    assert (page.items, page.total) == ([], 0)
    assert "没看懂" in page.understood
    assert (await filed.page("  ")).total == 6


async def test_a_corrected_place_is_found_by_its_new_name_only(filed: Desk) -> None:
    async with filed.c.uow() as uow:
        ticket = await uow.tickets.by_number(filed.numbers["gate"])
        assert ticket is not None
        ticket.place_text = "剡溪花园北门岗亭"
        await uow.commit()
    assert await filed.finds("北门岗亭") == {"gate"}
    assert await filed.finds("岗亭 电话") == {"gate"}


async def test_tickets_from_before_the_search_are_filled_and_found(filed: Desk) -> None:
    async with filed.c.uow() as uow:
        await uow.session.execute(update(t.tickets).values(search_text=None, contact_hash=None))  # type: ignore[attr-defined]
        await uow.commit()
    assert await filed.finds("电梯") == await filed.finds(LEFT) == set()
    told: list[int] = []
    assert await search_fill.fill(filed.c, told.append) == 6
    assert told == [6]
    assert await filed.finds("电梯") == {"lift", "other lift"}
    assert await filed.finds(LEFT) == {"lamp", "leak", "other lift"}
    assert await search_fill.fill(filed.c) == 0


@pytest.mark.parametrize("looked_at", [1, 2, 5_000])
async def test_however_a_word_is_looked_for_the_same_pages_come(
    filed: Desk, monkeypatch: pytest.MonkeyPatch, looked_at: int
) -> None:
    """Among the newest where it is frequent, by the index where it is rare: a clerk cannot tell."""
    monkeypatch.setattr(ticket_lists, "LOOKED_AT", looked_at)
    monkeypatch.setattr(ticket_lists, "FREQUENT", 1)
    for name in ("lamp", "lift", "leak", "cars"):
        resident = next(who for known, who, *_ in FILED if known == name)
        await tickets.withdraw(filed.c, filed.city.residents[resident].id, filed.numbers[name], "好了", f"{name}:end")
    for words in ("剡溪", "电梯", "2单元"):
        whole = [item.number for item in (await filed.page(words)).items]
        assert len(whole) == len(set(whole)) >= 2
        singly = [(await filed.page(words, limit=1, offset=at)).items for at in range(len(whole) + 1)]
        assert [item.number for page in singly for item in page] == whole
        assert singly[-1] == []
