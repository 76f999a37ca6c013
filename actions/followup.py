"""Following a ticket: progress, urging, a word or a photo more, withdrawing, confirming, reopening, rating."""

from __future__ import annotations

import re
from typing import ClassVar

from rasa_sdk.events import EventType

from actions import slots
from actions.base import LinsheAction
from actions.forms import FAIRLY_SURE, SURE, Done, Form, Values, is_aside, wants_out
from actions.reading import (
    has_words,
    only_partly,
    read_number,
    read_score,
    says_no,
    says_partly,
    says_skip,
    says_yes,
    without,
)
from actions.ticket_moves import TASKS, do, which
from actions.ticket_text import payload, short
from actions.turn import Choice, Turn
from actions.volunteer import chosen_by_words
from community.errors import LinsheError
from community.services import tickets
from community.services.views import TicketView

FIELDS = (slots.TICKET_TASK, slots.TICKET_NUMBER, slots.TICKET_TEXT, slots.TICKET_OPTIONS, slots.TICKET_PHOTOS)
QUESTIONS = {
    "ask_progress": "您问的是哪一件？", "urge": "要催哪一件？", "add_note": "要补充到哪一件？", "withdraw_ticket": "要撤回哪一件？",
    "confirm_resolved": "是哪一件办好了？", "not_resolved": "是哪一件还没好？",
    "partly_resolved": "是哪一件办了一部分？", "rate": "给哪一件打分？",
}  # fmt: skip
SHORT = 12
"""Characters: 那个漏水的 describes a ticket, a sentence of more reports something new."""
NONE_YET = "您名下还没有工单。要是有事要反映，直接跟我说就行。"
_NOTE_CALL = r"(请|麻烦|帮我|我要|我想|再|给|工单|单子|那个|\d{6,10}|刚才|一下|几句|一句|点|补充|备注|加|说明|情况|内容|说|把|到|上去|话)+"


