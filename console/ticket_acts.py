"""What may be done with a ticket: buttons for the moves the heart allows, and the form each one asks for."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import events, ui

from community.errors import Conflict, IllegalMove
from community.model.media import MAX_UPLOAD_BYTES
from community.model.ticket import Move
from community.services import desk
from console.gate import TOO_LARGE
from console.session import Visit
from console.words import ACTION_NAMES

MAX_NOTE = 500
MAX_PHOTOS = 9


@dataclass(frozen=True)
class Form:
    """What a move asks for before it is made."""

    label: str
    required: str
    done: str
    photos: bool = False
    choose: bool = False


FORMS = {
    Move.RESOLVE: Form("怎么办好的（居民会看到）", "请写明怎么办好的，居民要看。", "已办结，等居民确认。", photos=True),
    Move.RETURN: Form("退回原因（居民会看到）", "请写明为什么退回。", "已退回，由社区重新安排。"),
    Move.TRANSFER: Form("转派原因（居民会看到）", "请写明为什么转派。", "已转派。", choose=True),
    Move.NOTE: Form("备注内容（只有工作人员看到）", "请写一点内容。", "已备注。"),
}
AT_ONCE = {Move.ACCEPT: "已接单。", Move.START: "已开始处理，居民会收到通知。"}
MAIN = (Move.ACCEPT, Move.START, Move.RESOLVE)
OTHERS = (Move.TRANSFER, Move.RETURN, Move.NOTE)

Allowed = tuple[frozenset[Move], tuple[tuple[int, str], ...]]


class Acts:
    """The buttons of a ticket and the one dialog they share, which no refresh touches: typing is not lost."""

    def __init__(self, visit: Visit, number: str, after: Callable[[], Awaitable[None]]) -> None:
        self.visit, self.number, self.after = visit, number, after
        self._transfer_to: Sequence[tuple[int, str]] = ()
        self._photos: list[str] = []
        self.dialog = (
            ui.dialog().props(":position=\"window.innerWidth < 900 ? 'bottom' : 'standard'\"").classes("form-dialog")
        )

    def draw(self, allowed: Allowed) -> None:
        moves, self._transfer_to = allowed
        main = [move for move in MAIN if move in moves]
        for move in OTHERS:
            if move in moves:
                self._button(move, "flat")
        # The nearest step is the usual next one; a further one (resolve without start) stays possible.
        for place, move in enumerate(main):
            self._button(move, "unelevated" if place == 0 else "outline")

    def _button(self, move: Move, style: str) -> None:
        button = ui.button(ACTION_NAMES[move]).props(f"{style} no-caps").classes(f"act act-{move.value}")
        if move in FORMS:
            button.on_click(lambda: self.ask(move))
        else:

            async def at_once() -> None:
                await self._make(move)
                self.visit.tell(AT_ONCE[move], "positive")

            button.on_click(self.visit.handler(at_once))

    def ask(self, move: Move) -> None:
        """Open the form of a move."""
        form = FORMS[move]
        self._photos = []
        self.dialog.clear()
        with self.dialog, ui.element("div").classes("form"):
            ui.label(ACTION_NAMES[move]).classes("form-title")
            person: ui.select | None = None
            if form.choose:
                ui.label("转给谁").classes("form-label")
                person = ui.select(dict(self._transfer_to), with_input=len(self._transfer_to) > 8)
                person.props('outlined dense options-dense aria-label="转给谁"').classes("full")
            ui.label(form.label).classes("form-label")
            note = ui.textarea().classes("full")
            note.props(f'outlined autogrow autofocus maxlength={MAX_NOTE} counter aria-label="{form.label}"')
            if form.photos:
                self._draw_photos()

            async def confirm() -> None:
                text = (note.value or "").strip()
                if person is not None and not person.value:
                    person.props('error error-message="请选择转给谁。"')
                    return
                if not text:
                    note.props(f'error error-message="{form.required}"')
                    return
                to = int(person.value) if person is not None and person.value else None
                await self._make(move, text, to)
                self.dialog.close()
                self.visit.tell(form.done, "positive")

            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self.dialog.close).props("flat no-caps")
                sure = ui.button(f"确定{ACTION_NAMES[move]}").props("unelevated no-caps").classes("form-sure")
                sure.on_click(self.visit.handler(confirm))
        self.dialog.open()

    async def _make(self, move: Move, note: str = "", to_staff: int | None = None) -> None:
        """Make the move. When somebody was faster, the page shows what is true now and the sentence says so."""
        try:
            await self._call(move, note, to_staff)
        except (Conflict, IllegalMove):
            await self.after()
            raise
        await self.after()

    async def _call(self, move: Move, note: str, to_staff: int | None) -> None:
        ask, number = self.visit.ask, self.number
        if move is Move.ACCEPT:
            await ask(desk.accept, number)
        elif move is Move.START:
            await ask(desk.start, number)
        elif move is Move.RESOLVE:
            await ask(desk.resolve, number, note, tuple(self._photos))
        elif move is Move.RETURN:
            await ask(desk.return_ticket, number, note)
        elif move is Move.TRANSFER and to_staff is not None:
            await ask(desk.transfer, number, to_staff, note)
        elif move is Move.NOTE:
            await ask(desk.add_staff_note, number, note)

    def _draw_photos(self) -> None:
        """Photos of the finished work. They are stored at once and belong to the ticket only when it is resolved."""
        with ui.element("div").classes("photos"):
            shown = ui.element("div").classes("photos-shown")
            upload = ui.upload(
                multiple=True, max_file_size=MAX_UPLOAD_BYTES, max_files=MAX_PHOTOS, auto_upload=True,
                on_upload=lambda event: self._take(event, shown),
                on_rejected=lambda: self.visit.tell(f"{TOO_LARGE}最多 {MAX_PHOTOS} 张。", "warning"),
            )  # fmt: skip
            upload.props('accept="image/*"').classes("offscreen")
            upload.on("added", js_handler="(files) => linsheRemember(files)")
            upload.on("failed", lambda: self.visit.tell("照片没有传上来，请再试一次。", "warning"), args=[])
            add = ui.element("button").props('type="button"').classes("photo-add")
            with add:
                ui.icon("add_a_photo")
                ui.label("照片")
            # The file chooser must open within the click itself: a round trip to the server would lose the permission.
            add.on("click", js_handler=f"() => getElement({upload.id}).$refs.qRef.pickFiles()")

    async def _take(self, event: events.UploadEventArguments, shown: ui.element) -> None:
        async with self.visit.telling("store_staff_photo"):
            raw = await event.file.read()
            media = await self.visit.ask(desk.store_staff_photo, raw)
            if shown.is_deleted:
                return  # the form was closed meanwhile
            if media.hash in self._photos or len(self._photos) >= MAX_PHOTOS:
                return
            self._photos.append(media.hash)
            with shown, ui.element("div").classes("photo-new") as tile:
                image = ui.element("img").classes("photo").props('alt="照片"')
                # Shown from the browser's own copy: until the ticket is resolved the stored photo belongs to nobody.
                args = json.dumps([image.id, event.file.name, event.file.size()])
                ui.run_javascript(f"linshePreview(...{args})")
                drop = ui.element("button").props('type="button" aria-label="去掉这张"').classes("photo-drop")
                with drop:
                    ui.icon("close")

                def forget(_: Any = None, media_hash: str = media.hash) -> None:
                    self._photos = [one for one in self._photos if one != media_hash]
                    tile.delete()

                drop.on("click", forget, args=[])
