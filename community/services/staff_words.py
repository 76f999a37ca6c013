"""What staff read in WeCom in answer to what they type. Words only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from community.model.calendar import day_text
from community.model.category import Urgency
from community.model.ticket import Status
from community.services.staff_cards import STAFF_STATUS
from community.services.views import TicketView

MOST = 10
"""Lines of a list: what is more is counted."""

HELP = (
    "可以点卡片上的按钮，也可以这样写（数字是工单号，写后几位也行）：\n"
    "今日待办\n接单 1234\n到场 1234\n办结 1234 已更换灯管\n解释 1234 因为产权不清装不了\n退回 1234 不在本网格\n转派 1234 张三\n"
    "暂缓 1234 等配件 到12月5日\n恢复 1234\n改类别 1234 噪音\n"
    "记 走访3幢2单元502李奶奶，身体都好，下周三再去\n然后可以写：转工单、提醒 12月1日、改 …、不回访；去过了写：已回访\n"
    "群里有人报事：把话贴过来，或者写“群消息 张阿姨：3幢电梯又坏了”，看过再确认；写“草稿”看没确认的\n"
    "发照片：附到刚才说的那件工单。"
)
NOT_UNDERSTOOD = "没看懂这句。写“今日待办”看要办的工单，写“帮助”看能写什么。"
NOTHING = "现在没有要您办的工单。"
ONLY_TEXT = "这里只看得懂文字、照片和卡片按钮，请打字告诉我。写“帮助”看能写什么。"


def urgent_first(views: Sequence[TicketView]) -> list[TicketView]:
    """Overdue first, then by what is promised next."""
    return sorted(views, key=lambda view: (not view.overdue, _next(view), view.number))


def _next(view: TicketView) -> datetime:
    return view.accept_by if view.status == Status.DISPATCHED else view.resolve_by


def line_of(view: TicketView, now: datetime) -> str:
    mark = ("【超时】" if view.overdue else "") + ("【危急】" if view.urgency == Urgency.DANGER else "")
    what = "接单" if view.status == Status.DISPATCHED else "办结"
    place = f"，{view.place_text}" if view.place_text and view.place_text not in view.title else ""
    return f"{mark}{view.number} {view.title}{place}（{STAFF_STATUS[Status(view.status)]}，{day_text(_next(view), now)}前{what}）"


def today(views: Sequence[TicketView], now: datetime) -> str:
    if not views:
        return NOTHING
    overdue = sum(1 for view in views if view.overdue)
    head = f"要办的工单{len(views)}件" + (f"，其中{overdue}件已超时" if overdue else "") + "："
    more = [f"还有{len(views) - MOST}件，请到工作台查看。"] if len(views) > MOST else []
    return "\n".join([head, *listed([line_of(view, now) for view in views[:MOST]]), *more, "回复序号看卡片。"])


def listed(lines: Sequence[str]) -> list[str]:
    return [f"{number} {line}" for number, line in enumerate(lines, 1)]


def which(question: str, lines: Sequence[str]) -> str:
    more = [f"还有{len(lines) - MOST}个没有列出。"] if len(lines) > MOST else []
    return "\n".join([question, *listed(lines[:MOST]), *more, "请回复序号。"])
