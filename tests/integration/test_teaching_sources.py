"""What comes into the trainers' queue by itself: categories that staff put right, forms left half way. On both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from community.model.category import Category
from community.model.chat import says_out
from community.model.message import InboxMessage
from community.model.people import ChannelIdentity, Resident
from community.model.understanding import Doubt, Heard
from community.ports import Community
from community.services import chats, inbound, on_behalf, teaching, tickets
from community.services.inbound import Answered, Incoming
from community.services.on_behalf import Report
from community.services.recategorising import recategorise
from community.services.tickets import FileTicket
from tests.conftest import FakeClock
from tests.small_city import SmallCity

SMELL = "楼道里一股怪味道，闻着头晕"
MISREAD = Heard("report", 0.97, (("report", 0.97), ("ask_legal", 0.01)), "sanitation", 0.8, "model-1")
OUT = Heard("cancel", 0.98, (("cancel", 0.98),), "other", 0.1, "model-1")


async def say(
    c: Community, city: SmallCity, key: str, text: str, heard: Heard | None, form: str | None = None, payload: str | None = None
) -> InboxMessage:
    """One message of 李秀英 and what came of it."""
    await inbound.receive(c, Incoming("webchat", city.residents["R0001"].id, key, text, payload=payload))
    [message] = await inbound.claim(c, "w")
    assert await inbound.finish(c, "w", [Answered(message.id, (), "", heard, form)]) == [True]
    return message


async def queue(c: Community, city: SmallCity, doubt: str = "") -> list[teaching.Line]:
    shown = await teaching.queue(c, city.staff["trainer"].id, doubt)
    return [line for group in shown.groups for line in group.lines]


async def filed(c: Community, city: SmallCity, words: str, category: Category, key: str) -> str:
    report = FileTicket(city.residents["R0001"].id, category, words, "剡溪花园3幢", city.places["剡溪花园/3"].id, key)
    return (await tickets.file_ticket(c, report)).ticket.number


# --- the category put right ------------------------------------------------------------------------------------------------


async def test_what_a_ticket_was_made_of_comes_with_the_category_that_staff_gave_it(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    await say(community, city, "k1", SMELL + "，电话13812345678", MISREAD, "report_form")
    clock.forward(minutes=2)
    number = await filed(community, city, SMELL + "，电话13812345678", Category.SANITATION, "in-2:file")
    assert await queue(community, city) == []
    await recategorise(community, city.staff["grid1"].id, number, Category.FUMES, "r1")
    [line] = await queue(community, city, Doubt.RECATEGORISED)
    assert line.text.startswith(SMELL)
    assert "138" not in line.text
    assert (line.category_name, line.staff_category, line.staff_category_name) == ("环境卫生", "fumes", "油烟异味")
    assert line.doubts == ("类别改过",)
    # Put back to what the assistant had said, there is nothing to learn.
    await recategorise(community, city.staff["grid1"].id, number, Category.SANITATION, "r2")
    assert await queue(community, city) == []


async def test_one_of_several_problems_of_a_message_is_found_in_it(community: Community, city: SmallCity) -> None:
    await say(community, city, "k1", "楼道里一股怪味道，还有三楼的灯不亮", MISREAD, "report_form")
    number = await filed(community, city, "楼道里一股怪味道", Category.SANITATION, "in-2:file")
    await recategorise(community, city.staff["grid1"].id, number, Category.FUMES, "r1")
    assert [line.staff_category for line in await queue(community, city)] == ["fumes"]


async def test_what_staff_filed_or_somebody_else_said_is_nobodys_sentence(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    clerk = city.staff["desk1"].id
    await say(community, city, "k1", "我想问个事情", MISREAD)
    brought = Report("phone", SMELL, Category.SANITATION, "剡溪花园3幢", "call-1", city.residents["R0001"].id)
    number = (await on_behalf.file(community, clerk, brought)).ticket.number
    await recategorise(community, clerk, number, Category.FUMES, "r1")
    # Long ago, or in other words than those it was filed with.
    await say(community, city, "k2", SMELL, MISREAD)
    clock.forward(days=2)
    late = await filed(community, city, SMELL, Category.SANITATION, "in-9:file")
    await recategorise(community, clerk, late, Category.FUMES, "r2")
    assert await queue(community, city) == []


async def test_what_a_trainer_has_looked_at_does_not_come_again(community: Community, city: SmallCity) -> None:
    await say(community, city, "k1", SMELL, MISREAD, "report_form")
    number = await filed(community, city, SMELL, Category.SANITATION, "in-2:file")
    await recategorise(community, city.staff["grid1"].id, number, Category.FUMES, "r1")
    [line] = await queue(community, city)
    await teaching.pass_over(community, city.staff["trainer"].id, [line.id])
    await recategorise(community, city.staff["grid1"].id, number, Category.PUBLIC_HEALTH, "r2")
    assert await queue(community, city) == []


# --- half way --------------------------------------------------------------------------------------------------------------


async def test_who_says_never_mind_left_a_form_and_at_once_counts_more(community: Community, city: SmallCity, clock: FakeClock) -> None:
    await say(community, city, "k1", "楼上的空调水滴下来", MISREAD, "report_form")
    await say(community, city, "k2", "算了", OUT, "")
    clock.forward(hours=1)
    await say(community, city, "k3", "楼下的花盆碎了一地", MISREAD, "report_form")
    await say(community, city, "k4", "三幢", Heard("inform", 0.9, (("inform", 0.9),), "other", 0.1, "m"), "report_form")
    await say(community, city, "k5", "取消", None, "", payload="取消")
    found = {line.text: line.doubts for line in await queue(community, city, Doubt.ABANDONED)}
    assert found == {"楼上的空调水滴下来": ("说到一半", "一问就算了"), "楼下的花盆碎了一地": ("说到一半",)}
    shown = await teaching.queue(community, city.staff["trainer"].id)
    assert shown.groups[0].lines[0].text == "楼上的空调水滴下来"


async def test_a_form_that_is_done_was_not_left(community: Community, city: SmallCity, clock: FakeClock) -> None:
    await say(community, city, "k1", SMELL, MISREAD, "report_form")
    await say(community, city, "k2", "提交", None, "", payload="提交")
    clock.forward(days=3)
    assert await chats.forget_silent(community) == 0
    # A form whose end is not told (a turn that was done before) is still open, and is closed by the next turn.
    await say(community, city, "k3", "门口的树歪了", MISREAD, "report_form")
    await say(community, city, "k4", "3幢门口", MISREAD, None)
    await say(community, city, "k5", "提交", None, "", payload="提交")
    assert await queue(community, city) == []


async def test_changing_to_something_else_and_falling_silent_leave_it_too(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    await say(community, city, "k1", "楼上的空调水滴下来", MISREAD, "report_form")
    legal = Heard("ask_legal", 0.95, (("ask_legal", 0.95),), "other", 0.1, "m")
    await say(community, city, "k2", "物业费不交会怎么样", legal, "legal_form")
    assert [line.text for line in await queue(community, city)] == ["楼上的空调水滴下来"]
    clock.forward(hours=23)
    assert await chats.forget_silent(community) == 0
    clock.forward(hours=2)
    assert await chats.forget_silent(community) == 1
    assert await chats.forget_silent(community) == 0
    assert {line.text for line in await queue(community, city)} == {"楼上的空调水滴下来", "物业费不交会怎么样"}


async def test_what_was_filed_another_way_was_not_left(community: Community, city: SmallCity, clock: FakeClock) -> None:
    await say(community, city, "k1", SMELL, MISREAD, "report_form")
    await say(community, city, "k2", "算了", OUT, "")
    assert len(await queue(community, city)) == 1
    # A call to the desk about another thing changes nothing, one about the same does.
    clerk, who = city.staff["desk1"].id, city.residents["R0001"].id
    await on_behalf.file(community, clerk, Report("phone", "灯坏了", Category.LIGHTING, "剡溪花园3幢", "call-1", who))
    assert len(await queue(community, city)) == 1
    await on_behalf.file(community, clerk, Report("phone", SMELL, Category.SANITATION, "剡溪花园3幢", "call-2", who))
    assert await queue(community, city) == []
    # And the other way round: filed while the form was open.
    await say(community, city, "k3", "门口垃圾桶倒了", MISREAD, "report_form")
    clock.forward(minutes=3)
    await filed(community, city, "门口垃圾桶倒了", Category.SANITATION, "in-80:file")
    await say(community, city, "k4", "不用了", OUT, "")
    assert await queue(community, city) == []


# --- read in one go --------------------------------------------------------------------------------------------------------


@contextmanager
def counted(uow_engine: object) -> Iterator[list[str]]:
    said: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    event.listen(uow_engine, "before_cursor_execute", note)
    yield said
    event.remove(uow_engine, "before_cursor_execute", note)


async def test_the_queue_of_many_speakers_costs_as_many_reads_as_that_of_one(community: Community, city: SmallCity) -> None:
    doubted = Heard("nlu_fallback", 0.3, (("ask_points", 0.31),), "other", 0.2, "m")
    await say(community, city, "k0", "饭卡余额怎么查", doubted)
    async with community.reading() as uow:
        engine = uow.session.get_bind()  # type: ignore[attr-defined]
    with counted(engine) as one:
        await queue(community, city)
    for number, last in enumerate("强华明军伟芳敏静丽勇艳杰"):
        async with community.uow() as uow:
            who = Resident(0, f"many-{number}", f"周国{last}")
            await uow.people.add_resident(who)
            await uow.people.add_identity(ChannelIdentity(0, who.id, "webchat", f"M{number}"))
            await uow.commit()
        await inbound.receive(community, Incoming("webchat", who.id, f"m{number}", f"我是周国{last}，快递丢了{number}次"))
        [message] = await inbound.claim(community, "w")
        await inbound.finish(community, "w", [Answered(message.id, (), "", doubted)])
    with counted(engine) as many:
        found = await queue(community, city)
    assert len(found) == 13
    assert not any("周国" in line.text for line in found)
    assert len(many) == len(one)


@pytest.mark.parametrize("text", ["算了", "不用了", "那就算了吧", "取消", "不报了。"])
def test_words_that_leave_a_form(text: str) -> None:
    assert says_out(text, "inform", 0.9)
    assert not says_out(f"{text}这个电梯还要不要修", "report", 0.9)
