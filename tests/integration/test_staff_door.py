# ruff: noqa: F811 - fixtures are named as what they give
"""Grid workers in WeCom, the platform between, and the gateway: over HTTP, with the simulated platform."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import select

from community.bootstrap import SystemClock
from community.model.category import Category
from community.model.message import OutboxStatus
from community.model.staffing import StaffLetter, StaffMessage, Told
from community.model.ticket import Move, Status
from community.services import desk, staff_accounts
from community.services.tickets import FileTicket, file_ticket
from community.store.tables import staff_inbox, staff_outbox
from ops.wechat.faults import ApiFault, ApiRates, Faults
from ops.wechat.simulator import Options, Simulator
from ops.wechat.wecom_api import screen
from tests.conftest import community_on, free_port
from tests.integration.test_kf_door import settings_of
from tests.small_city import SmallCity, build_small_city
from tests.unit.gateway.door import photo_bytes, rasa, rasa_server  # noqa: F401
from tests.unit.gateway.fake_rasa import FakeRasa
from tests.unit.gateway.wechat_door import WechatDoor, gateway_on

WORKER, COLLEAGUE, DESK = "grid01", "grid02", "desk01"


class StaffDoor(WechatDoor):
    city: SmallCity

    async def file(self, key: str = "k1", who: str = "R0001", words: str = "楼道灯坏了") -> str:
        place = self.city.places["剡溪花园/3/2/502"].id
        command = FileTicket(self.city.residents[who].id, Category.LIGHTING, words, "剡溪花园3幢2单元", place, key)
        return (await file_ticket(self.community, command)).ticket.number

    async def told(self, member: str, pattern: str, since: int = 0) -> str:
        return (await self.until(screen(member), pattern, 20, since)).text

    def read_by(self, member: str) -> list[str]:
        return self.texts(screen(member))

    async def moves(self, number: str) -> list[Move]:
        async with self.community.reading() as uow:
            ticket = await uow.tickets.by_number(number)
            assert ticket is not None
            return [event.move for event in await uow.tickets.events(ticket.id)]

    async def status(self, number: str, wanted: Status) -> None:
        async with asyncio.timeout(20):
            while True:
                async with self.community.reading() as uow:
                    ticket = await uow.tickets.by_number(number)
                assert ticket is not None
                if ticket.status is wanted:
                    return
                await asyncio.sleep(0.05)

    async def letters(self) -> list[StaffLetter]:
        async with self.community.reading() as uow:
            query = select(StaffLetter).order_by(staff_outbox.c.id)
            return list(await uow.session.scalars(query))  # type: ignore[attr-defined]

    async def quiet(self) -> None:
        """Until everything is worked on and sent."""
        async with asyncio.timeout(30):
            while True:
                async with self.community.reading() as uow:
                    heard = await uow.session.scalars(select(staff_inbox.c.status))  # type: ignore[attr-defined]
                    told = await uow.session.scalars(select(staff_outbox.c.status))  # type: ignore[attr-defined]
                    if {*heard} <= {"done", "dead"} and {*told} <= {"sent", "dead"}:
                        return
                await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def staff_door(url: str, tmp_path: Path, rasa: FakeRasa, **more: Any) -> AsyncIterator[StaffDoor]:
    port = free_port()
    async with (
        community_on(url, tmp_path, SystemClock()) as heart,
        rasa_server(rasa) as rasa_url,
        Simulator(Options(gateway=f"http://127.0.0.1:{port}")) as platform,
    ):
        city = await build_small_city(heart)
        for login, member in (("grid1", WORKER), ("grid2", COLLEAGUE), ("desk1", DESK)):
            await staff_accounts.set_wecom(heart, login, member)
            platform.member(member)
        settings = {**settings_of(platform), **more}
        async with gateway_on(heart, platform, rasa_url, tmp_path, port, **settings) as app:
            door = StaffDoor(app, heart, platform, rasa)
            door.city = city
            yield door
            await asyncio.sleep(0)
            assert door.platform.report()["findings"] == {}


async def test_a_report_reaches_the_grid_worker_as_a_card_and_a_press_takes_it_on(
    database_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    async with staff_door(database_url, tmp_path, rasa) as door:
        number = await door.file()
        card = await door.told(WORKER, number)
        assert "待接单" in card
        assert "剡溪花园3幢2单元" in card
        assert "楼道灯坏了" in card
        await door.platform.member(WORKER).press("接单", on=number)
        await door.status(number, Status.ACCEPTED)
        await door.told(WORKER, f"已接单：工单{number}")
        await door.quiet()
        (now,) = door.platform.member(WORKER).cards()
        assert [words for _, words in now.views[WORKER].buttons] == ["到场", "办结", "退回"]
        assert "已接单" in str(now.views[WORKER].body["main_title"])
        async with door.community.reading() as uow:
            lines = await uow.conversations.history(door.city.residents["R0001"].id, 5)
        assert [line.text for line in lines if "已接单" in line.text] != []


async def test_a_press_delivered_three_times_moves_once_and_is_answered_once(
    sqlite_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    async with staff_door(sqlite_url, tmp_path, rasa) as door:
        number = await door.file()
        await door.told(WORKER, number)
        door.platform.options.faults.next_drops = 2
        await door.platform.member(WORKER).press("接单", on=number)
        await door.status(number, Status.ACCEPTED)
        await door.quiet()
        assert (await door.moves(number)).count(Move.ACCEPT) == 1
        assert len([text for text in door.read_by(WORKER) if "已接单：" in text]) == 1


async def test_of_two_who_press_at_once_one_moves_it_and_the_other_reads_who_did(
    database_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    async with staff_door(database_url, tmp_path, rasa) as door:
        number = await door.file()
        await door.told(WORKER, number)
        async with door.community.uow() as uow:
            from community.services import staff_notify

            ticket = await uow.tickets.by_number(number)
            assert ticket is not None
            chief = door.city.staff["desk1"].id
            now = door.community.clock.now()
            await staff_notify.escalated(uow, ticket, chief, "社区", key="event-9", now=now)
            await uow.commit()
        await door.told(DESK, f"(?s){number}.*升级到社区")
        worker, chief_hand = door.platform.member(WORKER), door.platform.member(DESK)
        await asyncio.gather(worker.press("接单", on=number), chief_hand.press("接单", on=number))
        await door.status(number, Status.ACCEPTED)
        await door.quiet()
        assert (await door.moves(number)).count(Move.ACCEPT) == 1
        answers = [text for member in (WORKER, DESK) for text in door.read_by(member) if "接单" in text and "待接单" not in text]
        assert len([text for text in answers if text.startswith("已接单：")]) == 1
        (late,) = [text for text in answers if "不能接单" in text]
        assert "王强" in late or "沈芳" in late


async def test_finishing_by_button_asks_for_words_takes_photos_and_tells_the_resident(
    sqlite_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    async with staff_door(sqlite_url, tmp_path, rasa) as door:
        number = await door.file()
        worker = door.platform.member(WORKER)
        await door.told(WORKER, number)
        await worker.press("接单", on=number)
        await door.status(number, Status.ACCEPTED)
        await door.quiet()
        await worker.press("办结", on=number)
        await door.told(WORKER, "请回复一句办结说明")
        await worker.photo(photo_bytes())
        await door.told(WORKER, f"照片已附到工单{number}")
        await worker.say("已更换灯管，试过了")
        await door.status(number, Status.RESOLVED)
        await door.told(WORKER, "附照片1张")
        await door.quiet()
        assert worker.cards() == []
        async with door.community.reading() as uow:
            lines = await uow.conversations.history(door.city.residents["R0001"].id, 5)
        (told,) = [line for line in lines if "已更换灯管，试过了" in line.text]
        assert len(told.photos) == 1


async def test_a_photo_of_no_ticket_in_particular_asks_which_and_what_is_no_photo_is_said(
    sqlite_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    async with staff_door(sqlite_url, tmp_path, rasa) as door:
        worker = door.platform.member(WORKER)
        await worker.photo(photo_bytes())
        await door.told(WORKER, "现在没有要您办的工单")
        numbers = [await door.file(f"k{n}", words=f"第{n}处灯坏了") for n in range(2)]
        for number in numbers:
            await door.told(WORKER, number)
        await worker.photo(photo_bytes((1, 2, 3)))
        listed = await door.told(WORKER, "照片附到哪件工单")
        await worker.photo(photo_bytes((9, 9, 9)))
        await door.quiet()
        await worker.say(next(line.split()[0] for line in listed.splitlines() if numbers[1] in line))
        await door.told(WORKER, f"照片已附到工单{numbers[1]}")
        async with door.community.reading() as uow:
            ticket = await uow.tickets.by_number(numbers[1])
            assert ticket is not None
            assert [kind for _, kind in await uow.tickets.photos(ticket.id)] == ["staff", "staff"]
        await worker.photo(b"this is no photo at all")
        await door.told(WORKER, "照片没有取到")


async def test_typed_commands_do_what_buttons_do(sqlite_url: str, tmp_path: Path, rasa: FakeRasa) -> None:
    async with staff_door(sqlite_url, tmp_path, rasa) as door:
        number = await door.file()
        worker = door.platform.member(WORKER)
        await door.told(WORKER, number)
        await worker.say("今日待办")
        await door.told(WORKER, f"(?s)要办的工单1件.*1 {number}")
        await worker.say(f"接单 {number[-4:]}")
        await door.told(WORKER, f"已接单：工单{number}")
        await worker.say("到场")
        await door.told(WORKER, f"已记到场：工单{number}")
        await worker.say(f"暂缓 {number} 等灯管到货")
        await door.told(WORKER, f"工单{number}.*暂缓到哪天")
        await worker.say("三天后")
        await door.told(WORKER, f"已暂缓：工单{number}")
        await worker.say(f"恢复 {number}")
        await door.told(WORKER, f"已恢复计时：工单{number}")
        await worker.say(f"办结 {number} 已更换灯管")
        await door.told(WORKER, f"已办结：工单{number}")
        await worker.say("记 走访剡溪花园3幢李奶奶，身体都好")
        await door.told(WORKER, "已记入民情日记。地点：剡溪花园3幢")
        await worker.say("帮助")
        await door.told(WORKER, "今日待办\n接单 1234")
        await worker.say("今天天气真好")
        await door.told(WORKER, "没看懂")
        async with door.community.reading() as uow:
            (entry,) = await uow.diary.of_staff(door.city.staff["grid1"].id)
        assert entry.place_id == door.city.places["剡溪花园/3"].id


async def test_passing_on_asks_who_is_meant_and_the_colleague_gets_the_card(
    sqlite_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    async with staff_door(sqlite_url, tmp_path, rasa) as door:
        number = await door.file()
        worker = door.platform.member(WORKER)
        await door.told(WORKER, number)
        await worker.say(f"转派 {number} 网格员")
        listed = await door.told(WORKER, f"(?s)工单{number}.*转给.*回复序号|没有找到")
        digit = next(line.split()[0] for line in listed.splitlines() if "陈丽" in line)
        await worker.say(digit)
        await door.told(WORKER, f"已转派：工单{number}.*陈丽")
        card = await door.told(COLLEAGUE, number)
        assert "王强转给您" in card
        await door.quiet()
        assert worker.cards() == []


async def test_who_is_not_ours_is_told_whom_to_ask_and_moves_nothing(
    sqlite_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    async with staff_door(sqlite_url, tmp_path, rasa) as door:
        number = await door.file()
        stranger = door.platform.member("stranger")
        await stranger.say(f"接单 {number}")
        await stranger.say("你好")
        await door.told("stranger", "请联系社区管理员")
        await door.quiet()
        assert len(door.read_by("stranger")) == 1
        assert Move.ACCEPT not in await door.moves(number)


async def test_a_forged_push_is_refused_and_moves_nothing(sqlite_url: str, tmp_path: Path, rasa: FakeRasa) -> None:
    async with staff_door(sqlite_url, tmp_path, rasa) as door:
        number = await door.file()
        forged = f"<xml><ToUserName>x</ToUserName><FromUserName>{WORKER}</FromUserName><Content>接单 {number}</Content></xml>"
        gateway = door.platform.options.gateway
        query = {"msg_signature": "0" * 40, "timestamp": "1", "nonce": "1"}
        async with aiohttp.ClientSession() as session, session.post(f"{gateway}/wecom", params=query, data=forged) as answer:
            assert answer.status in (400, 403)
        async with door.community.reading() as uow:
            assert list(await uow.session.scalars(select(StaffMessage))) == []  # type: ignore[attr-defined]


async def test_a_gateway_that_dies_between_the_move_and_the_card_changes_the_card_later(
    sqlite_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    async with staff_door(sqlite_url, tmp_path, rasa) as door:
        number = await door.file()
        await door.told(WORKER, number)
        await door.quiet()
        sender = door.background.work.wecom.staff.sender

        async def dies(errand: Any) -> None:
            raise asyncio.CancelledError

        alive, sender.work = sender.work, dies
        await door.platform.member(WORKER).press("接单", on=number)
        await door.status(number, Status.ACCEPTED)
        async with asyncio.timeout(20):
            while Told.UPDATE not in [letter.kind for letter in await door.letters()]:
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        waiting = [letter for letter in await door.letters() if letter.status is not OutboxStatus.SENT]
        assert [letter.kind for letter in waiting][0] is Told.UPDATE
        sender.work = alive
        async with door.community.uow() as uow:
            # The dead one's lease runs out.
            await uow.staff_outbox.end_leases(sender.name, door.community.clock.now())
            await uow.commit()
        await door.quiet()
        (card,) = door.platform.member(WORKER).cards()
        assert "到场" in [words for _, words in card.views[WORKER].buttons]
        assert len([text for text in door.read_by(WORKER) if text.startswith("已接单：")]) == 1


async def test_an_urged_ticket_has_one_card_to_press_and_the_older_one_says_so(
    sqlite_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    from community.services import tickets

    async with staff_door(sqlite_url, tmp_path, rasa) as door:
        number = await door.file()
        worker = door.platform.member(WORKER)
        await door.told(WORKER, number)
        await door.quiet()
        await tickets.urge(door.community, door.city.residents["R0001"].id, number, "u1")
        await door.told(WORKER, "居民第1次催办")
        await door.quiet()
        (card,) = worker.cards()
        assert "催办" in str(card.views[WORKER].body)
        for _ in range(2):
            await worker.say(number)
            await door.quiet()
        assert len(worker.cards()) == 1
        await worker.press("接单", on=number)
        await door.told(WORKER, f"已接单：工单{number}")


async def test_a_card_whose_answer_got_lost_is_not_shown_twice(
    sqlite_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    async with staff_door(sqlite_url, tmp_path, rasa) as door:
        door.platform.options.faults.next_api.extend([None, ApiFault.LOST_RESPONSE])
        number = await door.file()
        await door.told(WORKER, number)
        await door.quiet()
        assert len([text for text in door.read_by(WORKER) if number in text]) == 1
        await door.platform.member(WORKER).press("接单", on=number)
        await door.told(WORKER, f"已接单：工单{number}")


async def test_what_is_done_at_the_desk_greys_the_card_and_a_withdrawn_ticket_is_said(
    sqlite_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    from community.services import tickets

    async with staff_door(sqlite_url, tmp_path, rasa) as door:
        number = await door.file()
        await door.told(WORKER, number)
        await door.quiet()
        await tickets.withdraw(door.community, door.city.residents["R0001"].id, number, "自己好了", "w1")
        await door.told(WORKER, f"工单{number}.*撤回")
        await door.quiet()
        assert door.platform.member(WORKER).cards() == []
        second = await door.file("k2", words="单元门坏了")
        await door.told(WORKER, second)
        await door.quiet()
        await desk.transfer(door.community, door.city.staff["desk1"].id, second, door.city.staff["grid2"].id, "")
        await door.told(COLLEAGUE, second)
        await door.quiet()
        assert door.platform.member(WORKER).cards() == []


async def test_with_two_gateways_and_failing_calls_every_card_comes_once_and_every_press_moves_once(
    database_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    faults = Faults(7, ApiRates(busy=0.08, reset=0.05, server_error=0.03, lost_response=0.08))
    ports = [free_port(), free_port()]
    async with contextlib.AsyncExitStack() as stack:
        rasa_url = await stack.enter_async_context(rasa_server(rasa))
        gateways = ",".join(f"http://127.0.0.1:{port}" for port in ports)
        platform = await stack.enter_async_context(Simulator(Options(gateway=gateways, faults=faults, deadline=2)))
        hearts = [await stack.enter_async_context(community_on(database_url, tmp_path, SystemClock())) for _ in ports]
        city = await build_small_city(hearts[0])
        for login, member in (("grid1", WORKER), ("grid2", COLLEAGUE)):
            await staff_accounts.set_wecom(hearts[0], login, member)
            platform.member(member)
        for heart, port in zip(hearts, ports, strict=True):
            app = await stack.enter_async_context(
                gateway_on(heart, platform, rasa_url, tmp_path, port, **settings_of(platform))
            )
        door = StaffDoor(app, hearts[0], platform, rasa)
        door.city = city
        numbers = [await door.file(f"k{n}", words=f"第{n}处灯坏了") for n in range(4)]
        for number in numbers:
            await door.until(screen(WORKER), number, 60)
        faults.next_drops = 3
        await asyncio.gather(*(platform.member(WORKER).press("接单", on=number) for number in numbers))
        for number in numbers:
            await door.until(screen(WORKER), f"已接单：工单{number}", 60)
        await door.quiet()
        for number in numbers:
            assert (await door.moves(number)).count(Move.ACCEPT) == 1
            shown = door.read_by(WORKER)
            assert len([text for text in shown if text.startswith(f"工单 {number} · 待接单")]) == 1
            assert len([text for text in shown if text.startswith(f"已接单：工单{number}")]) == 1
        assert {letter.status for letter in await door.letters()} == {OutboxStatus.SENT}


async def test_a_block_from_a_group_is_listed_and_a_digit_files_it(database_url: str, tmp_path: Path, rasa: FakeRasa) -> None:
    async with staff_door(database_url, tmp_path, rasa) as door:
        await door.platform.member(WORKER).say("王建国 10:32\n3号楼下水道堵了\n李阿姨 10:35\n我家也是")
        listed = await door.told(WORKER, "还没有立单")
        assert "王某：3号楼下水道堵了（另1户也说）" in listed
        assert "王建国" not in listed
        await door.platform.member(WORKER).say("1")
        await door.told(WORKER, "已立单：工单")
        await door.quiet()
