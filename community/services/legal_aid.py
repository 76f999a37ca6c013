"""Whether somebody may have a lawyer paid by the state: three questions at most, by the 法律援助法 in force on the day.

Which matters: 第二十四条, 第三十一条; without regard to means: 第三十二条; means not looked into: 第四十二条; where to apply: 第三十八条;
how soon they answer: 第四十三条. What of it is cited is looked up when it is said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from community.model.calendar import local
from community.model.law import Citation
from community.ports import Community

LAW = "法律援助法"
_ASKS = re.compile(
    r"(?:没钱|没有钱|请不起|付不起|出不起|掏不起).{0,6}(?:打官司|律师|诉讼)|(?:免费|不花钱).{0,4}律师|法援|"
    r"法律援助.{0,12}(?:申请|能不能|可以|条件|够不够|符合|怎么|我)|(?:申请|能|可以|够不够|符合).{0,8}法律援助"
)


@dataclass(frozen=True)
class Matter:
    """`kind`: 'means' (only who is poor), 'free' (means do not matter), 'migrant' (means not looked into for migrant workers), 'none'."""

    code: str
    said: str
    kind: str
    article: str


MATTERS = (
    Matter("wage", "讨工资、确认劳动关系", "migrant", "第三十一条"),
    Matter("injury", "工伤", "migrant", "第三十一条"),
    Matter("support", "要赡养费、抚养费", "means", "第三十一条"),
    Matter("violence", "家暴、虐待、遗弃", "free", "第三十二条"),
    Matter("accident", "交通事故、看病、食品药品伤了人", "means", "第三十一条"),
    Matter("benefit", "社保、低保、抚恤金", "means", "第三十一条"),
    Matter("crime", "家里人被抓了、要打刑事官司", "means", "第二十四条"),
    Matter("other", "都不是", "none", ""),
)
_OF_CODE = {matter.code: matter for matter in MATTERS}
BRING = ("身份证", "跟这件事有关的材料（合同、欠条、病历、判决书等）", "低保证、特困证、残疾证等（有就带）")
WHERE = "办案的法院、仲裁委所在区县的法律援助中心，街道、社区的公共法律服务站也收；先打12348问，不收钱。"


@dataclass(frozen=True)
class Verdict:
    """`may`: 'likely', 'poor' (if they are poor), 'doubtful'. Citations stand today."""

    may: str
    text: str
    citations: list[Citation]


def wants_check(text: str) -> bool:
    """Whether somebody asks if they can have legal aid, rather than what it is."""
    return bool(_ASKS.search(text))


def matter_of(code: str) -> Matter | None:
    return _OF_CODE.get(code)


def next_question(matter: Matter, group: str) -> str | None:
    """'group' (are they one of those whose means are not looked into), 'money', or None when it can be said."""
    if matter.kind in ("free", "none"):
        return None
    if not group:
        return "group"
    return "money" if group == "no" else None


async def verdict(c: Community, matter: Matter, group: str, poor: str) -> Verdict:
    """What can be said honestly; who decides is the legal aid centre (within seven days, 第四十三条)."""
    if matter.kind == "none":
        text = (
            "您说的事不在法律列出的几类里，多半申请不了；各地还会放宽一些，打12348免费问一句最稳当。"
            "打官司的钱有困难，可以向法院申请缓交、减交诉讼费。"
        )
        return Verdict("doubtful", text, await _cite(c, "第三十一条"))
    if matter.kind == "free":
        text = "可以申请，不看家里有没有钱。"
        return Verdict("likely", text + _how(), await _cite(c, "第三十二条", "第三十八条", "第四十三条"))
    if group in ("special", "migrant"):
        text = "看起来可以申请，有材料证明您的身份，就不用再查家里经济情况。"
        return Verdict("likely", text + _how(), await _cite(c, matter.article, "第四十二条", "第三十八条", "第四十三条"))
    if poor == "yes":
        text = "看起来可以申请。要如实说明家里经济困难，标准由各省定，够不够由法律援助中心说了算。"
        return Verdict("poor", text + _how(), await _cite(c, matter.article, "第四十一条", "第三十八条", "第四十三条"))
    text = "这类事可以申请，但要家里经济困难；按您说的，可能不够。标准各地不同，打12348免费问一句再定。"
    return Verdict("doubtful", text, await _cite(c, matter.article, "第四十一条"))


def _how() -> str:
    return "收到申请七天内给答复。\n带上：" + "、".join(BRING) + "\n去哪：" + WHERE


async def _cite(c: Community, *labels: str) -> list[Citation]:
    today = local(c.clock.now()).date()
    found = [await c.legal.cite(LAW, label, today) for label in labels]
    return [citation for citation in found if citation is not None]
