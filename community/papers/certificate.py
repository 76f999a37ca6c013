"""The certificate of volunteering hours as a PDF of one A4 page. Blocks for some milliseconds: for a worker thread."""

from __future__ import annotations

import io

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from community.model.points import hours_text
from community.services.certificates import Certificate

FONT = "STSong-Light"
"""A font every PDF reader has or replaces (Adobe-GB1): none is embedded, so the file stays small."""
TEAL, INK, QUIET, LINE = HexColor("#0f766e"), HexColor("#1f2937"), HexColor("#64748b"), HexColor("#d5dde2")
LINES = 22
"""Single services that find room on the page; the newest are kept."""


def certificate_pdf(paper: Certificate) -> bytes:
    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    page = Canvas(out, pagesize=A4)
    page.setTitle("志愿服务时长证明")
    page.setAuthor("邻舍")
    width, height = A4
    left, right = 25 * mm, width - 25 * mm
    page.setStrokeColor(TEAL)
    page.setLineWidth(1.2)
    page.rect(12 * mm, 12 * mm, width - 24 * mm, height - 24 * mm)
    page.setLineWidth(0.4)
    page.rect(13.5 * mm, 13.5 * mm, width - 27 * mm, height - 27 * mm)

    _text(page, TEAL, 26, width / 2, height - 42 * mm, "志愿服务时长证明", middle=True)
    _text(page, QUIET, 10, width / 2, height - 50 * mm, f"编号 {paper.number}", middle=True)
    where = f"在{paper.community}" if paper.community else ""
    y = height - 68 * mm
    for words in (
        f"兹证明　{paper.name}　于{_day(paper.first)}至{_day(paper.last)}，{where}",
        f"参加邻舍+志愿服务{paper.times}次，累计志愿服务时长　{hours_text(paper.minutes)}。",
    ):
        _text(page, INK, 13.5, left, y, words)
        y -= 9 * mm
    y -= 5 * mm
    shown = paper.lines[-LINES:]
    _text(page, QUIET, 10, left, y, "日期")
    _text(page, QUIET, 10, left + 38 * mm, y, "服务内容")
    page.drawRightString(right, y, "时长")
    y -= 2.5 * mm
    page.setStrokeColor(LINE)
    page.line(left, y, right, y)
    y -= 6 * mm
    for line in shown:
        _text(page, INK, 11, left, y, _day(line.day))
        page.drawString(left + 38 * mm, y, line.what[:28])
        page.drawRightString(right, y, hours_text(line.minutes))
        y -= 6.6 * mm
    if paper.times > len(shown):
        _text(page, QUIET, 10, left, y, f"另有更早的{paper.times - len(shown)}次，已计入累计时长。")
    _text(page, INK, 12, right - 62 * mm, 44 * mm, f"{paper.community or '社区'}（盖章）")
    _text(page, INK, 12, right - 62 * mm, 36 * mm, _day(paper.made_on))
    _text(page, QUIET, 9, left, 22 * mm, "时长来自现场签到的记录。核对请带编号到社区服务台，或打社区电话。")
    page.showPage()
    page.save()
    return out.getvalue()


def _day(day: object) -> str:
    return f"{day:%Y年%m月%d日}"


def _text(page: Canvas, colour: HexColor, size: float, x: float, y: float, words: str, *, middle: bool = False) -> None:
    page.setFillColor(colour)
    page.setFont(FONT, size)
    (page.drawCentredString if middle else page.drawString)(x, y, words)
