"""The trainer's pages on a desk and on a phone (training itself: tests/e2e/test_teaching.py)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect

from community.model.chat import ChatSession
from community.model.teaching import ModelState, TrainedModel
from community.model.understanding import Doubt, Heard
from community.ports import Community
from community.services.understandings import of_message
from tests.integration.test_console_browser import (  # noqa: F401 (fixtures)
    DESK,
    PHONE,
    Stage,
    browser,
    pytestmark,
    shot,
    signed_in,
    staged,
)
from tests.integration.test_days_browser import fits

SAID = (
    ("饭卡余额怎么查", Heard("nlu_fallback", 0.3, (("ask_points", 0.31), ("out_of_scope", 0.28)), "other", 0.2, "m1")),
    ("快递柜又满了放不进去", Heard("report", 0.55, (("report", 0.55), ("ask_legal", 0.4)), "other", 0.2, "m1")),
    ("楼道灯坏了", Heard("report", 0.99, (("report", 0.99), ("urge", 0.01)), "lighting", 0.9, "m1")),
)

LEGAL = Heard("ask_legal", 0.95, (("ask_legal", 0.95), ("report", 0.01)), "other", 0.2, "m1")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, valkey: str) -> Iterator[Stage]:
    yield from staged(tmp_path_factory.mktemp("teaching"), valkey)


async def heard(c: Community, who: int) -> None:
    async with c.uow() as uow:
        rows = [of_message(f"in-{n}", who, c.clock.now(), text, heard) for n, (text, heard) in enumerate(SAID, 9000)]
        rows[1].doubt(Doubt.HANDOFF)
        rows[2].doubt(Doubt.RECATEGORISED)
        rows[2].staff_category = "power"
        for row, handed in zip(rows, (False, True, False), strict=True):
            talk = ChatSession(0, who, row.at, row.at, row.intent, 1, int(row.intent == "nlu_fallback"), handed=handed)
            await uow.chats.add(talk)
            row.session_id = talk.id
        # What was asked two months ago, for what has changed since.
        long_ago = c.clock.now() - timedelta(weeks=7)
        before = [of_message(f"in-{n}", who, long_ago, f"物业费{n}能不能少交", LEGAL) for n in range(9100, 9104)]
        await uow.understandings.add_all([*rows, *before])
        await uow.commit()


async def test_a_trainer_labels_gets_a_second_opinion_and_sees_how_it_is_doing(stage: Stage, browser: Browser) -> None:  # noqa: F811
    await stage.act(lambda c: heard(c, stage.city.city.residents["R0001"].id))
    async with signed_in(browser, stage, "trainer", PHONE) as phone:
        await phone.goto("/teach")
        row = phone.locator(".teach-row", has_text="饭卡余额")
        await fits(phone)
        await row.get_by_role("button", name="教", exact=True).click()
        form = phone.locator(".teach-form")
        await form.get_by_label("意思").fill("问办事")
        await phone.get_by_role("option", name="问办事怎么办").click()
        await form.get_by_role("button", name="教给小邻").click()
        await expect(phone.locator(".teach-facts")).to_contain_text("等下次训练 1条")
        await expect(phone.locator(".teach-row")).to_have_count(2)
        # What staff put right is chosen already.
        row = phone.locator(".teach-row", has_text="楼道灯坏了")
        await expect(row).to_contain_text("工作人员把“照明”改成“停电用电”")
        await shot(phone, "teach-queue-phone")
        await row.get_by_role("button", name="教", exact=True).click()
        await expect(form.get_by_label("意思")).to_have_value("反映问题、报修")
        await expect(form.get_by_label("类别")).to_have_value("停电用电")
        await shot(phone, "teach-recategorised-phone")
        await form.get_by_role("button", name="取消").click()
        for path, name in (("/teach/labels", "labels"), ("/teach/models", "models"), ("/teach/figures", "figures")):
            await phone.goto(path)
            await fits(phone)
            await shot(phone, f"teach-{name}-phone")
        await phone.locator(".drift-row").first.scroll_into_view_if_needed()
        await shot(phone, "teach-drift-phone")
    async with signed_in(browser, stage, "operator", DESK) as page:
        await page.goto("/teach/labels")
        await page.get_by_role("button", name="另一位看").click()
        form = page.locator(".form")
        await form.get_by_label("您看这句").or_(form.get_by_label("意思")).first.fill("问积分")
        await page.get_by_role("option", name="问积分").click()
        await form.get_by_role("button", name="记下").click()
        await expect(page.locator(".teach-list").first).to_contain_text("意见不一")
        await page.goto("/teach/figures")
        talks = page.locator(".fig-talk").nth(1)
        await expect(talks).to_contain_text("5段")  # the stage has asked for a person twice
        await expect(talks).to_contain_text("40%")
        await expect(page.locator(".fig-row:not(.fig-talk)").nth(1)).to_contain_text("3句")
        await expect(page.locator(".drift-row", has_text="问法律问题")).to_contain_text("少了")
        await shot(page, "teach-figures-desk")
        await page.locator(".fig-row:not(.fig-talk) .textlink", has_text="1").first.click()
        await expect(page.locator(".teach-list")).to_contain_text("饭卡余额")
        await page.goto("/teach/figures?topic=report")
        await expect(page.locator(".fig-talk").nth(1)).to_contain_text("2段")
        await page.locator(".fig-talk").nth(1).get_by_text("50%").nth(1).click()
        await expect(page.locator(".teach-list")).to_contain_text("快递柜又满了")
        await expect(page.locator(".fig-said")).to_contain_text("报事 · 转了人工的会话")
        await shot(page, "teach-messages-desk")


CONFUSIONS = {
    "intent": [
        {"said": "ask_legal", "heard": "ask_guide", "times": [5, 3], "texts": ["离婚要带什么", "公证处几点开"]},
        {"said": "report", "heard": "ask_legal", "times": [2, 1], "texts": ["楼上漏水"]},
        {"said": "ask_guide", "heard": "nlu_fallback", "times": [0, 1], "texts": ["那个证"]},
    ],
    "category": [{"said": "leak", "heard": "drainage", "times": [1, 2], "texts": ["厕所往下滴水"]}],
}


async def candidate(c: Community) -> None:
    async with c.uow() as uow:
        figures = {"intent": [0.9, 0.91], "messages": 900, "labels": [], "changed": [], "confusions": CONFUSIONS}
        await uow.models.add(TrainedModel(0, "candidate-1", "m2", c.clock.now(), ModelState.CANDIDATE, figures))
        await uow.commit()


async def test_a_picture_shows_what_is_taken_for_what_and_opens_the_sentences(stage: Stage, browser: Browser) -> None:  # noqa: F811
    await stage.act(candidate)
    for look, name in ((DESK, "desk"), (PHONE, "phone")):
        async with signed_in(browser, stage, "trainer", look) as page:
            await page.goto("/teach/models")
            await page.locator("summary", has_text="意思：最常听错的").click()
            cell = page.locator(".confusion text", has_text=re.compile("^3$")).first
            await expect(cell).to_be_visible()
            await fits(page)
            await shot(page, f"teach-confusion-{name}")
            await cell.click(force=True)
            await expect(page.locator(".form")).to_contain_text("离婚要带什么")
            await expect(page.locator(".form")).to_contain_text("现在的模型5次，新的3次")


async def test_a_clerk_who_does_not_teach_is_told_so(stage: Stage, browser: Browser) -> None:  # noqa: F811
    async with signed_in(browser, stage, "desk1", DESK) as page:
        await page.goto("/teach")
        await expect(page.locator(".content")).to_contain_text("训练师的事")
