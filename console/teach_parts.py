"""Several problems in one message: where the next one begins, and what each is."""

from __future__ import annotations

from nicegui import ui

from community.model.category import RULES
from community.model.taught import MOST_PARTS, Part
from community.services.labelling import Sentence

CATEGORIES = {str(category): rule.name for category, rule in RULES.items()}


class Parts:
    """A tap on a word begins another problem with it, a second tap joins them again."""

    def __init__(self, sentence: Sentence, first: str) -> None:
        self.sentence = sentence
        self._begins: list[int] = [0]
        self._category: dict[int, str] = {0: first if first in CATEGORIES else ""}
        self._root = ui.element("div").classes("parts")

    def show(self, shown: bool) -> None:
        self._root.clear()
        self._root.set_visibility(shown)
        if shown:
            self._draw()

    def told(self) -> tuple[Part, ...]:
        ends = [*self._begins[1:], len(self.sentence.text)]
        pairs = zip(self._begins, ends, strict=True)
        return tuple(Part(self._category.get(start, ""), self.sentence.text[start:end]) for start, end in pairs)

    def _draw(self) -> None:
        self._root.clear()
        with self._root:
            ui.label("点一下另一件事开头的词。").classes("muted")
            at = 0
            with ui.element("div").classes("parts-words"):
                for token in self.sentence.tokens:
                    if not token.strip():
                        at += len(token)
                        continue
                    number = sum(1 for begin in self._begins if begin <= at)
                    begins = at in self._begins and at > 0
                    word = ui.element("button").classes(f"part-word part-{number}" + (" part-begins" if begins else ""))
                    word.props(f'type="button" aria-pressed="{str(begins).lower()}"')
                    with word:
                        ui.label(token)
                    word.on("click", lambda at=at: self._toggle(at), args=[])
                    at += len(token)
            for number, (begin, part) in enumerate(zip(self._begins, self.told(), strict=True), 1):
                with ui.element("div").classes("parts-one"):
                    ui.label(f"{number}. {part.words}").classes(f"parts-said part-{number}")
                    chosen = ui.select(CATEGORIES, value=self._category.get(begin) or None, label="类别", with_input=True)
                    chosen.props("outlined dense options-dense").classes("parts-kind")
                    chosen.on_value_change(lambda event, begin=begin: self._category.__setitem__(begin, str(event.value or "")))

    def _toggle(self, at: int) -> None:
        if at == 0:
            return
        if at in self._begins:
            self._begins.remove(at)
        elif len(self._begins) < MOST_PARTS:
            self._begins = sorted([*self._begins, at])
        self._draw()
