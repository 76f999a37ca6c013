"""What a reporting resident's words hold: pure functions, and the fields of a report."""

from __future__ import annotations

import re

from actions import slots

FIELDS = (
    slots.REPORT_WORDS, slots.REPORT_CATEGORY, slots.REPORT_PLACE, slots.REPORT_PLACE_ID, slots.REPORT_DETAIL,
    slots.REPORT_PHOTOS, slots.REPORT_CONTACT, slots.REPORT_CONFIRM, slots.REPORT_EDIT, slots.REPORT_MORE, slots.REPORT_NOTICE,
)  # fmt: skip
IN_WORDS = "见内容"
"""Stands for a detail that the words themselves hold."""
ATTACHED = "attached"
"""Value of `report_confirm` when the photos that opened the form went to a ticket instead."""
JOIN = "join:"
"""Beginning of the value of `report_confirm` when the resident joins a neighbour's ticket; its number stands behind."""
REFUSED = "refused"
"""Value of `report_confirm` while the card comes back after a service said no."""
_OPENER = re.compile(
    r"^(你好|您好)?[，,]?(我|请|麻烦)?(有个?(事情|事|问题|情况))?(要|想|想要|需要)?(跟你们|向你们|帮我)?"
    r"(报修|报事|报案|报告|投诉|反映|上报|举报|反馈|提意见|提建议|报)(一下|个|一个|件|一件|点)?(问题|情况|事情|事|意见)?[。.!！~～]*$"
)
_PLACE_WORDS = re.compile(
    r"门口|大门|[东南西北]门|车库|地下室|楼道|楼梯|电梯口|天台|楼顶|屋顶|广场|花园|草坪|路口|路边|围墙|垃圾房|垃圾站|配电房|架空层|"
    r"健身|公园|菜场|学校|幼儿园|旁边|对面|附近|后面|前面|中间|整个小区|全小区|\d+号(?!楼)"
)
"""A place within an estate: enough together with its name."""
_WHERE = re.compile(
    r"[东南西北门路街巷弄楼幢栋层顶室区园库旁边口前后面侧处店校院桥河江湖站场亭梯道村铺摊厅房台井坡角里外上下]|附近|中间|\d号"
)
"""Any sign of a place. Without one (我要评价, 人呢) the words are hardly where something is."""


def only_opens(text: str) -> bool:
    """Whether the words only say that something is to be reported, and nothing of what."""
    return bool(_OPENER.match(text.strip()))


def names_a_spot(text: str) -> bool:
    return bool(_PLACE_WORDS.search(text))


def may_be_somewhere(text: str) -> bool:
    return bool(_WHERE.search(text))


def place_text(found: str, said: str, exact: bool) -> str:
    """The address found, with the resident's own words when they say more than it."""
    said = said.strip()[:60]
    if exact or not found:
        return found or said
    return found if said in found else f"{found}（{said}）"


def added(detail: str | None, more: str) -> str:
    """`more` put behind a detail."""
    kept = "" if not detail or detail == IN_WORDS else detail.rstrip("。") + "；"
    return (kept + more.strip())[:500]
