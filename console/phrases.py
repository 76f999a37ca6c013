"""常用语 in a dialog: choose one, or write and change them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from community.model.desk import MAX_NAME, MAX_PHRASE, PLACEHOLDERS
from community.services import canned
from community.services.canned import Phrase
from console.parts import empty
from console.session import Visit

BOTTOM = ":position=\"window.innerWidth < 900 ? 'bottom' : 'standard'\""


class Phrases:
    """`use` gets the text of the phrase that was chosen."""

    def __init__(self, visit: Visit, use: Callable[[str], Awaitable[None]]) -> None:
        self.visit, self.use = visit, use
        self.dialog = ui.dialog().props(BOTTOM).classes("form-dialog")

    async def open(self) -> None:
        found = await self.visit.ask(canned.phrases)
        self.dialog.clear()
        with self.dialog, ui.element("div").classes("form phrases"):
            with ui.element("div").classes("phrases-head"):
                ui.label("常用语").classes("form-title")
                add = ui.button("新写一句", on_click=self.visit.handler(self._new)).props("flat no-caps dense")
                add.classes("phrase-new")
            if not found:
                empty("还没有常用语。写一句，下次一点就有。", "short_text")
            for name, shared in (("我的", False), ("社区的", True)):
                group = [phrase for phrase in found if phrase.shared is shared]
                if group:
                    ui.label(name).classes("section")
                for phrase in group:
                    self._draw(phrase)
        self.dialog.open()

    def _draw(self, phrase: Phrase) -> None:
        with ui.element("div").classes("phrase"):
            choose = ui.element("button").props('type="button"').classes("phrase-use")
            with choose:
                ui.label(phrase.title).classes("phrase-title")
                ui.label(phrase.text).classes("phrase-text")

            async def take() -> None:
                self.dialog.close()
                await self.use(phrase.text)

            choose.on("click", self.visit.handler(take), args=[])
            if phrase.mine_to_change:
                change = ui.element("button").props(f'type="button" aria-label="改：{_plain(phrase.title)}"').classes("phrase-change")
                with change:
                    ui.icon("edit")

                async def edit() -> None:
                    await self._edit(phrase)

                change.on("click", self.visit.handler(edit), args=[])

    async def _new(self) -> None:
        await self._edit(None)

    async def _edit(self, phrase: Phrase | None) -> None:
        may_share = phrase is None and await self.visit.ask(canned.may_share)
        self.dialog.clear()
        with self.dialog, ui.element("div").classes("form"):
            ui.label("改常用语" if phrase else "新写一句").classes("form-title")
            title = ui.input("名字", value=phrase.title if phrase else "").props(f"outlined dense maxlength={MAX_NAME}")
            text = ui.textarea("内容", value=phrase.text if phrase else "").classes("full")
            text.props(f"outlined autogrow maxlength={MAX_PHRASE} counter")
            with ui.element("div").classes("holes"):
                ui.label("点一下放进去，用的时候自动填上：").classes("muted")
                for name in PLACEHOLDERS:
                    hole = ui.element("button").props('type="button"').classes("chip")
                    with hole:
                        ui.label(name)
                    hole.on("click", lambda _, name=name: text.set_value(f"{text.value or ''}{{{name}}}"), args=[])
            shared = ui.checkbox("社区同事都能用") if may_share else None

            async def keep() -> None:
                await self.visit.ask(
                    canned.keep,
                    title.value or "",
                    text.value or "",
                    shared=bool(shared and shared.value),
                    phrase_id=phrase.id if phrase else None,
                )
                await self.open()

            async def drop() -> None:
                if phrase is not None:
                    await self.visit.ask(canned.drop, phrase.id)
                await self.open()

            with ui.element("div").classes("form-foot"):
                if phrase is not None:
                    ui.button("删掉", on_click=self.visit.handler(drop)).props("flat no-caps").classes("form-drop")
                ui.button("返回", on_click=self.visit.handler(self.open)).props("flat no-caps")
                sure = ui.button("保存", on_click=self.visit.handler(keep)).props("unelevated no-caps")
                sure.classes("form-sure")
        self.dialog.open()


def _plain(title: str) -> str:
    """A title as part of an attribute: a quote would end it."""
    return title.replace('"', "”").replace("\\", "")
