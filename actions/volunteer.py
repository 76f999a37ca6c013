"""邻舍+: what is on, signing up (or the waitlist), cancelling, my activities."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_sdk.events import EventType

from actions import slots
from actions.base import LinsheAction
from actions.reading import has_words
from actions.ticket_text import payload
from actions.turn import Choice, Turn
from community.errors import LinsheError
from community.model.volunteer import SIGNUP_NAMES
from community.services import volunteering
from community.services.volunteering import MySignup, ShiftView

MOST = 6
"""Shifts shown at once: more than a phone's screen is not read."""


def line(shift: ShiftView) -> str:
    room = "已满，可候补" if shift.full else f"还有{shift.capacity - shift.taken}个名额"
    return f"{shift.title}，{shift.when_text}，{shift.place_text}（{room}）"


def offer(turn: Turn, opening: str, shifts: Sequence[ShiftView], intent: str) -> list[EventType]:
    """A numbered list; choosing one does `intent` with it."""
    shown = shifts[:MOST]
    if turn.in_form:
        # The form's own question comes next and takes the numbers.
        turn.say("志愿活动有：\n" + "\n".join(f"· {line(s)}" for s in shown) + "\n手上这件填完，再说活动名字就能报名。")
        return []
    rows = "\n".join(f"{n} {line(shift)}" for n, shift in enumerate(shown, 1))
    more = f"\n还有{len(shifts) - MOST}场，说日期或种类（如“周六”“清洁”）我帮您找。" if len(shifts) > MOST else ""
    choices = [Choice(f"{s.title} {s.when_text}", payload(intent, shift_id=str(s.shift_id))) for s in shown]
    turn.say(f"{opening}\n{rows}{more}", choices, show=False)
    return [slots.SHIFTS_SHOWN.to(intent)]


class ActionListShifts(LinsheAction):
    keeps_list = True

    def name(self) -> str:
        return "action_list_shifts"

    async def act(self, turn: Turn) -> list[EventType]:
        listing = await volunteering.upcoming(turn.community, turn.resident_id, turn.text)
        if not listing.shifts and listing.understood:
            everything = await volunteering.upcoming(turn.community, turn.resident_id)
            if everything.shifts:
                opening = f"{listing.understood}暂时没有活动，近期有这些，回数字报名："
                return offer(turn, opening, everything.shifts, "volunteer_signup")
        if not listing.shifts:
            turn.say("近期没有可以报名的志愿活动，有新的会贴在小区公告栏，也可以过几天再来问我。")
            return []
        opening = f"{listing.understood or '近期'}的志愿活动，回数字就能报名："
        return offer(turn, opening, listing.shifts, "volunteer_signup")


class ActionSignUp(LinsheAction):
    """By button, or by words when they mean one shift only; else the list to choose from."""

    keeps_list = True

    def name(self) -> str:
        return "action_sign_up"

    async def act(self, turn: Turn) -> list[EventType]:
        c, who = turn.community, turn.resident_id
        chosen = shift_id(turn)
        if chosen is None:
            found = await volunteering.find_shift(c, who, turn.text) if turn.text else []
            if len(found) != 1:
                found = found or (await volunteering.upcoming(c, who)).shifts
                if not found:
                    turn.say("近期没有可以报名的志愿活动。")
                    return []
                return offer(turn, "要报哪一场？回数字就行：", found, "volunteer_signup")
            chosen = found[0].shift_id
        result = await volunteering.sign_up(c, who, chosen, turn.key(f"signup-{chosen}"))
        shift = result.shift
        what = f"“{shift.title}”，{shift.when_text}，{shift.place_text}"
        leave = [
            Choice("取消这场", payload("volunteer_cancel", shift_id=str(chosen))),
            Choice("看我的活动", "/volunteer_mine"),
        ]
        if result.status == "signed_up":
            turn.say(f"报上了：{what}。到时见，谢谢您！", leave)
        elif result.status == "waitlisted":
            turn.say(
                f"这场满了，您排在候补第{result.position}位：{what}。有人退出就自动给您补上，并马上告诉您。", leave
            )
        else:
            wait = f"（候补第{result.position}位）" if result.position else ""
            turn.say(f"您已经报过这场了{wait}：{what}。", leave)
        return [slots.SHIFTS_SHOWN.to(None)]

    async def refused(self, turn: Turn, refusal: LinsheError) -> list[EventType]:
        turn.say(refusal.message, [Choice("看看别的活动", "/volunteer_list"), Choice("看我的活动", "/volunteer_mine")])
        return []


