"""What may be done with a ticket: buttons for the moves the heart allows, and the form each one asks for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from typing import Any

from nicegui import ui

from community.errors import Conflict, IllegalMove
from community.model.calendar import local
from community.model.ticket import Move, Outcome
from community.services import replies
from console import heart
from console.photo_picker import PhotoPicker
from console.phrases import BOTTOM
from console.remarks import Remarks
from console.session import Visit
from console.ticket_moves import Asks, arguments, asks, in_order, use_case, words
from console.words import move_name

MAX_NOTE = 500
OUTCOME_SAID = {Outcome.SOLVED: "解决了", Outcome.EXPLAINED: "办不了，已解释"}
SHOWN = 5
"""More buttons than this are hard to tell apart, and too wide for a phone: the rest is behind 更多."""

Allowed = tuple[frozenset[Move], tuple[tuple[int, str], ...]]


class Acts:
    """The buttons of a ticket and the one dialog they share, which no refresh touches: typing is not lost.

    `seen` is how many events of the ticket are on the page: a form filled in while others went on says so first.
    """

    def __init__(
        self, visit: Visit, number: str, after: Callable[[], Awaitable[None]], seen: Callable[[], int | None]
    ) -> None:
        self.visit, self.number, self.after, self.seen = visit, number, after, seen
        self._transfer_to: Sequence[tuple[int, str]] = ()
        self.dialog = ui.dialog().props(BOTTOM).classes("form-dialog")

    def draw(self, allowed: Allowed) -> None:
        moves, self._transfer_to = allowed
        main, others = in_order(moves)
        room = SHOWN - len(main)
        shown, hidden = (others, []) if len(others) <= room else (others[: room - 1], others[room - 1 :])
        for move in shown:
            self._button(move, "flat")
        if hidden:
            with ui.button("更多").props("flat no-caps").classes("act act-more"), ui.menu():
                for move in hidden:
                    ui.menu_item(move_name(move), on_click=self._pressed(move)).classes(f"act-{move.value}")
        # The nearest step is the usual next one; a further one (resolve without start) stays possible.
        for place, move in enumerate(main):
            self._button(move, "unelevated" if place == 0 else "outline")

    def _button(self, move: Move, style: str) -> None:
        button = ui.button(move_name(move), on_click=self._pressed(move)).props(f"{style} no-caps")
        button.classes(f"act act-{move.value}")

    def _pressed(self, move: Move) -> Callable[[], Awaitable[None]]:
        async def press() -> None:
            act = use_case(move)
            if act is None:
                return
            asked = asks(act)
            if not asked.nothing:
                self.ask(move, asked)
                return
            await self._make(move, {})
            self.visit.tell(words(move).done, "positive")

        return self.visit.handler(press)

    def ask(self, move: Move, asked: Asks) -> None:
        """Open the form of a move."""
        said = words(move)
        told_of_change = False
        self.dialog.clear()
        with self.dialog, ui.element("div").classes("form"):
            ui.label(move_name(move)).classes("form-title")
            person = self._draw_people() if asked.colleague else None
            day = self._draw_day(move) if asked.day else None
            outcome: ui.toggle | None = None
            if asked.outcome:
                names = {str(one): name for one, name in OUTCOME_SAID.items()}
                outcome = ui.toggle(names, value=str(Outcome.SOLVED)).props("unelevated no-caps spread").classes("outcome")
            note: ui.textarea | None = None
            remarks: Remarks | None = None
            if asked.text:
                ui.label(said.label).classes("form-label")
                note = ui.textarea().classes("full")
                note.props(f'outlined autogrow autofocus maxlength={MAX_NOTE} counter aria-label="{said.label}"')
                remarks = Remarks() if said.told else None
            picker = PhotoPicker(self.visit) if asked.photos else None

            async def confirm() -> None:
                nonlocal told_of_change
                text = (note.value or "").strip() if note is not None else ""
                if person is not None and not person.value:
                    person.props('error error-message="请选择转给谁。"')
                    return
                until = _day_of(day)
                if day is not None and until is None:
                    day.props('error error-message="请选一个日子。"')
                    return
                if note is not None and not text:
                    note.props(f'error error-message="{said.required}"')
                    return
                seen = self.seen()
                changed = await self.visit.ask(replies.changed_since, self.number, seen) if seen is not None else ""
                if changed and not told_of_change:
                    told_of_change = True
                    self.visit.tell(f"{changed}您填的还在，看一眼再确定。", "warning")
                    await self.after()
                    return
                if remarks is not None and text:
                    look = await self.visit.ask(replies.preview, self.number, text)
                    if remarks.show(look.remarks):
                        sure.set_text(f"仍然{move_name(move)}")
                        return
                to = int(person.value) if person is not None and person.value else None
                photos = tuple(picker.hashes) if picker is not None else ()
                how = Outcome(outcome.value) if outcome is not None else Outcome.SOLVED
                await self._make(move, arguments(asked, text, until, to, photos, how))
                self.dialog.close()
                self.visit.tell(said.done, "positive")

            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self.dialog.close).props("flat no-caps")
                sure = ui.button(f"确定{move_name(move)}").props("unelevated no-caps").classes("form-sure")
                sure.on_click(self.visit.handler(confirm))
        self.dialog.open()

    def _draw_people(self) -> ui.select:
        ui.label("转给谁").classes("form-label")
        person = ui.select(dict(self._transfer_to), with_input=len(self._transfer_to) > 8)
        return person.props('outlined dense options-dense aria-label="转给谁"').classes("full")

    def _draw_day(self, move: Move) -> ui.input:
        tomorrow = local(heart.community().clock.now()).date() + timedelta(days=1)
        ui.label(f"{move_name(move)}到哪天").classes("form-label")
        return ui.input(value=tomorrow.isoformat()).props(
            f'type="date" min="{tomorrow.isoformat()}" outlined dense aria-label="{move_name(move)}到哪天"'
        )

    async def _make(self, move: Move, filled: dict[str, Any]) -> None:
        """Make the move. When somebody was faster, the page shows what is true now and the sentence says so."""
        act = use_case(move)
        if act is None:
            return
        try:
            await self.visit.ask(act, self.number, **filled)
        except (Conflict, IllegalMove):
            await self.after()
            raise
        await self.after()


def _day_of(field: ui.input | None) -> date | None:
    try:
        return date.fromisoformat(field.value or "") if field is not None else None
    except ValueError:
        return None
