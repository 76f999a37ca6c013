"""Photos added to a form: taken or chosen, shown at once, kept by the heart, dropped again."""

from __future__ import annotations

import json
from typing import Any

from nicegui import events, ui

from community.model.media import MAX_UPLOAD_BYTES
from community.services import desk
from console.gate import TOO_LARGE
from console.session import Visit

MAX_PHOTOS = 9


class PhotoPicker:
    """`hashes` are the photos as they are stored. They belong to a ticket only when its form is sent."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.hashes: list[str] = []
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
            if media.hash in self.hashes or len(self.hashes) >= MAX_PHOTOS:
                return
            self.hashes.append(media.hash)
            with shown, ui.element("div").classes("photo-new") as tile:
                image = ui.element("img").classes("photo").props('alt="照片"')
                # Shown from the browser's own copy: until the form is sent the stored photo belongs to nobody.
                args = json.dumps([image.id, event.file.name, event.file.size()])
                ui.run_javascript(f"linshePreview(...{args})")
                drop = ui.element("button").props('type="button" aria-label="去掉这张"').classes("photo-drop")
                with drop:
                    ui.icon("close")

                def forget(_: Any = None, media_hash: str = media.hash) -> None:
                    self.hashes = [one for one in self.hashes if one != media_hash]
                    tile.delete()

                drop.on("click", forget, args=[])
