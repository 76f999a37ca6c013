"""Legal advice: an answer in plain words with its articles, or the articles that may fit, or an honest no, and a way to the lawyer."""

from __future__ import annotations

from typing import ClassVar

from rasa_sdk.events import EventType, FollowupAction

from actions import slots
from actions.base import LinsheAction
from actions.forms import SURE, Done, Form, Values, is_aside, wants_out
from actions.reading import has_words
from actions.turn import Choice, Turn
from community.model.conversation import Topic
from community.model.law import Citation
from community.services import conversations, legal, phrasing

QUOTE, VERBATIM = 120, 500
"""Characters of an article quoted under an answer in our own words, and shown when the article itself is the answer."""
LAWYER = Choice("找社区律师", "/ask_lawyer")
ONLY_REFERENCE = "以上仅供参考，具体请以律师或法院的意见为准。"


def cite(citation: Citation) -> str:
    """《民法典》第九百四十二条（2021年1月1日起施行）"""
    day = citation.effective_on
    name = citation.law.removeprefix("中华人民共和国")
    return f"《{name}》{citation.label}（{day.year}年{day.month}月{day.day}日起施行）"


SURE_ANSWER = 0.7
"""From here on, 19 of 21 sampled answers were the right one, below fewer (docs/legal.md): then it says what it took the question for."""


def quoted(citation: Citation, most: int) -> str:
    text = " ".join(citation.text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


def told(advice: legal.Advice) -> str:
    """The whole answer as one message."""
    parts: list[str] = [advice.note] if advice.note else []
    if advice.kind == "answer" and advice.answer is not None:
        answer = advice.answer
        if advice.score < SURE_ANSWER:
            parts.append(f"您想问的可能是“{answer.title}”：")
        parts.append(answer.answer.strip())
        if answer.steps:
            parts.append("怎么办：\n" + "\n".join(f"{n}）{step}" for n, step in enumerate(answer.steps, 1)))
        if answer.bring:
            parts.append("带上：" + "、".join(answer.bring))
        if answer.where:
            parts.append("去哪：" + answer.where)
        parts += (
            ["依据：" + "\n".join(f"{cite(c)}：{quoted(c, QUOTE)}" for c in advice.citations)]
            if advice.citations
            else []
        )
    else:
        opening = (
            "您说的条文是："
            if advice.kind == "cited"
            else "没有找到完全对应的解答，下面几条可能有关，不一定正好是您的情况："
        )
        parts.append(opening)
        parts += [f"{cite(c)}\n{quoted(c, VERBATIM)}" for c in advice.citations]
    return "\n".join([*parts, ONLY_REFERENCE])


def sources(advice: legal.Advice) -> str:
    """What stands under the words of the optional writer: the articles as they are."""
    return "\n".join(["依据：", *(f"{cite(c)}：{quoted(c, QUOTE)}" for c in advice.citations), ONLY_REFERENCE])


class LegalForm(Form):
    """One question: what happened. Opened only when legal advice was chosen without a word about what."""

    form = "legal_form"
    fields: ClassVar = (slots.LEGAL_QUESTION,)

    async def opened(self, turn: Turn, values: Values) -> Values:
        return {"legal_question": None}

    def next_step(self, values: Values) -> str | None:
        return "legal_question" if values["legal_question"] is None else None

    async def ask_legal_question(self, turn: Turn, values: Values) -> None:
        turn.say(
            "请用一句话说说遇到的事，比如：房东不退押金怎么办。",
            [Choice("直接找社区律师", "/ask_lawyer"), Choice("不问了", "取消")],
        )

    async def read_legal_question(self, turn: Turn, values: Values) -> Values | None:
        if wants_out(turn) or turn.text == "0":
            turn.say("好的。")
            raise Done(legal_question="")
        if turn.intent == "ask_lawyer" and turn.is_payload:
            return None
        # Whatever else it sounds like (漏水, 噪音): legal advice was asked for.
        if turn.intent not in ("ask_legal", "report") and is_aside(turn, SURE):
            return None
        return {"legal_question": turn.text} if has_words(turn.text) else {}

    async def resumed(self, turn: Turn, values: Values) -> Values:
        # The lawyer was asked for, or something else came up: the question is dropped rather than repeated.
        raise Done(legal_question="")


class ActionAdvise(LinsheAction):
    def name(self) -> str:
        return "action_advise"

    async def act(self, turn: Turn) -> list[EventType]:
        asked = slots.LEGAL_QUESTION.of(turn.tracker)
        forget = [slots.LEGAL_QUESTION.to(None)]
        if asked == "":
            return forget
        unclear = slots.UNCLEAR_TEXT.of(turn.tracker) if turn.is_payload else None
        text = asked or turn.text or unclear or ""
        if not text:
            if turn.in_form:
                turn.say("法律问题请直接说一句，比如：房东不退押金怎么办。")
                return forget
            return [*forget, FollowupAction("legal_form")]
        advice = await legal.advise(turn.community, text)
        again = [slots.UNCLEAR_TEXT.to(None), slots.LEGAL_SHOWN.to(text[:200])]
        if advice.kind == "none":
            turn.say(
                f"{advice.note}需要的话，可以请社区的法律顾问来答："
                if advice.note
                else "这个问题我没有找到有把握的法律依据，不敢乱说。可以换个说法再问，或者请社区的法律顾问来答：",
                [LAWYER, Choice("我要报事", "/report")],
                show=not turn.in_form,
            )
            return [*forget, *again]
        words = await phrasing.phrased(turn.community, text, advice, told(advice), sources(advice))  # the optional writer
        turn.say(words, [LAWYER], show=not turn.in_form)
        return [*forget, *again]


class ActionAskLawyer(LinsheAction):
    def name(self) -> str:
        return "action_ask_lawyer"

    async def act(self, turn: Turn) -> list[EventType]:
        reason = slots.LEGAL_SHOWN.of(turn.tracker) or turn.text or "想找法律顾问"
        asked = await conversations.ask_person(
            turn.community, turn.resident_id, Topic.LEGAL, reason, turn.key("lawyer")
        )
        turn.say(waiting(turn, asked, "社区法律顾问"))
        return []


def waiting(turn: Turn, asked: conversations.AskResult, who: str) -> str:
    """Who comes, and when; said again when it was asked before."""
    from community.model.calendar import day_text

    if not asked.first:
        return f"已经在帮您找{who}了，来了会直接在这里跟您说话。"
    if asked.in_office:
        return f"好的，正在请{who}过来，来了会直接在这里跟您说话。等的时候您可以先把情况写在这里。"
    opens = day_text(asked.opens_at, turn.community.clock.now())
    return (
        f"好的，已经帮您记下要找{who}。现在不在上班时间（{asked.hours_text}），最早{opens}有人接待。\n"
        "您可以先把情况写在这里，来人就能看到；急事请打110、119、120。"
    )
