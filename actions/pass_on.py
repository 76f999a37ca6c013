"""What the assistant understands and cannot do by itself yet: it says so, and offers the way that works today.

Each entry goes when its flow is built (issues 5 to 7); until then nobody is told that something was done which was not.
"""

from __future__ import annotations

from typing import NamedTuple

from rasa_sdk.events import EventType

from actions import unclear
from actions.base import LinsheAction
from actions.legal import follow_up
from actions.report_card import category_of
from actions.turn import Choice, Turn
from community.model.category import Category

PERSON = Choice("请工作人员来", "/ask_person")
REPORT = Choice("当成一件事报上去", "/report")


class Way(NamedTuple):
    """What is said, and the choices under it. `keeps_words`: the choice after it works with what was just said."""

    text: str
    choices: tuple[Choice, ...]
    keeps_words: bool = True


MEDIATION = Way("邻里、家里的疙瘩，可以请社区调解员来说和。", (), False)
"""Has a form of its own: said only while another one is open."""
WAYS: dict[str, Way] = {
    "me_too": Way(
        "您家也碰上了，那更要记上。说一句是什么事、在哪里，我给您也报一件。", (Choice("好，我来报", "/report"), PERSON), False
    ),
    "need_help": Way(
        "要人搭把手的事，我记下来交给网格员，他可以请附近的志愿者来帮。急病请直接打120。您选一个：",
        (Choice("好，记下来找人帮", "/report"), Choice("请工作人员来说", "/ask_person")),
    ),
}  # fmt: skip


LEANS = frozenset({"ask_points", "ask_deliberation", "my_data"})
"""What a short question after a legal answer is taken for: 要带什么, 去哪办."""


class ActionPassOn(LinsheAction):
    """Says what cannot be done here yet and who can, with the words kept for the choice that follows."""

    def name(self) -> str:
        return "action_pass_on"

    async def act(self, turn: Turn) -> list[EventType]:
        if turn.intent in LEANS and (leant := await follow_up(turn)) is not None:
            return leant
        way = MEDIATION if turn.intent == "ask_mediation" else WAYS[turn.intent]
        if turn.in_form:
            turn.say(way.text.removesuffix("您选一个：") + "这边先办完，再跟我说一声。")
            return []
        turn.say(way.text, way.choices)
        if not way.keeps_words or not turn.text:
            return []
        category = str(Category.ELDERLY_CARE if turn.intent == "need_help" else category_of(turn.category()))
        return unclear.keep(turn, category)
