"""词库: words on their way into the lexicon, and one more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from community.model.calendar import local
from community.model.taught import WordKind
from community.services import lexicon
from community.services.lexicon import NewWord, WordView
from console.parts import Panel, tag
from console.phrases import BOTTOM
from console.session import Visit
from console.teach_tones import TONES

KINDS = {str(WordKind.WORD): "一个词", str(WordKind.ESTATE): "小区的叫法", str(WordKind.ACTIVITY): "活动的叫法"}


class Words:
    """The list under the labels. `changed` is told after each act."""

    def __init__(self, visit: Visit, changed: Callable[[], Awaitable[None]]) -> None:
        self.visit, self._changed = visit, changed
        with ui.element("div").classes("teach-section"):
            ui.label("词库里要加的词").classes("section spaced")
            button = ui.element("button").classes("textlink").props('type="button"')
            with button:
                ui.label("加一个词")
            button.on("click", visit.handler(self._ask), args=[])
        self._list = Panel(self._draw, "teach-list words-list")
        self._dialog = ui.dialog().props(BOTTOM).classes("form-dialog")

    async def refresh(self) -> None:
        self._list.show(await self.visit.ask(lexicon.words))

    def _draw(self, found: list[WordView]) -> None:
        if not found:
            ui.label("还没有。标话的时候选中小邻不认识的词，就能加进来。").classes("muted teach-none")
        for one in found:
            with ui.element("div").classes("teach-row").props(f'data-word="{one.id}"'):
                with ui.element("div").classes("teach-words"):
                    ui.label(one.word).classes("teach-text")
                    if one.why:
                        ui.label(one.why).classes("muted")
                with ui.element("div").classes("teach-why"):
                    tag(one.state_name, TONES[one.state])
                with ui.element("div").classes("teach-guessed"):
                    ui.label(one.meaning)
                    where = f" · {one.file} {one.change}" if one.file else ""
                    ui.label(f"{one.by} {local(one.at):%m-%d %H:%M}{where}").classes("muted")
                with ui.element("div").classes("l-acts"):
                    if one.state in ("ready", "taught"):
                        button = ui.element("button").classes("l-talk textlink").props('type="button"')
                        with button:
                            ui.label("撤回")
                        button.on("click", self.visit.handler(lambda one=one: self._undo(one)), args=[])  # type: ignore[misc]

    async def _undo(self, one: WordView) -> None:
        await self.visit.ask(lexicon.undo, one.id)
        await self._changed()

    async def _ask(self) -> None:
        known = await self.visit.ask(lexicon.names)
        names = {"estate": [name for name, _ in known.estates], "activity": [name for name, _ in known.activities], "word": []}
        self._dialog.clear()
        with self._dialog, ui.element("div").classes("form"):
            ui.label("加一个词").classes("form-title")
            word = ui.input("词（2到12个字）").props('maxlength="12"')
            kind = ui.select(KINDS, value="word", label="它是")
            of = ui.select([], label="哪一个的叫法", with_input=True)
            of.bind_visibility_from(kind, "value", lambda value: value != "word")
            kind.on_value_change(lambda: of.set_options(names[str(kind.value)], value=None))
            why = ui.input("为什么（可不填）").props('maxlength="200"')
            for field in (word, kind, of, why):
                field.props("outlined dense options-dense").classes("full")

            async def keep() -> None:
                new = NewWord(word.value or "", WordKind(str(kind.value)), str(of.value or ""), why.value or "")
                await self.visit.ask(lexicon.add, new)
                self._dialog.close()
                await self._changed()

            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self._dialog.close).props("flat no-caps")
                ui.button("加进词库", on_click=self.visit.handler(keep)).props("unelevated no-caps").classes("form-sure")
        self._dialog.open()
