"""办事指南和站点: a community's counters with their hours and dates that differ, contact days, the guides, and what no guide met."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from fastapi import Request
from nicegui import ui

from community.errors import InvalidInput, LinsheError
from community.model.calendar import local
from community.model.guide import Guide
from community.model.opening import WEEKDAYS, OnHoliday
from community.model.site import ROLE_NAMES
from community.services import guide_desk
from community.services.guide_desk import ContactEdit, ContactLine, GuideDesk, SiteEdit, SiteLine
from console import heart
from console.deliberation_parts import Asker, act_button, line, select
from console.knowledge_words import FIELDS
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, empty, fact, tag
from console.session import Visit
from console.words import short_time

TABS = {"sites": "站点", "contacts": "接待日", "guides": "指南", "misses": "没查到的"}
HOLIDAYS = {OnHoliday.CLOSED: "法定节假日不开，调休上班日照工作日开", OnHoliday.AS_USUAL: "节假日照常"}
PAGE = "/guides"


class GuidePage:
    def __init__(self, frame: Shell, visit: Visit, tab: str) -> None:
        self.frame, self.visit = frame, visit
        self.tab = tab if tab in TABS else "sites"
        self.asker = Asker(visit, self.refresh)
        self._tabs = Panel(self._draw_tabs, "finding")
        self._body = Panel(self._draw, "guide-desk")

    async def load(self) -> None:
        found = await self.visit.ask(guide_desk.page)
        self._tabs.show((self.tab, len(found.misses)))
        self._body.show((self.tab, found))

    async def refresh(self) -> None:
        await self.load()
        await self.frame.refresh()

    def _draw_tabs(self, shown: tuple[str, int]) -> None:
        with ui.element("div").classes("filters"), ui.element("div").classes("tabs"):
            for key, name in TABS.items():
                pressed = str(key == self.tab).lower()
                button = ui.element("button").classes("tab").props(f'type="button" aria-pressed="{pressed}"')
                with button:
                    ui.label(f"{name} {shown[1]}" if key == "misses" and shown[1] else name)

                async def pick(key: str = key) -> None:
                    self.tab = key
                    ui.navigate.history.replace(f"{PAGE}?tab={key}")
                    await self.load()

                button.on("click", self.visit.handler(pick), args=[])

    def _draw(self, shown: tuple[str, GuideDesk]) -> None:
        tab, found = shown
        {"sites": self._sites, "contacts": self._contacts, "guides": self._guides, "misses": self._misses}[tab](found)

    # --- sites -----------------------------------------------------------------------------------------------------------

    def _sites(self, found: GuideDesk) -> None:
        if not found.sites:
            empty("还没有登记站点。", "storefront")
        for _, community in found.communities:
            here = [one for one in found.sites if one.view.community == community]
            if not here:
                continue
            ui.label(f"{community} {len(here)}个站点").classes("section spaced")
            with ui.element("div").classes("views"):
                for one in here:
                    self._site(one, found.keeps)
        if found.events:
            ui.label("谁改过什么").classes("section spaced")
            with ui.element("div").classes("views guide-log"):
                for event in found.events:
                    with ui.element("div").classes("guide-event"):
                        ui.label(short_time(event.at, heart.community().clock.now())).classes("v-at")
                        ui.label(event.who).classes("v-name")
                        ui.label(event.did)

    def _site(self, one: SiteLine, keeps: bool) -> None:
        view = one.view
        with ui.element("div").classes("site-row").props(f'data-site="{view.id}"'):
            with ui.element("div").classes("site-what"):
                with ui.element("div").classes("v-who"):
                    ui.label(view.name).classes("v-name")
                    ui.label(view.kind_name).classes("muted")
                ui.label(f"{view.address} · {view.phone}").classes("muted")
            with ui.element("div").classes("site-when"):
                ui.label(view.state).classes("s-state" + (" here" if view.open_now else " soon"))
                ui.label(view.week + ("，节假日照常" if one.on_holiday is OnHoliday.AS_USUAL else "")).classes("muted")
                for day, hours, reason in one.days:
                    with ui.element("div").classes("site-day"):
                        ui.label(f"{day.month}月{day.day}日（周{WEEKDAYS[day.weekday()]}）{hours}：{reason}")
                        if keeps:
                            drop = ui.element("button").classes("textlink").props('type="button"')
                            with drop:
                                ui.label("恢复")
                            drop.on("click", self.visit.handler(partial(self._drop, view.id, day)), args=[])
                if view.note:
                    ui.label(view.note).classes("muted")
            if keeps:
                with ui.element("div").classes("l-acts"):
                    act_button(self.visit, "某天有变", partial(self._ask_day, one), "outline dense")
                    act_button(self.visit, "修改", partial(self._ask_site, one), "flat dense")

    async def _drop(self, site_id: int, day: date) -> None:
        await self.visit.ask(guide_desk.drop_day, site_id, day)
        await self.refresh()
        self.visit.tell("那天照平时的时间开。", "positive")

    def _ask_day(self, one: SiteLine) -> None:
        today = local(heart.community().clock.now()).date()

        async def do() -> str:
            try:
                chosen = date.fromisoformat(str(day.value or ""))
            except ValueError as error:
                raise InvalidInput("请选日子。") from error
            await self.visit.ask(guide_desk.set_day, one.view.id, chosen, str(hours.value or ""), str(why.value or ""))
            return "改好了，居民现在问就是新的时间。"

        with self.asker.form(f"{one.view.name}：某天有变", "保存", do):
            ui.label("居民问起来会看到原因。").classes("muted")
            day = ui.input("哪天", value=today.isoformat()).props('type="date" outlined dense stack-label').classes("full")
            hours = line("那天的时间（不开就写 不开）", "不开")
            why = line("原因，比如：今天停电", "", 30)

    def _ask_site(self, one: SiteLine) -> None:
        async def do() -> str:
            week = [str(box.value or "") for box in boxes]
            edit = SiteEdit(
                str(address.value or ""), str(phone.value or ""), week, OnHoliday(holiday.value), str(note.value or ""), one.version
            )
            await self.visit.ask(guide_desk.edit_site, one.view.id, edit)
            return "改好了。"

        with self.asker.form(f"修改{one.view.name}", "保存", do):
            address = line("地址", one.view.address, 120)
            phone = line("电话", one.view.phone, 20)
            ui.label("时间写成 8:30-12:00、13:30-17:30，不开就写 不开").classes("muted")
            with ui.element("div").classes("site-week"):
                boxes = [line(f"周{name}", text) for name, text in zip(WEEKDAYS, one.week, strict=True)]
            holiday = select({str(key): name for key, name in HOLIDAYS.items()}, "节假日", str(one.on_holiday))
            note = line("给居民的说明（可不填）", one.view.note, 200)

    # --- contact days ----------------------------------------------------------------------------------------------------

    def _contacts(self, found: GuideDesk) -> None:
        if not found.contacts:
            empty("还没有登记接待日。人大代表、党代表、政协委员几时接待居民，登记在这里，居民一问就知道。", "groups")
        for _, community in found.communities:
            here = [one for one in found.contacts if one.community == community]
            if not here:
                continue
            ui.label(community).classes("section spaced")
            with ui.element("div").classes("views"):
                for one in here:
                    self._contact(one, found.keeps)
        if found.keeps:
            with ui.element("div").classes("guide-foot"):
                act_button(self.visit, "新增接待日", partial(self._ask_contact, None, found.communities), "unelevated")
        ui.label("律师的预约时段在“律师”页。").classes("muted guide-foot")

    def _contact(self, one: ContactLine, keeps: bool) -> None:
        with ui.element("div").classes("site-row").props(f'data-contact="{one.id}"'):
            with ui.element("div").classes("site-what"):
                with ui.element("div").classes("v-who"):
                    ui.label(one.name).classes("v-name")
                    ui.label(one.title).classes("muted")
                ui.label(one.place).classes("muted")
            with ui.element("div").classes("site-when"):
                ui.label(f"{one.rule} {one.hours}")
                if not one.active:
                    tag("暂停", "s-over")
                elif one.next_on is not None:
                    ui.label(f"下次{one.next_on.month}月{one.next_on.day}日（周{WEEKDAYS[one.next_on.weekday()]}）").classes("muted")
                if one.note:
                    ui.label(one.note).classes("muted")
            if keeps:
                with ui.element("div").classes("l-acts"):
                    act_button(self.visit, "修改", partial(self._ask_contact, one, ()), "flat dense")

    def _ask_contact(self, one: ContactLine | None, communities: tuple[tuple[int, str], ...]) -> None:
        async def do() -> str:
            text = {name: str(box.value or "") for name, box in boxes.items()}
            edit = ContactEdit(
                role.value, text["name"], text["title"], text["place"], text["rule"], text["hours"], text["note"],
                bool(active.value) if active is not None else True,
            )  # fmt: skip
            if one is None:
                await self.visit.ask(guide_desk.edit_contact, edit, community_id=where.value if where is not None else communities[0][0])
            else:
                await self.visit.ask(guide_desk.edit_contact, edit, one.id, version=one.version)
            return "保存好了。"

        with self.asker.form("新增接待日" if one is None else f"修改{one.name}的接待日", "保存", do):
            where = select(dict(communities), "社区", communities[0][0]) if one is None and len(communities) > 1 else None
            role = select(dict(ROLE_NAMES), "谁接待", one.role if one else next(iter(ROLE_NAMES)))
            boxes: dict[str, Any] = {
                "name": line("姓名", one.name if one else "", 20),
                "title": line("身份，比如：区人大代表", one.title if one else "", 30),
                "place": line("在哪里", one.place if one else "", 60),
                "rule": line("哪天（每月15日、每月第二个周六、每周三）", one.rule if one else "每月15日", 20),
                "hours": line("几点", one.hours if one else "9:00-11:00", 20),
                "note": line("说明（可不填）", one.note if one else "", 100),
            }
            active = ui.checkbox("接待照常（去掉勾就是暂停）", value=one.active) if one is not None else None

    # --- guides ----------------------------------------------------------------------------------------------------------

    def _guides(self, found: GuideDesk) -> None:
        with ui.element("div").classes("teach-facts"):
            ui.label(f"{len(found.guides)}条指南。点一条看居民看到的内容。").classes("muted")
            ui.link("要改、要新写", "/knowledge?tab=guide").classes("textlink")
        for field, name in FIELDS.items():
            here = [one for one in found.guides if one.field == field]
            if not here:
                continue
            ui.label(f"{name} {len(here)}").classes("section spaced")
            with ui.element("div").classes("views"):
                for one in here:
                    self._guide(one)

    def _guide(self, one: Guide) -> None:
        button = ui.element("button").classes("guide-row").props(f'type="button" data-guide="{one.code}"')
        with button:
            ui.label(one.title).classes("v-name")
            ui.label(one.where).classes("muted")
            ui.label(f"{one.checked_on:%Y-%m-%d}写").classes("v-at")

        async def show() -> None:
            self._show(one)

        button.on("click", self.visit.handler(show), args=[])

    def _show(self, one: Guide) -> None:
        dialog = self.asker.dialog
        dialog.clear()
        with dialog, ui.element("div").classes("form guide-sheet"):
            ui.label(one.title).classes("form-title")
            for name, value in (
                ("去哪", one.where), ("带上", "、".join(one.papers)), ("步骤", " → ".join(one.steps)), ("费用", one.fee),
                ("多久", one.takes), ("手机上", one.online), ("代办", one.others), ("留意", one.note),
                ("写于", f"{one.checked_on:%Y-%m-%d}，请{one.owner}跟本市窗口核对"),
                ("居民这样问", "；".join(one.questions)),
            ):  # fmt: skip
                fact(name, value)
            with ui.element("div").classes("form-foot"):
                ui.button("知道了", on_click=dialog.close).props("unelevated no-caps").classes("form-sure")
        dialog.open()

    def _misses(self, found: GuideDesk) -> None:
        ui.label("居民问过、没有指南能答的话，电话等已经隐去。问得多的，可以补一条指南。").classes("muted")
        if not found.misses:
            empty("还没有查不到的问题。", "task_alt")
            return
        now = heart.community().clock.now()
        with ui.element("div").classes("views guide-log spaced"):
            for one in found.misses:
                with ui.element("div").classes("guide-event"):
                    ui.label(short_time(one.last_at, now)).classes("v-at")
                    ui.label(f"{one.times}次").classes("v-name")
                    ui.label(one.text)


@ui.page(PAGE, title="办事指南 · 邻舍工作台", response_timeout=10)
async def guides_page(request: Request, tab: str = "sites") -> None:
    visit = Visit.of(request)
    with shell(visit, "guides", "办事指南") as frame:
        try:
            page = GuidePage(frame, visit, tab)
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
    hub.watch(visit, page.refresh)
