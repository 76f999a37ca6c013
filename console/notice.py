"""One notice: what it says, who has answered building by building, whom to call or knock at; again, longer, taken back."""

from __future__ import annotations

from fastapi import Request
from nicegui import ui

from community.errors import LinsheError
from community.model.calendar import local
from community.model.notice import MAX_TEXT, RESENDS
from community.services import notice_views, notices
from community.services.notice_views import NoticeDetail
from console.layout import Shell, shell
from console.live import hub
from console.notice_new import moment
from console.notices import STATES
from console.parts import Panel, fact, tag
from console.phrases import BOTTOM
from console.session import Visit


class NoticePage:
    def __init__(self, frame: Shell, visit: Visit, notice_id: int) -> None:
        self.frame, self.visit, self.notice_id = frame, visit, notice_id
        self._panel = Panel(self._draw, "notice-page")
        self._dialog = ui.dialog().props(BOTTOM).classes("form-dialog")

    async def refresh(self) -> None:
        self._panel.show(await self.visit.ask(notice_views.look, self.notice_id))
        await self.frame.refresh()

    def _draw(self, shown: NoticeDetail) -> None:
        one = shown.view
        with ui.element("div").classes("cand"):
            with ui.element("div").classes("sides-head"):
                ui.label(f"{one.kind_name} · {one.title}").classes("section")
                tag(*STATES[one.state])
            fact("哪里", one.area)
            fact("时间", one.when)
            fact("谁发的", f"{one.by}" + (f"，{local(one.sent_at):%m-%d %H:%M}" if one.sent_at else ""))
            ui.label(one.text).classes("notice-bubble")
            if one.correction:
                fact("更正", one.correction, "cand-loss")
            if one.late:
                with ui.element("div").classes("fact"):
                    ui.label("没恢复").classes("fact-name")
                    for number in one.late:
                        ui.link(number, f"/tickets/{number}").classes("textlink")
            with ui.element("div").classes("shift-acts"):
                if one.state in ("current", "coming") and one.resends < RESENDS and one.read < one.sent:
                    self._button(f"补发给没回的{one.sent - one.read}人", self._again)
                if one.state in ("current", "coming", "over"):
                    self._button("改结束时间", lambda: self._ask_end(shown), quiet=True)
                if one.state in ("current", "coming", "waiting"):
                    self._button("撤回更正", self._ask_recall, quiet=True)
        with ui.element("div").classes("notice-side"):
            ui.label(f"{one.read}/{one.sent}人回了“知道了”").classes("section")
            ui.label("没回不等于没看到：微信不告诉我们谁看过。").classes("muted")
            with ui.element("div").classes("views"):
                for name, told, read in shown.by_building:
                    with ui.element("div").classes("cand-label"):
                        ui.label(name)
                        ui.label(f"发了{told}").classes("muted")
                        ui.label(f"回了{read}").classes("cand-up" if read == told else "muted")
            if shown.unread:
                ui.label("没回的，打电话或敲门").classes("section spaced")
                with ui.element("div").classes("views"):
                    for person in shown.unread[:60]:
                        with ui.element("div").classes("cand-label"):
                            ui.label(person.home or "没有住址")
                            ui.label(person.name).classes("muted")
                            ui.label("独居老人" if person.alone else "").classes("cand-loss")
            ui.label("经过").classes("section spaced")
            with ui.element("div").classes("views"):
                for event in shown.events:
                    with ui.element("div").classes("teach-event"):
                        ui.label(f"{local(event.at):%m-%d %H:%M}").classes("muted")
                        ui.label(f"{event.who} {event.did}")

    def _button(self, name: str, act: object, quiet: bool = False) -> None:
        button = ui.element("button").classes("l-talk textlink" if quiet else "l-resend").props('type="button"')
        with button:
            ui.label(name)

        async def press() -> None:
            done = act()  # type: ignore[operator]
            if done is not None:
                await done

        button.on("click", self.visit.handler(press), args=[])

    async def _again(self) -> None:
        number = await self.visit.ask(notices.resend, self.notice_id)
        await self.refresh()
        self.visit.tell(f"又发给了{number}人。", "positive")

    def _ask_end(self, shown: NoticeDetail) -> None:
        self._dialog.clear()
        with self._dialog, ui.element("div").classes("form"):
            ui.label("到什么时候").classes("form-title")
            ui.label("收到过这条通知的人都会知道。已经恢复了，就选现在以前的时间。").classes("muted")
            until = ui.input(value=f"{local(shown.view.ends_at):%Y-%m-%dT%H:%M}").classes("full")
            until.props('type="datetime-local" outlined dense')

            async def keep() -> None:
                told = await self.visit.ask(notices.move_end, self.notice_id, moment(until.value))
                self._dialog.close()
                await self.refresh()
                self.visit.tell(f"改好了，告诉了{told}人。", "positive")

            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self._dialog.close).props("flat no-caps")
                ui.button("告诉他们", on_click=self.visit.handler(keep)).props("unelevated no-caps").classes("form-sure")
        self._dialog.open()

    def _ask_recall(self) -> None:
        self._dialog.clear()
        with self._dialog, ui.element("div").classes("form"):
            ui.label("撤回这条通知").classes("form-title")
            ui.label("收到过的人都会读到更正；还没发的就不发了。").classes("muted")
            text = ui.textarea("更正的内容（居民会看到）").props(f'outlined autogrow maxlength="{MAX_TEXT}"').classes("full")

            async def keep() -> None:
                told = await self.visit.ask(notices.recall, self.notice_id, text.value or "")
                self._dialog.close()
                await self.refresh()
                self.visit.tell(f"撤回了，告诉了{told}人。", "positive")

            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self._dialog.close).props("flat no-caps")
                ui.button("撤回", on_click=self.visit.handler(keep)).props("unelevated no-caps").classes("form-sure")
        self._dialog.open()


@ui.page("/notices/{notice_id:int}", title="通知 · 邻舍工作台", response_timeout=10)
async def notice_page(request: Request, notice_id: int) -> None:
    visit = Visit.of(request)
    with shell(visit, "notices", "通知", back="/notices") as frame:
        try:
            page = NoticePage(frame, visit, notice_id)
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
    hub.watch(visit, page.refresh)