class TicketForm(Form):
    """Finds out which ticket and, where the task needs it, what to say. `ActionDoTicket` then makes the move."""

    form = "ticket_form"
    fields: ClassVar = FIELDS

    async def opened(self, turn: Turn, values: Values) -> Values:
        if await chosen_by_words(turn) is not None:
            # 那个 is how people ask about their tickets, and also how they choose from a list of activities.
            raise Done(ticket_task=None, ticket_number=None)
        return await self._begin(turn, turn.intent if turn.intent in TASKS else "ask_progress", values)

    async def resumed(self, turn: Turn, values: Values) -> Values:
        return {}

    def next_step(self, values: Values) -> str | None:
        if values["ticket_number"] is None:
            return "ticket_number"
        return "ticket_text" if values["ticket_text"] is None else None

    async def ask_ticket_number(self, turn: Turn, values: Values) -> None:
        options = values["ticket_options"] or []
        if not options:
            turn.say("请说一下工单号，6位数字；或者说说是哪件事。", [Choice("算了", "取消")])
            return
        choices = [Choice(title, number) for number, title in options]
        turn.say(QUESTIONS[values["ticket_task"]], choices)

    async def read_ticket_number(self, turn: Turn, values: Values) -> Values | None:
        options = values["ticket_options"] or []
        if wants_out(turn) or turn.text == "0":
            turn.say("好的。")
            raise Done(ticket_task=None, ticket_number=None)
        if (new := self._other_task(turn, values)) is not None:
            return await self._begin(turn, new, values)
        number = read_number(turn.text, len(options)) if options else None
        if number:
            return self._with_words(turn, {**values, "ticket_number": options[number - 1][0]})
        if turn.intent == "report" and turn.confidence >= SURE and len(turn.text) > SHORT:
            return None  # A whole new report, and not which of the old ones.
        if not turn.is_payload:
            found = await which(turn, values["ticket_task"], turn.text, [n for n, _ in options])
            if found.ticket is not None and (options or found.ticket.number in turn.text):
                return self._with_words(turn, {**values, "ticket_number": found.ticket.number})
            if found.wrong_number:
                turn.say(misread(found.wrong_number))
                return {}
        if is_aside(turn, FAIRLY_SURE) or (turn.intent == "report" and turn.confidence >= FAIRLY_SURE) or turn.photos:
            return None
        turn.say("没对上是哪一件，回前面的数字，或者说工单号。")
        return {}

    async def ask_ticket_text(self, turn: Turn, values: Values) -> None:
        number, task = values["ticket_number"], values["ticket_task"]
        if task == "withdraw_ticket":
            ticket = (await tickets.progress(turn.community, turn.resident_id, number)).ticket
            sure = f"确定撤回工单{number}吗？撤回后就不再为您派人了。"
            if ticket.following:
                sure = f"工单{number}的进展不再告诉您，邻居那边照常办，确定吗？"
            turn.say(sure, [Choice("确定撤回", "确定撤回"), Choice("不撤了", "不撤了")])
        elif task == "not_resolved":
            turn.say(
                f"对不住。工单{number}哪里还没好？说一句，网格员好接着办。", [Choice("不多说了，直接重办", "跳过")]
            )
        elif task == "partly_resolved":
            turn.say(f"记下了，工单{number}办了一部分。还差什么？说一句就行。", [Choice("不多说了，接着办", "跳过")])
        else:
            turn.say(f"好的，请说要补充到工单{number}的话，也可以发照片。", [Choice("不补充了", "取消")])

    async def read_ticket_text(self, turn: Turn, values: Values) -> Values | None:
        task = values["ticket_task"]
        if task == "withdraw_ticket":
            if (
                re.search(r"确定|撤回|撤销|撤", turn.text)
                and not re.search(r"不撤|别撤|先不", turn.text)
                or says_yes(turn.text)
            ):
                return {"ticket_text": "居民撤回"}
            if says_no(turn.text) or wants_out(turn) or re.search(r"不撤|别撤|先不", turn.text):
                turn.say("好的，没有撤，照常办。")
                raise Done(ticket_task=None, ticket_number=None)
        elif wants_out(turn):
            turn.say("好的。")
            raise Done(ticket_task=None, ticket_number=None)
        if (new := self._other_task(turn, values)) is not None:
            return await self._begin(turn, new, values)
        if is_aside(turn, SURE):
            return None
        if task == "withdraw_ticket":
            if turn.intent == "report" and turn.confidence >= FAIRLY_SURE:
                return None
            turn.say("没看懂，回1确定撤回，回2不撤。")
            return {}
        if task in ("not_resolved", "partly_resolved"):
            return {"ticket_text": "" if says_skip(turn.text) or turn.text == "1" else turn.text}
        if turn.photos or has_words(turn.text):
            return {"ticket_text": turn.text, "ticket_photos": list(turn.photos)}
        return {}

    def _other_task(self, turn: Turn, values: Values) -> str | None:
        """Another ticket task asked for meanwhile: a button (also the same task of another ticket), or clear words."""
        asked = turn.entity("ticket_number")
        if turn.is_payload and turn.intent in TASKS and asked is not None and asked != values["ticket_number"]:
            return turn.intent
        if turn.intent not in TASKS or turn.intent == values["ticket_task"]:
            return None
        return turn.intent if turn.is_payload or turn.confidence >= SURE else None

    async def _begin(self, turn: Turn, task: str, values: Values) -> Values:
        if task in ("not_resolved", "confirm_resolved") and says_partly(turn.text):
            task = "partly_resolved"
        start: Values = {
            "ticket_task": task, "ticket_number": None, "ticket_text": None, "ticket_options": None,
            "ticket_photos": list(turn.photos),
        }  # fmt: skip
        number = turn.entity("ticket_number")
        if number is not None:
            return self._with_words(turn, {**values, **start, "ticket_number": number})
        found = await which(turn, task, turn.text)
        if found.ticket is not None:
            return self._with_words(turn, {**values, **start, "ticket_number": found.ticket.number})
        if found.wrong_number:
            turn.say(misread(found.wrong_number))
            return start
        if not found.candidates:
            turn.say(NONE_YET, [Choice("我要报事", payload("report"))])
            raise Done(**start | {"ticket_task": None})
        return {**start, "ticket_options": [[t.number, short(t)] for t in found.candidates[:6]]}

    @staticmethod
    def _with_words(turn: Turn, values: Values) -> Values:
        """Fill what the opening words already say: tasks that need none, the note itself, the reason, the score."""
        task = values["ticket_task"]
        text = ""
        if task == "rate":
            text = turn.entity("score") or (turn.text if read_score(turn.text) else "")
        elif task == "not_resolved":
            text = turn.text if turn.intent == "not_resolved" and len(turn.text) >= 4 else ""
        elif task == "partly_resolved":
            text = "" if only_partly(turn.text) else turn.text
        elif task == "add_note":
            text = without(turn.text, rf"^{_NOTE_CALL}[，,：:。]?") if turn.intent == "add_note" else ""
            text = text if len(text) >= 3 else ""
        # These go on without words: progress, urging, confirming, and rating (which then shows the five choices).
        needs = task in ("withdraw_ticket", "not_resolved", "partly_resolved", "add_note") and not text
        if task == "add_note" and values["ticket_photos"]:
            needs = False
        return {**values, "ticket_text": None if needs else text}


