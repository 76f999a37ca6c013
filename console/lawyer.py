"""律师预约: this week's appointments, what became of each, and a day that is called off."""

from __future__ import annotations

from datetime import date, timedelta

from fastapi import Request
from nicegui import ui

from community.errors import LinsheError
from community.model.calendar import local
from community.model.consultation import MOST_NOTE, OUTCOME_NAMES, ConsultationStatus, Outcome
from community.services import consultations, flag_news
from community.services.consultations import BookingView
from community.services.flag_news import FlagLine
from console import heart
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, tag
from console.phrases import BOTTOM
from console.session import Visit

DAYS = 14
MOST_FLAGS = 6
TONES = {"booked": "", "came": "u-low", "missed": "u-high", "cancelled": "u-low"}


def day_name(day: date, today: date) -> str:
    named = {0: "今天", 1: "明天"}.get((day - today).days, "")
    return f"{named + ' · ' if named else ''}{day.month}月{day.day}日 周{'一二三四五六日'[day.weekday()]}"


class LawyerDays:
    def __init__(self, frame: Shell, visit: Visit) -> None:
        self.frame, self.visit = frame, visit
        self._flags = Panel(self._draw_flags, "flags")
        self._list = Panel(self._draw, "leaves")
        self._dialog = ui.dialog().props(BOTTOM).classes("form-dialog")

    async def load(self) -> None:
        today = local(heart.community().clock.now()).date()
        first = today - timedelta(days=1)
        if self.visit.staff.role in flag_news.SEES:
            self._flags.show(await self.visit.ask(flag_news.waiting))
        self._flags.box.set_visibility(bool(self._flags.shown))
        self._list.show((await self.visit.ask(consultations.day, first, DAYS + 1), today))

    async def refresh(self) -> None:
        await self.load()
        await self.frame.refresh()

    def _draw_flags(self, found: list[FlagLine]) -> None:
        """What nobody has looked at since its article changed. It is cleared where the answers are written (`laws flags clear`)."""
        ui.label(f"法条有变化，要核对的解答 · {len(found)}条").classes("section")
        with ui.element("div").classes("views"):
            for one in found[:MOST_FLAGS]:
                self._draw_flag(one)
        if len(found) > MOST_FLAGS:
            ui.label(f"还有{len(found) - MOST_FLAGS}条，先看最近的。").classes("muted")

    @staticmethod
    def _draw_flag(one: FlagLine) -> None:
        with ui.element("div").classes("lrow booking"):
            with ui.element("div").classes("v-who"):
                ui.label(one.article).classes("v-name")
            ui.label(f"{one.from_on.month}月{one.from_on.day}日起{one.what}").classes("lv-days")
            with ui.element("div").classes("v-of"):
                ui.label(one.title)
                if one.note:
                    ui.label(one.note).classes("muted")
            with ui.element("div").classes("lv-open"):
                tag("待核对", "s-wait")
            ui.label(one.owner).classes("l-acts muted")

    def _draw(self, shown: tuple[list[BookingView], date]) -> None:
        found, today = shown
        if not found:
            ui.label("接下来两周没有人约律师。居民在对话里说“找律师”，就能看到值班时间来约。").classes("muted")
        days: dict[date, list[BookingView]] = {}
        for one in found:
            days.setdefault(local(one.starts_at).date(), []).append(one)
        for day, bookings in days.items():
            standing = {one.lawyer_id: one.lawyer for one in bookings if one.may_cancel}
            with ui.element("div").classes("sides-head spaced"):
                ui.label(f"{day_name(day, today)} · {len([b for b in bookings if b.status != 'cancelled'])}位").classes("section")
                for lawyer_id, name in standing.items():
                    said = f"{name}这天来不了" if len(standing) > 1 or lawyer_id != self.visit.staff.id else "这天来不了"
                    self._button(said, lambda day=day, who=(lawyer_id, name): self._ask_off(day, *who), quiet=True)
            with ui.element("div").classes("views"):
                for one in bookings:
                    self._draw_one(one)

    def _draw_one(self, one: BookingView) -> None:
        begins, ends = local(one.starts_at), local(one.ends_at)
        with ui.element("div").classes("lrow booking").props(f'data-booking="{one.id}"'):
            with ui.element("div").classes("v-who"):
                ui.label(f"{begins:%H:%M}–{ends:%H:%M}").classes("v-name")
                ui.label(one.lawyer).classes("muted")
            with ui.element("div").classes("lv-days"):
                ui.label(one.resident)
                ui.label(one.phone).classes("muted")
            with ui.element("div").classes("v-of"):
                ui.label(one.question or "问什么只有律师本人看得到").classes("" if one.question else "muted")
                if one.note:
                    ui.label(one.note).classes("muted")
            with ui.element("div").classes("lv-open"):
                tag(one.status_name, TONES[one.status])
                if one.outcome_name:
                    ui.label(one.outcome_name).classes("muted")
            with ui.element("div").classes("l-acts"):
                if one.may_settle and one.status == "booked":
                    self._button("来过了", lambda: self._ask_came(one))
                    self._button("没来", lambda: self._missed(one), quiet=True)

    def _button(self, name: str, act: object, quiet: bool = False) -> None:
        button = ui.element("button").classes("l-talk textlink" if quiet else "l-resend").props('type="button"')
        with button:
            ui.label(name)

        async def press() -> None:
            await act()  # type: ignore[operator]

        button.on("click", self.visit.handler(press), args=[])

    async def _missed(self, one: BookingView) -> None:
        await self.visit.ask(consultations.settle, one.id, ConsultationStatus.MISSED)
        await self.refresh()

    async def _ask_came(self, one: BookingView) -> None:
        self._dialog.clear()
        with self._dialog, ui.element("div").classes("form"):
            ui.label(f"{one.resident}来过了").classes("form-title")
            outcome = ui.select({str(key): name for key, name in OUTCOME_NAMES.items()}, value=str(Outcome.EXPLAINED), label="结果")
            note = ui.textarea("记一笔（只有您看得到，可不填）").props(f'maxlength="{MOST_NOTE}" autogrow')
            for field in (outcome, note):
                field.props("outlined dense options-dense").classes("full")

            async def keep() -> None:
                await self.visit.ask(
                    consultations.settle, one.id, ConsultationStatus.CAME, Outcome(str(outcome.value)), note.value or ""
                )
                self._dialog.close()
                await self.refresh()

            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self._dialog.close).props("flat no-caps")
                ui.button("记下", on_click=self.visit.handler(keep)).props("unelevated no-caps").classes("form-sure")
        self._dialog.open()

    async def _ask_off(self, day: date, lawyer_id: int, name: str) -> None:
        today = local(heart.community().clock.now()).date()
        self._dialog.clear()
        with self._dialog, ui.element("div").classes("form"):
            ui.label(f"{day_name(day, today)}{name}来不了").classes("form-title")
            ui.label("约了这天的居民会马上收到通知，回1就能另约；这天登记为请假，不再给人约。").classes("muted")
            why = ui.input("原因（会告诉居民，可不填）").props('maxlength="60" outlined dense').classes("full")

            async def go() -> None:
                told = await self.visit.ask(consultations.call_off, lawyer_id, day, why.value or "")
                self._dialog.close()
                await self.refresh()
                self.visit.tell(f"已取消，告诉了{told}位居民。", "positive")

            with ui.element("div").classes("form-foot"):
                ui.button("不用了", on_click=self._dialog.close).props("flat no-caps")
                ui.button("取消这天", on_click=self.visit.handler(go)).props("unelevated no-caps").classes("form-sure")
        self._dialog.open()


@ui.page("/lawyer", title="律师预约 · 邻舍工作台", response_timeout=10)
async def lawyer_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "lawyer", "律师预约") as frame:
        try:
            page = LawyerDays(frame, visit)
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
    hub.watch(visit, page.refresh)
