"""A certificate behind its address, and a scanned code that leads to the chat."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator

import aiohttp
import pytest
from playwright.async_api import Browser, async_playwright, expect

from community.model.points import Entry, Why
from community.services import certificates
from tests.conftest import FakeClock
from tests.integration.test_gateway_page import CHROMIUM, QUIET, phone_of
from tests.unit.gateway.door import Door, city_file, city_url, door, rasa  # noqa: F401


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, "--disable-sync"])
        yield opened
        await opened.close()


async def served(door: Door) -> int:  # noqa: F811
    async with door.community.uow() as uow:
        resident = next(r for r in await uow.people.demo_residents(5) if r.name == "李秀英")
        account = await uow.points.open(resident.id)
        account.points, account.minutes = 20, 120
        await uow.points.add(Entry(0, resident.id, 20, 120, Why.SERVED, "巡逻", "k", door.community.clock.now()))
        await uow.commit()
        return resident.id


async def test_the_address_opens_a_pdf_for_seven_days_and_nobody_can_make_one_up(door: Door, clock: FakeClock) -> None:  # noqa: F811
    who = await served(door)
    path = certificates.address(door.community, who).split("/certificates/")[1]
    async with aiohttp.ClientSession() as session:

        async def get(end: str) -> tuple[int, bytes]:
            async with session.get(f"{door.url}certificates/{end}") as answer:
                assert "Traceback" not in await answer.text("latin-1")
                return answer.status, await answer.read()

        status, drawn = await get(path)
        assert (status, drawn[:5]) == (200, b"%PDF-")
        for odd in (path[:-8] + "AAAA.pdf", "A" * 60 + ".pdf", "x.pdf"):
            assert (await get(odd))[0] == 404
        clock.forward(days=7, minutes=1)
        assert (await get(path))[0] == 404


@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed")
async def test_a_scanned_code_writes_its_words_and_a_certificate_can_be_tapped(door: Door, browser: Browser) -> None:  # noqa: F811
    who = await served(door)
    link = certificates.address(door.community, who)
    door.rasa.script = lambda turn: [{"text": f"证明开好了：\n{link}"}]
    phone = await phone_of(door, browser, "李秀英")
    await phone.page.goto(door.url + "chat?say=%E7%AD%BE%E5%88%B01234")
    await expect(phone.page.locator("#text")).to_have_value("签到1234")
    assert "say=" not in phone.page.url
    await phone.say("开证明")
    await expect(phone.page.locator(".row.out .bubble a")).to_have_attribute("href", link)
    assert phone.complaints == []