def misread(number: str) -> str:
    return f"没有{number}这个号，像是读错或少了一位，请再核对一下。"


class ActionDoTicket(LinsheAction):
    """Makes the move the form collected. Nothing collected (left, nothing found) is only tidied up."""

    def name(self) -> str:
        return "action_do_ticket"

    async def act(self, turn: Turn) -> list[EventType]:
        task, number = slots.TICKET_TASK.of(turn.tracker), slots.TICKET_NUMBER.of(turn.tracker)
        tidy = [slot.to(None) for slot in FIELDS]
        if task is None or number is None:
            return tidy
        photos = tuple(slots.TICKET_PHOTOS.of(turn.tracker) or ())
        return [*tidy, *await do(turn, task, number, slots.TICKET_TEXT.of(turn.tracker) or "", photos)]

    async def refused(self, turn: Turn, refusal: LinsheError) -> list[EventType]:
        turn.say(refusal.message)
        return [slot.to(None) for slot in FIELDS]


class ActionTicketAside(LinsheAction):
    """A ticket asked about in the middle of another form: answered without a form of its own, choices as buttons."""

    def name(self) -> str:
        return "action_ticket_aside"

    async def act(self, turn: Turn) -> list[EventType]:
        task = turn.intent
        number = turn.entity("ticket_number")
        if number is None:
            found = await which(turn, task, turn.text)
            if found.wrong_number:
                turn.say(misread(found.wrong_number))
                return []
            if found.ticket is None:
                self._offer(turn, task, found.candidates)
                return []
            number = found.ticket.number
        if task in ("not_resolved", "confirm_resolved") and says_partly(turn.text):
            task = "partly_resolved"
        if task in ("not_resolved", "partly_resolved") and turn.is_payload:
            # The digit under 办好了没有 is an answer by itself: it counts at once, what is missing can be said later.
            done = await do(turn, task, number, "")
            turn.say(f"哪里没弄好，手上这件填完后说“补充工单{number}”就行。")
            return done
        if task == "withdraw_ticket" or (task == "add_note" and not turn.text and not turn.photos):
            turn.say(f"工单{number}的事，等手上这件填完（或说“取消”）再办，我不会忘。")
            return []
        text = turn.entity("score") or turn.text
        return await do(turn, task, number, text, turn.photos)

    @staticmethod
    def _offer(turn: Turn, task: str, candidates: list[TicketView]) -> None:
        if candidates:
            turn.say(QUESTIONS[task], [Choice(short(t), payload(task, ticket_number=t.number)) for t in candidates[:6]])
        else:
            turn.say(NONE_YET)
