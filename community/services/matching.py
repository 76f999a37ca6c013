"""Which ticket somebody means by a few words: shared character pairs, categories, and kinds of things named."""

from __future__ import annotations

import re

from community.model.category import RULES, Category
from community.model.ticket import ENDED, Ticket

_NOISE = re.compile(
    r"那个|这个|上次|之前|报的|反映的|的事|怎么样了?|到哪一?步了?|进度|处理|有没有|解决|我|催一?下|催办|快点|帮我|"
    r"工单|请问|什么时候|能|好了?吗|修好|撤回|撤销|取消|补充|还没|没好|已经|了|吗|的|呢|啊|一下|情况|查"
)

# What people call the thing when they come back to it, where the category's own name does not say it.
_WORDS: dict[Category, str] = {
    Category.ELEVATOR: "电梯",
    Category.LEAK: "漏水渗水",
    Category.DRAINAGE: "下水道马桶堵污水",
    Category.WATER_SUPPLY: "停水水压自来水",
    Category.POWER: "停电跳闸电",
    Category.GAS: "煤气燃气天然气",
    Category.LIGHTING: "灯路灯灯泡楼道灯",
    Category.DOOR_ACCESS: "门禁大门单元门",
    Category.EBIKE: "电动车电瓶车充电",
    Category.PARKING: "停车车位",
    Category.SANITATION: "垃圾卫生",
    Category.GREENING: "树草绿化",
    Category.NOISE: "噪音吵广场舞",
    Category.FUMES: "油烟味道",
    Category.PETS: "狗猫宠物",
    Category.PESTS: "老鼠蟑螂白蚁",
    Category.ROAD: "路面井盖坑",
}


def _pairs(text: str) -> set[str]:
    flat = re.sub(r"\W+", "", text)
    return {flat[i : i + 2] for i in range(len(flat) - 1)} | ({flat} if len(flat) == 1 else set())


def best_matches(text: str, tickets: list[Ticket]) -> list[Ticket]:
    """Tickets that `text` describes, best first; open ones win over ended ones; empty when it describes none."""
    asked = _NOISE.sub(" ", text)
    words = _pairs(asked)
    singles = set(re.sub(r"[\W\d]+", "", asked))
    if not words and not singles:
        return []
    scored: list[tuple[float, Ticket]] = []
    for ticket in tickets:
        of_category = _WORDS.get(ticket.category, "") + RULES[ticket.category].name
        own = _pairs(ticket.words + " " + ticket.place_text + " " + of_category)
        score = len(words & own) + 0.5 * len({s for s in singles if s in ticket.words + of_category} - set("不在有"))
        if score >= 0.5:
            scored.append((score - (0.75 if ticket.status in ENDED else 0), ticket))
    if not scored:
        return []
    scored.sort(key=lambda pair: -pair[0])
    best = scored[0][0]
    return [ticket for score, ticket in scored if score >= best - 0.25 and score > 0]
