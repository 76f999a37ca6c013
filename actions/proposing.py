"""请你来协商: raising a proposal in a sentence, and co-signing a neighbour's."""

from __future__ import annotations

from typing import ClassVar

from rasa_sdk.events import EventType

from actions import slots, unclear
from actions.base import LinsheAction
from actions.forms import SURE, Done, Form, Values, is_aside, wants_out
from actions.reading import has_words, says_no, says_yes
from actions.report_card import category_of
from actions.ticket_text import payload
from actions.turn import Choice, Turn
from community.errors import LinsheError
from community.model.deliberation import SIGNS, mention, says_what
from community.services import proposals
from community.services.deliberation import ProposalView
from community.services.proposals import RaiseProposal

FIELDS = (slots.PROPOSAL_WORDS, slots.PROPOSAL_SURE)
OWN = frozenset({"propose", "report", "ask_legal", "ask_mediation", "ask_guide", "need_help", "vote", "ask_deliberation", "ask_notice"})
"""What a matter to be talked about sounds like: here it is the answer, and no other topic."""
SHOWN = 5
MEANT = 0.34


def sign_choice(one: ProposalView) -> Choice:
    return Choice(f"附议 {one.title}", payload("vote", answer=f"sign:{one.id}"))


async def sign(turn: Turn, proposal_id: int) -> None:
    """Co-sign, and say how many more it takes."""
    done = await proposals.sign(turn.community, turn.resident_id, proposal_id, turn.key(f"sign-{proposal_id}"))
    one = done.proposal
    if not done.counted:
        turn.say(f"您家已经附议过“{one.title}”了（一户算一次），现在有{one.signed}户。")
    elif done.ripe:
        turn.say(f"附议上了：“{one.title}”。已有{one.signed}户，够上会了，定了日子我告诉您。")
    else:
        turn.say(f"附议上了：“{one.title}”。现在{one.signed}户，满{one.threshold}户就排上会，有进展我告诉您。")


async def ask_which_to_sign(turn: Turn) -> None:
    """我附议: the one that is meant is signed at once, several are listed."""
    waiting = await proposals.signable(turn.community, turn.resident_id)
    if not waiting:
        turn.say("现在没有等您家附议的议题。您有想提的，说一句就行。")
        return
    rest = SIGNS.sub("", turn.text)
    meant = [one for one in waiting if mention(rest, one.title) >= MEANT]
    if len(meant) == 1:
        await sign(turn, meant[0].id)
        return
    shown = (meant or waiting)[:SHOWN]
    rows = "\n".join(f"{n} {one.title}（{one.state}）" for n, one in enumerate(shown, 1))
    turn.say(f"附议哪一个？一户算一次，回数字：\n{rows}", [sign_choice(one) for one in shown], show=False)


class ProposalForm(Form):
    form = "proposal_form"
    fields: ClassVar = FIELDS

    async def opened(self, turn: Turn, values: Values) -> Values:
        text = turn.text or unclear.said(turn)
        if SIGNS.search(text) and len(text) <= 30:
            try:
                await ask_which_to_sign(turn)
            except LinsheError as refusal:
                turn.say(refusal.message)
            raise Done(proposal_words=None, proposal_sure=None)
        # Without a home nobody knows whose meeting it would be: said before anything is asked.
        await proposals.draft(turn.community, turn.resident_id, text)
        return {"proposal_words": text[:500] if says_what(text) else None, "proposal_sure": None}

    def next_step(self, values: Values) -> str | None:
        return next((slot.name for slot in FIELDS if values[slot.name] is None), None)

    async def ask_proposal_words(self, turn: Turn, values: Values) -> None:
        turn.say("您想请大家商量什么？用一两句话说说：在哪里、想怎么做。", [Choice("不提了", "取消")])

    async def read_proposal_words(self, turn: Turn, values: Values) -> Values | None:
        if (stepped := self._common(turn)) is not None:
            return stepped or None
        return {"proposal_words": turn.text[:500]} if has_words(turn.text) and len(turn.text) >= 4 else {}

    async def ask_proposal_sure(self, turn: Turn, values: Values) -> None:
        draft = await proposals.draft(turn.community, turn.resident_id, str(values["proposal_words"]))
        choices = [Choice("就这样提", "确认"), Choice("改个说法", "改个说法"), Choice("不提了", "取消")]
        same = ""
        if draft.same is not None:
            same = f"\n邻居提过相近的：“{draft.same.title}”（{draft.same.state}）。"
            choices.insert(1, Choice("附议那一个", f"附议#{draft.same.id}"))
        turn.say(
            f"我这样替您提，对不对？\n议题：{draft.title}\n范围：{draft.place_text}\n"
            f"满{draft.threshold}户附议就排上居民议事会。邻居看得到议题，看不到是谁提的。{same}",
            choices,
        )

    async def read_proposal_sure(self, turn: Turn, values: Values) -> Values | None:
        if turn.text.startswith("附议#") and turn.text[3:].isdigit():
            await sign(turn, int(turn.text[3:]))
            raise Done(proposal_words=None)
        if says_yes(turn.text) or "就这样" in turn.text:
            return {"proposal_sure": "yes"}
        if turn.text.startswith(("改", "换个说法", "重新说")):
            return {"proposal_words": None}
        if says_no(turn.text):
            turn.say("好的，没有提。想好了再说一句就行。")
            raise Done(proposal_words=None)
        if (stepped := self._common(turn)) is not None:
            return stepped or None
        turn.say("没看懂，回1就这样提。")
        return {}

    @staticmethod
    def _common(turn: Turn) -> Values | None:
        """Leaving ends the form; another topic: empty. None: read on."""
        if wants_out(turn):
            turn.say("好的，没有提。想好了再说一句就行。")
            raise Done(proposal_words=None)
        return {} if (turn.is_payload or turn.intent not in OWN) and is_aside(turn, SURE) else None


class ActionPropose(LinsheAction):
    def name(self) -> str:
        return "action_propose"

    async def act(self, turn: Turn) -> list[EventType]:
        words, sure = slots.PROPOSAL_WORDS.of(turn.tracker), slots.PROPOSAL_SURE.of(turn.tracker)
        tidy = [slot.to(None) for slot in (*FIELDS, slots.UNCLEAR_TEXT)]
        if not words or sure is None:
            return tidy
        category = category_of(turn.category())
        raised = await proposals.raise_one(
            turn.community, RaiseProposal(turn.resident_id, words, category, turn.key("propose"))
        )
        counted = "您家算第一户。" if raised.signed else "您家的住址核实后，也可以附议一户。"
        more = f"还要{raised.threshold - raised.signed}户附议，" if raised.signed < raised.threshold else ""
        turn.say(
            f"提上去了：议题{raised.id}“{raised.title}”。{counted}{more}请邻居跟我说“附议”。排上会、有了结果，我都告诉您。"
        )
        return tidy

    async def refused(self, turn: Turn, refusal: LinsheError) -> list[EventType]:
        turn.say(refusal.message)
        return [slot.to(None) for slot in FIELDS]
