"""A clerk's quarter at the console: proposals, a meeting with its notice, a ballot, its turnout and result; at a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect

from community.model.ballot import YES_NO, Rule
from community.model.category import Category
from community.model.deliberation import MeetingKind
from community.services import ballots, meetings, proposals, tickets
from community.services.ballots import NewBallot
from community.services.meetings import NewMeeting
from community.services.proposals import RaiseProposal
from community.store.tables import ballots as ballots_table
from community.store.tables import meetings as meetings_table
from tests.deliberating import settle, vote
from tests.integration.test_console_browser import (  # noqa: F401 (fixtures)
    DESK,
    PHONE,
    Stage,
    browser,
    pytestmark,
    report,
    shot,
    signed_in,
    staged,
)
from tests.integration.test_diary_browser import fits


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, valkey: str) -> Iterator[Stage]:
    yield from staged(tmp_path_factory.mktemp("console-deliberation"), valkey)


async def over(stage: Stage, table: object, row_id: int, column: str, days: int) -> None:
    """Time passes for one row."""

    async def go(c: object) -> None:
        async with c.uow() as uow:  # type: ignore[attr-defined]
            moment = c.clock.now() - timedelta(days=days)  # type: ignore[attr-defined]
            await uow.session.execute(table.update().where(table.c.id == row_id).values({column: moment}))  # type: ignore[attr-defined]
            await uow.commit()

    await stage.act(go)


async def test_a_clerk_takes_a_proposal_from_co_signers_to_a_result(stage: Stage, browser: Browser) -> None:  # noqa: F811
    city = stage.city.city
    people = await stage.act(lambda c: settle(c, city))
    words = "我想提个议题，3幢楼下装一个电瓶车充电棚，雨天没地方充，有人拉线下来不安全"
    raised = await stage.act(
        lambda c: proposals.raise_one(c, RaiseProposal(people[0].id, words, Category.EBIKE, "raise"))
    )
    for n, resident in enumerate(people[1:5]):
        await stage.act(lambda c, r=resident, n=n: proposals.sign(c, r.id, raised.id, f"sign:{n}"))
    for n in range(3):
        await stage.act(lambda c, n=n: tickets.file_ticket(c, report(stage, "楼道灯又坏了", f"light:{n}", "R0002", "剡溪花园/3/1/101")))
    async with signed_in(browser, stage, "desk1", DESK) as page:
        await page.goto("/deliberation")
        await expect(page.locator(".drow", has_text="电瓶车充电棚")).to_contain_text("附议够了")
        await shot(page, "deliberation-list")
        # From complaints: the community raises one itself.
        await page.get_by_role("button", name="提成议题").first.click()
        await shot(page, "deliberation-from-tickets")
        await page.locator(".form").get_by_role("button", name="提出，并告诉反映的人").click()
        await page.wait_for_url(re.compile(r"/deliberation/proposal/\d+$"))
        await expect(page.locator(".note-side")).to_contain_text("来自工单")
        # A meeting, with its agenda and the notice as it will be read.
        await page.goto("/deliberation?tab=meetings")
        await page.get_by_role("button", name="定一次会").click()
        await page.get_by_label("在哪里开").fill("社区二楼会议室")
        await shot(page, "deliberation-new-meeting")
        await page.locator(".form").get_by_role("button", name="定下").click()
        await page.wait_for_url(re.compile(r"/deliberation/meeting/\d+$"))
        meeting_id = int(page.url.rsplit("/", 1)[1])
        await page.locator(".d-task", has_text="电瓶车充电棚").get_by_role("button", name="排上").click()
        await expect(page.locator(".note-side .d-bubble")).to_contain_text("1. 3幢楼下装一个电瓶车充电棚")
        await page.get_by_role("button", name=re.compile("发给")).click()
        await shot(page, "deliberation-notice")
        await page.locator(".form").get_by_role("button", name="发出").click()
        await expect(page.locator(".note-side")).to_contain_text("已发1次")
        await shot(page, "deliberation-meeting")
        await over(stage, meetings_table, meeting_id, "starts_at", 1)
        await page.reload()
        await page.get_by_role("button", name="会开了，写纪要").click()
        await page.get_by_label("会上怎么说、怎么定的").fill("到会32人。多数赞成装在3幢东侧，约定晚十点后断电，表决后再动工。")
        await page.locator(".form").get_by_role("button", name="存下，并发给大家").click()
        await expect(page.locator(".t-tags")).to_contain_text("已开")
        # A ballot of it.
        await page.goto(f"/deliberation/proposal/{raised.id}")
        await shot(page, "deliberation-proposal")
        await page.get_by_role("button", name="准备表决").click()
        await page.get_by_label("哪些住户投").click()
        await page.get_by_role("option", name="剡溪花园", exact=True).click()
        await shot(page, "deliberation-new-ballot")
        await page.locator(".form").get_by_role("button", name="先存着，看一遍").click()
        await page.wait_for_url(re.compile(r"/deliberation/ballot/\d+$"))
        ballot_id = int(page.url.rsplit("/", 1)[1])
        await shot(page, "deliberation-ballot-draft")
        await page.get_by_role("button", name="开始表决").click()
        await page.locator(".form").get_by_role("button", name="开始，并通知").click()
        await expect(page.locator(".t-tags")).to_contain_text("投票中")
        for n, resident in enumerate(people[:6]):
            await stage.act(lambda c, r=resident, n=n: vote(c, r.id, ballot_id, YES_NO[0 if n < 5 else 1]))
        await page.reload()
        await expect(page.locator(".d-result")).to_contain_text("6 / 8 户")
        await expect(page.locator(".d-result")).to_contain_text("谁也看不到票数")
        await expect(page.locator(".d-votes")).to_have_count(0)
        await shot(page, "deliberation-ballot-open")
        await over(stage, ballots_table, ballot_id, "closes_at", 0)
        await page.reload()
        await page.get_by_role("button", name="开票").click()
        await expect(page.locator(".d-result")).to_contain_text("同意5户，反对1户")
        await shot(page, "deliberation-ballot-result")
        # What was decided is followed up.
        await page.goto(f"/deliberation/proposal/{raised.id}")
        await page.get_by_role("button", name="加一件要落实的事").click()
        await page.get_by_label("做什么").fill("定充电棚的位置和厂家")
        await page.get_by_label("谁来做").fill("安居物业 赵物业")
        await page.locator(".form").get_by_role("button", name="记下").click()
        await expect(page.locator(".d-tasks")).to_contain_text("安居物业")
        await page.get_by_role("button", name="记进展").click()
        await page.get_by_label("到哪一步了").fill("三家报价，已选定")
        await page.get_by_text("这一件完成了").click()
        await page.locator(".form").get_by_role("button", name="记下，并告诉大家").click()
        await expect(page.locator(".d-tasks")).to_contain_text("完成")
        await page.get_by_role("button", name="全部落实了").click()
        await page.get_by_label("结果（居民会看到）").fill("充电棚已启用")
        await page.locator(".form").get_by_role("button", name="办结，并告诉大家").click()
        await expect(page.locator(".t-tags").first).to_contain_text("已落实")
        await shot(page, "deliberation-done")
    async with signed_in(browser, stage, "desk1", PHONE) as page:
        for name, path in (
            ("list", ""), ("ballots", "?tab=ballots"), ("proposal", f"/proposal/{raised.id}"), ("meeting", f"/meeting/{meeting_id}"),
            ("ballot", f"/ballot/{ballot_id}"),
        ):  # fmt: skip
            await page.goto(f"/deliberation{path}")
            await expect(page.locator(".content")).not_to_be_empty()
            assert await fits(page), name
            await shot(page, f"deliberation-phone-{name}")


async def test_others_have_no_such_page_and_another_communitys_is_not_there(stage: Stage, browser: Browser) -> None:  # noqa: F811
    place = stage.city.city.places["剡溪社区"].id
    desk = stage.city.city.staff["desk1"].id

    async def plan(c: object) -> tuple[int, int]:
        now = c.clock.now()  # type: ignore[attr-defined]
        new = NewMeeting(place, MeetingKind.HEARING, "停车收费听证会", now + timedelta(days=3), "二楼", "hearing")
        meeting = await meetings.plan(c, desk, new)  # type: ignore[arg-type]
        fresh = NewBallot(place, "停车收费方案", now, now + timedelta(days=3), "parking", options=("按次", "包月"), rule=Rule.MOST)
        ballot = await ballots.prepare(c, desk, fresh)  # type: ignore[arg-type]
        return meeting.id, ballot.id

    meeting_id, ballot_id = await stage.act(plan)
    async with signed_in(browser, stage, "grid1", PHONE) as page:
        await page.goto("/deliberation")
        await expect(page.locator(".refusal")).to_contain_text("社区工作者")
    async with signed_in(browser, stage, "desk2", DESK) as page:
        await page.goto("/deliberation")
        await expect(page.locator(".content")).to_contain_text("还没有议题")
        for path in (f"meeting/{meeting_id}", f"ballot/{ballot_id}", "proposal/1", "proposal/99999"):
            await page.goto(f"/deliberation/{path}")
            await expect(page.locator(".refusal")).to_contain_text("没有找到")
