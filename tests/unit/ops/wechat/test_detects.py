"""What the simulator says of doors that are good, and of doors that are bad in one way each."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest

from ops.wechat.accounts import Account, Kind, Mode, new_aes_key
from ops.wechat.faults import Faults, PushRates
from ops.wechat.ledger import UNAVAILABLE
from tests.unit.ops.wechat.reference_door import Ways, door_and_platform

LI = "李秀英"

short = partial(door_and_platform, deadline=0.3)
"""What is late is seen soon."""


def account(**more: Any) -> Account:
    made = Account.make()
    for name, value in more.items():
        setattr(made, name, value)
    return made


async def settled(simulator: Any, seconds: float = 2.0) -> None:
    """Until nothing is owed, or for so long."""
    for _ in range(int(seconds / 0.02)):
        if not simulator.ledger.waiting:
            break
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.05)  # what should not come has had a moment to come


CLEAN = {"lost": 0, "doubled": 0, "out_of_order": 0, "quota_violations": 0, "unacknowledged": 0, "unavailable_shown": 0}


@pytest.mark.parametrize("passive", [False, True])
@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("mode", list(Mode))
async def test_a_good_door_is_found_good_in_every_mode_and_format(mode: Mode, form: str, passive: bool) -> None:
    async with short(Ways(passive=passive), account=account(mode=mode, form=form)) as (_, simulator):
        assert await simulator.official_pusher.verify() == ""
        for number in range(3):
            await simulator.resident(LI).say(f"灯坏了 {number} ]]>")
        await settled(simulator)
        report = simulator.report()
        assert {name: report[name] for name in CLEAN} == CLEAN
        assert (report["sent"], report["answered"], report["findings"]) == (3, 3, {})
        assert report["by_way"] == {"passive" if passive else "custom": 3}
        assert [shown.text for shown in simulator.resident(LI).saw()] == [f"收到：灯坏了 {n} ]]>" for n in range(3)]


async def test_a_safe_push_carries_what_the_documents_list() -> None:
    async with short() as (door, simulator):
        await simulator.resident(LI).say("你好")
        query = door.queries[0]
        assert set(query) == {"signature", "timestamp", "nonce", "openid", "encrypt_type", "msg_signature"}
        assert query["encrypt_type"] == "aes"
        assert query["openid"] == door.bodies[0]["FromUserName"]


async def test_a_slow_acknowledgement_is_measured() -> None:
    async with short(Ways(slow=0.12)) as (_, simulator):
        await simulator.resident(LI).say("灯坏了")
        report = simulator.report()
        assert 120 <= report["ack_p50_ms"] == report["ack_p99_ms"] < 300
        assert report["findings"] == {}


async def test_one_that_takes_longer_than_the_deadline_gets_three_deliveries_and_the_resident_is_told() -> None:
    async with short(Ways(slow=0.6)) as (_, simulator):
        await simulator.resident(LI).say("灯坏了")
        report = simulator.report()
        assert report["deliveries"] == 3
        assert report["findings"] == {"timeout": 3, "gave_up": 1}
        assert (report["unacknowledged"], report["unavailable_shown"]) == (1, 1)
        assert UNAVAILABLE in [shown.text for shown in simulator.resident(LI).saw()]


async def test_a_door_that_fails_twice_is_given_the_message_a_third_time() -> None:
    async with short(Ways(statuses=[500, 502])) as (_, simulator):
        await simulator.resident(LI).say("灯坏了")
        await settled(simulator)
        report = simulator.report()
        assert report["findings"] == {"status_500": 1, "status_502": 1}
        assert (report["deliveries"], report["unavailable_shown"], report["lost"]) == (3, 0, 0)


async def test_nobody_listening_is_three_deliveries_spread_over_time() -> None:
    async with short(gateway="http://127.0.0.1:9") as (_, simulator):
        began = asyncio.get_running_loop().time()
        await simulator.resident(LI).say("灯坏了")
        assert asyncio.get_running_loop().time() - began >= 0.59
        assert simulator.report()["findings"] == {"no_connection": 3, "gave_up": 1}


async def test_a_message_without_its_answer_is_lost() -> None:
    async with short(Ways(lose=frozenset({"二"}))) as (_, simulator):
        for words in ("一", "二"):
            await simulator.resident(LI).say(words)
        await settled(simulator, 0.4)
        assert [sent.text for sent in simulator.ledger.lost()] == ["二"]
        assert simulator.report()["lost"] == 1


async def test_an_event_that_needs_no_answer_is_not_lost_without_one() -> None:
    async with short() as (_, simulator):
        await simulator.resident(LI).unfollow()
        assert simulator.report()["lost"] == 0
        await simulator.resident(LI).follow()
        assert simulator.report()["lost"] == 1


@pytest.mark.parametrize("text", ["灯坏了", "灯坏了 #1-1#"])
async def test_the_same_answer_twice_is_doubled(text: str) -> None:
    async with short(Ways(double=frozenset({text}))) as (_, simulator):
        await simulator.resident(LI).say(text)
        await settled(simulator)
        report = simulator.report()
        assert (report["doubled"], report["lost"]) == (1, 0)


async def test_the_same_words_for_two_messages_are_not_doubled() -> None:
    async with short() as (_, simulator):
        await simulator.resident(LI).say("你好")
        await simulator.resident(LI).say("你好")
        await settled(simulator)
        assert simulator.report()["doubled"] == 0


async def test_handling_a_copy_again_is_doubled_and_keeping_it_once_is_not() -> None:
    for forgets in (False, True):
        for passive in (False, True):
            faults = Faults(push=PushRates(duplicate=1.0, late=1.0, late_seconds=0.1))
            async with short(Ways(forgets=forgets, passive=passive), faults=faults) as (_, simulator):
                await simulator.resident(LI).say("灯坏了")
                await asyncio.sleep(0.3)
                report = simulator.report()
                assert report["deliveries"] == 3
                assert report["doubled"] == (2 if forgets else 0), (forgets, passive)
                assert report["faults"] == {"duplicate": 1, "late": 1}


async def test_a_late_copy_of_an_earlier_message_does_not_count_as_its_order() -> None:
    faults = Faults(push=PushRates(late=1.0, late_seconds=0.1))
    async with short(faults=faults) as (_, simulator):
        for words in ("一", "二", "三"):
            await simulator.resident(LI).say(words)
        await asyncio.sleep(0.3)
        report = simulator.report()
        assert (report["deliveries"], report["out_of_order"], report["doubled"]) == (6, 0, 0)


async def test_answers_in_another_order_than_the_messages_are_seen() -> None:
    texts = [f"第{n}句 #1-{n}#" for n in (1, 2, 3)]
    async with short(Ways(hold=texts[0])) as (_, simulator):
        for words in texts:
            await simulator.resident(LI).say(words)
        await settled(simulator)
        report = simulator.report()
        assert (report["out_of_order"], report["lost"], report["doubled"]) == (1, 0, 0)


async def test_six_answers_to_one_message_breach_the_quota_once() -> None:
    async with short(Ways(times=6)) as (door, simulator):
        await simulator.resident(LI).say("灯坏了")
        await settled(simulator)
        report = simulator.report()
        assert (report["quota_violations"], report["quota_codes"]) == (1, {"45047": 1})
        assert (door.errors, len(simulator.resident(LI).saw())) == ([45047], 5)


@pytest.mark.parametrize(
    ("ways", "finding"),
    [
        (Ways(passive=True, sign_wrongly=True), "bad_signature"),
        (Ways(passive=True, plain=True), "plain_in_safe_mode"),
        (Ways(passive=True, key=new_aes_key()), "cannot_decrypt"),
        (Ways(passive=True, to="osomebodyelse"), "wrong_addressee"),
        (Ways(raw=b"<xml><broken"), "bad_answer"),
        (Ways(raw=b'{"ok":true}'), "bad_answer"),
    ],
)
async def test_an_answer_that_the_platform_would_not_take_is_named(ways: Ways, finding: str) -> None:
    ways.forgets = True
    async with short(ways) as (_, simulator):
        await simulator.resident(LI).say("灯坏了")
        report = simulator.report()
        assert report["findings"][finding] == 3
        assert report["unavailable_shown"] == 1


async def test_after_a_key_rotation_a_reply_with_the_old_key_is_named() -> None:
    own = account()
    old, _ = own.aes_key, own.rotate_key()
    async with short(Ways(passive=True, key=old, forgets=True), account=own) as (_, simulator):
        await simulator.resident(LI).say("灯坏了")
        assert simulator.report()["findings"]["wrong_key"] == 3


async def test_an_answer_to_the_wrong_resident_is_named() -> None:
    async with short() as (door, simulator):
        other = simulator.resident("陈建明")
        door.ways.to = other.user.openid
        await other.say("喂", expects=False)
        await simulator.resident(LI).say("灯坏了 #1-1#")
        await settled(simulator, 0.4)
        assert simulator.report()["findings"] == {"wrong_resident": 1}
        assert simulator.report()["lost"] == 1


async def test_when_the_answer_of_the_door_is_lost_on_the_way_it_is_delivered_again() -> None:
    faults = Faults()
    faults.next_drops = 2
    async with short(faults=faults) as (door, simulator):
        sent = await simulator.resident(LI).say("灯坏了")
        await settled(simulator)
        report = simulator.report()
        assert (report["deliveries"], report["doubled"], report["lost"]) == (3, 0, 0)
        assert len(door.seen) == 1
        assert sent.acknowledged_at is not None


async def test_a_door_that_pushes_on_an_account_without_that_right_is_refused_and_the_answer_missed() -> None:
    async with short(account=account(kind=Kind.SUBSCRIPTION)) as (door, simulator):
        await simulator.resident(LI).say("灯坏了")
        await settled(simulator, 0.3)
        assert door.errors == [48001]
        assert simulator.report()["lost"] == 1


async def test_the_next_message_of_a_resident_waits_until_the_one_before_was_taken() -> None:
    async with short(Ways(slow=0.1)) as (door, simulator):
        began = asyncio.get_running_loop().time()
        others = (simulator.resident("陈建明").say("另一位"),)
        await asyncio.gather(simulator.resident(LI).say("一"), simulator.resident(LI).say("二"), *others)
        assert asyncio.get_running_loop().time() - began >= 0.2
        assert [body["Content"] for body in door.bodies if body["Content"] != "另一位"] == ["一", "二"]


async def test_what_ran_into_the_deadline_counts_among_the_acknowledgements() -> None:
    async with short(Ways(slow=0.6)) as (_, simulator):
        await simulator.resident(LI).say("灯坏了")
        assert simulator.report()["ack_p50_ms"] == 300


async def test_what_nobody_asked_for_is_counted() -> None:
    async with short() as (door, simulator):
        await simulator.resident(LI).say("灯坏了 #1-1#")
        await settled(simulator)
        assert await door.send(simulator.resident(LI).user.openid, "顺便说一句") == 0
        report = simulator.report()
        assert (report["unasked"], report["doubled"], report["lost"]) == (1, 0, 0)


def test_copies_at_once_and_late_ones_do_not_hang_together() -> None:
    faults = Faults(push=PushRates(duplicate=0.5, late=0.5, late_seconds=2))
    seen = {tuple(faults.copies()) for _ in range(100)}
    assert seen == {(), (0.0,), (2,), (0.0, 2)}


async def test_the_same_seed_gives_the_same_copies() -> None:
    left, right, other = (Faults(seed, push=PushRates(duplicate=0.3, late=0.1)) for seed in (7, 7, 8))
    drawn = [[plan.copies() for _ in range(200)] for plan in (left, right, other)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert 30 < left.seen["duplicate"] < 90
