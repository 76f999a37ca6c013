"""One proposal: what was said, who asked for it, its meeting, its ballots, and what is being done of it."""

from __future__ import annotations

import secrets
from datetime import timedelta
from functools import partial

from fastapi import Request
from nicegui import ui

from community.errors import InvalidInput, LinsheError
from community.model.calendar import day_text, local
from community.model.deliberation import MOVE_NAMES, OUTCOME_NAMES, Move, Status
from community.services import proposal_desk
from community.services.proposal_desk import DeskProposal
from community.services.proposals import TaskView
from console import heart
from console.deliberation_parts import OUTCOME_TONES, PAGE, TONES, Asker, act_button, ask_ballot, ballot_state, line
from console.diary import day_of
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, fact, tag
from console.session import Visit
from console.words import short_time

TOLD = "附议的、提出的、反映过的人都会收到。"


class ProposalPage:
    def __init__(self, frame: Shell, visit: Visit, proposal_id: int) -> None:
        self.frame, self.visit, self.proposal_id = frame, visit, proposal_id
        self.asker = Asker(visit, self.refresh)
        with ui.element("div").classes("note"):
            with ui.element("div").classes("note-main"):
                self._said = Panel(self._draw_said, "card")
                self._tasks = Panel(self._draw_tasks, "card d-tasks")
                self._events = Panel(self._draw_events, "card")
            self._side = Panel(self._draw_side, "card note-side")

    async def refresh(self) -> None:
        found = await self.visit.ask(proposal_desk.open_proposal, self.proposal_id)
        for panel in (self._said, self._tasks, self._events, self._side):
            panel.show(found)
        await self.frame.refresh()

    def _draw_said(self, found: DeskProposal) -> None:
        one = found.proposal
        with ui.element("div").classes("t-tags"):
            tag(one.state, TONES[one.status])
            if one.outcome is not None:
                tag(OUTCOME_NAMES[one.outcome], OUTCOME_TONES[one.outcome])
        ui.label(one.title).classes("form-title")
        if one.words != one.title:
            ui.label(one.words).classes("t-said")
        if one.outcome_words:
            ui.label(f"结论：{one.outcome_words}").classes("n-need")
        if one.reason:
            ui.label(f"没有受理：{one.reason}").classes("n-need")
        with ui.element("div").classes("note-acts"):
            self._acts(found)

    def _acts(self, found: DeskProposal) -> None:
        visit, may = self.visit, found.allowed
        drafts = any(ballot.status.value in ("draft", "open") for ballot in found.ballots)
        if Move.SCHEDULE in may:
            act_button(visit, "排上会", lambda: ui.navigate.to(f"{PAGE}?tab=meetings"), "unelevated")
        if Move.DISCUSS in may and found.meeting is not None and found.meeting.starts_at <= heart.community().clock.now():
            act_button(visit, "记会上怎么说", self._ask_discussed, "unelevated")
        if Move.VOTE in may and not drafts:
            act_button(visit, "准备表决", lambda: ask_ballot(self.asker, found.proposal.title, self.proposal_id), "unelevated")
            act_button(visit, "会上已一致，记结论", self._ask_decide)
        if Move.FINISH in may:
            act_button(visit, "加一件要落实的事", self._ask_task, "outline" if found.tasks else "unelevated")
            if found.tasks and all(task.done for task in found.tasks):
                act_button(visit, "全部落实了", self._ask_finish, "unelevated")
        if Move.AGAIN in may and found.proposal.status is not Status.VOTING:
            act_button(visit, "重新上会", self._again)
        if Move.REFUSE in may:
            act_button(visit, "不受理", self._ask_refuse, "flat")

    def _draw_tasks(self, found: DeskProposal) -> None:
        ui.label("落实").classes("section")
        if not found.tasks:
            waits = "通过了还没有安排落实。" if Move.FINISH in found.allowed else "有了结论再安排。"
            ui.label(waits).classes("muted")
        today = local(heart.community().clock.now()).date()
        for task in found.tasks:
            late = not task.done and task.due < today
            with ui.element("div").classes("d-task"):
                with ui.element("div").classes("d-what"):
                    ui.label(task.what).classes("n-place")
                    ui.label(f"{task.owner} · {task.due.month}月{task.due.day}日前").classes("late" if late else "muted")
                    if task.progress:
                        ui.label(task.progress).classes("n-need")
                if task.done:
                    tag("完成", "s-over")
                else:
                    act_button(self.visit, "记进展", partial(self._ask_progress, task), "outline dense")

    def _draw_events(self, found: DeskProposal) -> None:
        now = heart.community().clock.now()
        ui.label("经过").classes("section")
        signs = [event for event in found.events if event.move is Move.SIGN]
        for event in found.events:
            if event.move is Move.SIGN and event is not signs[-1]:
                continue
            name = f"附议 {len(signs)} 户" if event.move is Move.SIGN else MOVE_NAMES[event.move]
            who = "" if event.actor_kind == "resident" else event.actor_name
            with ui.element("div").classes("d-event"):
                ui.label(short_time(event.at, now)).classes("d-when")
                with ui.element("div").classes("d-what"):
                    ui.label(" · ".join(part for part in (name, who) if part))
                    if event.note:
                        ui.label(event.note).classes("muted")

    def _draw_side(self, found: DeskProposal) -> None:
        one, now = found.proposal, heart.community().clock.now()
        ui.label("议题").classes("section")
        fact("编号", str(one.id))
        fact("提出", found.proposer)
        fact("范围", one.place_text)
        fact("类别", one.category_name)
        fact("附议", "" if one.by_staff and not one.signed else f"{one.signed}户（满{one.threshold}户上会）")
        fact("会收到", f"{found.concerned}人")
        if found.meeting is not None:
            ui.label("会议").classes("section spaced")
            ui.link(found.meeting.title, f"{PAGE}/meeting/{found.meeting.id}").classes("textlink")
            ui.label(f"{day_text(found.meeting.starts_at, now)} · {found.meeting.where_text}").classes("muted")
        if found.ballots:
            ui.label("表决").classes("section spaced")
            for ballot in found.ballots:
                ui.link(ballot.title, f"{PAGE}/ballot/{ballot.id}").classes("textlink")
                voted = int(ballot.result.get("voted", 0))
                ui.label(ballot_state(ballot, voted, now) if ballot.status.value != "open" else "投票中").classes("muted")
        if found.tickets:
            ui.label("来自工单").classes("section spaced")
            for number, title in found.tickets:
                with ui.element("a").props(f'href="/tickets/{number}"').classes("earlier"):
                    ui.label(title).classes("earlier-title")
                    ui.label(number).classes("muted")

    # --- done --------------------------------------------------------------------------------------------------------------

    def _ask_refuse(self) -> None:
        async def act(words: str) -> str:
            told = await self.visit.ask(proposal_desk.refuse, self.proposal_id, words)
            return f"已告诉{told}人。"

        self.asker.ask_words("不受理", "为什么（居民会看到）", "不受理，并告诉大家", TOLD, 300, act)

    def _ask_discussed(self) -> None:
        async def act(words: str) -> str:
            await self.visit.ask(proposal_desk.discussed, self.proposal_id, words)
            return "记下了。"

        self.asker.ask_words("会上怎么说", "各方的意见", "记下", "只有工作人员看得到；给居民看的写在会议纪要里。", 500, act)

    def _ask_decide(self) -> None:
        async def do() -> str:
            passed = result.value == "yes"
            told = await self.visit.ask(proposal_desk.decide, self.proposal_id, passed, words.value or "")
            return f"已告诉{told}人。"

        with self.asker.form("会上已一致，不用表决", "记结论，并告诉大家", do):
            ui.label(TOLD).classes("muted")
            result = ui.toggle({"yes": "同意做", "no": "不做了"}, value="yes").props("unelevated no-caps spread").classes("outcome")
            words = ui.textarea("定了什么").props('outlined autogrow maxlength="500" counter').classes("full")

    async def _again(self) -> None:
        await self.visit.ask(proposal_desk.again, self.proposal_id)
        await self.refresh()
        self.visit.tell("回到“等排上会”。", "positive")

    def _ask_task(self) -> None:
        key = f"task:{secrets.token_hex(10)}"
        soon = local(heart.community().clock.now()).date() + timedelta(days=30)

        async def do() -> str:
            due = day_of(day.value)
            if due is None:
                raise InvalidInput("请选完成的日子。")
            await self.visit.ask(proposal_desk.add_task, self.proposal_id, what.value or "", owner.value or "", due, key)
            return "记下了，已告诉关心的人。"

        with self.asker.form("要落实的事", "记下", do):
            what = line("做什么", "", 200)
            owner = line("谁来做", "", 64)
            day = ui.input("哪天前完成", value=soon.isoformat()).props('outlined dense type="date" stack-label').classes("full")

    def _ask_progress(self, task: TaskView) -> None:
        key = f"progress:{secrets.token_hex(10)}"

        async def do() -> str:
            told = await self.visit.ask(proposal_desk.progress, task.id, words.value or "", bool(done.value), key)
            return f"已告诉{told}人。"

        with self.asker.form(task.what, "记下，并告诉大家", do):
            ui.label(TOLD).classes("muted")
            words = ui.textarea("到哪一步了").props('outlined autogrow maxlength="300" counter').classes("full")
            done = ui.checkbox("这一件完成了")

    def _ask_finish(self) -> None:
        async def act(words: str) -> str:
            told = await self.visit.ask(proposal_desk.finish, self.proposal_id, words)
            return f"已告诉{told}人。"

        self.asker.ask_words("全部落实了", "结果（居民会看到）", "办结，并告诉大家", TOLD, 300, act)


@ui.page(PAGE + "/proposal/{proposal_id}", title="议题 · 邻舍工作台", response_timeout=10)
async def proposal_page(request: Request, proposal_id: int) -> None:
    visit = Visit.of(request)
    with shell(visit, "deliberation", "议题", back=PAGE) as frame:
        try:
            page = ProposalPage(frame, visit, proposal_id)
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
    hub.watch(visit, page.refresh)
