"""邻舍+: what is on, signing up (or the waitlist), cancelling, my activities."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_sdk.events import EventType

from actions import slots
from actions.base import LinsheAction
from actions.guide_card import lean_on_guide
from actions.reading import has_words
from actions.ticket_text import payload
from actions.turn import Choice, Turn
from community.errors import LinsheError
from community.model.party import ALONE, Party, pack, read_party, say, unpack
from community.model.volunteer import SIGNUP_NAMES, STYLE_NAMES, Style
from community.services import signups, volunteering
from community.services.signups import SignupResult
from community.services.volunteering import MySignup, ShiftView

MOST = 6
"""Shifts shown at once: more than a phone's screen is not read."""


def line(shift: ShiftView) -> str:
    room = "已满，可候补" if shift.full else f"还有{shift.capacity - shift.taken}个名额"
    style = f"{STYLE_NAMES[shift.style]}，" if shift.style is not Style.ACTIVITY else ""
    age = f"，满{shift.minimum_age}岁" if shift.minimum_age else ""
    return f"{shift.title}，{shift.when_text}，{shift.place_text}（{style}{room}{age}）"


def offer(
    turn: Turn, opening: str, shifts: Sequence[ShiftView], intent: str, party: Party = ALONE
) -> list[EventType]:
    """A numbered list; choosing one does `intent` with it, for the whole party."""
    shown = shifts[:MOST]
    if turn.in_form:
        # The form's own question comes next and takes the numbers.
        turn.say("志愿活动有：\n" + "\n".join(f"· {line(s)}" for s in shown) + "\n手上这件填完，再说活动名字就能报名。")
        return []
    rows = "\n".join(f"{n} {line(shift)}" for n, shift in enumerate(shown, 1))
    more = f"\n还有{len(shifts) - MOST}场，说日期或种类（如“周六”“清洁”）我帮您找。" if len(shifts) > MOST else ""
    whom = {} if party == ALONE else {"name": pack(party)}
    choices = [Choice(f"{s.title} {s.when_text}", payload(intent, shift_id=str(s.shift_id), **whom)) for s in shown]
    turn.say(f"{opening}\n{rows}{more}", choices, show=False)
    return [slots.SHIFTS_SHOWN.to(intent)]


class ActionListShifts(LinsheAction):
    keeps_list = True

    def name(self) -> str:
        return "action_list_shifts"

    async def act(self, turn: Turn) -> list[EventType]:
        if (asked := await lean_on_guide(turn)) is not None:
            return asked
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
    """By button, or by words when they mean one shift only; else the list to choose from. Who comes is read from the same sentence."""

    keeps_list = True

    def name(self) -> str:
        return "action_sign_up"

    async def act(self, turn: Turn) -> list[EventType]:
        c, who = turn.community, turn.resident_id
        chosen = shift_id(turn)
        if chosen is not None and turn.is_payload and turn.entity("answer") == "confirm":
            shift = await signups.confirm(c, who, chosen)
            turn.say(f"好，名额给您留定了：{what(shift)}。到时见！", _after(chosen))
            return []
        party = unpack(turn.entity("name")) if turn.is_payload else read_party(turn.text)
        if chosen is None:
            found = await volunteering.find_shift(c, who, turn.text) if turn.text else []
            if not found and "也" in turn.text and party != ALONE:
                # 帮我妈也报一个: the one they have already.
                own = await volunteering.mine(c, who)
                found = [own[0].shift] if len(own) == 1 else []
            if len(found) != 1:
                found = found or (await volunteering.upcoming(c, who)).shifts
                if not found:
                    turn.say("近期没有可以报名的志愿活动。")
                    return []
                whom = "" if party == ALONE else f"{say(party)}要报"
                return offer(turn, f"{whom or '要报'}哪一场？回数字就行：", found, "volunteer_signup", party)
            chosen = found[0].shift_id
        sure = turn.is_payload and turn.entity("answer") == "of_age"
        result = await signups.sign_up(c, who, chosen, turn.key(f"signup-{chosen}"), party, of_age=sure)
        self._answer(turn, chosen, result)
        return [slots.SHIFTS_SHOWN.to(None)]

    def _answer(self, turn: Turn, chosen: int, result: SignupResult) -> None:
        shift, place = result.shift, what(result.shift)
        people = "" if result.party == ALONE else f"{say(result.party)}"
        if result.status == "ask_age":
            ask_age(turn, chosen, result)
        elif result.status == "signed_up":
            turn.say(f"{people + '都' if len(result.party) > 1 else people}报上了：{place}。到时见，谢谢您！", _after(chosen))
        elif result.status == "added":
            turn.say(f"加上了，这场现在是{people}，一共{len(result.party)}位：{place}。", _after(chosen))
        elif result.status == "waitlisted":
            together = f"{people}一起排，" if len(result.party) > 1 else ""
            why = "这场满了" if shift.full else "剩下的名额不够或有人先排着"
            turn.say(
                f"{why}，{together}您排在候补第{result.position}位：{place}。轮到了马上告诉您，回个数字确认就行。", _after(chosen)
            )
        else:
            wait = f"（候补第{result.position}位）" if result.position else ""
            turn.say(f"您已经报过这场了{wait}：{place}。", _after(chosen))

    async def refused(self, turn: Turn, refusal: LinsheError) -> list[EventType]:
        turn.say(refusal.message, [Choice("看看别的活动", "/volunteer_list"), Choice("看我的活动", "/volunteer_mine")])
        return []


def what(shift: ShiftView) -> str:
    return f"“{shift.title}”，{shift.when_text}，{shift.place_text}"


def _after(chosen: int) -> list[Choice]:
    return [
        Choice("取消这场", payload("volunteer_cancel", shift_id=str(chosen))),
        Choice("看我的活动", "/volunteer_mine"),
    ]


def ask_age(turn: Turn, chosen: int, result: SignupResult) -> None:
    """Asked once, answered by a digit: all old enough, or the others without them."""
    names = "、".join(person.who for person in result.asked)
    sure = payload("volunteer_signup", shift_id=str(chosen), name=pack(result.party), answer="of_age")
    rest = tuple(person for person in result.party if person not in result.asked)
    choices = [Choice(f"满{result.minimum_age}岁了", sure)]
    if rest:
        only = payload("volunteer_signup", shift_id=str(chosen), name=pack(rest))
        choices.append(Choice(f"还没满，只报{'我' if rest == ALONE else say(rest)}", only))
    choices.append(Choice("看看别的活动", "/volunteer_list"))
    turn.say(f"“{result.shift.title}”要满{result.minimum_age}岁，{names}满了吗？", choices)


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
        shift = await signups.cancel(c, who, chosen, turn.key(f"cancel-{chosen}"))
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
        state += f"，{signup.seats}位" if signup.seats > 1 else ""
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
