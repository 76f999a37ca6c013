"""Dead letters: seen by those whose residents they are of, and tried again once. On both databases."""

from __future__ import annotations

import pytest

from community.errors import Forbidden, IllegalMove, NotFound
from community.ports import Community
from community.services import deadletters, inbound, outbound, retries, webchat
from community.services.inbound import Incoming
from community.services.outbound import Failure, Trouble
from tests.conftest import FakeClock
from tests.integration.test_outbox import write
from tests.small_city import SmallCity


async def kill_an_answer(c: Community, resident_id: int, text: str = "灯修好了") -> str:
    await write(c, resident_id, text)
    (parcel,) = await outbound.claim(c, "w1")
    await outbound.failed(c, "w1", parcel, 0, Failure(Trouble.REFUSED, "45002"))
    return f"out-{parcel.rows[0].id}"


async def test_an_answer_that_was_put_aside_is_seen_and_sent_again_once(community: Community, city: SmallCity) -> None:
    key = await kill_an_answer(community, city.residents["R0001"].id)
    desk = city.staff["desk1"].id
    (letter,) = await deadletters.dead(community, desk)
    assert (letter.key, letter.text, letter.error) == (key, "灯修好了", "45002")
    for _ in range(2):
        await deadletters.resend(community, desk, key, "click-1")
    (parcel,) = await outbound.claim(community, "w1")
    await outbound.all_sent(community, "w1", [parcel])
    assert await deadletters.dead(community, desk) == []
    with pytest.raises(IllegalMove):
        await deadletters.resend(community, desk, key, "click-2")


async def test_a_message_that_was_put_aside_is_worked_on_again(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    received = await inbound.receive(community, Incoming("webchat", city.residents["R0001"].id, "k1", "毒药"))
    clock.forward(hours=25)
    (message,) = await inbound.claim(community, "w1")
    await retries.postpone(community, "w1", message.id, "500", transient=True)
    (letter,) = await deadletters.dead(community, city.staff["operator"].id)
    assert letter.key == f"in-{received.id}"
    await deadletters.resend(community, city.staff["operator"].id, letter.key, "click-1")
    (message,) = await inbound.claim(community, "w1")
    await retries.postpone(community, "w1", message.id, "503", transient=True)
    assert await deadletters.dead(community, city.staff["operator"].id) == []


async def test_nobody_sees_or_sends_the_letters_of_other_communities(community: Community, city: SmallCity) -> None:
    key = await kill_an_answer(community, city.residents["R0001"].id)
    other = city.staff["desk2"].id
    assert await deadletters.dead(community, other) == []
    with pytest.raises(NotFound):
        await deadletters.resend(community, other, key, "click-1")
    for login in ("grid1", "property", "lawyer"):
        with pytest.raises(Forbidden):
            await deadletters.dead(community, city.staff[login].id)
        with pytest.raises(Forbidden):
            await deadletters.resend(community, city.staff[login].id, key, "click-1")
    for bad in ("", "out-", "out-x", "in-99999", "x-1", "out-" + "9" * 30):
        with pytest.raises(NotFound):
            await deadletters.resend(community, city.staff["desk1"].id, bad, "click-3")


async def test_the_number_is_that_of_the_list_for_everybody(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    for who in ("R0001", "R0004"):
        await kill_an_answer(community, city.residents[who].id)
    stranger = await webchat.start(community)
    await kill_an_answer(community, stranger[1].id)
    received = await inbound.receive(community, Incoming("webchat", city.residents["R0002"].id, "k1", "毒药"))
    (message,) = await inbound.claim(community, "w1")
    for _ in range(6):
        await retries.postpone(community, "w1", message.id, "IntegrityError", transient=False)
        clock.forward(minutes=1)
        await inbound.claim(community, "w1")
    counted = {}
    for login in ("desk1", "desk2", "operator"):
        letters = await deadletters.dead(community, city.staff[login].id)
        counted[login] = await deadletters.number_of_dead(community, city.staff[login].id)
        assert counted[login] == len(letters)
    assert (counted["operator"], counted["desk1"]) == (4, 3)
    assert f"in-{received.id}" in [x.key for x in await deadletters.dead(community, city.staff["desk1"].id)]
    with pytest.raises(Forbidden):
        await deadletters.number_of_dead(community, city.staff["grid1"].id)


async def test_what_became_of_a_letter_is_told_to_who_may_see_it(community: Community, city: SmallCity) -> None:
    key = await kill_an_answer(community, city.residents["R0001"].id)
    desk, other = city.staff["desk1"].id, city.staff["desk2"].id
    assert await deadletters.whereabouts(community, desk, [key, "out-999999", "x"]) == {key: "dead"}
    await deadletters.resend(community, desk, key, "click-1")
    assert await deadletters.whereabouts(community, desk, [key]) == {key: "pending"}
    (parcel,) = await outbound.claim(community, "w1")
    await outbound.all_sent(community, "w1", [parcel])
    assert await deadletters.whereabouts(community, desk, [key]) == {key: "sent"}
    assert await deadletters.whereabouts(community, other, [key]) == {}
