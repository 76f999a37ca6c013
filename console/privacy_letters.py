"""The page of letters, made for paper: one room a sheet, half an A4. The codes are on this page and nowhere else."""

from __future__ import annotations

from html import escape

from fastapi import Request
from nicegui import app
from starlette.responses import HTMLResponse, Response

from community.errors import LinsheError
from community.model.calendar import local
from community.services import home_binding
from community.services.home_binding import LetterView
from console import heart
from console.errors import http_status, sentence

PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>住址信 · {number}封</title><style>
@page {{ size: A5 landscape; margin: 14mm; }}
body {{ margin: 0; padding: 16px; background: #eef1f2; color: #16202a; font: 16px/1.7 "Noto Sans CJK SC", "PingFang SC", sans-serif; }}
.bar {{ max-width: 640px; margin: 0 auto 14px; display: flex; gap: 14px; align-items: center; flex-wrap: wrap; }}
.bar button {{ font: inherit; padding: 6px 18px; border: 0; border-radius: 6px; background: #0f766e; color: #fff; }}
.sheet {{ max-width: 640px; margin: 0 auto 16px; padding: 26px 30px; background: #fff; border: 1px solid #d9dfe2; border-radius: 8px; }}
h1 {{ margin: 0 0 2px; font-size: 20px; }} .room {{ color: #4a5660; }}
.code {{ margin: 14px 0; font-size: 34px; font-weight: 700; letter-spacing: 4px; font-variant-numeric: tabular-nums; }}
ol {{ margin: 0; padding-left: 1.3em; }} .foot {{ margin-top: 12px; color: #66727b; font-size: 13px; }}
@media print {{ body {{ padding: 0; background: none; }} .bar {{ display: none; }}
.sheet {{ max-width: none; border: 0; margin: 0; padding: 0; break-after: page; }} .sheet:last-child {{ break-after: auto; }} }}
</style></head><body><div class="bar"><button onclick="print()">打印</button><span>{number}封。关掉这一页，码就再也看不到了。</span></div>
{sheets}</body></html>"""
SHEET = """<section class="sheet"><h1>请核实您的住址</h1><div class="room">{room} 住户</div><div class="code">{code}</div>
<ol><li>打开“邻舍”，说：绑定{room}</li><li>再说上面的8位数字</li></ol>
<div class="foot">{until}前有效，只能用一次。工作人员不会打电话来问这个码。没有申请过，不用理会。</div></section>"""


@app.post("/privacy/letters", include_in_schema=False)
async def letters(request: Request) -> Response:
    asked = str((await request.form()).get("where") or "")[:60]
    try:
        made = await home_binding.make_letters(heart.community(), request.state.staff.id, asked)
    except LinsheError as error:
        said = escape(sentence(error))
        return HTMLResponse(f'<!doctype html><meta charset="utf-8"><title>住址信</title><p>{said}</p>', http_status(error))
    return HTMLResponse(
        PAGE.format(number=len(made), sheets="\n".join(_sheet(one) for one in made)), headers={"Cache-Control": "no-store"}
    )


def _sheet(one: LetterView) -> str:
    until = local(one.expires_at)
    return SHEET.format(room=escape(one.room), code=escape(one.code), until=f"{until.year}年{until.month}月{until.day}日")
