"""What staff were not told in WeCom, and what they sent in vain, is seen by those who answer for them, and tried again once."""

from __future__ import annotations

import pytest

from community.errors import Forbidden, IllegalMove, NotFound
from community.model.category import Category
from community.model.staffing import Heard, Told
from community.ports import Community
from community.services import deadletters, desk, staff_accounts, staff_in, staff_out
from community.services.staff_in import Incoming
from community.services.tickets import FileTicket, file_ticket
from tests.conftest import FakeClock
from tests.small_city import SmallCity


async def card_that_died(c: Community, city: SmallCity) -> tuple[str, str]:
    """(key of the letter, number of the ticket)."""
    await staff_accounts.set_wecom(c, "grid1", "wangqiang")
    place = city.places["剡溪花园/3/2/502"].id
    command = FileTicket(city.residents["R0001"].id, Category.LIGHTING, "灯坏了", "剡溪花园3幢", place, "k1")
    number = (await file_ticket(c, command)).ticket.number
    (errand,) = await staff_out.claim(c, "w1", 8)
    await staff_out.failed(c, "w1", errand.id, "81013 nobody of these", for_good=True, not_taken=True)
    return f"out-s{errand.id}", number


async def test_a_card_that_did_not_arrive_is_seen_with_whose_it_is_and_sent_again_once(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    key, number = await card_that_died(community, city)
    chief = city.staff["desk1"].id
    (letter,) = await deadletters.dead(community, chief)
    assert (letter.key, letter.resident_name, letter.resident_id, letter.channel) == (key, "王强", 0, "wecom")
    assert letter.text.startswith(f"工单{number}：新工单")
    assert await deadletters.number_of_dead(community, chief) == 1
    clock.forward(hours=30)
    for _ in range(2):
        await deadletters.resend(community, chief, key, "click-1")
    (errand,) = await staff_out.claim(community, "w1", 8)
    assert await staff_out.sent(community, "w1", errand, "code")
    assert await deadletters.number_of_dead(community, chief) == 0
    assert await deadletters.whereabouts(community, chief, [key]) == {key: "sent"}
    with pytest.raises(IllegalMove):
        await deadletters.resend(community, chief, key, "click-2")


async def test_a_word_that_could_not_be_handled_is_worked_on_again(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    await staff_accounts.set_wecom(community, "grid1", "wangqiang")
    await staff_in.receive(community, Incoming("wangqiang", "k1", Heard.TEXT, "今日待办"))
    clock.forward(hours=25)
    (message,) = await staff_in.claim(community, "w1", 4)
    await staff_in.postpone(community, "w1", message.id, "Conflict", transient=True)
    chief = city.staff["desk1"].id
    (letter,) = await deadletters.dead(community, chief)
    assert (letter.key, letter.text) == (f"in-s{message.id}", "今日待办")
    await deadletters.resend(community, chief, letter.key, "click")
    (message,) = await staff_in.claim(community, "w1", 4)
    await staff_in.postpone(community, "w1", message.id, "Conflict", transient=True)
    assert await deadletters.dead(community, chief) == []


async def test_nobody_sees_or_sends_the_letters_of_other_communities_staff(
    community: Community, city: SmallCity
) -> None:
    key, _ = await card_that_died(community, city)
    other = city.staff["desk2"].id
    assert await deadletters.dead(community, other) == []
    assert await deadletters.number_of_dead(community, other) == 0
    assert await deadletters.whereabouts(community, other, [key]) == {}
    with pytest.raises(NotFound):
        await deadletters.resend(community, other, key, "click")
    with pytest.raises(Forbidden):
        await deadletters.dead(community, city.staff["grid1"].id)
    assert [letter.key for letter in await deadletters.dead(community, city.staff["operator"].id)] == [key]


async def test_what_is_sent_again_goes_to_where_the_colleague_is_by_now(community: Community, city: SmallCity) -> None:
    key, _ = await card_that_died(community, city)
    await staff_accounts.set_wecom(community, "grid1", "wang.qiang")
    await deadletters.resend(community, city.staff["desk1"].id, key, "click")
    (errand,) = await staff_out.claim(community, "w1", 8)
    assert errand.member == "wang.qiang"


async def test_a_card_that_could_not_be_changed_is_no_letter_to_send_again(
    community: Community, city: SmallCity
) -> None:
    key, number = await card_that_died(community, city)
    chief = city.staff["desk1"].id
    await deadletters.resend(community, chief, key, "click")
    (errand,) = await staff_out.claim(community, "w1", 8)
    await staff_out.sent(community, "w1", errand, "code")
    await desk.accept(community, city.staff["grid1"].id, number)
    (update,) = await staff_out.claim(community, "w1", 8)
    assert update.kind is Told.UPDATE
    await staff_out.failed(community, "w1", update.id, "40058 refused", for_good=True)
    assert await deadletters.dead(community, chief) == []
    assert await deadletters.number_of_dead(community, chief) == 0
