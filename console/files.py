"""What is fetched beside pages: photos, for those whom the heart lets see them, and the health of this process."""

from __future__ import annotations

import re

from fastapi import Request
from nicegui import app
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response

from community.errors import LinsheError
from community.services import desk
from console import heart
from console.errors import http_status, sentence

_HASH = re.compile(r"[0-9a-f]{64}")


@app.get("/photo/{media_hash}", include_in_schema=False)
async def photo(request: Request, media_hash: str) -> Response:
    if not _HASH.fullmatch(media_hash):
        return PlainTextResponse("没有这张照片。", 404)
    try:
        path = await desk.photo_for_staff(heart.community(), request.state.staff.id, media_hash)
    except LinsheError as error:
        # Refusing says the same as not having it: a hash that answers "forbidden" would tell that the photo exists.
        status = http_status(error)
        return PlainTextResponse("没有这张照片。", 404 if status in (400, 403) else status)
    if not path.is_file():
        return PlainTextResponse("没有这张照片。", 404)
    # Revalidated each time: the next person at this computer may not see what the last one could.
    return FileResponse(path, media_type="image/jpeg", headers={"Cache-Control": "private, no-cache"})


@app.get("/healthz", include_in_schema=False)
async def healthz() -> Response:
    try:
        async with heart.community().reading() as uow:
            await uow.facts.get("healthz")
    except Exception as error:
        sentence(error, "healthz")
        return JSONResponse({"ok": False, "database": False}, 503)
    return JSONResponse({"ok": True, "database": True})
