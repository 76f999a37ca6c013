"""Legal advice: an answer in plain words with its articles, or which of some is meant, or the articles that may fit, or an honest no."""

from __future__ import annotations

import re
from datetime import datetime
from typing import ClassVar

from rasa_sdk.events import EventType, FollowupAction

from actions import slots, unclear
from actions.base import LinsheAction
from actions.forms import SURE, Done, Form, Values, is_aside, wants_out
from actions.guide_card import instead_of_law, lean_on_guide
from actions.lawyer import check_aid
from actions.legal_card import CAUTION, LAWYER, NONE_OF_THEM, WHOLE, in_a_line, next_steps, sources, told
from actions.reading import has_words
from actions.ticket_text import payload
from actions.turn import Choice, Turn
from chinese.laws import bare_article
from community.model.calendar import local
from community.model.law import CuratedAnswer
from community.services import advice_log, legal, legal_aid, legal_followup, phrasing
from community.services.legal_first import first_call
from community.services.legal_followup import Shown
from community.services.legal_text import cite, quoted


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
        if turn.is_payload and (turn.intent in ("ask_lawyer", "report") or turn.entity("answer")):
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
        if turn.is_payload and not asked and (chosen := turn.entity("answer")):
            return [*forget, *await _chosen(turn, chosen)]
        if not asked and (about_guide := await lean_on_guide(turn, only_lean=True)) is not None:
            return [*forget, *about_guide]
        if (asks := await which_law(turn, asked or turn.text)) is not None:
            return [*forget, slots.UNCLEAR_TEXT.to(None), *asks]
        if not asked and (more := await follow_up(turn)) is not None:
            return [*forget, *more]
        text = asked or turn.text or (unclear.said(turn) if turn.is_payload else "")
        if not text:
            if turn.in_form:
                turn.say("法律问题请直接说一句，比如：房东不退押金怎么办。")
                return forget
            return [*forget, FollowupAction("legal_form")]
        if legal_aid.wants_check(text):
            return [*forget, *await check_aid(turn, "")]
        advice = await legal.advise(turn.community, text)
        if advice.kind in ("none", "articles") and not asked and (guided := await instead_of_law(turn, text)) is not None:
            return [*forget, *guided]
        return [*forget, slots.UNCLEAR_TEXT.to(None), *await say(turn, text, advice)]


async def say(turn: Turn, question: str, advice: legal.Advice, *, ask_back: bool = True) -> list[EventType]:
    """Say it as one message, keep what was said, and remember what a short question after it would lean on."""
    if ask_back and advice.answer is not None and (other := decided(question, advice.answer)):
        known = await legal.answer_of(turn.community, other)
        advice = known if known.answer is not None else advice
        ask_back = False
    code = advice.answer.code if advice.answer else ""
    first = first_call(question, code)
    if ask_back and advice.kind == "answer" and advice.answer is not None and (asks := _asks(turn, question, advice.answer, first)):
        return asks
    number = await advice_log.keep(turn.community, turn.resident_id, question, advice, turn.key("advice"))
    opening = f"{first}\n" if first else ""
    remembered = [
        slots.LEGAL_SHOWN.to(question[:200]), slots.LEGAL_CODE.to(code or None), slots.LEGAL_ADVICE.to(number),
        slots.LEGAL_AT.to(turn.community.clock.now().isoformat()),
    ]  # fmt: skip
    if advice.citations:
        remembered.append(slots.LEGAL_LAW.to(advice.citations[0].law))
    if advice.kind == "choices":
        if turn.in_form:
            # The numbers belong to the form's question, which comes next.
            titles = "\n".join(f"· {answer.title}" for answer in advice.choices)
            turn.say(f"{opening}{advice.note}您想问的可能是：\n{titles}\n手上这件填完，说一句要问哪个就行。")
            return remembered
        # Also one alone is asked: it is likelier wrong than right.
        offered = [Choice(answer.title, payload("ask_legal", answer=f"show:{answer.code}")) for answer in advice.choices]
        turn.say(f"{opening}{advice.note}您想问的是哪一个？回个数字：", [*offered, NONE_OF_THEM])
        return remembered
    if advice.kind == "none":
        sorry = (
            f"{advice.note}需要的话，可以请社区的法律顾问来答："
            if advice.note
            else "这个问题我没有找到有把握的法律依据，不敢乱说。可以换个说法再问，或者请社区的法律顾问来答："
        )
        turn.say(opening + sorry, [LAWYER, Choice("我要报事", "/report")], show=not turn.in_form)
        return remembered
    today = local(turn.community.clock.now()).date().isoformat()
    caution = "" if slots.LEGAL_CAUTION.of(turn.tracker) == today else f"\n{CAUTION}"
    steps = next_steps(advice, number)
    line = "" if turn.in_form else f"\n{in_a_line(steps)}"
    words = await phrasing.phrased(turn.community, question, advice, told(advice), sources(advice))  # the optional writer
    turn.say(f"{opening}{words}{caution}{line}", steps, show=False)
    return [*remembered, slots.LEGAL_CAUTION.to(today)]


