"""One meeting: its agenda, the notice exactly as the households will read it, its minutes."""

from __future__ import annotations

from functools import partial

from fastapi import Request
from nicegui import ui

from community.errors import LinsheError
from community.model.calendar import day_text
from community.model.deliberation import MEETING_NAMES, MEETING_STATUS_NAMES, MeetingStatus
from community.services import meetings
from community.services.meetings import MAX_MINUTES, MeetingView
from console import heart
from console.deliberation_parts import MEETING_TONES, PAGE, TONES, Asker, act_button, line, moment_field, moment_of
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, fact, tag
from console.session import Visit

STILL = (MeetingStatus.PLANNED, MeetingStatus.NOTICED)


class MeetingPage:
    def __init__(self, frame: Shell, visit: Visit, meeting_id: int) -> None:
        self.frame, self.visit, self.meeting_id = frame, visit, meeting_id
        self.asker = Asker(visit, self.refresh)
        self.shown: MeetingView | None = None
        with ui.element("div").classes("note"):
            with ui.element("div").classes("note-main"):
                self._head = Panel(self._draw_head, "card")
                self._agenda = Panel(self._draw_agenda, "card")
            self._notice = Panel(self._draw_notice, "card note-side")

    async def refresh(self) -> None:
        self.shown = found = await self.visit.ask(meetings.open_meeting, self.meeting_id)
        for panel in (self._head, self._agenda, self._notice):
            panel.show(found)
        await self.frame.refresh()

    def _draw_head(self, found: MeetingView) -> None:
        one, now = found.meeting, heart.community().clock.now()
        with ui.element("div").classes("t-tags"):
            tag(MEETING_STATUS_NAMES[one.status], MEETING_TONES[one.status])
            tag(MEETING_NAMES[one.kind])
        ui.label(one.title).classes("form-title")
        fact("时间", day_text(one.starts_at, now))
        fact("地点", one.where_text)
        fact("请谁", f"{one.place_name}，{found.households}户，能通知到{found.reach}人")
        if one.minutes:
            ui.label("会议纪要").classes("section spaced")
            ui.label(one.minutes).classes("t-said")
        if one.status not in STILL:
            return
        with ui.element("div").classes("note-acts"):
            if one.status is MeetingStatus.NOTICED and one.starts_at <= now:
                act_button(self.visit, "会开了，写纪要", self._ask_held, "unelevated")
            act_button(self.visit, "改时间地点", self._ask_change)
            act_button(self.visit, "取消这个会", self._ask_cancel, "flat")

    def _draw_agenda(self, found: MeetingView) -> None:
        still = found.meeting.status in STILL
        ids = [one.id for one in found.agenda]
        ui.label(f"议程 {len(ids)}").classes("section")
        if not ids:
            ui.label("还没有排议题。").classes("muted")
        for place, one in enumerate(found.agenda):
            with ui.element("div").classes("d-task"):
                with ui.element("div").classes("d-what"):
                    ui.link(f"{place + 1}. {one.title}", f"{PAGE}/proposal/{one.id}").classes("textlink")
                    ui.label(f"{one.place_text} · {one.state}").classes("muted")
                if still:
                    with ui.element("div").classes("l-acts"):
                        if place:
                            act_button(self.visit, "提前", partial(self._keep, _swapped(ids, place)), "flat dense")
                        act_button(self.visit, "移出", partial(self._keep, [x for x in ids if x != one.id]), "flat dense")
        if not still or not found.waiting:
            return
        ui.label("可以排上的").classes("section spaced")
        for one in found.waiting:
            with ui.element("div").classes("d-task"):
                with ui.element("div").classes("d-what"):
                    ui.label(one.title).classes("n-place")
                    with ui.element("div").classes("n-more"):
                        tag(one.state, TONES[one.status])
                act_button(self.visit, "排上", partial(self._keep, [*ids, one.id]), "outline dense")

    def _draw_notice(self, found: MeetingView) -> None:
        one = found.meeting
        if one.status in STILL:
            ui.label("再发的话，居民收到的是这样" if one.notices else "通知（居民收到的就是这样）").classes("section")
            ui.label(found.notice).classes("d-bubble")
        else:
            ui.label("通知").classes("section")
        if one.told:
            ui.label(f"已发{one.notices}次，上次发给{one.told}人。").classes("muted")
        elif one.status not in STILL:
            ui.label("没有发过。").classes("muted")
        if one.status in STILL:
            with ui.element("div").classes("note-acts"):
                name = "再发一次（有变动）" if one.notices else f"发给{found.reach}人"
                act_button(self.visit, name, self._ask_send, "unelevated")

    # --- done --------------------------------------------------------------------------------------------------------------

    async def _keep(self, ids: list[int]) -> None:
        await self.visit.ask(meetings.set_agenda, self.meeting_id, ids)
        await self.refresh()

    def _ask_send(self) -> None:
        found = self.shown
        assert found is not None  # it was drawn

        async def do() -> str:
            told = await self.visit.ask(meetings.send_notice, self.meeting_id, found.notice, self.asker.key)
            return f"已发给{told}人。"

        with self.asker.form(f"发给{found.households}户、{found.reach}人", "发出", do):
            ui.label(found.notice).classes("d-bubble")

    def _ask_change(self) -> None:
        assert self.shown is not None  # it was drawn
        one = self.shown.meeting

        async def do() -> str:
            await self.visit.ask(meetings.change, self.meeting_id, name.value or "", moment_of(at.value, "开会"), where.value or "")
            return "改好了，记得再发一次通知。" if one.notices else "改好了。"

        with self.asker.form("改时间地点", "改好", do):
            name = line("会议名称", one.title)
            at = moment_field("开会时间", one.starts_at)
            where = line("在哪里开", one.where_text, 100)

    def _ask_held(self) -> None:
        async def act(words: str) -> str:
            told = await self.visit.ask(meetings.held, self.meeting_id, words, self.asker.key)
            return f"纪要已发给{told}人。"

        hint = "发给议程上每个议题的提出人、附议人和反映人；别人问“会议纪要”也看得到。"
        self.asker.ask_words("写纪要", "会上怎么说、怎么定的", "存下，并发给大家", hint, MAX_MINUTES, act)

    def _ask_cancel(self) -> None:
        async def act(words: str) -> str:
            told = await self.visit.ask(meetings.cancel, self.meeting_id, words)
            return f"取消了，已告诉{told}人。" if told else "取消了。"

        self.asker.ask_words("取消这个会", "为什么（通知过的人会看到）", "取消", "议程上的议题回到“等排上会”。", 200, act)


def _swapped(ids: list[int], place: int) -> list[int]:
    moved = list(ids)
    moved[place - 1], moved[place] = moved[place], moved[place - 1]
    return moved


@ui.page(PAGE + "/meeting/{meeting_id}", title="会议 · 邻舍工作台", response_timeout=10)
async def meeting_page(request: Request, meeting_id: int) -> None:
    visit = Visit.of(request)
    with shell(visit, "deliberation", "会议", back=f"{PAGE}?tab=meetings") as frame:
        try:
            page = MeetingPage(frame, visit, meeting_id)
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
    hub.watch(visit, page.refresh)
