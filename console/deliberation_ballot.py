"""One ballot: looked at before it opens, the turnout while it is open (never more), the result once it is counted."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from nicegui import ui

from community.errors import InvalidInput, LinsheError
from community.model.ballot import BALLOT_NAMES, RULES, BallotStatus, Kind, average
from community.model.calendar import day_text
from community.model.deliberation import OUTCOME_NAMES
from community.services import ballot_count, ballots
from community.services.ballots import BallotView
from console import heart
from console.deliberation_parts import BALLOT_TONES, OUTCOME_TONES, PAGE, Asker, act_button
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, fact, tag
from console.session import Visit


class BallotPage:
    def __init__(self, frame: Shell, visit: Visit, ballot_id: int) -> None:
        self.frame, self.visit, self.ballot_id = frame, visit, ballot_id
        self.asker = Asker(visit, self.refresh)
        self.shown: BallotView | None = None
        with ui.element("div").classes("note"):
            with ui.element("div").classes("note-main"):
                self._head = Panel(self._draw_head, "card")
                self._result = Panel(self._draw_result, "card d-result")
            self._notice = Panel(self._draw_notice, "card note-side")

    async def refresh(self) -> None:
        self.shown = found = await self.visit.ask(ballots.look, self.ballot_id)
        for panel in (self._head, self._result, self._notice):
            panel.show(found)
        await self.frame.refresh()

    def _draw_head(self, found: BallotView) -> None:
        one, now = found.ballot, heart.community().clock.now()
        over = one.status is BallotStatus.OPEN and now >= one.closes_at
        with ui.element("div").classes("t-tags"):
            tag("等开票" if over else BALLOT_NAMES[one.status], BALLOT_TONES[one.status])
            tag("无记名" if one.secret else "记名")
            if one.outcome is not None and one.kind is Kind.CHOICE:
                tag(OUTCOME_NAMES[one.outcome], OUTCOME_TONES[one.outcome])
        ui.label(one.title).classes("form-title")
        fact("范围", f"{one.place_name}，{found.households}户" + ("（开始时按名册定）" if one.status is BallotStatus.DRAFT else ""))
        fact("时间", f"{day_text(one.opens_at, now)} 到 {day_text(one.closes_at, now)}")
        fact("算法", one.rule_text)
        fact("物业", found.company)
        if one.kind is Kind.CHOICE:
            fact("选项", "、".join(one.items[0]["options"]))
        else:
            fact("项目", "、".join(item["title"] for item in one.items))
        if one.proposal_id is not None:
            ui.link(f"议题：{found.proposal_title}", f"{PAGE}/proposal/{one.proposal_id}").classes("textlink")
        with ui.element("div").classes("note-acts"):
            if one.status is BallotStatus.DRAFT:
                act_button(self.visit, "开始表决", self._ask_open, "unelevated")
            if over:
                act_button(self.visit, "开票", self._count, "unelevated")
            if one.status in (BallotStatus.DRAFT, BallotStatus.OPEN):
                act_button(self.visit, "取消", self._ask_off, "flat")

    def _draw_result(self, found: BallotView) -> None:
        one = found.ballot
        if one.status is BallotStatus.DRAFT:
            ui.label("还没开始。看过右边的通知再开始：开始以后选项和范围不能再改。").classes("muted")
            return
        share = found.voted / found.households if found.households else 0
        ui.label("参加情况").classes("section")
        with ui.element("div").classes("d-bar"):
            ui.element("div").classes("d-fill").style(f"width: {share:.0%}")
        ui.label(f"{found.voted} / {found.households} 户（{share:.0%}）")
        if one.status is not BallotStatus.CLOSED or found.votes is None:
            ui.label("截止开票以前，谁也看不到票数，工作人员也看不到。").classes("muted")
            return
        ui.label("结果").classes("section spaced")
        ui.label(str(one.result.get("words", ""))).classes("t-said")
        for item, asked in enumerate(one.items):
            if not found.votes:
                break
            mean = average(found.votes, item) if one.kind is Kind.SCORES else None
            if one.kind is Kind.SCORES:
                ui.label(f"{asked['title']}　平均 {mean:.2f} 分" if mean is not None else asked["title"]).classes("n-place")
            for option, name in enumerate(asked["options"]):
                number = found.votes.get((item, option), 0)
                with ui.element("div").classes("d-votes"):
                    ui.label(name)
                    with ui.element("div").classes("d-bar"):
                        ui.element("div").classes("d-fill").style(f"width: {number / max(found.voted, 1):.0%}")
                    ui.label(f"{number}户").classes("d-when")
        if found.scores:
            ui.label("这家物业历次评议").classes("section spaced")
            for score in reversed(found.scores[-12:]):
                fact(f"{score.day:%Y-%m-%d}", f"{score.title} {score.mean:.2f}分（{score.voters}户）")

    def _draw_notice(self, found: BallotView) -> None:
        if found.ballot.status in (BallotStatus.CLOSED, BallotStatus.CANCELLED):
            ui.label("结果（居民收到的就是这样）" if found.ballot.status is BallotStatus.CLOSED else "已取消").classes("section")
            if found.ballot.status is BallotStatus.CLOSED:
                ui.label(ballot_count.result_text(found.ballot)).classes("d-bubble")
            return
        ui.label("通知（居民收到的就是这样）").classes("section")
        ui.label(found.notice).classes("d-bubble")
        if found.ballot.secret:
            ui.label("无记名：谁投过看得到户数，投了什么谁也查不到，也不给凭据。").classes("muted")

    # --- done --------------------------------------------------------------------------------------------------------------

    def _ask_open(self) -> None:
        found = self.shown
        assert found is not None  # it was drawn
        by_area = RULES[found.ballot.rule].owners and not found.ballot.secret

        async def do() -> str:
            known = areas_of(areas.value) if by_area else {}
            told = await self.visit.ask(ballots.open_ballot, self.ballot_id, self.asker.key, known or None)
            return f"开始了，已通知{told}人。"

        with self.asker.form("开始表决", "开始，并通知", do):
            ui.label(f"名册按现在的算：{found.households}户。开始后新来的住户不在这次名册里。").classes("muted")
            ui.label(found.notice).classes("d-bubble")
            if by_area:
                areas = ui.textarea("面积（知道的话，一行一户：剡溪花园/3/2/502 89.5）").props("outlined autogrow").classes("full")
                ui.label("要么每户都填，按户数和面积都要够；要么都不填，只按户数算。").classes("muted")

    async def _count(self) -> None:
        await self.visit.ask(ballot_count.close, self.ballot_id)
        await self.refresh()
        self.visit.tell("开票了，结果已发给名册里的住户。", "positive")

    def _ask_off(self) -> None:
        async def act(words: str) -> str:
            told = await self.visit.ask(ballots.call_off, self.ballot_id, words)
            return f"取消了，已告诉{told}人。" if told else "取消了。"

        self.asker.ask_words("取消表决", "为什么（居民会看到）", "取消表决", "已投的票不算。", 200, act)


def areas_of(text: Any) -> dict[str, float]:
    """Lines like 剡溪花园/3/2/502 89.5. Raises InvalidInput that names the line."""
    found: dict[str, float] = {}
    for number, line in enumerate(str(text or "").splitlines(), 1):
        parts = line.replace("，", " ").replace(",", " ").replace("\t", " ").split()
        if not parts:
            continue
        try:
            found[parts[0]] = float(parts[1])
        except (IndexError, ValueError) as error:
            raise InvalidInput(f"面积表第{number}行没看懂：一行写门牌和面积，中间空一格。") from error
    return found


@ui.page(PAGE + "/ballot/{ballot_id}", title="表决 · 邻舍工作台", response_timeout=10)
async def ballot_page(request: Request, ballot_id: int) -> None:
    visit = Visit.of(request)
    with shell(visit, "deliberation", "表决", back=f"{PAGE}?tab=ballots") as frame:
        try:
            page = BallotPage(frame, visit, ballot_id)
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
    hub.watch(visit, page.refresh)
