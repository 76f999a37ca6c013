"""Signing in and out. Plain HTML forms: nobody gets a live page (and its memory on the server) before signing in."""

from __future__ import annotations

from html import escape

from fastapi import Request
from nicegui import app
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from community.errors import LinsheError, NotSignedIn
from community.services import staff_auth
from console import heart
from console.errors import EXPIRED, http_status, sentence
from console.layout import asset
from console.live import hub
from console.session import COOKIE, drop_cookie, safe_next, set_cookie

WHY = {"expired": EXPIRED, "out": "您已退出登录。"}
LONGEST = 200
"""Characters of a login or password that are looked at; more is nobody's password and only costs time."""

PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>登录 · 邻舍工作台</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="{style}">
</head><body class="login-body"><form class="login" method="post" action="/login">
<h1>邻舍<span>工作台</span></h1>
{notice}
<label>账号<input name="login" value="{login}" autocomplete="username" autocapitalize="none" spellcheck="false"
 required maxlength="64"{focus_login}></label>
<label>密码<input name="password" type="password" autocomplete="current-password"
 required maxlength="200"{focus_password}></label>
<input type="hidden" name="next" value="{next}">
<button type="submit">登录</button>
<p class="login-foot">忘记密码，请找本社区的管理员重设。</p>
</form>
{bounce}</body></html>"""

# The cookie is SameSite=Strict: a link in a chat or mail arrives here without it although one is signed in.
# Asking again from our own page carries it.
BOUNCE = """<script>fetch("/session",{headers:{accept:"application/json"}})
.then(r=>r.json()).then(s=>{if(s.signed_in)location.replace(document.querySelector("[name=next]").value)}).catch(()=>{})</script>"""


def page(notice: str = "", tone: str = "bad", login: str = "", back_to: str = "/", status: int = 200) -> HTMLResponse:
    shown = f'<p class="login-notice {tone}" role="alert">{escape(notice)}</p>' if notice else ""
    html = PAGE.format(
        style=asset("console.css"),
        notice=shown,
        login=escape(login, quote=True),
        next=escape(safe_next(back_to), quote=True),
        focus_login="" if login else " autofocus",
        focus_password=" autofocus" if login else "",
        bounce=BOUNCE if not notice else "",
    )
    return HTMLResponse(html, status, headers={"Cache-Control": "no-store"})


@app.get("/login", include_in_schema=False)
async def show_login(request: Request) -> Response:
    query = request.query_params
    token = request.cookies.get(COOKIE, "")
    if token and await staff_auth.who(heart.community(), token) is not None:
        return RedirectResponse(safe_next(query.get("next")), 303)
    why = query.get("why", "")
    return page(WHY.get(why, ""), "bad" if why == "expired" else "calm", back_to=query.get("next", "/"))


@app.post("/login", include_in_schema=False)
async def sign_in(request: Request) -> Response:
    form = await request.form()
    login, password, back_to = (str(form.get(name) or "") for name in ("login", "password", "next"))
    login = login.strip()
    if not login or not password or len(login) > LONGEST or len(password) > LONGEST:
        return page("请填写账号和密码。", login=login[:64], back_to=back_to, status=400)
    try:
        token, _ = await staff_auth.sign_in(heart.community(), login, password)
    except LinsheError as error:
        status = 401 if isinstance(error, NotSignedIn) else http_status(error)
        return page(error.message, login=login, back_to=back_to, status=status)
    except Exception as error:
        return page(sentence(error, "sign_in"), login=login, back_to=back_to, status=503)
    response = RedirectResponse(safe_next(back_to), 303)
    set_cookie(response, request, token)
    return response


@app.post("/logout", include_in_schema=False)
async def sign_out(request: Request) -> Response:
    token: str = request.state.staff_token
    await staff_auth.sign_out(heart.community(), token)
    hub.signed_out(token)
    response = RedirectResponse("/login?why=out", 303)
    drop_cookie(response)
    return response


@app.get("/session", include_in_schema=False)
async def session(request: Request) -> Response:
    """Whether this browser is signed in; asked by the sign-in page."""
    token = request.cookies.get(COOKIE, "")
    signed_in = bool(token) and await staff_auth.who(heart.community(), token) is not None
    return JSONResponse({"signed_in": signed_in}, headers={"Cache-Control": "no-store"})
