"""What a message means, said by a trainer: the dialog that the queue opens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from community.model.intents import INTENT_NAMES
from community.model.teaching import REPORT, held_out
from community.services import labelling
from community.services.labelling import NewLabel, Sentence
from community.services.labels import LabelView
from community.services.teaching import Group
from console.phrases import BOTTOM
from console.session import Visit
from console.teach_marks import Marks
from console.teach_parts import CATEGORIES, Parts


class LabelDialog:
    def __init__(self, visit: Visit, done: Callable[[list[LabelView]], Awaitable[None]]) -> None:
        self.visit, self._done = visit, done
        self._dialog = ui.dialog().props(BOTTOM).classes("form-dialog")

    async def open(self, group: Group) -> None:
        sentence = await self.visit.ask(labelling.sentence, group.lines[0].text)
        self._dialog.clear()
        with self._dialog, ui.element("div").classes("form teach-form"):
            self._draw(group, sentence)
        self._dialog.open()

    def _draw(self, group: Group, sentence: Sentence) -> None:
        first = group.lines[0]
        with ui.element("div").classes("teach-head"):
            ui.label("这句话是什么意思").classes("form-title")
            several = ui.checkbox("这是好几件事").props("dense")
        with ui.element("div").classes("teach-said"):
            marks = Marks(self.visit, sentence)
            parts = Parts(sentence, first.category)
            for line in group.lines[1:6]:
                ui.label(line.text)
            if len(group.lines) > 6:
                ui.label(f"还有{len(group.lines) - 6}句").classes("muted")
        with ui.element("div").classes("teach-one") as one:
            guesses = [(first.guess, first.guess_name)]
            intent = ui.select(INTENT_NAMES, value=REPORT if group.staff_category else None, label="意思", with_input=True, clearable=True)
            category = ui.select(CATEGORIES, value=group.staff_category or first.category or None, label="类别", with_input=True)
            category.bind_visibility_from(intent, "value", lambda value: value == REPORT)
            with ui.element("div").classes("chips teach-guess"):
                ui.label("小邻猜：").classes("muted")
                for code, name in guesses:
                    chip = ui.element("button").classes("chip").props('type="button"')
                    with chip:
                        ui.label(f"{name} {first.confidence:.0%}")
                    chip.on("click", lambda code=code: intent.set_value(code if code in INTENT_NAMES else None), args=[])
            alike = ui.textarea("居民还会怎么说（一行一句，可不填）").props("autogrow")
            if held_out(sentence.text):
                ui.label("这一句按抽签留作考题，不教给小邻；教别的说法才会变好，请在上面写几句。").classes("muted")
        why = ui.input("为什么这样标（可不填）").props('maxlength="200"')
        for field in (intent, category, alike, why):
            field.props("outlined dense options-dense").classes("full")

        def turn() -> None:
            marks.show(not several.value)
            parts.show(bool(several.value))
            one.set_visibility(not several.value)

        several.on_value_change(turn)
        turn()

        async def keep() -> None:
            if several.value:
                same = tuple(line.id for line in group.lines if line.text == first.text)
                new = NewLabel(sentence.text, why=why.value or "", sources=same, parts=parts.told())
            else:
                new = NewLabel(
                    text=sentence.text,
                    intent=str(intent.value or ""),
                    category=str(category.value or "") if intent.value == REPORT else "",
                    why=why.value or "",
                    sources=tuple(group.ids),
                    said=tuple(line.text for line in group.lines[1:]),
                    alike=tuple((alike.value or "").splitlines()),
                    spans=tuple(marks.spans),
                )
            made = await self.visit.ask(labelling.label, new)
            self._dialog.close()
            await self._done(made)

        with ui.element("div").classes("form-foot"):
            ui.button("取消", on_click=self._dialog.close).props("flat no-caps")
            ui.button("教给小邻", on_click=self.visit.handler(keep)).props("unelevated no-caps").classes("form-sure")
