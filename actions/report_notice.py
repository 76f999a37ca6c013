"""Before a report is filed: is it what a notice tells of? Answered from the notice first, filed all the same when the resident says so."""

from __future__ import annotations

import re

from actions.forms import Values
from actions.turn import Choice, Turn
from community.model.calendar import day_text
from community.model.category import Category
from community.services import noticing
from community.services.notice_views import NoticeView

ASK, LATE, NO = "ask:", "late:", "no"
"""Values of `report_notice`: a notice is being shown; it should have ended; the resident says it is something else."""
NOTICED = "noticed"
"""Value of `report_confirm` when the notice was the answer."""
KNOW, REPORT = Choice("知道了，不用报", "知道了"), Choice("不是这回事，还是要报", "还是要报")


_NOT_NEEDED = re.compile(r"(?:不用|不要|不必|不|别|甭).{0,3}报|不用了|算了|取消|收到|明白|晓得|我?等等|等着|再等")
_STILL = re.compile(r"还是?要报|还是报|要报|报上去|不是(?:这|一)回事")


def settled_by(text: str) -> bool:
    """Whether these words take the notice for the answer: 不用报了, 收到, 那我等等."""
    return bool(_NOT_NEEDED.search(text)) and not _STILL.search(re.sub(r"不用?要?报", "", text))


async def looked_at(turn: Turn, values: Values, changes: Values) -> Values:
    """`changes` with what a notice says of them, the first time that what and where are known."""
    now = {**values, **changes}
    if now.get("report_notice") or now.get("report_more") or not now.get("report_words"):
        return changes
    category, place_id = Category(now.get("report_category") or Category.OTHER), now.get("report_place_id")
    found = await noticing.covering(turn.community, turn.resident_id, category, place_id)
    if found is None:
        return changes
    mark = ASK if turn.community.clock.now() < found.ends_at else LATE
    return {**changes, "report_notice": f"{mark}{found.id}"}


def shown(values: Values, mark: str) -> int | None:
    """Id of the notice that stands under this mark."""
    value = str(values.get("report_notice") or "")
    return int(value.removeprefix(mark)) if value.startswith(mark) else None


def text(notice: NoticeView) -> str:
    return (
        f"这是通知里说的{notice.kind_name}：{notice.title}（{notice.area}），{notice.when}。{notice.text}\n"
        f"——{notice.by}\n到时候还没好，再跟我说一声，我马上报上去。"
    )


def late_text(notice: NoticeView, now_text: str) -> str:
    return f"通知说{now_text}就该好了（{notice.title}），现在还没好，我给您报上去，也告诉发通知的人。"


async def notice_of(turn: Turn, values: Values, mark: str) -> NoticeView | None:
    """The notice as it is now; None when it was taken back meanwhile."""
    if (number := shown(values, mark)) is None:
        return None
    category = Category(values.get("report_category") or Category.OTHER)
    found = await noticing.covering(turn.community, turn.resident_id, category, values.get("report_place_id"))
    return found if found is not None and found.id == number else None


async def late_line(turn: Turn, values: Values) -> str:
    notice = await notice_of(turn, values, LATE)
    return late_text(notice, day_text(notice.ends_at, turn.community.clock.now())) if notice is not None else ""
