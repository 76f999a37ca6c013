"""What holds for every request: where it may come from, what a browser may do with the answer."""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import hdrs, web

from gateway.errors import Refusal
from gateway.keys import Handler

# No inline script or style anywhere: words of residents are text, and stay text even if a line of ours goes wrong.
# blob: shows a photo before it is sent.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


async def harden(request: web.Request, response: web.StreamResponse) -> None:
    """on_response_prepare: also reaches files and what is answered before a handler ran."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    # Which version of what answers is nobody's business.
    response.headers[hdrs.SERVER] = "linshe"
    if request.path.startswith("/api/"):
        response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")


def _foreign(request: web.Request) -> bool:
    """Whether another site's page sent this. Only browsers say so; a program without a cookie has nothing to forge."""
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is not None:
        # "null" (sandboxed frames, files) has no host and is foreign.
        return urlsplit(origin).netloc.lower() != request.host.lower()
    return request.headers.get("Sec-Fetch-Site") == "cross-site"


@web.middleware
async def same_site(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what another site's page makes a browser send: changes, and sockets, which browsers do not restrict."""
    changes = request.method not in ("GET", "HEAD", "OPTIONS")
    upgrades = request.headers.get(hdrs.UPGRADE, "").lower() == "websocket"
    if (changes or upgrades) and _foreign(request):
        raise Refusal(403, "foreign_origin", "请从邻舍自己的页面操作。")
    return await handler(request)
