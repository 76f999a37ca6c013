"""The certificate behind a sealed address that was told in chat."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from aiohttp import hdrs, web

from community.papers.certificate import certificate_pdf
from community.services import certificates
from gateway.keys import COMMUNITY


async def certificate(request: web.Request) -> web.Response:
    """The seal is the right to it: whoever has the address may open it, for its seven days."""
    paper = await certificates.opened(request.app[COMMUNITY], request.match_info["token"])
    name = quote(f"志愿服务时长证明-{paper.number}.pdf")
    headers = {
        hdrs.CONTENT_DISPOSITION: f"inline; filename=\"certificate.pdf\"; filename*=UTF-8''{name}",
        hdrs.CACHE_CONTROL: "private, no-store",
        "Referrer-Policy": "no-referrer",
    }
    return web.Response(body=await asyncio.to_thread(certificate_pdf, paper), content_type="application/pdf", headers=headers)


def add_certificates(app: web.Application) -> None:
    app.router.add_get("/certificates/{token:[A-Za-z0-9_=-]{40,2000}}.pdf", certificate)
