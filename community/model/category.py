"""Categories of reports, how urgent each is by itself, who handles it first, and the promise that goes with it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Category(StrEnum):
    ELEVATOR = "elevator"
    LEAK = "leak"
    DRAINAGE = "drainage"
    WATER_SUPPLY = "water_supply"
    POWER = "power"
    GAS = "gas"
    LIGHTING = "lighting"
    DOOR_ACCESS = "door_access"
    FIRE_SAFETY = "fire_safety"
    EBIKE = "ebike"
    PARKING = "parking"
    SANITATION = "sanitation"
    GREENING = "greening"
    NOISE = "noise"
    FUMES = "fumes"
    ILLEGAL_BUILDING = "illegal_building"
    PETS = "pets"
    PESTS = "pests"
    PROPERTY_SERVICE = "property_service"
    RENOVATION = "renovation"
    FALLING_OBJECT = "falling_object"
    ROAD = "road"
    DISPUTE = "dispute"
    ELDERLY_CARE = "elderly_care"
    PUBLIC_HEALTH = "public_health"
    PUBLIC_SECURITY = "public_security"
    OTHER = "other"


class Urgency(StrEnum):
    NORMAL = "normal"
    HIGH = "high"
    DANGER = "danger"


URGENCY_NAMES = {Urgency.NORMAL: "一般", Urgency.HIGH: "较急", Urgency.DANGER: "危急"}


@dataclass(frozen=True)
class CategoryRule:
    """`accept_minutes` and `resolve_hours` are working time for NORMAL; a HIGH ticket has half of each. What a city sets for itself comes
    before it (`community.model.promise`). `department`: who deals with it when the community does not, and how to reach them."""

    name: str
    urgency: Urgency
    accept_minutes: int
    resolve_hours: int
    department: str = ""


N, H = Urgency.NORMAL, Urgency.HIGH

# Hours to begin with, not a statute: a city sets its own, with the day from which they hold. The numbers are the country's own short ones.
RULES: dict[Category, CategoryRule] = {
    Category.ELEVATOR: CategoryRule("电梯", H, 60, 16),
    Category.LEAK: CategoryRule("漏水渗水", H, 60, 24),
    Category.DRAINAGE: CategoryRule("下水堵塞", H, 60, 16),
    Category.WATER_SUPPLY: CategoryRule("停水水压", H, 60, 16, "自来水公司（电话在水费单上）"),
    Category.POWER: CategoryRule("停电用电", H, 60, 16, "供电公司（95598）"),
    Category.GAS: CategoryRule("燃气", H, 30, 8, "燃气公司（抢修电话在燃气表和缴费单上）"),
    Category.LIGHTING: CategoryRule("照明", N, 120, 24),
    Category.DOOR_ACCESS: CategoryRule("门禁", N, 120, 24),
    Category.FIRE_SAFETY: CategoryRule("消防通道", H, 60, 16),
    Category.EBIKE: CategoryRule("电动车充停", N, 120, 24),
    Category.PARKING: CategoryRule("停车", N, 120, 24),
    Category.SANITATION: CategoryRule("环境卫生", N, 120, 16),
    Category.GREENING: CategoryRule("绿化", N, 240, 40),
    Category.NOISE: CategoryRule("噪音扰民", N, 120, 24),
    Category.FUMES: CategoryRule("油烟异味", N, 120, 24),
    Category.ILLEGAL_BUILDING: CategoryRule("违章搭建", N, 240, 56, "综合行政执法队（12345转）"),
    Category.PETS: CategoryRule("宠物", N, 120, 24),
    Category.PESTS: CategoryRule("虫鼠害", N, 240, 40),
    Category.PROPERTY_SERVICE: CategoryRule("物业服务", N, 240, 40),
    Category.RENOVATION: CategoryRule("装修", N, 120, 24),
    Category.FALLING_OBJECT: CategoryRule("高空抛物坠物", H, 60, 16),
    Category.ROAD: CategoryRule("道路设施", N, 240, 40, "市政养护（12345转）"),
    Category.DISPUTE: CategoryRule("邻里纠纷", N, 240, 40),
    Category.ELDERLY_CARE: CategoryRule("为老服务", N, 120, 24),
    Category.PUBLIC_HEALTH: CategoryRule("公共卫生", N, 120, 24),
    Category.PUBLIC_SECURITY: CategoryRule("治安", H, 60, 16, "派出所（急事打110，不急的打12345转）"),
    Category.OTHER: CategoryRule("其他", N, 240, 40),
}


def category_name(category: Category | str) -> str:
    return RULES[Category(category)].name



_ALSO = {
    "噪声": Category.NOISE,
    "扰民": Category.NOISE,
    "垃圾": Category.SANITATION,
    "保洁": Category.SANITATION,
    "煤气": Category.GAS,
    "天然气": Category.GAS,
    "渗漏": Category.LEAK,
    "堵塞": Category.DRAINAGE,
    "下水道": Category.DRAINAGE,
    "水管": Category.WATER_SUPPLY,
    "路灯": Category.LIGHTING,
    "电瓶车": Category.EBIKE,
    "消防": Category.FIRE_SAFETY,
    "违建": Category.ILLEGAL_BUILDING,
    "纠纷": Category.DISPUTE,
    "调解": Category.DISPUTE,
    "养老": Category.ELDERLY_CARE,
    "助老": Category.ELDERLY_CARE,
    "高空抛物": Category.FALLING_OBJECT,
    "物业": Category.PROPERTY_SERVICE,
    "道路": Category.ROAD,
    "狗": Category.PETS,
    "老鼠": Category.PESTS,
}
"""What staff call a category beside its name."""


def categories_named(text: str) -> list[Category]:
    """What `text` (a name, a piece of one, another word for it, a code) may mean: one when it is sure, several to choose from, or none."""
    said = text.strip().strip("“”\"'。，, ").removesuffix("类").removesuffix("类别")
    for category in Category:
        if said in (str(category), category_name(category)):
            return [category]
    if not said:
        return []
    if said in _ALSO:
        return [_ALSO[said]]
    inside = [category for category in Category if len(said) >= 2 and said in category_name(category)]
    return inside or [category for category in Category if len(category_name(category)) >= 2 and category_name(category) in said]
