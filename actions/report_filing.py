"""Filing the report that the form collected."""

from __future__ import annotations

from rasa_sdk.events import EventType, FollowupAction

from actions import slots
from actions.base import LinsheAction
from actions.forms import Values
from actions.report_words import ATTACHED, FIELDS, IN_WORDS, REFUSED
from actions.turn import Turn
from community.errors import LinsheError
from community.model.calendar import day_text
from community.model.category import Category
from community.services import tickets


class ActionFileReport(LinsheAction):
    """Files what the form collected, or forgets it. A refusal keeps it all and shows the card again."""

    def name(self) -> str:
        return "action_file_report"

    async def act(self, turn: Turn) -> list[EventType]:
        read: Values = {slot.name: slot.of(turn.tracker) for slot in FIELDS}
        if read["report_confirm"] == ATTACHED:
            return self._forget()
        if read["report_confirm"] != "yes":
            turn.say("好的，这件没有提交。需要时再跟我说一声就行。")
            return self._forget()
        detail = read["report_detail"] or ""
        filed = await tickets.file_ticket(
            turn.community,
            tickets.FileTicket(
                resident_id=turn.resident_id,
                category=Category(read["report_category"] or "other"),
                words=read["report_words"] or "",
                place_text=read["report_place"] or "",
                place_id=read["report_place_id"],
                key=turn.key("file"),
                detail="" if detail == IN_WORDS else detail,
                contact=read["report_contact"] or "",
                photos=tuple(read["report_photos"] or ()),
            ),
        )
        ticket, now = filed.ticket, turn.community.clock.now()
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
            "随时可以跟我说“进度”“催办”“补充”“撤回”。"
        )
        return [*self._forget(), slots.LAST_TICKET.to(ticket.number), slots.UNCLEAR_TEXT.to(None)]

    async def refused(self, turn: Turn, refusal: LinsheError) -> list[EventType]:
        turn.say(refusal.message)
        return [slots.REPORT_CONFIRM.to(REFUSED), FollowupAction("report_form")]

    @staticmethod
    def _forget() -> list[EventType]:
        return [slot.to(None) for slot in FIELDS]
