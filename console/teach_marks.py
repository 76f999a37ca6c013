"""What words of a message name: characters chosen in it, by mouse, touch or keys (static/tokens.js), and what they are."""

from __future__ import annotations

from typing import Any

from nicegui import events, ui

from community.model.taught import ENTITY_NAMES, OF_ENTITY, Span, WordKind
from community.services import lexicon
from community.services.labelling import Sentence
from community.services.lexicon import NewWord
from console.session import Visit

HINT = "点头尾两个词，或拖着选字，再说它是什么。"


class Marks:
    """`spans` is what is marked so far."""

    def __init__(self, visit: Visit, sentence: Sentence) -> None:
        self.visit, self.sentence = visit, sentence
        self.spans: list[Span] = []
        self._chosen: tuple[int, int] | None = None
        self._added: set[str] = set()
        self._box = ui.element("div").classes("tokens").props('tabindex="0" role="group" aria-label="原话，方向键移动，按住 Shift 选字"')
        self._box.on("choose", self._choose, js_handler="(e) => emit(e.detail)")
        self._below = ui.element("div").classes("marks")
        self._draw_box()
        self._draw()

    def show(self, shown: bool) -> None:
        self._box.set_visibility(shown)
        self._below.set_visibility(shown)

    def _draw_box(self) -> None:
        self._box.clear()
        at = 0
        with self._box:
            for token in self.sentence.tokens:
                with ui.element("span").classes("token"):
                    for character in token:
                        marked = any(span.start <= at < span.end for span in self.spans)
                        ui.label(character).classes("char marked" if marked else "char").props(f'data-at="{at}"')
                        at += 1

    def _choose(self, event: events.GenericEventArguments) -> None:
        start, end = int(event.args["start"]), int(event.args["end"])
        if 0 <= start < end <= len(self.sentence.text):
            self._chosen = (start, end)
            self._draw()

    def _draw(self) -> None:
        self._below.clear()
        with self._below:
            if self._chosen is None:
                if not self.spans:
                    found = "、".join(f"{span.words}（{ENTITY_NAMES[span.entity]}）" for span in self.sentence.found)
                    ui.label(f"小邻认出：{found}。认漏的{HINT}" if found else HINT).classes("muted")
            else:
                self._draw_chosen(*self._chosen)
            for span in self.spans:
                self._draw_span(span)

    def _draw_chosen(self, start: int, end: int) -> None:
        words = self.sentence.text[start:end]
        with ui.element("div").classes("chips marks-what"):
            ui.label(f"“{words}”是").classes("muted")
            for entity, name in ENTITY_NAMES.items():
                _button(name, "chip", lambda entity=entity: self._mark(entity))
        if self.sentence.cuts_a_word(start, end) and words not in self._added:
            with ui.element("div").classes("marks-warn"):
                ui.label("切开了一个词，这样标教不会。").classes("marks-cut")
                button = ui.element("button").classes("textlink").props('type="button"')
                with button:
                    ui.label(f"把“{words}”加进词库")
                button.on("click", self.visit.handler(lambda: self._add(words)), args=[])

    def _draw_span(self, span: Span) -> None:
        with ui.element("div").classes("marks-one"):
            ui.label(f"{span.words} · {ENTITY_NAMES[span.entity]}").classes("marks-name")
            kind = OF_ENTITY.get(span.entity)
            if kind is not None:
                known = self.sentence.lexicon
                names = [name for name, _ in (known.estates if kind is WordKind.ESTATE else known.activities)]
                if span.words not in known.names and names:
                    label = "是哪个小区的叫法（可不选）" if kind is WordKind.ESTATE else "是哪个活动的叫法（可不选）"
                    chosen = ui.select(names, value=span.of or None, label=label, clearable=True, with_input=True)
                    chosen.props("outlined dense options-dense").classes("marks-of")
                    chosen.on_value_change(lambda event, span=span: self._name(span, event))
            _button("去掉", "textlink", lambda: self._drop(span))

    def _mark(self, entity: str) -> None:
        if self._chosen is None:
            return
        start, end = self._chosen
        words = self.sentence.text[start:end]
        stripped = words.strip(" ，。、！？；：,.!?;:")
        start += words.index(stripped) if stripped else 0
        if stripped:
            kept = [span for span in self.spans if span.end <= start or span.start >= start + len(stripped)]
            self.spans = sorted([*kept, Span(start, start + len(stripped), entity, stripped)], key=lambda span: span.start)
        self._chosen = None
        self._draw_box()
        self._draw()

    def _name(self, span: Span, event: events.ValueChangeEventArguments[Any]) -> None:
        of = str(event.value or "")
        self.spans = [Span(s.start, s.end, s.entity, s.words, of) if s.start == span.start else s for s in self.spans]

    def _drop(self, span: Span) -> None:
        self.spans = [one for one in self.spans if one.start != span.start]
        self._draw_box()
        self._draw()

    async def _add(self, words: str) -> None:
        await self.visit.ask(lexicon.add, NewWord(words, WordKind.WORD, why=f"在“{self.sentence.text[:60]}”里"))
        self._added.add(words)
        self.visit.tell(f"“{words}”等下次训练加进词库。", "positive")
        self._draw()


def _button(name: str, classes: str, act: Any) -> None:
    button = ui.element("button").classes(classes).props('type="button"')
    with button:
        ui.label(name)
    button.on("click", lambda: act(), args=[])
