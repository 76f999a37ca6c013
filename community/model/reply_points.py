"""What a resident's words ask about, point by point, and which of the points an answer leaves out. By words, no I/O.

The assistant cuts reports of several problems with a trained model (`bot/components/problems.py`). That one needs Rasa's
Python and says where to cut; here it is enough to know what is named, and a wrong guess costs a clerk one glance.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# (what residents call the thing, what an answer about it may say instead). The first begins a point of its own.
_THINGS: tuple[tuple[str, str], ...] = (
    ("电梯", "维保|轿厢|困人"),
    ("楼道灯|楼梯灯|走廊灯|过道灯|声控灯|路灯|灯", "照明|灯泡|灯管|电工|亮"),
    ("垃圾|卫生|楼道脏", "保洁|清运|清扫|打扫|环卫|桶"),
    ("门禁|单元门|大门|门锁|防盗门", "门|刷卡|闭门器|锁"),
    ("下水道|下水|地漏|马桶|污水|化粪池|窨井", "疏通|管道|堵"),
    ("停水|水压|自来水|水管", "供水|水务|管道|来水|水压"),
    ("漏水|渗水|天花板|屋顶|外墙", "防水|漏|渗|补漏"),
    ("停电|跳闸|电表|电线|飞线", "供电|电力|电工|来电|线"),
    ("燃气|煤气|天然气", "气"),
    ("消防通道|消防栓|灭火器|消防", "通道|挪车"),
    ("电动车|电瓶车|充电桩|充电", "充电|车棚|上楼"),
    ("停车|车位|乱停|僵尸车|挡车|道闸", "车|挪"),
    ("绿化|树枝|大树|树|草坪|杂草", "修剪|园林|养护|枝"),
    ("广场舞|噪音|噪声|装修|施工|狗叫", "声音|音量|吵|静|劝|装修|施工"),
    ("油烟|异味|臭味|味道", "味|烟|餐|清洗"),
    ("遛狗|狗|流浪猫|宠物", "犬|养|牵绳|猫"),
    ("老鼠|蟑螂|蚊子|白蚁|虫", "消杀|灭|除"),
    ("井盖|路面|坑|台阶|人行道", "路|补|修补|市政"),
    ("监控|摄像头", "监控|探头|录像"),
    ("物业费|收费|公摊|维修基金", "费|账|价"),
    ("高空抛物|抛物|坠物", "抛|坠|监控"),
    ("扶手|栏杆|健身器材|座椅|滑梯", "加固|更换|器材"),
    ("快递柜|快递", "快递"),
    ("违建|违章|搭建|群租", "拆|城管|执法"),
)
_SIGNS = re.compile(r"油烟|异味|臭味|味道|噪音|噪声|漏水|渗水|跳闸|坑|收费|卫生")
"""What is smelt, heard or seen of something else: 电梯里有垃圾，味道很大 is one matter."""
_BY_NAME = tuple((re.compile(names), re.compile(f"{names}|{also}")) for names, also in _THINGS)
_PIECES = re.compile(r"(?:\s*[0-9①-⑨][、.．)）])?[^，,。.！!？?；;、\n]+[，,。.！!？?；;、\n]*")
_NEXT = re.compile(r"^\s*(?:还有|另外|再有|再就是|再一个|顺便|以及|同时|而且还|其次|此外|第?[二三四2-4][、.．）)是个]|[②③④])")
_PLACE = re.compile(
    r"^\s*(?:我们|我家|这边|那边|楼下|楼上|小区|门口)?(?:[0-9一二三四五六七八九十]+(?:号楼|幢|栋|单元|楼|层))*里?的?"
)
_OLD_END = re.compile(r"[。.！!？?；;\n]\s*$")
_NOISE = re.compile(
    r"还有|另外|再就是|一下|的话|我们|你们|这个|那个|没有|什么|怎么|能不能|麻烦|帮忙|看看|请|谢谢|问题|情况|已经|一直|现在|师傅|社区|物业"
)
_ALL_OF_IT = re.compile(
    r"(?:[两二三四几]|2|3|4|这些|上述|以上|所有)(?:件|个|项|处|点|样)?(?:事情?|问题|诉求|情况)?(?:我们|物业|社区)?(?:都|均|一并|一起|全部|一同)"
    r"|(?:问题|诉求|事情|情况)(?:都|均|一并|全部)|一并(?:安排|处理|解决|转|交|反映)|都(?:已|安排|转|处理|修|记)|全部(?:处理|修|解决|更换|清)"
)


@dataclass(frozen=True)
class Point:
    """`words` as the resident wrote them."""

    words: str


def points(words: str) -> list[Point]:
    """The things `words` ask about, in order. A piece begins a new point when it names another thing, or says "还有"."""
    found: list[str] = []
    named: list[set[int]] = []
    fresh = True
    for match in _PIECES.finditer(words):
        piece = match[0]
        things = _named(piece)
        begins = bool(_NEXT.match(piece)) or (bool(things) and (fresh or _leads(piece)))
        if found and not (begins and not things & named[-1] and (things or _NEXT.match(piece))):
            found[-1] += piece
            named[-1] |= things
        else:
            found.append(piece)
            named.append(things)
        fresh = bool(_OLD_END.search(piece))
    return [Point(piece.strip(" ，,。；;、\n")) for piece in found if piece.strip(" ，,。；;、\n")]


def _named(piece: str) -> set[int]:
    return {place for place, (names, _) in enumerate(_BY_NAME) if names.search(piece)}


def _leads(piece: str) -> bool:
    """Whether the thing stands where a new matter begins: 门禁也坏了, 3幢的垃圾没人收; not: 弄得门口都是垃圾."""
    start = _PLACE.match(piece)
    after = piece[start.end() :] if start else piece
    return not _SIGNS.match(after) and any(names.match(after) for names, _ in _BY_NAME)


def skipped(asked: Sequence[str], reply: str) -> list[Point]:
    """The points of several that `reply` has no word about. One point alone is never skipped: what else would it answer?"""
    wanted = [point for words in asked for point in points(words)]
    if len(wanted) < 2 or _ALL_OF_IT.search(reply):
        return []
    left = [point for point in wanted if not _touches(point, reply)]
    # An answer with no word about any of them ("收到，我来了解") is an acknowledgement, and skips nothing yet.
    return left if len(left) < len(wanted) else []


def _touches(point: Point, reply: str) -> bool:
    things = _named(point.words)
    if any(_BY_NAME[place][1].search(reply) for place in things):
        return True
    flat = re.sub(r"\W+", "", _NOISE.sub("", point.words))
    pairs = {flat[at : at + 2] for at in range(len(flat) - 1)}
    # Greetings and half sentences ask for nothing that could be skipped.
    return len(flat) < 4 or (not things and _NEXT.match(point.words) is None) or any(pair in reply for pair in pairs)
