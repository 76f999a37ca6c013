"""Filing the report that the form collected."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from rasa_sdk.events import EventType, FollowupAction

from actions import report_notice, slots
from actions.base import LinsheAction
from actions.forms import Values
from actions.report_card import MARKS
from actions.report_words import ATTACHED, FIELDS, IN_WORDS, JOIN, REFUSED
from actions.ticket_text import end_text
from actions.turn import Turn
from community.errors import LinsheError
from community.model.calendar import day_text
from community.model.category import Category
from community.services import following, noticing, tickets
from community.services.views import TicketView


class ActionFileReport(LinsheAction):
    """Files what the form collected, or forgets it. A refusal keeps it all and shows the card again."""

    def name(self) -> str:
        return "action_file_report"

    async def act(self, turn: Turn) -> list[EventType]:
        read: Values = {slot.name: slot.of(turn.tracker) for slot in FIELDS}
        if read["report_confirm"] == ATTACHED:
            return self._forget()
        if read["report_confirm"] == report_notice.NOTICED:
            turn.say("好的，这件不另外报。到时候还没好，跟我说一声就行。")
            return [*self._forget(), slots.UNCLEAR_TEXT.to(None)]
        if (read["report_confirm"] or "").startswith(JOIN):
            return await self._join(turn, read)
        if read["report_confirm"] != "yes":
            turn.say("好的，这件没有提交。需要时再跟我说一声就行。")
            return self._forget()
        detail = read["report_detail"] or ""
        report = tickets.FileTicket(
            resident_id=turn.resident_id,
            category=Category(read["report_category"] or "other"),
            words=read["report_words"] or "",
            place_text=read["report_place"] or "",
            place_id=read["report_place_id"],
            key=turn.key("file"),
            detail="" if detail == IN_WORDS else detail,
            contact=read["report_contact"] or "",
            photos=tuple(read["report_photos"] or ()),
        )
        more = [
            replace(
                report,
                category=Category(draft["category"]),
                words=draft["words"],
                place_text=draft["place"] or report.place_text,
                place_id=draft["place_id"] if draft["place"] else report.place_id,
                key=turn.key(f"file{number}"),
            )
            for number, draft in enumerate(read["report_more"] or [], 2)
        ]
        filed = await tickets.file_several(turn.community, [report, *more])
        if (late := report_notice.shown(read, report_notice.LATE)) is not None:
            await noticing.has_not_ended(turn.community, late, filed[0].ticket.number)
        if more:
            turn.say(several_filed(tuple(f.ticket for f in filed), turn.community.clock.now()))
            return [*self._forget(), slots.LAST_TICKET.to(None), slots.UNCLEAR_TEXT.to(None)]
        ticket, now = filed[0].ticket, turn.community.clock.now()
        holder = (
            f"负责人：{ticket.holder_role}{ticket.holder_name}，电话{ticket.holder_phone}"
            if ticket.holder_name
            else ("负责人：社区正在安排，定下来马上告诉您")
        )
        turn.say(
            f"报上去了，工单号 {ticket.number}（{ticket.category_name}）\n"
            f"地点：{ticket.place_text}\n"
            f"承诺：{day_text(ticket.resolve_by, now)}前办好\n"
            f"{holder}\n"
            f"{together(ticket, now)}{besides(filed[0].department)}"
            "随时可以跟我说“进度”“催办”“补充”“撤回”。"
        )
        return [*self._forget(), slots.LAST_TICKET.to(ticket.number), slots.UNCLEAR_TEXT.to(None)]

    async def _join(self, turn: Turn, read: Values) -> list[EventType]:
        number = read["report_confirm"].removeprefix(JOIN)
        ticket = await following.join(turn.community, turn.resident_id, number, read["report_words"] or "", turn.key("join"))
        by = end_text(ticket, turn.community.clock.now())
        counted = f"，一共{ticket.incident.waiting}户" if ticket.incident is not None else ""
        turn.say(
            f"记上了，您和邻居一起等工单{ticket.number}（{ticket.category_name}）{counted}，{by}。"
            "办好了、要等一等，我都会告诉您。随时可以说“进度”“催办”。"
        )
        return [*self._forget(), slots.LAST_TICKET.to(ticket.number), slots.UNCLEAR_TEXT.to(None)]

    async def refused(self, turn: Turn, refusal: LinsheError) -> list[EventType]:
        turn.say(refusal.message)
        return [slots.REPORT_CONFIRM.to(REFUSED), FollowupAction("report_form")]

    @staticmethod
    def _forget() -> list[EventType]:
        return [slot.to(None) for slot in FIELDS]


def together(ticket: TicketView, now: datetime) -> str:
    """That others of the building have reported the same, so that nobody wonders whether it is only them."""
    incident = ticket.incident
    if incident is None or incident.waiting < 2:
        return ""
    expected = f"，{end_text(ticket, now)}" if incident.expects(now) else ""
    return f"这里已有{incident.waiting}户反映同一件事，一起办{expected}。\n"


def besides(department: str) -> str:
    """Who really deals with it, for what is not the community's to mend: the resident need not wait for us to pass it on."""
    return f"这类事由{department}处理，着急可以直接联系，我们一起跟进。\n" if department else ""


def several_filed(filed: tuple[TicketView, ...], now: datetime) -> str:
    """What is said after several reports of one message: a number, a promise and a holder for each, because each has its own way."""
    lines = [f"分成{len(filed)}件报上去了，各办各的："]
    for mark, ticket in zip(MARKS, filed, strict=False):
        holder = (
            f"{ticket.holder_role}{ticket.holder_name} {ticket.holder_phone}" if ticket.holder_name else "社区正在安排"
        )
        lines.append(
            f"{mark}{ticket.category_name}，工单号 {ticket.number}\n{day_text(ticket.resolve_by, now)}前办好，{holder}"
        )
    places = {ticket.place_text for ticket in filed}
    lines += [f"地点：{places.pop()}"] if len(places) == 1 else []
    return "\n".join([*lines, "要查要催，说工单号加“进度”或“催办”就行。"])
