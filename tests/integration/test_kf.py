"""微信客服: pages and cursors that no kill can part, one who fetches at a time, windows, greetings, and what comes back. Both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from community.model.kf import KfAccount
from community.model.message import InboxMessage, OutboxMessage, Reply
from community.ports import Community
from community.services import inbound, kf, outbound, together, wechat
from community.services.inbound import Answered
from community.services.notify import tell
from community.services.parcels import Rules
from community.store.tables import inbox, kf_accounts, outbox
from gateway.delivery import Delivery
from gateway.metrics import Metrics
from gateway.wecom.door import Notices
from gateway.wecom.kf_api import KfApi
from gateway.wecom.kf_puller import KfPuller
from gateway.wecom.kf_sender import KfSender
from tests.conftest import FakeClock
from tests.unit.gateway.kf.fake_kf import KF, LOST, FakeKf


@pytest.fixture
def platform(clock: FakeClock) -> FakeKf:
    return FakeKf(clock.now)


def puller(c: Community, platform: FakeKf, **more: Any) -> KfPuller:
    return KfPuller(c, KfApi(platform), {KF}, **more)


def delivery(c: Community, platform: FakeKf) -> Delivery:
    sender = KfSender(c, KfApi(platform))
    only = frozenset({kf.CHANNEL})
    return Delivery(c, {kf.CHANNEL: sender}, Metrics(), only=only, rules=Rules(repeatable=only))


async def texts(c: Community) -> list[str]:
    async with c.reading() as uow:
        return [row.text for row in await uow.session.scalars(select(InboxMessage).order_by(inbox.c.id))]  # type: ignore[attr-defined]


async def account(c: Community) -> KfAccount:
    async with c.reading() as uow:
        query = select(KfAccount).where(kf_accounts.c.open_kfid == KF)
        found: KfAccount = (await uow.session.scalars(query)).one()  # type: ignore[attr-defined]
        return found


async def out(c: Community) -> list[OutboxMessage]:
    async with c.reading() as uow:
        return list(await uow.session.scalars(select(OutboxMessage).order_by(outbox.c.id)))  # type: ignore[attr-defined]


async def answer_all(c: Community, text: str = "收到：{}") -> None:
    while claimed := await inbound.claim(c, "worker"):
        for message in claimed:
            turn = await inbound.prepare(c, message)
            await inbound.finish(c, "worker", [Answered(message.id, (Reply(text.format(turn.text)),))])


async def noted(c: Community, clock: FakeClock, token: str = "") -> None:
    await kf.noted(c, [kf.Notice(KF, token, clock.now())])


# --- fetching ---------------------------------------------------------------------------------------------------------


async def test_everything_is_fetched_page_by_page_once_and_in_order(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    for number in range(7):
        platform.say("wm1", f"第{number}句")
    fetcher = puller(community, platform, page=3)
    await noted(community, clock)
    assert await fetcher.once() == 3
    assert await texts(community) == [f"第{n}句" for n in range(7)]
    assert (await account(community)).cursor == "c7"
    assert await fetcher.once() == 0


async def test_the_token_of_the_push_goes_along_while_it_is_good_and_every_page_has_the_cursor_before(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    platform.tokens.add("T1")
    for number in range(4):
        platform.say("wm1", f"{number}")
    await noted(community, clock, "T1")
    await puller(community, platform, page=2).once()
    assert [(body.get("cursor"), body.get("token")) for _, body in platform.calls] == [(None, "T1"), ("c2", "T1")]
    clock.forward(minutes=10)
    await noted(community, clock)
    await puller(community, platform).once()
    assert "token" not in platform.calls[-1][1]


async def test_a_token_the_platform_does_not_take_is_left_out(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    platform.say("wm1", "在吗")
    await noted(community, clock, "of another time")
    await puller(community, platform).once()
    assert await texts(community) == ["在吗"]


async def test_a_token_of_any_length_does_not_keep_the_push_from_being_noted(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    platform.say("wm1", "在吗")
    await noted(community, clock, "T" * 5000)
    await puller(community, platform).once()
    assert await texts(community) == ["在吗"]


async def test_a_lost_push_loses_no_message(community: Community, platform: FakeKf, clock: FakeClock) -> None:
    fetcher = puller(community, platform)
    await kf.begin(community, {KF})
    await fetcher.once()
    platform.say("wm1", "没有人通知这一条")
    assert await fetcher.once() == 0
    clock.forward(minutes=5, seconds=1)
    assert await fetcher.once() == 1
    assert await texts(community) == ["没有人通知这一条"]


async def test_a_push_that_comes_while_somebody_fetches_is_not_forgotten(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    platform.say("wm1", "一")
    await noted(community, clock)
    platform.slow = 0.2
    fetcher = puller(community, platform)
    fetching = asyncio.create_task(fetcher.once())
    await asyncio.sleep(0.1)
    await noted(community, clock)
    await fetching
    platform.say("wm1", "二")
    assert await fetcher.once() == 1
    assert await texts(community) == ["一", "二"]


async def test_two_who_fetch_at_once_take_turns_and_double_nothing(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    for number in range(20):
        platform.say(f"wm{number % 3}", f"第{number}句")
    platform.slow = 0.01
    fetchers = [puller(community, platform, page=3) for _ in range(3)]
    await noted(community, clock)
    for _ in range(3):
        await asyncio.gather(*(fetcher.once() for fetcher in fetchers))
    assert await texts(community) == [f"第{n}句" for n in range(20)]
    assert platform.most_at_once == 1
    async with community.reading() as uow:
        found = [await uow.people.resident_by_identity(kf.CHANNEL, f"{KF}/wm{n}") for n in range(3)]
    assert len({resident.id for resident in found if resident is not None}) == 3


class Killed(BaseException):
    """As kill -9: nothing after it runs in this process."""


async def test_killed_between_the_page_and_its_cursor_nothing_is_lost_or_doubled(
    community: Community, platform: FakeKf, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed once after the page came, once with everything written and nothing committed, once right after a commit."""
    for number in range(6):
        platform.say("wm1", f"第{number}句")
    await noted(community, clock)

    async def after_page(*args: Any, **kwargs: Any) -> None:
        raise Killed

    keep, take_words_in = kf.keep, together.take_words_in
    monkeypatch.setattr(kf, "keep", after_page)
    with pytest.raises(Killed):
        await puller(community, platform, page=2)._fetch((await kf.claim(community, "killed-1", {KF}))[0])
    monkeypatch.setattr(kf, "keep", keep)
    assert await texts(community) == []

    clock.forward(seconds=61)
    written = 0

    async def at_the_second(*args: Any) -> Any:
        nonlocal written
        written += 1
        heard = await take_words_in(*args)
        if written == 2:
            raise Killed
        return heard

    monkeypatch.setattr(together, "take_words_in", at_the_second)
    victim = puller(community, platform, page=2)
    with pytest.raises(Killed):
        await victim._fetch((await kf.claim(community, victim.name, {KF}))[0])
    monkeypatch.setattr(together, "take_words_in", take_words_in)
    assert await texts(community) == ["第0句", "第1句"]
    assert (await account(community)).cursor == "c2"

    clock.forward(seconds=30)
    assert await puller(community, platform).once() == 0
    clock.forward(seconds=31)
    assert await puller(community, platform).once() == 1
    assert await texts(community) == [f"第{n}句" for n in range(6)]