class ActionCancelSignup(LinsheAction):
    keeps_list = True

    def name(self) -> str:
        return "action_cancel_signup"

    async def act(self, turn: Turn) -> list[EventType]:
        c, who = turn.community, turn.resident_id
        chosen = shift_id(turn)
        if chosen is None:
            own = await volunteering.mine(c, who)
            if not own:
                turn.say("您没有报名中的活动，不用取消。")
                return []
            meant = {s.shift_id for s in (await volunteering.find_shift(c, who, turn.text) if turn.text else [])}
            fitting = [s for s in own if s.shift.shift_id in meant] or own
            if len(fitting) > 1:
                return offer_own(turn, "要取消哪一场？回数字就行：", fitting)
            if len(own) > 1 or not meant:
                # One only, but not named: asked once, because giving a place away cannot be taken back.
                return offer_own(turn, "是要取消这一场吗？回1取消：", fitting)
            chosen = fitting[0].shift.shift_id
        shift = await volunteering.cancel(c, who, chosen, turn.key(f"cancel-{chosen}"))
        turn.say(f"已取消“{shift.title}”（{shift.when_text}），名额会让给候补的邻居。下次再来！")
        return [slots.SHIFTS_SHOWN.to(None)]


class ActionMySignups(LinsheAction):
    keeps_list = True

    def name(self) -> str:
        return "action_my_signups"

    async def act(self, turn: Turn) -> list[EventType]:
        own = await volunteering.mine(turn.community, turn.resident_id)
        if not own:
            turn.say("您还没有报名活动。", [Choice("看看有哪些活动", "/volunteer_list")])
            return []
        return offer_own(turn, "您报名的活动（要取消就回前面的数字）：", own)


def offer_own(turn: Turn, opening: str, own: Sequence[MySignup]) -> list[EventType]:
    shown = own[:MOST]
    rows, choices = [], []
    for number, signup in enumerate(shown, 1):
        shift = signup.shift
        state = SIGNUP_NAMES[signup.status] + (f"第{signup.position}位" if signup.position else "")
        rows.append(f"{number} {shift.title}，{shift.when_text}，{shift.place_text}（{state}）")
        choices.append(Choice(f"取消 {shift.title}", payload("volunteer_cancel", shift_id=str(shift.shift_id))))
    turn.say(opening + "\n" + "\n".join(rows), choices, show=False)
    return [slots.SHIFTS_SHOWN.to("volunteer_cancel")]


def shift_id(turn: Turn) -> int | None:
    """The shift a button names. What is no number is nobody's shift."""
    value = turn.entity("shift_id")
    return int(value) if value is not None and value.isascii() and value.isdigit() and len(value) < 10 else None


async def chosen_by_words(turn: Turn) -> list[EventType] | None:
    """After a list of activities, a few words that name one of them (助餐那个, 周六的): done. None when they name none."""
    shown = slots.SHIFTS_SHOWN.of(turn.tracker)
    if not shown or not has_words(turn.text) or len(turn.text) > 20:
        return None
    meant = ActionCancelSignup() if shown == "volunteer_cancel" else ActionSignUp()
    if not await volunteering.find_shift(turn.community, turn.resident_id, turn.text):
        return None
    return await meant.act(turn)
