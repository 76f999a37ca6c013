"""A short question after an answer: 那押金呢, 去哪办, 要带什么. It means something only together with what was said before."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from community.model.calendar import local
from community.model.law import CuratedAnswer
from community.ports import Community
from community.services import legal
from community.services.legal import Advice

FRESH = timedelta(minutes=30)
"""After so long a silence a question stands for itself."""
SHORT = 22
"""Characters. What is longer says itself what it is about."""

_FILLER = re.compile(
    r"^(?:那么?|请问|我|还|都|就|这个?|这事|要|得|需要|应该|该|大概|一般|是|到底)+|(?:啊|呀|呢|吗|吧|嘛|的|了|呐|，|。|？|\?|！|!)+$"
)
_ASKED_OF = {
    "bring": re.compile(
        r"带(?:什么|啥|哪些|些什么)|(?:什么|啥|哪些)(?:材料|证件|手续|东西|资料)|(?:材料|证件|手续)(?:有|要)?(?:什么|哪些)"
    ),
    "where": re.compile(
        r"(?:去|上|到|在)(?:哪|那里|什么地方|啥地方)|找(?:谁|哪个部门|什么部门|哪里)|(?:哪里|哪儿)(?:办|申请|告|反映|投诉)"
    ),
    "articles": re.compile(r"法条|原文|(?:哪|第几)(?:条|部法|个法)|(?:什么|有啥|有什么)依据|依据(?:是|呢|在|什么)"),
    "time": re.compile(r"多久|多长时间|几天|几个月|什么时候|啥时候|要等多"),
    "cost": re.compile(r"多少钱|要钱|收费|费用|花钱|要交钱|贵不贵|免费"),
    "steps": re.compile(r"^(?:怎么办|怎么弄|咋办|咋弄|怎么做|怎么开始|下一步|第一步|先做什么|流程|怎么个?流程)"),
}
_BESIDE = {"time": 5, "cost": 5}
"""Characters beside the words that ask: 多久能要回来, 打官司要多少钱."""
_SPELLED = {
    "time": re.compile(r"[\d一二三四五六七八九十两半]+(?:个)?(?:日|天|月|年|周|小时)|期限|时效|之内|以内|尽快"),
    "cost": re.compile(r"元|费|免费|不收|收取|%|％|百分"),
}
_GOES_ON = re.compile(r"^(?:那么?|如果|要是|万一|假如|假设|还有|另外|可是|但是|不过)")
_AND_WHAT = re.compile(r"呢[？?。!！]*$")
_NOT_LAW = re.compile(r"(?:^|那)(?:你|您)(?:呢|是谁|叫什么)|谢谢|再见|拜拜|工单|报修|报名|人工|律师|算了|没事")
_SENTENCE = re.compile(r"[^。；\n]+[。；]?")


@dataclass(frozen=True)
class Shown:
    """What was answered last: the question, the code of the answer ('' when it was none of ours), and when (aware UTC)."""

    question: str
    code: str
    at: datetime

    def fresh(self, now: datetime) -> bool:
        return timedelta(0) <= now - self.at <= FRESH


def asked_of_answer(text: str) -> str | None:
    """'bring', 'where', 'articles', 'time', 'cost', 'steps' when `text` asks nothing but that; else None."""
    said = _stripped(text)
    if not said or len(said) > SHORT:
        return None
    for name, pattern in _ASKED_OF.items():
        found = pattern.search(said)
        if found and len(_stripped(said[: found.start()])) + len(_stripped(said[found.end() :])) <= _BESIDE.get(name, 3):
            return name
    return None


def goes_on(text: str) -> bool:
    """Whether `text` leans on what was said before: 那押金呢, 要是没签合同, 孩子呢."""
    said = text.strip()
    if not said or len(said) > SHORT or _NOT_LAW.search(said):
        return False
    return bool(_GOES_ON.search(said) or _AND_WHAT.search(said))


def _stripped(text: str) -> str:
    said = text.strip()
    while (less := _FILLER.sub("", said).strip()) != said:
        said = less
    return said


def told_of(answer: CuratedAnswer, asked: str) -> str:
    """What the answer itself says to that; '' when it says nothing about it."""
    if asked == "bring":
        return "带上：" + "、".join(answer.bring) + "。" if answer.bring else ""
    if asked == "where":
        return f"去哪：{answer.where}。" if answer.where else ""
    if asked == "steps":
        return "怎么办：\n" + "\n".join(f"{n}）{step}" for n, step in enumerate(answer.steps, 1)) if answer.steps else ""
    wanted = _SPELLED[asked]
    lines = [line.strip() for line in _SENTENCE.findall("\n".join([answer.answer, *answer.steps])) if wanted.search(line)]
    return "\n".join(lines[:3])


async def advise_after(c: Community, text: str, shown: Shown) -> Advice:
    """The answer to a question that leans on the one before: looked for by itself and together with it, and never the same answer again."""
    today = local(c.clock.now()).date()
    together = f"{shown.question[-200:]}，{text}"
    best: dict[str, tuple[float, bool, CuratedAnswer]] = {}
    for asked in (text, together):
        for hit in await c.legal.answers(asked, today, limit=legal.MOST_CHOICES + 1):
            known = best.get(hit.answer.code)
            if hit.answer.code != shown.code and (known is None or hit.score > known[0]):
                best[hit.answer.code] = (hit.score, hit.sure, hit.answer)
    choices: list[CuratedAnswer] = []
    for chance, sure, answer in sorted(best.values(), key=lambda one: -one[0]):
        citations = await legal.still_in_force(c, answer, today)
        if citations and sure and not choices:
            return Advice("answer", answer, citations, chance)
        if citations:
            choices.append(answer)
    if choices:
        return Advice("choices", choices=choices[: legal.MOST_CHOICES], score=max(one[0] for one in best.values()))
    return await legal.nearest_articles(c, together)
