"""两方调解 on a ticket: the two sides in two columns, and what the mediator does between them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta

from nicegui import ui

from community.errors import InvalidInput
from community.model.calendar import SHANGHAI, local
from community.model.mediation import Result, Side
from community.services import mediation
from community.services.mediation_views import MediationView, SideView
from console import heart
from console.parts import Panel, tag
from console.phrases import BOTTOM
from console.session import Visit
from console.words import short_time

TO = {"both": "两方", "first": "只给申请人", "second": "只给对方"}
SIDES = {"both": (Side.FIRST, Side.SECOND), "first": (Side.FIRST,), "second": (Side.SECOND,)}
RESULTS = {Result.REACHED.value: "达成一致", Result.NOT_REACHED.value: "没有达成"}


class TwoSides:
    """Drawn again when something changed; what is being written stands in a dialog, which no refresh touches."""

    def __init__(self, visit: Visit, number: str, after: Callable[[], Awaitable[None]]) -> None:
        self.visit, self.number, self.after = visit, number, after
        self._panel: Panel[tuple[MediationView, str]] = Panel(self._draw, "card t-sides")
        self.dialog = ui.dialog().props(BOTTOM).classes("form-dialog")

    async def load(self) -> None:
        view = await self.visit.ask(mediation.look, self.number)
        self._panel.box.set_visibility(view is not None)
        if view is not None:
            now = heart.community().clock.now()
            self._panel.show((view, f"{local(now):%Y-%m-%d}"))

    def _draw(self, shown: tuple[MediationView, str]) -> None:
        view = shown[0]
        with ui.element("div").classes("sides-head"):
            ui.label("两方调解").classes("section")
            if view.can_open:
                ui.label("两家的事，可以请老娘舅来说和").classes("muted")
                self._button("请调解员", self._open)
                return
            if view.first is None or view.second is None:
                ui.label("在调解，两方说的话只有调解员和社区看得到").classes("muted")
                return
            if view.subject:
                ui.label(f"事由：{view.subject}").classes("muted")
        now = heart.community().clock.now()
        if view.meet_at is not None:
            ui.label(f"约在 {short_time(view.meet_at, now)} · {view.meet_place}").classes("sides-meet")
        if view.result:
            ui.label(f"{view.result}：{view.result_words}").classes("sides-meet")
        with ui.element("div").classes("sides"):
            self._side("申请的一方", view.first, now)
            with self._side("另一方", view.second, now):
                if view.may_name and view.first is not None:
                    with ui.element("div").classes("sides-do"):
                        for resident_id, name, verified in view.invitable:
                            self._button(f"邀请{name}" + ("" if verified else "（住址未核实）"), self._inviting(resident_id, name))
                        if not view.invitable:
                            ui.label("要邀请，先写准门牌；没有绑定住址的，请上门说。").classes("muted")
                        self._button("改住处" if view.second.home else "写住处", self._naming)
        if view.is_open:
            with ui.element("div").classes("sides-foot"):
                self._button("写给一方或两方", lambda: self._writing(view))
                self._button("约时间", self._meeting)
                if view.may_conclude:
                    self._button("写调解结果", self._concluding)

    def _side(self, name: str, side: SideView, now: datetime) -> ui.element:
        with ui.element("section").classes("side").props(f'aria-label="{name}"') as box:
            with ui.element("div").classes("side-head"):
                ui.label(name).classes("side-name")
                if side.state:
                    tag(side.state)
                if side.answer:
                    tag(side.answer, "s-done")
            ui.label(" · ".join(part for part in (side.name, side.home) if part) or "还不知道是谁").classes("side-who")
            for said in side.lines:
                with ui.element("div").classes("side-line" + (" ours" if said.by_staff else "")):
                    with ui.element("div").classes("side-by"):
                        ui.label(said.who)
                        ui.label(short_time(said.at, now)).classes("muted")
                    ui.label(said.text).classes("side-text")
            if not side.lines:
                ui.label("还没有说话。").classes("muted")
        return box

    def _button(self, name: str, act: Callable[[], Awaitable[None]]) -> None:
        ui.button(name, on_click=self.visit.handler(act)).props("outline no-caps dense").classes("talk-act")

    async def _open(self) -> None:
        await self.visit.ask(mediation.open_from, self.number)
        await self.after()
        self.visit.tell("已请调解员，居民会收到通知。", "positive")

    def _form(self, title: str, hint: str, sure: str, fields: Callable[[], Callable[[], Awaitable[None]]], done: str) -> None:
        """One dialog for all: `fields` draws what is asked, and returns what is done with it."""
        self.dialog.clear()
        with self.dialog, ui.element("div").classes("form"):
            ui.label(title).classes("form-title")
            if hint:
                ui.label(hint).classes("muted")
            act = fields()

            async def confirm() -> None:
                await act()
                self.dialog.close()
                await self.after()
                self.visit.tell(done, "positive")

            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self.dialog.close).props("flat no-caps")
                ui.button(sure).props("unelevated no-caps").classes("form-sure").on_click(self.visit.handler(confirm))
        self.dialog.open()

    async def _naming(self) -> None:
        def fields() -> Callable[[], Awaitable[None]]:
            box = _text("对方住处，如：剡溪花园3幢2单元602", lines=False)
            return lambda: self.visit.ask(mediation.name_other, self.number, box.value or "")

        self._form("另一方住哪里", "写到室号，才能在聊天里邀请。", "记下", fields, "记下了。")

    def _inviting(self, resident_id: int, name: str) -> Callable[[], Awaitable[None]]:
        async def ask() -> None:
            def fields() -> Callable[[], Awaitable[None]]:
                box = _text("是什么事（对方会看到）", lines=False)
                return lambda: self.visit.ask(mediation.invite, self.number, resident_id, box.value or "")

            hint = "对方只看到这几个字和您的名字。请不要写申请人是谁、说了什么。只能邀请一次。"
            self._form(f"邀请{name}", hint, "发出邀请", fields, "邀请已发出，对方回 1 愿意、2 不方便。")

        return ask

    async def _writing(self, view: MediationView) -> None:
        names = TO if view.may_write_second else {"first": TO["first"]}
        draft = f"mediate-{self.visit.staff.id}-{heart.community().clock.now().timestamp():.3f}"

        def fields() -> Callable[[], Awaitable[None]]:
            to = ui.toggle(names, value="first").props("unelevated no-caps spread").classes("outcome")
            box = _text("写什么（对方看不到写给另一方的）")
            return lambda: self.visit.ask(mediation.write, self.number, SIDES[str(to.value)], box.value or "", draft)

        hint = "" if view.may_write_second else "对方还没有答应调解，现在只能写给申请人。"
        self._form("写给谁", hint, "发出", fields, "已发出。")

    async def _meeting(self) -> None:
        tomorrow = local(heart.community().clock.now()).date() + timedelta(days=1)

        def fields() -> Callable[[], Awaitable[None]]:
            with ui.element("div").classes("sides-when"):
                day = ui.input(value=tomorrow.isoformat()).props(f'type="date" min="{tomorrow}" outlined dense aria-label="哪天"')
                hour = ui.input(value="14:30").props('type="time" outlined dense aria-label="几点"')
            place = _text("在哪里见", lines=False)
            return lambda: self.visit.ask(mediation.meet, self.number, moment(day.value, hour.value), place.value or "")

        self._form("约时间", "两方都会收到；对方答应以后才告诉对方。", "告诉两方", fields, "已告诉。")

    async def _concluding(self) -> None:
        def fields() -> Callable[[], Awaitable[None]]:
            result = ui.toggle(RESULTS, value=Result.REACHED.value).props("unelevated no-caps spread").classes("outcome")
            box = _text("结果（两方都会看到）")
            return lambda: self.visit.ask(mediation.conclude, self.number, Result(str(result.value)), box.value or "")

        hint = "没有达成时，会一并告诉两方还可以找人民调解委员会或者法院。"
        self._form("调解结果", hint, "告诉两方", fields, "已告诉两方，等他们说是不是这样。")


def _text(label: str, *, lines: bool = True) -> ui.input | ui.textarea:
    ui.label(label).classes("form-label")
    box: ui.input | ui.textarea = ui.textarea() if lines else ui.input()
    return box.props(f'outlined autofocus maxlength=500 aria-label="{label}"' + (" autogrow" if lines else " dense")).classes("full")


def moment(day: str | None, hour: str | None) -> datetime:
    """What two fields of a form say, aware. Raises InvalidInput for what is no day or no time."""
    try:
        return datetime.combine(date.fromisoformat(day or ""), time.fromisoformat(hour or ""), SHANGHAI)
    except ValueError as error:
        raise InvalidInput("请把日子和时间选好。") from error