async def test_words_and_other_things_of_one_page_keep_the_order_in_which_they_were_written(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    platform.say("wm1", "一")
    platform.write("wm1", "image", media_id="M1")
    platform.say("wm2", "甲")
    platform.say("wm1", "二")
    platform.say("wm1", "二")
    await noted(community, clock)
    assert await puller(community, platform).once() == 1
    assert await texts(community) == ["一", "[图片]", "甲", "二", "二"]


async def test_a_page_whose_words_cannot_be_kept_together_is_kept_one_by_one_at_the_next_look(
    community: Community, platform: FakeKf, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def in_the_way(*args: Any) -> Any:
        raise RuntimeError("somebody made the same resident")

    monkeypatch.setattr(together, "take_words_in", in_the_way)
    for text in ("一", "二"):
        platform.say("wm1", text)
    await noted(community, clock)
    for _ in range(2):
        await puller(community, platform).once()
        clock.forward(seconds=61)
    assert await texts(community) == ["一", "二"]


async def test_pushes_that_come_together_do_not_wait_in_line_for_the_row_of_their_account(
    community: Community, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, keep = [], kf.noted

    async def counted(c: Community, notices: Sequence[kf.Notice]) -> list[None]:
        written.append(len(notices))
        return await keep(c, notices)

    monkeypatch.setattr(kf, "noted", counted)
    notices = Notices(community)
    at = clock.now()
    await asyncio.gather(*(notices.take(kf.Notice(KF, f"T{number}", at)) for number in range(50)))
    assert written == [50]
    found = await account(community)
    assert (found.noted, found.token) == (50, "T49"), "each counts, and the newest token is kept"


async def test_who_lost_the_lease_writes_nothing(community: Community, platform: FakeKf, clock: FakeClock) -> None:
    platform.say("wm1", "一")
    await noted(community, clock)
    slow, quick = puller(community, platform), puller(community, platform)
    (errand,) = await kf.claim(community, slow.name, {KF})
    page = await slow._page_of(errand)
    clock.forward(seconds=61)
    assert await quick.once() == 1
    assert await slow._keep(errand, page) is None
    assert await texts(community) == ["一"]


async def test_who_lost_the_lease_to_one_that_has_fetched_nothing_yet_writes_nothing_either(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    platform.say("wm1", "一")
    await noted(community, clock)
    slow, quick = puller(community, platform), puller(community, platform)
    (errand,) = await kf.claim(community, slow.name, {KF})
    page = await slow._page_of(errand)
    clock.forward(seconds=61)
    (taken_over,) = await kf.claim(community, quick.name, {KF})
    assert await slow._keep(errand, page) is None
    assert await texts(community) == []
    await kf.failed(community, slow.name, errand, "too late to say so")
    assert await quick._keep(taken_over, page) is None
    assert await texts(community) == ["一"]
    assert (await account(community)).attempts == 0


async def test_a_page_of_an_older_cursor_does_not_turn_the_cursor_back(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    platform.say("wm1", "一")
    await noted(community, clock)
    fetcher = puller(community, platform)
    (old,) = await kf.claim(community, fetcher.name, {KF})
    page = await fetcher._page_of(old)
    await fetcher._keep(old, page)
    platform.say("wm1", "二")
    await noted(community, clock)
    (new,) = await kf.claim(community, fetcher.name, {KF})
    assert await kf.keep(community, fetcher.name, old, [], "c1", more=True) is None
    await fetcher._keep(new, await fetcher._page_of(new))
    assert (await account(community)).cursor == "c2"


async def test_what_a_process_that_is_gone_held_is_free_at_once(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    platform.say("wm1", "一")
    await noted(community, clock)
    await kf.claim(community, "gone", {KF})
    assert await kf.release_gone(community, lambda worker: worker == "gone") == 1
    assert await puller(community, platform).once() == 1


@pytest.mark.parametrize("failure", [-1, 45009, 42001, LOST, TimeoutError()])
async def test_what_fails_is_fetched_later(
    community: Community, platform: FakeKf, clock: FakeClock, failure: int | Exception
) -> None:
    platform.say("wm1", "一")
    platform.failing = [failure]
    await noted(community, clock)
    fetcher = puller(community, platform)
    assert await fetcher.once() == 0
    assert await fetcher.once() == 0
    clock.forward(seconds=61)
    assert await fetcher.once() == 1
    assert (await account(community)).attempts == 0
    assert await texts(community) == ["一"]


async def test_what_only_the_operator_can_mend_rings_and_does_not_loop(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    rung: list[str] = []
    platform.failing = [60020]
    await noted(community, clock)
    fetcher = puller(community, platform, alarm=rung.append)
    for _ in range(5):
        await fetcher.once()
    assert rung == ["60020"]
    assert len(platform.calls) == 1


async def test_a_cursor_the_platform_does_not_know_starts_anew_and_doubles_nothing(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    platform.say("wm1", "一")
    fetcher = puller(community, platform)
    await noted(community, clock)
    await fetcher.once()
    async with community.uow() as uow:
        (await uow.kf.lock(KF)).cursor = "forgotten"
        await uow.commit()
    platform.say("wm1", "二")
    await noted(community, clock)
    await fetcher.once()
    clock.forward(seconds=5)
    await fetcher.once()
    assert await texts(community) == ["一", "二"]


async def test_one_message_that_cannot_be_kept_does_not_hold_up_the_rest_for_ever(
    community: Community, platform: FakeKf, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in ("一", "坏", "三"):
        platform.say("wm1", text)
    take_in, take_words_in = wechat.take_in, together.take_words_in

    async def fails_for_all(uow: Any, channel: str, arrivals: Any, now: Any) -> Any:
        if "坏" in {arrival.text for arrival in arrivals}:
            raise RuntimeError("ours")
        return await take_words_in(uow, channel, arrivals, now)

    monkeypatch.setattr(together, "take_words_in", fails_for_all)

    async def fails_for_one(uow: Any, arrival: Any, now: Any) -> Any:
        if arrival.text == "坏":
            raise RuntimeError("ours")
        return await take_in(uow, arrival, now)

    monkeypatch.setattr(kf, "take_in", fails_for_one)
    rung: list[str] = []
    fetcher = puller(community, platform, alarm=rung.append)
    await noted(community, clock)
    for _ in range(12):
        await fetcher.once()
        clock.forward(seconds=61)
    assert await texts(community) == ["一", "三"]
    assert rung == ["kf_message_passed_over"]


@pytest.mark.parametrize("empty", [1, 4, 7])
async def test_pages_that_say_more_and_hold_nothing_are_asked_again(
    community: Community, platform: FakeKf, clock: FakeClock, empty: int
) -> None:
    fetcher = puller(community, platform)
    await noted(community, clock)
    await fetcher.once()
    platform.say("wm1", "一")
    platform.empty = empty
    await noted(community, clock)
    await fetcher.once()
    assert await texts(community) == (["一"] if empty < 5 else [])
    clock.forward(seconds=3)
    await fetcher.once()
    assert await texts(community) == ["一"]


async def test_staff_and_news_are_not_answered_and_what_was_said_twice_is_one(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    said = platform.say("wm1", "灯坏了")
    platform.log.append(dict(said))
    platform.say("wm1", "我是小王", origin=5)
    platform.write("wm1", "event", event_type="session_status_change", change_type=1)
    platform.log.append({"msgtype": "text"})
    heard: list[tuple[int, int, bool]] = []
    await noted(community, clock)
    await puller(community, platform, on_heard=lambda *one: heard.append(one)).once()
    assert await texts(community) == ["灯坏了"]
    assert [duplicate for _, _, duplicate in heard] == [False, True]


# --- answering --------------------------------------------------------------------------------------------------------


async def test_an_answer_goes_to_the_account_that_was_written_to(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    platform.say("wm1", "灯坏了")
    await noted(community, clock)
    await puller(community, platform).once()
    await answer_all(community)
    assert await delivery(community, platform).once() == 1
    (sent,) = platform.sent
    assert (sent["touser"], sent["open_kfid"], sent["msgtype"]) == ("wm1", KF, "text")
    assert sent["text"]["content"] == "收到：灯坏了"


async def test_what_cannot_be_read_is_answered_kindly_and_once(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    line = platform.write("wm1", "voice", media_id="M1")
    platform.log.append(dict(line))
    platform.write("wm1", "file", media_id="M2")
    await noted(community, clock)
    await puller(community, platform).once()
    await delivery(community, platform).once()
    assert [text[:6] for text in platform.texts] == ["我还听不了语", "这种消息我还"]


async def test_more_than_five_answers_are_joined_and_the_rest_waits_for_a_word(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    platform.say("wm1", "说八句")
    await noted(community, clock)
    fetcher, sending = puller(community, platform), delivery(community, platform)
    await fetcher.once()
    (message,) = await inbound.claim(community, "w")
    await inbound.finish(community, "w", [Answered(message.id, [Reply(f"第{n}句") for n in range(8)])])
    await sending.once()
    assert len(platform.sent) == 1
    assert platform.texts == ["\n\n".join(f"第{n}句" for n in range(8))]
    for number in range(5):
        async with community.uow() as uow:
            key = f"news:{number}"
            await tell(uow, message.resident_id, f"新闻{number}", key=key, now=clock.now(), author="system")
            await uow.commit()
        await sending.once()
    assert len(platform.sent) == 5
    assert [row.status for row in await out(community)][-1] == "waiting"
    clock.forward(seconds=2)
    platform.say("wm1", "好")
    await noted(community, clock)
    await fetcher.once()
    await sending.once()
    assert platform.texts[-1] == "新闻4"


@pytest.mark.parametrize("code", [95001, 95002, 95018])
async def test_a_closed_window_waits_for_the_next_word_whatever_our_ledger_says(
    community: Community, platform: FakeKf, clock: FakeClock, code: int
) -> None:
    platform.say("wm1", "灯坏了")
    await noted(community, clock)
    fetcher, sending = puller(community, platform), delivery(community, platform)
    await fetcher.once()
    await answer_all(community)
    platform.failing = [code]
    await sending.once()
    assert [row.status for row in await out(community)] == ["waiting"]
    clock.forward(seconds=3)
    platform.say("wm1", "有人吗")
    await noted(community, clock)
    await fetcher.once()
    await answer_all(community)
    await sending.once()
    assert platform.texts == ["收到：灯坏了", "收到：有人吗"]


async def test_choices_are_a_menu_whose_taps_come_back_as_the_choice(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    from community.model.message import Button

    platform.say("wm1", "好了吗")
    await noted(community, clock)
    fetcher, sending = puller(community, platform), delivery(community, platform)
    await fetcher.once()
    (message,) = await inbound.claim(community, "w")
    buttons = (Button("办好了", "/confirm_resolved"), Button("还没好", "/not_resolved"))
    await inbound.finish(community, "w", [Answered(message.id, [Reply("办好了没有？\n1 办好了\n2 还没好", buttons)])])
    await sending.once()
    (sent,) = platform.sent
    menu = sent["msgmenu"]
    assert menu["head_content"] == "办好了没有？"
    click = menu["list"][1]["click"]
    assert click["content"] == "还没好"
    platform.say("wm1", "还没好", menu_id=click["id"])
    await noted(community, clock)
    await fetcher.once()
    (message,) = await inbound.claim(community, "w")
    assert message.payload == "/not_resolved"


async def test_who_enters_is_greeted_once_with_the_code_and_news_wait_behind_it(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    platform.write("wm1", "event", event_type="enter_session", welcome_code="CODE1")
    await noted(community, clock)
    fetcher, sending = puller(community, platform), delivery(community, platform)
    await fetcher.once()
    await answer_all(community, "您好，我是小邻。{}")
    await sending.once()
    (sent,) = platform.sent
    assert sent["code"] == "CODE1"
    assert "touser" not in sent
    assert sent["text"]["content"] == "您好，我是小邻。/bind_home"
    async with community.uow() as uow:
        resident = await uow.people.resident_by_identity(kf.CHANNEL, f"{KF}/wm1")
        assert resident is not None
        await tell(uow, resident.id, "新闻", key="news", now=clock.now(), author="system")
        await uow.commit()
    await sending.once()
    assert len(platform.sent) == 1
    clock.forward(seconds=2)
    platform.say("wm1", "你好")
    await noted(community, clock)
    await fetcher.once()
    await sending.once()
    assert platform.texts[1:] == ["新闻"]
    assert "code" not in platform.sent[1]


async def test_a_greeting_that_comes_too_late_waits_and_is_not_sent_with_the_old_code(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    platform.write("wm1", "event", event_type="enter_session", welcome_code="CODE1")
    await noted(community, clock)
    fetcher, sending = puller(community, platform), delivery(community, platform)
    await fetcher.once()
    clock.forward(seconds=19)
    await answer_all(community)
    await sending.once()
    assert platform.sent == []
    platform.failing = []
    clock.forward(seconds=1)
    platform.say("wm1", "你好")
    await noted(community, clock)
    await fetcher.once()
    await answer_all(community)
    await sending.once()
    assert [("code" in body, body["touser"]) for body in platform.sent] == [(False, "wm1"), (False, "wm1")]


async def test_what_the_platform_gives_back_waits_and_leaves_again_after_the_next_word(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    platform.say("wm1", "灯坏了")
    await noted(community, clock)
    fetcher, sending = puller(community, platform), delivery(community, platform)
    await fetcher.once()
    await answer_all(community)
    await sending.once()
    mark = platform.sent[0]["msgid"]
    clock.forward(seconds=2)
    for _ in range(2):
        platform.write("wm1", "event", event_type="msg_send_fail", fail_msgid=mark, fail_type=4)
    await noted(community, clock)
    await fetcher.once()
    assert [row.status for row in await out(community)] == ["waiting"]
    await sending.once()
    clock.forward(seconds=2)
    platform.say("wm1", "有人吗")
    await noted(community, clock)
    await fetcher.once()
    await sending.once()
    assert platform.texts == ["收到：灯坏了", "收到：灯坏了"]
    # Told of the first try once more: the second one stands.
    platform.write("wm1", "event", event_type="msg_send_fail", fail_msgid=mark, fail_type=4)
    await noted(community, clock)
    await fetcher.once()
    assert [row.status for row in await out(community)] == ["sent"]


async def test_what_comes_back_after_the_person_wrote_again_leaves_at_once(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    platform.say("wm1", "灯坏了")
    await noted(community, clock)
    fetcher, sending = puller(community, platform), delivery(community, platform)
    await fetcher.once()
    await answer_all(community)
    await sending.once()
    clock.forward(seconds=2)
    platform.say("wm1", "有人吗")
    await noted(community, clock)
    await fetcher.once()
    platform.write("wm1", "event", event_type="msg_send_fail", fail_msgid=platform.sent[0]["msgid"], fail_type=6)
    await noted(community, clock)
    await fetcher.once()
    await sending.once()
    assert platform.texts == ["收到：灯坏了", "收到：灯坏了"]


async def test_looking_into_a_chat_that_is_open_takes_no_answers_away(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    platform.say("wm1", "灯坏了")
    await noted(community, clock)
    fetcher, sending = puller(community, platform), delivery(community, platform)
    await fetcher.once()
    clock.forward(seconds=5)
    platform.write("wm1", "event", event_type="enter_session", welcome_code="CODE1")
    await noted(community, clock)
    await fetcher.once()
    await answer_all(community)
    await sending.once()
    assert [body.get("code") for body in platform.sent] == [None, None]


async def test_a_greeting_that_is_refused_waits_for_the_first_word(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    platform.write("wm1", "event", event_type="enter_session", welcome_code="CODE1")
    await noted(community, clock)
    fetcher, sending = puller(community, platform), delivery(community, platform)
    await fetcher.once()
    await answer_all(community, "您好")
    platform.failing = [95999]
    await sending.once()
    assert [row.status for row in await out(community)] == ["waiting"]
    clock.forward(seconds=2)
    platform.say("wm1", "在吗")
    await noted(community, clock)
    await fetcher.once()
    await answer_all(community)
    await sending.once()
    assert platform.texts == ["您好", "收到：在吗"]


async def test_what_a_person_refuses_is_put_aside_where_staff_see_it(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    platform.say("wm1", "灯坏了")
    await noted(community, clock)
    fetcher, sending = puller(community, platform), delivery(community, platform)
    await fetcher.once()
    await answer_all(community)
    await sending.once()
    mark = platform.sent[0]["msgid"]
    # Of somebody else, and of rows that are not theirs.
    platform.write("wm2", "event", event_type="msg_send_fail", fail_msgid=mark, fail_type=10)
    await noted(community, clock)
    await fetcher.once()
    assert [row.status for row in await out(community)] == ["sent"]
    platform.write("wm1", "event", event_type="msg_send_fail", fail_msgid=mark, fail_type=10)
    await noted(community, clock)
    await fetcher.once()
    assert [(row.status, row.error) for row in await out(community)] == [("dead", "fail_type 10 refused by the person")]


async def test_a_lost_receipt_is_sent_again_and_counted_once(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    platform.say("wm1", "灯坏了")
    await noted(community, clock)
    await puller(community, platform).once()
    await answer_all(community)
    sending = delivery(community, platform)
    platform.failing = [LOST]
    await sending.once()
    clock.forward(seconds=5)
    await sending.once()
    assert platform.texts == ["收到：灯坏了"]
    async with community.reading() as uow:
        window = await uow.windows.get(kf.CHANNEL, f"{KF}/wm1")
        assert window is not None
        assert window.left(clock.now() + timedelta(seconds=1)) == 3


@pytest.mark.parametrize("code", [95099, 40058])
async def test_what_was_taken_though_nobody_was_told_is_known_by_its_msgid_and_shown_once(
    community: Community, platform: FakeKf, clock: FakeClock, code: int
) -> None:
    platform.repeated = code
    platform.say("wm1", "灯坏了")
    await noted(community, clock)
    fetcher, sending = puller(community, platform), delivery(community, platform)
    await fetcher.once()
    await answer_all(community)
    platform.lost_answers = 1
    await sending.once()
    platform.failing = [-1]  # Busy when it is repeated: as doubtful as before.
    for _ in range(2):
        clock.forward(seconds=5)
        await sending.once()
    assert platform.texts == ["收到：灯坏了"]
    assert [row.status for row in await out(community)] == ["sent"]
    # The platform names it by the first try's msgid when it could not be delivered after all.
    mark = platform.sent[0]["msgid"]
    platform.write("wm1", "event", event_type="msg_send_fail", fail_msgid=mark, fail_type=10)
    await noted(community, clock)
    await fetcher.once()
    assert [row.status for row in await out(community)] == ["dead"]


async def test_a_killed_worker_s_message_goes_once_more_under_its_own_msgid_and_a_new_one_under_another(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    platform.say("wm1", "灯坏了")
    await noted(community, clock)
    await puller(community, platform).once()
    await answer_all(community)
    rules = Rules(repeatable=frozenset({kf.CHANNEL}))
    (parcel,) = await outbound.claim(community, "killed", only={kf.CHANNEL}, rules=rules)

    async def never(envelope: Any) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await KfSender(community, KfApi(platform)).send(parcel, never)
    await outbound.release_gone(community, lambda name: name == "killed")
    sending = delivery(community, platform)
    await sending.once()
    assert platform.texts == ["收到：灯坏了"]
    assert [row.status for row in await out(community)] == ["sent"]
    platform.say("wm1", "灯坏了")
    await noted(community, clock)
    await puller(community, platform).once()
    await answer_all(community)
    await sending.once()
    assert platform.texts == ["收到：灯坏了", "收到：灯坏了"]


async def test_a_repeated_message_that_is_refused_for_a_known_reason_is_not_taken_for_sent(
    community: Community, platform: FakeKf, clock: FakeClock
) -> None:
    platform.say("wm1", "灯坏了")
    await noted(community, clock)
    await puller(community, platform).once()
    await answer_all(community)
    sending = delivery(community, platform)
    platform.failing = [LOST, 45002]
    await sending.once()
    clock.forward(seconds=5)
    await sending.once()
    assert [(row.status, row.error) for row in await out(community)] == [("dead", "45002 too long")]
