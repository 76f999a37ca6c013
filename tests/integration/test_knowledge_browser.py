"""知识 at the console: an answer is rewritten from a question nobody met, looked at by a lawyer, and heard by the next resident."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from community.knowledge.importer import import_answers, import_wheel
from community.model.advice import AdviceGiven
from community.ports import Community
from community.services import legal
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
from tests.integration.test_knowledge import DEPOSIT, DOG, write_answers
from tests.unit.knowledge.small_wheel import china

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "knowledge").mkdir()
    for name in ("danger", "nlu", "knowledge/guides"):
        (folder / name).symlink_to(DATA / name)
    write_answers(folder / "knowledge" / "legal", DEPOSIT, DOG)
    china(folder / "laws.db").write()
    return folder / "knowledge"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, valkey: str, knowledge: Path) -> Iterator[Stage]:
    yield from staged(tmp_path_factory.mktemp("console-knowledge"), valkey, LINSHE_KNOWLEDGE=str(knowledge))


async def lawful(c: Community, knowledge: Path, who: int) -> None:
    await import_wheel(c, path=knowledge.parent / "laws.db")
    await import_answers(c, knowledge)
    async with c.uow() as uow:
        for n in range(3):
            await uow.advice.add(AdviceGiven(0, who, c.clock.now(), "二房东卷了押金跑了", "none", 0.0, f"gap-{n}"))
        await uow.commit()


async def told(c: Community, question: str) -> str:
    advice = await legal.advise(c, question)
    return advice.answer.answer if advice.answer else ""


async def test_a_trainer_answers_what_nobody_could_and_a_lawyer_lets_it_through(
    stage: Stage, browser: Browser, knowledge: Path  # noqa: F811
) -> None:
    await stage.act(lambda c: lawful(c, knowledge, stage.city.city.residents["R0001"].id))
    async with signed_in(browser, stage, "trainer", DESK) as page:
        await page.goto("/knowledge?tab=gaps")
        row = page.locator(".kn-gap", has_text="二房东卷了押金跑了")
        await expect(row).to_contain_text("3次")
        await shot(page, "knowledge-gaps-desk")
        await row.get_by_role("button", name="补上").click()
        await expect(page.locator(".form").get_by_role("button", name="新写一条")).to_be_visible()
        await page.goto("/knowledge/answer/deposit?ask=二房东卷了押金跑了")
        form = page.locator(".kn-form")
        await expect(form.get_by_label("居民这样问")).to_have_value(re.compile("二房东卷了押金跑了"))
        await form.get_by_label("回答").fill("押金该退；按第九百九十九条办。")
        await page.get_by_role("button", name="看看居民读到的").click()
        await expect(page.locator(".kn-wrong")).to_contain_text("依据里却没有它")
        await form.get_by_label("回答").fill("押金该退。二房东跑了，先报警登记，再跟房东商量能不能续住。")
        await page.get_by_role("button", name="看看居民读到的").click()
        await expect(page.locator(".notice-bubble")).to_contain_text("二房东跑了")
        await expect(page.locator(".notice-bubble")).to_contain_text("《民法典》第七百零八条")
        await shot(page, "knowledge-item-desk")
        await form.get_by_role("button", name="提交给另一位看").click()
        await page.locator(".form textarea").last.fill("问的人多")
        await page.locator(".form").get_by_role("button", name="提交", exact=True).click()
        await expect(page.locator(".cand")).to_contain_text("等另一位看")
    assert "二房东" not in await stage.act(lambda c: told(c, "二房东卷了押金跑了"))
    async with signed_in(browser, stage, "lawyer", PHONE) as phone:
        await phone.goto("/")
        await phone.locator(".nav-more summary").click()
        await expect(phone.locator(".nav-more-card [href='/knowledge'] .badge")).to_have_text("1")
        await phone.goto("/knowledge")
        waiting = phone.locator(".cand", has_text="退租了，房东不退押金怎么办")
        await expect(waiting.locator(".kn-new", has_text="先报警登记")).to_be_visible()
        await fits(phone)
        await shot(phone, "knowledge-wait-phone")
        await waiting.get_by_role("button", name="通过，马上用").click()
        await expect(phone.locator(".kn-row", has_text="退租了")).to_contain_text("在用")
        await phone.goto("/knowledge/answer/deposit")
        await fits(phone)
        await shot(phone, "knowledge-item-phone")
    assert "先报警登记" in await stage.act(lambda c: told(c, "二房东卷了押金跑了"))


async def test_a_clerk_changes_a_guide_at_once_and_sees_no_law(stage: Stage, browser: Browser) -> None:  # noqa: F811
    async with signed_in(browser, stage, "desk1", DESK) as page:
        await page.goto("/knowledge?tab=guide")
        await expect(page.locator(".tab", has_text="法律解答")).to_have_count(0)
        await page.get_by_placeholder("搜标题").fill("电动车上牌")
        await page.get_by_role("button", name="搜", exact=True).click()
        await shot(page, "knowledge-guides-desk")
        await page.locator("[data-item=ebike-plate]").click()
        await page.locator(".kn-form").get_by_label("费用").fill("本市免费")
        await page.get_by_role("button", name="保存，马上用").click()
        await page.locator(".form textarea").last.fill("窗口说免费")
        await page.locator(".form").get_by_role("button", name="保存，马上用").click()
        await expect(page.locator("[data-item=ebike-plate]")).to_contain_text("改过")
        await page.goto("/knowledge/answer/deposit")
        await expect(page.locator(".content")).to_contain_text("不归您改")


async def test_a_word_is_added_to_the_lexicon_in_the_same_place(stage: Stage, browser: Browser) -> None:  # noqa: F811
    async with signed_in(browser, stage, "trainer", PHONE) as phone:
        await phone.goto("/knowledge")
        await phone.get_by_role("button", name="词库").click()
        await phone.get_by_role("button", name="加一个词").click()
        await phone.get_by_label("词（2到12个字）").fill("飞线充电")
        await phone.get_by_role("button", name="加进词库").click()
        await expect(phone.locator("[data-word]", has_text="飞线充电")).to_contain_text("等下次训练")
        await fits(phone)
        await shot(phone, "knowledge-words-phone")


async def test_a_danger_phrase_is_tried_on_real_sentences_first(stage: Stage, browser: Browser) -> None:  # noqa: F811
    async with signed_in(browser, stage, "trainer", PHONE) as phone:
        await phone.goto("/knowledge/danger/gas")
        form = phone.locator(".kn-form")
        await form.get_by_label("听到就不算").fill("煤气味")
        await phone.get_by_role("button", name="看看居民读到的").click()
        await expect(phone.locator(".kn-wrong")).to_contain_text("真的危险就不响了", timeout=15_000)
        await form.get_by_label("听到就不算").fill("")
        await form.get_by_label("听到就算危险").fill("电梯…担架")
        await phone.get_by_role("button", name="看看居民读到的").click()
        await expect(phone.locator(".kn-look")).to_contain_text("平常话也会当成危险", timeout=15_000)
        await fits(phone)
        await shot(phone, "knowledge-danger-phone")
