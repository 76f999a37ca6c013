"""协商议事: a community's proposals, meetings and ballots, and what is worth a proposal."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from fastapi import Request
from nicegui import ui

from community.errors import InvalidInput, LinsheError
from community.model.ballot import Ballot, Kind
from community.model.calendar import day_text
from community.model.deliberation import (
    MEETING_NAMES,
    MEETING_STATUS_NAMES,
    OPEN,
    OUTCOME_NAMES,
    Meeting,
    Status,
    quarter_text,
)
from community.services import ballots, meetings, proposal_desk
from community.services.deliberation import ProposalView
from community.services.proposal_desk import DeskList, FromTickets, Repeated
from console import heart
from console.deliberation_parts import (
    BALLOT_TONES,
    MEETING_TONES,
    PAGE,
    TONES,
    Asker,
    act_button,
    ask_ballot,
    ask_meeting,
    ballot_state,
    line,
    row,
)
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, empty
from console.session import Visit
from console.words import short_time

TABS = {"proposals": "议题", "meetings": "会议", "ballots": "表决"}
Shown = tuple[str, DeskList, tuple[Meeting, ...], tuple[tuple[Ballot, int], ...], str]


class DeliberationPage:
    def __init__(self, frame: Shell, visit: Visit, tab: str) -> None:
        self.frame, self.visit = frame, visit
        self.tab = tab if tab in TABS else "proposals"
        self.asker = Asker(visit, self.refresh)
        self._tabs = Panel(self._draw_tabs, "finding")
        self._body = Panel(self._draw, "deliberation")

    async def load(self) -> None:
        listed = await self.visit.ask(proposal_desk.list_proposals)
        met = tuple(await self.visit.ask(meetings.list_meetings))
        voted = tuple(await self.visit.ask(ballots.list_ballots))
        now = heart.community().clock.now()
        self._tabs.show((self.tab, tuple(f"{one.status}" for one in listed.proposals)))
        self._body.show((self.tab, listed, met, voted, f"{now:%Y-%m-%dT%H:%M}"))

    async def refresh(self) -> None:
        await self.load()
        await self.frame.refresh()

    def _draw_tabs(self, shown: tuple[str, tuple[str, ...]]) -> None:
        with ui.element("div").classes("filters"), ui.element("div").classes("tabs"):
            for key, name in TABS.items():
                pressed = str(key == self.tab).lower()
                button = ui.element("button").classes("tab").props(f'type="button" aria-pressed="{pressed}"')
                with button:
                    ui.label(name)

                async def pick(key: str = key) -> None:
                    self.tab = key
                    ui.navigate.history.replace(f"{PAGE}?tab={key}")
                    await self.load()

                button.on("click", self.visit.handler(pick), args=[])

    def _draw(self, shown: Shown) -> None:
        tab, listed, met, voted, _ = shown
        now = heart.community().clock.now()
        if tab == "meetings":
            self._draw_meetings(met, now)
        elif tab == "ballots":
            self._draw_ballots(voted, now)
        else:
            self._draw_proposals(listed, now)

    # --- proposals -------------------------------------------------------------------------------------------------------

    def _draw_proposals(self, listed: DeskList, now: datetime) -> None:
        if listed.repeated:
            ui.label("反映得多、可以请大家商量的").classes("section")
            with ui.element("div").classes("notes"):
                for one in listed.repeated:
                    self._draw_repeated(one)
        groups = (
            ("等排上会", [p for p in listed.proposals if p.status is Status.CO_SIGNED]),
            ("征集附议", [p for p in listed.proposals if p.status is Status.RAISED]),
            ("正在议、正在表决", [p for p in listed.proposals if p.status in OPEN - {Status.RAISED, Status.CO_SIGNED}]),
            ("已有结论", [p for p in listed.proposals if p.status in (Status.DECIDED, Status.DONE)]),
            ("未受理、撤回", [p for p in listed.proposals if p.status in (Status.REFUSED, Status.WITHDRAWN)]),
        )
        for name, found in groups:
            if not found:
                continue
            ui.label(f"{name} {len(found)}").classes("section spaced")
            with ui.element("div").classes("notes"):
                for proposal in found:
                    self._draw_proposal(proposal, now)
        if not listed.proposals:
            empty("还没有议题。居民在微信里说一句“我想提个议题”，就会到这里。", "forum")
        with ui.element("div").classes("d-threshold"):
            for community_id, name, households in listed.thresholds:
                ui.label(f"{name}：满{households}户附议上会").classes("muted")
                act_button(self.visit, "改", partial(self._ask_threshold, community_id, name, households), "flat dense")

    def _draw_proposal(self, one: ProposalView, now: datetime) -> None:
        asked = "社区提出" if one.by_staff else f"{one.signed}户附议"
        below = " · ".join(part for part in (one.place_text, one.category_name, asked) if part)
        row(f"{PAGE}/proposal/{one.id}", one.title, below, one.state, TONES[one.status], short_time(one.changed_at, now))

    def _draw_repeated(self, one: Repeated) -> None:
        with ui.element("div").classes("drow"):
            with ui.element("div").classes("d-what"):
                ui.label(f"{one.place}：{one.category_name} {len(one.numbers)}件没办结").classes("n-place")
                with ui.element("div").classes("n-more"):
                    for number in one.numbers[:6]:
                        ui.link(number, f"/tickets/{number}").classes("textlink")
            act_button(self.visit, "提成议题", partial(self._ask_from, one), "outline dense")

    def _ask_from(self, one: Repeated) -> None:
        async def do() -> str:
            command = FromTickets(title.value or "", words.value or "", one.numbers, self.asker.key)
            made = await self.visit.ask(proposal_desk.raise_from_tickets, command)
            with self.visit.client:
                ui.navigate.to(f"{PAGE}/proposal/{made.id}")
            return ""

        with self.asker.form("提成议题", "提出，并告诉反映的人", do):
            ui.label(f"从{one.place}的{len(one.numbers)}件{one.category_name}工单提出；工单照常办，反映的人会收到一条消息。").classes("muted")
            title = line("议题（居民会看到）", f"{one.place}的{one.category_name}怎么解决", 40)
            words = ui.textarea("说明（居民会看到）").props('outlined autogrow maxlength="500" counter').classes("full")

    def _ask_threshold(self, community_id: int, name: str, households: int) -> None:
        async def do() -> str:
            if not str(box.value or "").isdigit():
                raise InvalidInput("请写一个数。")
            await self.visit.ask(proposal_desk.set_threshold, community_id, int(box.value))
            return "从下一个议题起算。"

        with self.asker.form(f"{name}：多少户附议上会", "定下", do):
            box = line("户数", str(households), 3)

    # --- meetings and ballots ------------------------------------------------------------------------------------------

    def _draw_meetings(self, met: tuple[Meeting, ...], now: datetime) -> None:
        if not met:
            empty("还没有定过会。一个季度开一次，点右上角“定一次会”。", "event")
            return
        with ui.element("div").classes("notes"):
            for one in met:
                below = f"{MEETING_NAMES[one.kind]} · {one.where_text} · {one.place_name}"
                state = MEETING_STATUS_NAMES[one.status] + (f" {one.told}人" if one.told else "")
                row(f"{PAGE}/meeting/{one.id}", one.title, below, state, MEETING_TONES[one.status], day_text(one.starts_at, now))

    def _draw_ballots(self, voted: tuple[tuple[Ballot, int], ...], now: datetime) -> None:
        if not voted:
            empty("还没有表决。会上议过的议题，在它的页面上准备表决。", "how_to_vote")
            return
        with ui.element("div").classes("notes"):
            for ballot, number in voted:
                kind = "民主评议" if ballot.kind is Kind.SCORES else "表决"
                below = f"{kind} · {'无记名' if ballot.secret else '记名'} · {ballot.place_name}"
                if ballot.outcome is not None and ballot.kind is Kind.CHOICE:
                    below += f" · {OUTCOME_NAMES[ballot.outcome]}"
                when = f"{day_text(ballot.closes_at, now)}截止"
                row(f"{PAGE}/ballot/{ballot.id}", ballot.title, below, ballot_state(ballot, number, now), BALLOT_TONES[ballot.status], when)


@ui.page(PAGE, title="议事 · 邻舍工作台", response_timeout=10)
async def deliberation_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "deliberation", "协商议事") as frame:
        try:
            page = DeliberationPage(frame, visit, request.query_params.get("tab", ""))
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
        with frame.aside:
            for name, icon, act in (("定一次会", "event", "meeting"), ("评议物业", "how_to_vote", "review")):
                button = ui.element("button").props('type="button"').classes("head-new textlink")
                with button:
                    ui.icon(icon)
                    ui.label(name)

                async def press(act: str = act) -> None:
                    if act == "review":
                        await ask_ballot(page.asker, f"{quarter_text(heart.community().clock.now())}物业服务评议", kind=Kind.SCORES)
                    else:
                        await ask_meeting(page.asker, f"{quarter_text(heart.community().clock.now())}居民议事会")

                button.on("click", visit.handler(press), args=[])
    hub.watch(visit, page.refresh)
