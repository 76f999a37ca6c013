"""What the pages of 知识 show of an entry: names of fields and fields of life, and how one entry differs from another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from community.model.revision import ItemKind

TOPICS = {
    "family": "婚姻家庭", "labour": "劳动用工", "property": "物业", "neighbours": "邻里", "crime": "刑事", "parking": "停车充电",
    "tenancy": "租房", "inheritance": "继承", "loans": "借贷", "minors": "未成年人", "consumer": "消费", "elderly": "养老",
    "procedure": "打官司", "traffic": "交通事故", "noise": "噪声", "housing": "买卖房屋", "privacy": "隐私名誉", "litigation": "诉讼常识",
    "order": "治安", "shop": "开店经营", "admin": "跟机关打交道", "assistance": "法律援助", "papers": "户口证件", "rural": "农村土地",
    "building": "违建装修", "committee": "业委会", "demolition": "拆迁", "fire": "消防", "insurance": "保险", "medical": "医疗",
    "services": "水电服务", "bank": "银行卡", "helping": "见义勇为", "mediation": "调解",
}  # fmt: skip
FIELDS = {
    "identity": "户口证件", "social": "社保就业", "medical": "医保看病", "elderly": "养老助残", "welfare": "救助", "family": "生育婚姻上学",
    "housing": "住房水电", "daily": "小区日常", "rights": "法律、党员、身后事",
}  # fmt: skip
NAMES = {
    "title": "标题", "topic": "分类", "field": "分类", "questions": "居民这样问", "answer": "回答", "steps": "怎么办（步骤）",
    "bring": "带上",    "papers": "要带的", "where": "去哪", "site": "哪类站点能办", "citations": "依据", "fee": "费用",
    "takes": "多久", "online": "手机上",
    "others": "代办", "note": "留意",
    "scope": "适用地方", "owner": "负责人", "checked_on": "核对日期", "expires_on": "复核期限",
    "rings": "听到就算危险", "harmless": "听到就不算", "number_first": "先说的话", "asks": "反问",
}  # fmt: skip
TONES = {"proposed": "s-wait", "in_force": "s-todo", "refused": "u-high", "withdrawn": "s-over", "replaced": "s-over", "reverted": "s-over"}


def topic_name(kind: ItemKind, topic: str) -> str:
    return (FIELDS if kind is ItemKind.GUIDE else TOPICS).get(topic, topic)


@dataclass(frozen=True)
class Differing:
    """One field that changed. `kept` lines stand in both."""

    name: str
    gone: tuple[str, ...]
    new: tuple[str, ...]
    kept: int


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Differing]:
    """In the order of NAMES. Lists line by line, texts whole."""
    found = []
    for key, name in NAMES.items():
        old, new = lines_of(key, before.get(key)), lines_of(key, after.get(key))
        if old != new:
            kept = [line for line in new if line in old]
            found.append(
                Differing(
                    name, tuple(line for line in old if line not in kept), tuple(line for line in new if line not in kept), len(kept)
                )
            )
    return found


def lines_of(key: str, value: Any) -> list[str]:
    if not value:
        return []
    if key == "citations":
        return [cited(one) for one in value]
    if key == "asks":
        return [str(value.get("question", "")), *(f"{one.get('say')} → {one.get('answer')}" for one in value.get("options", ()))]
    if isinstance(value, list):
        return [str(one) for one in value]
    if key == "topic":
        return [TOPICS.get(str(value), str(value))]
    if key == "field":
        return [FIELDS.get(str(value), str(value))]
    return [str(value)]


def cited(one: Mapping[str, Any]) -> str:
    paragraph = f"第{one['paragraph']}款" if one.get("paragraph") else ""
    return f"《{str(one['law']).removeprefix('中华人民共和国')}》{one['article']}{paragraph}"