def _asks(turn: Turn, question: str, answer: CuratedAnswer, first: str) -> list[EventType] | None:
    """Ask for the fact that decides, unless the question says it already. Then the words are kept for the answer to come."""
    if not answer.asks or turn.in_form:
        return None
    options = answer.asks["options"]
    choices = [Choice(option["say"], payload("ask_legal", answer=f"plain:{option['answer']}")) for option in options]
    choices.append(Choice("都不是，说不清", payload("ask_legal", answer=f"plain:{answer.code}")))
    turn.say(f"{first}\n{answer.asks['question']}".strip(), choices)
    now = turn.community.clock.now().isoformat()
    return [slots.LEGAL_SHOWN.to(question[:200]), slots.LEGAL_CODE.to(answer.code), slots.LEGAL_AT.to(now)]


def _says(question: str, option: str) -> bool:
    said = option.strip("，。 ").removeprefix("是").removeprefix("我是").removeprefix("我")
    return len(said) > 1 and bool(re.search(rf"(?<![没不未无])(?<!不是)(?<!不是我){re.escape(said)}", question))


def decided(question: str, answer: CuratedAnswer) -> str | None:
    """The code that the question itself leads to, where its words say the fact that an answer asks for."""
    options = answer.asks.get("options", ()) if answer.asks else ()
    said = {str(option["answer"]) for option in options if _says(question, option["say"])}
    return said.pop() if len(said) == 1 else None


async def _chosen(turn: Turn, chosen: str) -> list[EventType]:
    """A digit under an answer, under a question back, or under a choice of answers."""
    what, _, which = chosen.partition(":")
    # A button of an old message must not answer for what was asked since, or long ago.
    shown = last_shown(turn)
    question = shown.question if shown else ""
    if what in ("useful", "useless"):
        return await _voted(turn, int(which) if which.isdigit() else 0, what == "useful")
    if what == "none" and not question:
        turn.say("好的。想问什么，再说一句就行。")
        return []
    if what == "none":
        advice = await legal.nearest_articles(turn.community, question)
        return await say(turn, question, advice)
    if what == "article":
        law, _, label = which.partition("/")
        return await say(turn, f"《{law}》{label}", await legal.advise(turn.community, f"《{law}》{label}"))
    advice = await legal.answer_of(turn.community, which)
    if advice.answer is None:
        turn.say("这条解答刚刚撤下了，换个说法再问我，或者请社区律师：", [LAWYER])
        return []
    if what == "text":
        articles = "\n\n".join(f"{cite(c)}\n{quoted(c, WHOLE)}" for c in advice.citations)
        turn.say(articles if turn.in_form else f"{articles}\n1 找社区律师", [LAWYER], show=False)
        return []
    return await say(turn, question or advice.answer.title, advice, ask_back=what == "show")


