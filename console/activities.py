"""邻舍+ for organisers: what is on, its shifts, and the form by which an activity is published or changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fastapi import Request
from nicegui import ui

from community.errors import InvalidInput, LinsheError
from community.model.calendar import SHANGHAI, local
from community.model.series import WEEKDAYS, read_series
from community.model.volunteer import STYLE_NAMES, Activity, Style
from community.services import organising
from community.services.organising import ActivityLine, Draft, ShiftLine
from console import heart
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, empty, tag
from console.session import Visit

NO_SERIES = "单场"
SHOWN = 6
"""Shifts shown under one activity."""


class ActivityList:
    def __init__(self, frame: Shell, visit: Visit) -> None:
        self.frame, self.visit = frame, visit
        self._rows = Panel(self._draw, "views acts")

        self.may_publish = False

    async def refresh(self) -> None:
        lines, self.may_publish = await self.visit.ask(organising.activities)
        self._rows.show((tuple(lines), self.may_publish))
        await self.frame.refresh()

    def _draw(self, shown: tuple[tuple[ActivityLine, ...], bool]) -> None:
        lines, may_publish = shown
        if not lines:
            empty("还没有活动。点右上角“发布活动”，居民在对话里就能报名。", "volunteer_activism")
        for line in lines:
            with ui.element("div").classes("activity").props(f'data-activity="{line.id}"'):
                with ui.element("div").classes("act-what"):
                    with ui.element("div").classes("act-title"):
                        if may_publish:
                            ui.link(line.title, f"/activities/{line.id}").classes("textlink v-name")
                        else:
                            ui.label(line.title).classes("v-name")
                        if not line.published:
                            tag("未发布", "s-wait")
                        if line.style != STYLE_NAMES[Style.ACTIVITY]:
                            tag(line.style)
                    about = [line.kind, line.place_text, line.community, line.series]
                    about += [f"满{line.minimum_age}岁"] if line.minimum_age else []
                    ui.label(" · ".join(part for part in about if part)).classes("muted")
                with ui.element("div").classes("act-shifts"):
                    coming = [s for s in line.shifts if not s.over]
                    over = [s for s in line.shifts if s.over]
                    for shift in [*coming[:SHOWN], *over[-2:]]:
                        draw_shift(shift)
                    if not line.shifts:
                        ui.label("近期没有场次").classes("muted")
                    if len(coming) > SHOWN:
                        ui.label(f"还有{len(coming) - SHOWN}场").classes("muted")


def draw_shift(shift: ShiftLine) -> None:
    with ui.element("a").props(f'href="/shifts/{shift.id}"').classes("act-shift" + (" over" if shift.over else "")):
        ui.label(shift.when).classes("act-when")
        if shift.over:
            ui.label(f"到{shift.attended} 未到{shift.no_shows}").classes("act-count")
        else:
            ui.label(f"{shift.taken}/{shift.capacity}").classes("act-count" + (" full" if shift.taken >= shift.capacity else ""))
            if shift.waiting:
                ui.label(f"候补{shift.waiting}").classes("act-waiting")


class ActivityForm:
    """New or changed. Times are local; a series makes its own."""

    def __init__(self, visit: Visit, old: Activity | None, line: ActivityLine | None) -> None:
        self.visit, self.old = visit, old
        capacity = max((s.capacity for s in line.shifts if not s.over), default=10) if line is not None else 10
        rule = read_series(old.series) if old is not None else None
        with ui.element("div").classes("panel act-form"):
            self.title = ui.input("名称", value=old.title if old else "").props('maxlength="40"')
            styles = {s.value: n for s, n in STYLE_NAMES.items()}
            self.style = ui.select(styles, value=(old.style if old else Style.ACTIVITY).value, label="类型")
            self.kind = ui.input("种类（如 垃圾分类、护河、书法）", value=old.kind if old else "").props('maxlength="16"')
            self.place = ui.input("集合地点", value=old.place_text if old else "").props('maxlength="60"')
            self.summary = ui.textarea("说明", value=old.summary if old else "").props('autogrow maxlength="500"')
            self.skills = ui.input("需要的技能（可不填）", value=old.skills if old else "").props('maxlength="60"')
            self.capacity = self._number("每场名额", capacity)
            self.age = self._number("最低年龄（0为不限）", (old.minimum_age or 0) if old else 0, 0)
            self.points = self._number("每小时积分（课程和服务不计）", old.points if old else 10, 0)
            self.confirm = self._number("候补确认时间（小时）", old.confirm_hours if old else 12)
            repeats = {"": NO_SERIES, **{f"weekly {d}": f"每周{WEEKDAYS[d]}" for d in range(7)}}
            repeats |= {f"monthly {d}": f"每月{d}日" for d in range(1, 32)}
            self.repeats = ui.select(repeats, value=f"{rule.every} {rule.day}" if rule else "", label="重复")
            tomorrow = (local(heart.community().clock.now()) + timedelta(days=1)).date().isoformat()
            self.day = ui.input("加一场：日期（重复的不用填）").props(f'type="date" min="{tomorrow}" stack-label')
            self.begins = ui.input("开始", value=f"{rule.begins:%H:%M}" if rule else "09:00").props('type="time" stack-label')
            self.ends = ui.input("结束", value=f"{rule.ends:%H:%M}" if rule else "11:00").props('type="time" stack-label')
            fields: tuple[Any, ...] = (
                self.title, self.style, self.kind, self.place, self.summary, self.skills, self.capacity, self.age, self.points,
                self.confirm, self.repeats, self.day, self.begins, self.ends,
            )  # fmt: skip
            for field in fields:
                field.props("outlined dense options-dense").classes("full")
            for wide in (self.title, self.place, self.summary, self.skills):
                wide.classes("wide")
            self.published = ui.checkbox("发布，居民马上能看到、能报名", value=old.published if old else True).classes("wide")
            with ui.element("div").classes("form-foot wide"):
                ui.link("返回", "/activities").classes("textlink act-back")
                sure = ui.button("保存" if old else "发布活动", on_click=visit.handler(self._save))
                sure.props("unelevated no-caps").classes("form-sure")

    @staticmethod
    def _number(label: str, value: int, least: int = 1) -> ui.number:
        return ui.number(label, value=value, min=least, precision=0).props('inputmode="numeric"')

    def draft(self) -> Draft:
        """What stands in the form. Raises InvalidInput for what is no number or no time."""
        try:
            begins, ends = str(self.begins.value or ""), str(self.ends.value or "")
            series = f"{self.repeats.value} {begins}-{ends}" if self.repeats.value else ""
            times: tuple[tuple[datetime, datetime], ...] = ()
            if self.day.value:
                starts, over = (
                    datetime.fromisoformat(f"{self.day.value}T{clock}").replace(tzinfo=SHANGHAI) for clock in (begins, ends)
                )
                times = ((starts, over),)
            return Draft(
                self.title.value or "", self.kind.value or "", self.summary.value or "", self.place.value or "",
                int(self.capacity.value), int(self.age.value or 0) or None, self.skills.value or "", Style(self.style.value),
                int(self.points.value or 0), int(self.confirm.value), series, bool(self.published.value), times,
            )  # fmt: skip
        except (TypeError, ValueError) as error:
            raise InvalidInput("请把数字和时间填完整。") from error

    async def _save(self) -> None:
        await self.visit.ask(organising.save, self.draft(), self.old.id if self.old else None)
        ui.navigate.to("/activities")


@ui.page("/activities", title="活动 · 邻舍工作台", response_timeout=10)
async def activities_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "activities", "邻舍+ 活动") as frame:
        try:
            page = ActivityList(frame, visit)
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
        with frame.aside:
            if page.may_publish:
                ui.link("积分礼品", "/gifts").classes("textlink head-gifts")
                with ui.element("a").props('href="/activities/new"').classes("head-new textlink"):
                    ui.icon("add")
                    ui.label("发布活动")
    hub.watch(visit, page.refresh)


@ui.page("/activities/new", title="发布活动 · 邻舍工作台", response_timeout=10)
async def new_activity_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "activities", "发布活动", back="/activities") as frame:
        try:
            _, may_publish = await visit.ask(organising.activities)
            if not may_publish:
                raise InvalidInput("活动由社区工作人员发布。")
            ActivityForm(visit, None, None)
        except LinsheError as error:
            await frame.refuse(error)
            return
        await frame.refresh()


@ui.page("/activities/{activity_id}", title="活动 · 邻舍工作台", response_timeout=10)
async def activity_page(request: Request, activity_id: int) -> None:
    visit = Visit.of(request)
    with shell(visit, "activities", "改活动", back="/activities") as frame:
        try:
            old, line = await visit.ask(organising.open_activity, activity_id)
            ActivityForm(visit, old, line)
        except LinsheError as error:
            await frame.refuse(error)
            return
        await frame.refresh()
