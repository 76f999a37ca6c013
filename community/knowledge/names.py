"""Which law somebody means: full names, short ones, everyday ones, and a name with words in front of it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chinese.laws import article_label
from chinese.numerals import to_int
from community.model.region import PROVINCES, narrowness, own_place, scope_in_name

PREFIX = "中华人民共和国"

EVERYDAY = {
    "民法": "民法典",
    "民典法": "民法典",
    "治安法": "治安管理处罚法",
    "治安管理条例": "治安管理处罚法",
    "民诉": "民事诉讼法",
    "刑诉": "刑事诉讼法",
    "行诉": "行政诉讼法",
    "劳合法": "劳动合同法",
    "妇女法": "妇女权益保障法",
    "妇保法": "妇女权益保障法",
    "老年人法": "老年人权益保障法",
    "老年人权益法": "老年人权益保障法",
    "未成年人法": "未成年人保护法",
    "道路交通法": "道路交通安全法",
    "道安法": "道路交通安全法",
    "劳动争议仲裁法": "劳动争议调解仲裁法",
    "食品法": "食品安全法",
    "物业条例": "物业管理条例",
    "工伤条例": "工伤保险条例",
    "农民工工资条例": "保障农民工工资支付条例",
    "农民工工资支付条例": "保障农民工工资支付条例",
    "治安处罚法": "治安管理处罚法",
    "治安管理法": "治安管理处罚法",
    "治安管理处罚条例": "治安管理处罚法",
    "刑诉法": "刑事诉讼法",
    "民诉法": "民事诉讼法",
    "行诉法": "行政诉讼法",
    "消法": "消费者权益保护法",
    "消保法": "消费者权益保护法",
    "消费者保护法": "消费者权益保护法",
    "消费者权益法": "消费者权益保护法",
    "道交法": "道路交通安全法",
    "交通安全法": "道路交通安全法",
    "交通法": "道路交通安全法",
    "老年人保护法": "老年人权益保障法",
    "老年人权益保护法": "老年人权益保障法",
    "老年法": "老年人权益保障法",
    "未保法": "未成年人保护法",
    "未成年保护法": "未成年人保护法",
    "妇女权益保护法": "妇女权益保障法",
    "反家暴法": "反家庭暴力法",
    "居委会组织法": "城市居民委员会组织法",
    "居民委员会组织法": "城市居民委员会组织法",
    "村委会组织法": "村民委员会组织法",
    "环境法典": "生态环境法典",
    "劳动仲裁法": "劳动争议调解仲裁法",
    "土地承包法": "农村土地承包法",
    "房地产管理法": "城市房地产管理法",
    "个税法": "个人所得税法",
    "个保法": "个人信息保护法",
    "个人信息法": "个人信息保护法",
    "食安法": "食品安全法",
    "反诈法": "反电信网络诈骗法",
    "反电诈法": "反电信网络诈骗法",
    "反电信诈骗法": "反电信网络诈骗法",
    "税收征管法": "税收征收管理法",
    "破产法": "企业破产法",
    "著作权保护法": "著作权法",
}
"""Everyday name -> short name. Laws that are no more (物权法, 合同法, 婚姻法) are not here: nothing stands for them one to one."""

# Another country's law, or an earlier text of ours, is not the one in force that ends in the same characters.
_ANOTHER = re.compile(
    "(?:美国|英国|法国|德国|日本|韩国|朝鲜|俄罗斯|苏联|加拿大|澳大利亚|新加坡|印度|意大利|瑞士|欧盟|外国|国外|台湾|香港|澳门)(?:地区)?的?$"
)
_EARLIER = re.compile("(?:旧|老|原|原来|以前|过去|从前|修订前|修改前|修正前|废止|失效)的?$")
_BRACKETS = re.compile(r"[《》〈〉\s]")
# 江苏省物业管理条例 is not the nation's 物业管理条例.
_ELSEWHERE = re.compile(f"(?:[省市县州盟旗]|(?<!小)区|{'|'.join(map(re.escape, PROVINCES))})$")
_COURT = re.compile("最高人民(?:法院|检察院)关于(?:审理)?(.{2,30}?)(?:案件)?(?:具体)?(?:应用|适用)法律(?:若干)?问题的解释(（.{1,3}）)?")
"""What a court lays down is called after its matter: 物业服务纠纷司法解释."""
_LABEL = re.compile(r"第?\s*([0-9０-９零〇一二两三四五六七八九十百千]+)\s*条?(?:\s*之\s*([0-9一二三四五六七八九十]+))?")


class NameBook:
    """Finds the full name behind a name. Knows the names it is given, nothing else; where two are called alike, the first."""

    def __init__(self, names: Iterable[str]) -> None:
        names = list(names)
        self._full: dict[str, str] = {}
        self._local: dict[str, str] = {}  # never behind other words: another city's rule ends alike
        for name in names:
            self._full[name] = name
            self._full.setdefault(name.removeprefix(PREFIX), name)
            # A name may have a name in it: 关于批准《…暂行办法》的决议.
            self._full.setdefault(_BRACKETS.sub("", name), name)
        for name in names:
            if court := _COURT.fullmatch(name):
                about, number = court[1], court[2] or ""
                for short in (about, about.removesuffix("纠纷")):
                    for kind in ("司法解释", "解释", "纠纷解释", "纠纷司法解释"):
                        self._full.setdefault(f"{short}{kind}{number}", name)
            place = scope_in_name(name)
            # What people here call it, unless a text of higher rank has that name: 电动自行车管理条例.
            if place and len(alone := name.removeprefix(place.replace("/", ""))) > 3:
                ours = "市" if narrowness(place) == 2 else "省"
                for said in (alone, f"本{ours}{alone}", f"我{ours}{alone}", f"{own_place(place)[:-1]}{alone}"):
                    self._local.setdefault(said, name)
        for everyday, short in EVERYDAY.items():
            if short in self._full:
                self._full.setdefault(everyday, self._full[short])

    def find(self, law: str) -> str | None:
        """The full name that `law` means: itself a name, or words with a name at their end (根据中华人民共和国刑法)."""
        law = _BRACKETS.sub("", law)
        if law in self._full or law in self._local:
            return self._full.get(law) or self._local[law]
        if PREFIX in law:
            # A full name is exact: 中华人民共和国婚姻法 is not some other law that ends alike.
            return self._full.get(law[law.rindex(PREFIX) + len(PREFIX) :])
        for start in range(1, len(law) - 1):
            full = self._full.get(law[start:])
            if full is not None:
                front = law[:start]
                return None if any(no.search(front) for no in (_ANOTHER, _EARLIER, _ELSEWHERE)) else full
        return None


def normal_label(label: str) -> str:
    """第942条, 942, 第九百四十二条 -> 第九百四十二条; 第17条之1 -> 第十七条之一; other labels (条目一) as they are."""
    match = _LABEL.fullmatch(label.strip())
    number = to_int(match[1]) if match else None
    if match is None or not number or number > 9999:
        return label.strip()
    return article_label(number, to_int(match[2]) if match[2] else None)