async def _voted(turn: Turn, number: int, useful: bool) -> list[EventType]:
    given = await advice_log.vote(turn.community, turn.resident_id, number, useful)
    if useful:
        turn.say("好，谢谢您告诉我。还有不明白的，接着问就行。")
        return []
    others = [] if given.kind == "choices" else await legal.others(turn.community, given.question, given.codes)
    offered = [Choice(answer.title, payload("ask_legal", answer=f"show:{answer.code}")) for answer in others]
    opening = "没帮上忙，不好意思，我记下了，会请人改进。" + ("是不是想问：" if offered else "要不要请社区律师看看：")
    if turn.in_form:
        turn.say("没帮上忙，不好意思，我记下了，会请人改进。")
        return []
    turn.say(opening, [*offered, LAWYER])
    return []


def last_shown(turn: Turn) -> Shown | None:
    question, at = slots.LEGAL_SHOWN.of(turn.tracker), slots.LEGAL_AT.of(turn.tracker)
    if not question or not at:
        return None
    shown = Shown(question, slots.LEGAL_CODE.of(turn.tracker) or "", datetime.fromisoformat(at))
    return shown if shown.fresh(turn.community.clock.now()) else None


async def follow_up(turn: Turn) -> list[EventType] | None:
    """What a short question after an answer means (那押金呢, 去哪办); None when it stands for itself."""
    if turn.in_form or not turn.text or (shown := last_shown(turn)) is None:
        return None
    asked = legal_followup.asked_of_answer(turn.text)
    if asked and shown.code:
        advice = await legal.answer_of(turn.community, shown.code)
        if advice.answer is not None:
            if asked == "articles":
                return await _chosen(turn, f"text:{shown.code}")
            said = legal_followup.told_of(advice.answer, asked)
            if said:
                turn.say(f"{said}\n1 找社区律师", [LAWYER], show=False)
            else:
                turn.say(f"“{advice.answer.title}”里没有写到这一点，各地可能不同，不敢乱说。可以打12348免费问，或者：", [LAWYER])
            return [slots.LEGAL_AT.to(turn.community.clock.now().isoformat())]
    if not legal_followup.goes_on(turn.text):
        return None
    advice = await legal_followup.advise_after(turn.community, turn.text, shown)
    return await say(turn, f"{shown.question[-160:]}，{turn.text}", advice)


async def which_law(turn: Turn, text: str) -> list[EventType] | None:
    """第一千零八十七条, and no law's name: which one is asked, never guessed. None when a law is named, or no article is."""
    label = bare_article(text)
    if label is None:
        return None
    shown = slots.LEGAL_LAW.of(turn.tracker) if last_shown(turn) is not None else None
    laws = await legal.laws_with(turn.community, label, [shown] if shown else [])
    example = "把法律的名字一起说就行，比如：民法典第九百四十二条。"
    if not laws or turn.in_form:
        turn.say(f"{label}是哪部法律的？{example}")
        return []
    offered = [Choice(f"《{law}》{label}", payload("ask_legal", answer=f"article:{law}/{label}")) for law in laws]
    turn.say(f"您问的是哪部法律的{label}？回数字；都不是的话，{example}", offered)
    return []


async def answer_misheard(turn: Turn) -> list[EventType] | None:
    """A legal question that was taken for small talk or for nothing: answered when it is urgent or an answer is sure, else None."""
    if turn.in_form or not turn.text:
        return None
    label = bare_article(turn.text)
    # 第二条 is as likely the second of a list.
    if label and (len(label) > len("第十条") or last_shown(turn)) and (asks := await which_law(turn, turn.text)) is not None:
        return asks
    advice = await legal.advise(turn.community, turn.text)
    sure = advice.kind == "answer"
    return await say(turn, turn.text, advice) if sure or first_call(turn.text) else None
