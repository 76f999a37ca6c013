"""Where a text holds: the whole nation, a province, or a place in one. A scope is written 全国, 浙江省 or 浙江省/杭州市."""

from __future__ import annotations

import re

NATION = "全国"

_NAMED = [
    "北京市", "天津市", "上海市", "重庆市", "河北省", "山西省", "辽宁省", "吉林省", "黑龙江省", "江苏省", "浙江省", "安徽省",
    "福建省", "江西省", "山东省", "河南省", "湖北省", "湖南省", "广东省", "海南省", "四川省", "贵州省", "云南省", "陕西省",
    "甘肃省", "青海省", "台湾省", "内蒙古自治区", "广西壮族自治区", "西藏自治区", "宁夏回族自治区", "新疆维吾尔自治区",
    "香港特别行政区", "澳门特别行政区",
]  # fmt: skip
_KIND = re.compile("(?:省|市|特别行政区|(?:壮族|回族|维吾尔)?自治区)$")
PROVINCES = {**{_KIND.sub("", name): name for name in _NAMED}, **{name: name for name in _NAMED}}
"""浙江 and 浙江省 -> 浙江省."""

_PLACE = re.compile(r"(?!城市|都市|地区)([\u4e00-\u9fff]{2,9}?(?:自治州|自治县|地区|[市州盟县区旗]))(?!场|域|民)")
_ZONE = re.compile(r"([\u4e00-\u9fff]{2,4}?)经济特区")


def read_scope(said: str) -> str:
    """浙江, 浙江省, 浙江杭州, 浙江省杭州市, 浙江省/杭州市 -> the agreed form; '' when it is no place. A city alone stays alone."""
    said = re.sub(r"[\s·、>-]+", "/", said.strip().strip("/"))
    if said in ("", NATION, "中国", "国家", "中华人民共和国"):
        return NATION if said else ""
    parts: list[str] = []
    for part in said.split("/"):
        province, rest = _province(part) if not parts else ("", part)
        if province:
            parts.append(province)
        if rest:
            if not re.fullmatch(r"[\u4e00-\u9fff]{2,16}", rest):
                return ""
            parts.append(rest if len(rest) > 2 and re.search("[市州盟县区旗]$", rest) else rest + "市")
    return "/".join(parts) if len("/".join(parts)) <= 64 else ""


def scope_in_name(name: str, within: str = "") -> str:
    """The place that the name of a text begins with (杭州市物业管理条例), in the province `within` where it is known; '' when none."""
    province, rest = _province(name)
    if not province and not name.startswith(("中华人民共和国", "国务院", "最高人民", "全国人民")):
        rest = name
        if zone := _ZONE.match(name):
            return "/".join(filter(None, (within, zone[1] + "市")))
    place = _PLACE.match(rest)
    if province:
        inner = place[1] if place and province not in ("北京市", "天津市", "上海市", "重庆市") else ""
        return "/".join(filter(None, (province, inner)))
    if place and len(name) > place.end() + 1 and rest == name:
        return "/".join(filter(None, (within, place[1])))
    return ""


def own_place(scope: str) -> str:
    """The narrowest place of a scope: two texts of one name and one such place are versions of each other."""
    return scope.rsplit("/", 1)[-1]


def holds_in(scope: str, region: str) -> bool:
    """Whether a text of this scope holds for who lives in `region` (浙江省/杭州市). Without a region only the nation's texts do."""
    return scope == NATION or (bool(region) and set(scope.split("/")) <= set(region.split("/")))


def narrowness(scope: str) -> int:
    """0 the nation, 1 a province, 2 a place in one."""
    if scope == NATION:
        return 0
    return 1 if scope in PROVINCES else 2


def _province(text: str) -> tuple[str, str]:
    for name in _NAMED:
        if text.startswith(name):
            return name, text[len(name) :]
    for short, name in PROVINCES.items():
        if text.startswith(short):
            rest = text[len(short) :]
            # 吉林市 is a city of 吉林省: its name is not the province's and a 市 more.
            return (name, rest) if rest != "市" and not rest.startswith(("市", "经济特区")) else ("", text)
    return "", text
