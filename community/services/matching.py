"""Which ticket somebody means by a few words: shared character pairs, categories, and kinds of things named."""

from __future__ import annotations

import re

from community.model.alike import NOISE, pairs
from community.model.category import RULES, Category
from community.model.ticket import ENDED, Ticket

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


def best_matches(text: str, tickets: list[Ticket]) -> list[Ticket]:
    """Tickets that `text` describes, best first; open ones win over ended ones; empty when it describes none."""
    asked = NOISE.sub(" ", text)
    words = pairs(asked)
    singles = set(re.sub(r"[\W\d]+", "", asked))
    if not words and not singles:
        return []
    scored: list[tuple[float, Ticket]] = []
    for ticket in tickets:
        of_category = _WORDS.get(ticket.category, "") + RULES[ticket.category].name
        own = pairs(ticket.words + " " + ticket.place_text + " " + of_category)
        score = len(words & own) + 0.5 * len({s for s in singles if s in ticket.words + of_category} - set("不在有"))
        if score >= 0.5:
            scored.append((score - (0.75 if ticket.status in ENDED else 0), ticket))
    if not scored:
        return []
    scored.sort(key=lambda pair: -pair[0])
    best = scored[0][0]
    return [ticket for score, ticket in scored if score >= best - 0.25 and score > 0]
