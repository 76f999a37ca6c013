"""看前后: what was said around a message, masked, and keeping it as a test."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from nicegui import ui

from community.errors import InvalidInput
from community.model.calendar import local
from community.model.teaching import JobKind
from community.services import model_jobs, talk_cases
from community.services.talk_cases import Around, CaseView, Kept, Said, Turn
from console.parts import Panel, empty, tag
from console.phrases import BOTTOM
from console.session import Visit
from console.teach_tones import TONES


class TalkDialog:
    def __init__(self, visit: Visit, done: Callable[[CaseView], Awaitable[None]]) -> None:
        self.visit, self._done = visit, done
        self._dialog = ui.dialog().props(BOTTOM).classes("form-dialog")

    async def open(self, understanding_ids: Sequence[int]) -> None:
        found = await self.visit.ask(talk_cases.around, understanding_ids)
        self._dialog.clear()
        with self._dialog, ui.element("div").classes("form teach-form"):
            ui.label("前后说了什么").classes("form-title")
            if not found.lines:
                empty(found.why_not, "forum")
            with ui.element("div").classes("talk-lines"):
                for line in found.lines:
                    _draw_line(line)
            form = ui.element("div").classes("teach-one")
            with ui.element("div").classes("form-foot") as foot:
                ui.button("关上", on_click=self._dialog.close).props("flat no-caps")
                if found.turns:
                    make = ui.button("做成对话测试").props("unelevated no-caps").classes("form-sure")
                    make.on_click(lambda: self._begin(found, form, foot))
                elif found.lines:
                    ui.label(found.why_not).classes("muted")
        self._dialog.open()

    def _begin(self, found: Around, form: ui.element, foot: ui.element) -> None:
        """Ask which turns it takes, and what of each answer must stay."""
        rows: list[_TurnRow] = []
        form.clear()
        with form:
            ui.label("答得对的才做成测试。勾上的话，以后的模型都得照样说；人名、电话、门牌已换成别的。").classes("muted")
            rows.extend(_TurnRow(turn) for turn in found.turns)
            seen = ui.checkbox("看过了：没有谁的名字、电话、门牌（有就在上面改掉）").props("dense")
            why = ui.input("为什么留它（可不填）").props('maxlength="200" outlined dense').classes("full")

        async def keep() -> None:
            if not seen.value:
                raise InvalidInput("先看一遍有没有别人的名字、电话、门牌，再勾上“看过了”。")
            wanted = [row.kept() for row in rows if row.taken]
            made = await self.visit.ask(talk_cases.keep, found.id, wanted, why.value or "")
            self._dialog.close()
            await self._done(made)

        foot.clear()
        with foot:
            ui.button("取消", on_click=self._dialog.close).props("flat no-caps")
            ui.button("留作测试", on_click=self.visit.handler(keep)).props("unelevated no-caps").classes("form-sure")
        self.visit.client.run_javascript(f"linsheReveal({foot.id})")


class _TurnRow:
    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        with ui.element("div").classes("talk-turn"):
            self._take = ui.checkbox(turn.say, value=not turn.why_not).props("dense").classes("talk-say")
            self._say = ui.input("测试里这样说", value=turn.say).props('dense outlined maxlength="300"').classes("full")
            self._say.bind_visibility_from(self._take, "value")
            if turn.why_not:
                self._take.disable()
                ui.label(turn.why_not).classes("muted")
            with ui.element("div").classes("talk-must") as must:
                self._answer = {words: ui.checkbox(words, value=words in turn.usual).props("dense") for words in turn.answer}
                self._buttons = {title: ui.checkbox(f"按钮：{title}", value=True).props("dense") for title in turn.buttons}
            must.bind_visibility_from(self._take, "value")

    @property
    def taken(self) -> bool:
        return bool(self._take.value)

    def kept(self) -> Kept:
        ticked = (tuple(words for words, box in boxes.items() if box.value) for boxes in (self._answer, self._buttons))
        answer, buttons = ticked
        return Kept(self._turn.key, answer, buttons, "" if self._say.value == self._turn.say else str(self._say.value or ""))


def _draw_line(line: Said) -> None:
    who = {"in": "居民", "out": "小邻", "staff": "工作人员"}[line.direction]
    with ui.element("div").classes(f"talk-line talk-{line.direction}" + (" talk-here" if line.here else "")):
        ui.label(f"{who} {local(line.at):%m-%d %H:%M}").classes("muted")
        ui.label(line.text).classes("talk-text")
        if line.buttons:
            with ui.element("div").classes("talk-buttons"):
                for title in line.buttons:
                    tag(title)


class Cases:
    """对话测试 on the page of what is taught."""

    def __init__(self, visit: Visit, changed: Callable[[], Awaitable[None]]) -> None:
        self.visit, self._changed = visit, changed
        self._head = Panel(self._draw_head)
        self._list = Panel(self._draw, "teach-list cases-list")

    async def refresh(self) -> None:
        found = await self.visit.ask(talk_cases.listed)
        self._head.show((bool(found), any(one.state == "ready" for one in found)))
        self._list.show(found)
        self._list.box.set_visibility(bool(found))

    def _draw_head(self, shown: tuple[bool, bool]) -> None:
        some, waits = shown
        if not some:
            return
        with ui.element("div").classes("teach-section"):
            ui.label("对话测试").classes("section spaced")
            if waits:
                button = ui.element("button").classes("textlink").props('type="button"')
                with button:
                    ui.label("试跑等着的")
                button.on("click", self.visit.handler(self._try), args=[])

    async def _try(self) -> None:
        await self.visit.ask(model_jobs.ask, JobKind.TRY)
        self.visit.tell("在用正在答话的模型试跑，一分钟左右看这里。", "positive")

    def _draw(self, found: list[CaseView]) -> None:
        for one in found:
            with ui.element("div").classes("teach-row").props(f'data-case="{one.id}"'):
                with ui.element("div").classes("teach-words"):
                    ui.label(one.says[-1]).classes("teach-text")
                    if len(one.says) > 1:
                        ui.label("先说：" + "、".join(one.says[:-1])).classes("muted")
                    if one.missing:
                        ui.label(f"没有再说：{one.missing}").classes("marks-cut")
                    if one.why:
                        ui.label(one.why).classes("muted")
                with ui.element("div").classes("teach-why"):
                    tag(one.state_name, TONES[one.state])
                    tag(one.ran, "u-high" if one.ran == "没通过" else "")
                with ui.element("div").classes("teach-guessed"):
                    ui.label(f"{len(one.says)}句话的对话")
                    where = f" · {one.file} {one.change}" if one.file else ""
                    ui.label(f"{one.by} {local(one.at):%m-%d %H:%M}{where}").classes("muted")
                with ui.element("div").classes("l-acts"):
                    if one.state in ("ready", "taught"):
                        button = ui.element("button").classes("l-talk textlink").props('type="button"')
                        with button:
                            ui.label("撤回")
                        button.on("click", self.visit.handler(lambda one=one: self._undo(one)), args=[])  # type: ignore[misc]

    async def _undo(self, one: CaseView) -> None:
        await self.visit.ask(talk_cases.undo, one.id)
        await self._changed()
