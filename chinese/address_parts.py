"""The parts of an address, one by one: a name of an estate, 3号楼, 二单元, 五楼, 502, 12-3-502. What is only a number is none."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chinese.estates import find_estates
from chinese.numerals import CHARS, DIGITS, to_int

LEVELS = {"home": 0, "estate": 1, "building": 2, "unit": 3, "floor": 4, "room": 5}


@dataclass(frozen=True)
class Part:
    """words[start:end] says `values`; `first` and `last` are the highest and the lowest level among them."""

    start: int
    end: int
    first: str
    last: str
    values: dict[str, str]


_D = "".join(DIGITS)
_N = rf"(?:[0-9]{{1,4}}|[{CHARS}]{{1,5}})"
_B = rf"(?:[0-9]{{1,3}}|[{CHARS}]{{1,5}})"
_SMALL = rf"(?:[0-9]{{1,2}}|[{CHARS}]{{1,3}})"
_ROOM_DIGITS = rf"(?:[0-9]{{3,4}}|[{_D}]{{3,4}}|[{_D}]百[零〇{_D}十]{{1,4}}|[{_D}]千[{CHARS}]{{1,6}})"
_DASH = r"\s*(?:-+|~|—+|_|#|杠|横杠|斜杠)\s*"
_NOT_DATE = r"(?![0-9年月日点分:.\-]|\s*(?:块|元|米|个|人|户|度|斤|公里|平方|万|%))"
_NO_ROOM = (
    r"(?![0-9.:%]|\s*(?:年|月|日|点|块|元|个|人|户|米|度|分|次|天|斤|瓶|路|辆|张|平|万|多|几|来|名|家|位|岁|条|只|公里|小时|胶|毫|伏|瓦|克|字|层|"
    r"楼|幢|栋|号楼|单元|周|星期|块|倍|期|届|班|线|份|把|根|盏|台|套|颗|棵|箱|包|盒|袋|桶|件|间|股|种|遍|回|趟|秒|刻|线|款|条))"
)
_MISHEARD = r"[撞憧状壮床噇动冻洞懂](?=\s*(?:第)?\s*" + _SMALL + r"\s*(?:单元|单员|单原|丹元))"
_COUNTED = r"(?<![0-9A-Za-z.:年月/-])"

_PARTS = re.compile(
    # Nothing but a number or a letter can begin one: asked first, it spares all the rest.
    rf"(?=[0-9{CHARS}A-Za-z])(?:"
    # three or two numbers with dashes
    rf"(?<![0-9A-Za-z{_D}:.\-])(?P<d1>{_SMALL})(?:{_DASH}|\s*(?:号楼|幢|栋|座)\s*)(?P<d2>{_SMALL}){_DASH}(?P<d3>{_ROOM_DIGITS})(?:室|号(?!线))?{_NOT_DATE}"
    rf"|(?<![0-9A-Za-z{_D}:.\-])(?P<e1>{_SMALL}){_DASH}(?P<e2>{_ROOM_DIGITS})(?:室)?{_NOT_DATE}"
    # 3-2单元
    rf"|(?<![0-9A-Za-z{_D}:.\-])(?P<f1>{_SMALL}){_DASH}(?P<f2>{_SMALL})\s*单元"
    rf"|{_COUNTED}(?P<building>{_B})\s*(?:(?:号楼|幢|栋)(?P<many>楼(?![道梯下上顶栋层里后前]))?|座(?![位谈])|#楼?(?!电?梯|[泵门机])|{_MISHEARD}"
    rf"|号(?=\s*{_SMALL}\s*(?:单元|单员))|号(?=[0-9]{{3,4}}室))"
    rf"|(?<![0-9A-Za-z])(?P<letter>[A-Za-z])\s*(?:座(?![位谈])|幢|栋|号楼)"
    rf"|(?<![0-9{CHARS}.])(?P<unit>{_SMALL})\s*(?:单元|单员|单原|丹元)"
    rf"|(?<![0-9{CHARS}.])(?P<floor>{_SMALL})\s*(?:楼|层|F(?![a-zA-Z]))(?![下上道梯栋长盘市])"
    rf"|(?<![0-9{CHARS}.:])(?P<room>{_N})\s*(?:室(?![内外友]|{_N}厅)|号房|房(?![子东产租顶屋门间型价贷本管主]|{_N}厅))"
    rf"|(?<![0-9{CHARS}.:])(?P<bare>{_ROOM_DIGITS})(?:号(?!线|楼)|住户)?{_NO_ROOM})"
)
_HOME = re.compile(
    r"(?=[我家自咱阿屋本])(?:(?<!大)我家(?!人|的人)|我们家|(?<!大)家里|我屋里|自己家|我这(?:里|儿)?家|咱们?家|阿拉屋里|阿拉家|屋里厢|"
    r"我们?这?(?:一)?(?:幢|栋|楼|单元)|阿拉(?:格|这)?(?:一)?(?:幢|栋|楼|单元)|本(?:幢|栋|楼|单元))"
)
_MANY = re.compile(r"(?:[这那哪每整同另有共]|全部|一共|总共|好)$")
_SPACED = re.compile(
    rf"[\s,]*(?P<b>{_SMALL})(?:[\s,./-]+(?P<u>{_SMALL})[\s,./-]+(?P<r>{_ROOM_DIGITS})(?![0-9{CHARS}.:-]){_NO_ROOM}"
    rf"|-(?P<v>{_SMALL})(?=$|[\s,。的门楼]))"
)
_BELOW = re.compile(rf"[\s,的第]*{_SMALL}\s*(?:单元|楼|层|室)|[\s,]*{_ROOM_DIGITS}")
_NEAR = re.compile(r"[\s,、的-]*")
_HINT = re.compile(rf"单[元员原]|丹元|[幢栋座#楼层室房家杠屋F号]|{_MISHEARD}|[0-9{_D}]\s*[-~_—]")
_EMERGENCY = frozenset({"110", "119", "120", "122"})


def _number(text: str) -> str | None:
    if len(text) > 1 and text[0] in "十" and "百" in text:
        return None
    value = to_int(text)
    return str(value) if value else None


def _is_room(digits: str, doors: int = 40) -> bool:
    """A number that can be a door: a floor up to 60, a door of it up to `doors`."""
    number = int(digits)
    return 1 <= number // 100 <= 60 and 1 <= number % 100 <= doors


def _is_year(number: str) -> bool:
    return number[:2] in ("19", "20") and len(number) == 4 and int(number[2:]) > 12


def find_parts(words: str, estates: tuple[tuple[str, str], ...] = ()) -> list[Part]:
    """What `words` (normalised) holds of addresses, left to right. A bare number is a room only right behind a unit or building."""
    parts: list[Part] = []
    for estate in find_estates(words, estates):
        parts.append(Part(estate.start, estate.end, "estate", "estate", {"estate": estate.name}))
        if (match := _SPACED.match(words, estate.end)) and (spaced := _spaced(match)):
            parts.append(spaced)
    if not parts and (match := _SPACED.match(words)) and match["r"] and not words[match.end() :].strip(" ,.。"):
        parts += filter(None, [_spaced(match)])
    taken = [(part.start, part.end) for part in parts]
    for match in _HOME.finditer(words):
        parts.append(Part(match.start(), match.end(), "home", "home", {"home": "1"}))
    if not _HINT.search(words):
        return sorted(parts, key=lambda part: part.start)
    last: Part | None = None
    for match in _PARTS.finditer(words):
        if any(match.start() < end and start < match.end() for start, end in taken):
            continue
        if (part := _part(words, match, last)) is not None:
            parts.append(part)
            last = part
    return sorted(parts, key=lambda part: part.start)


def _spaced(match: re.Match[str]) -> Part | None:
    """剡溪花园 3 2 502: only right behind an estate, or as a whole message."""
    building, unit = _number(match["b"]), _number(match["u"] or match["v"])
    room = _number(match["r"]) if match["r"] else None
    if building is None or unit is None or (room is not None and (not _is_room(room) or _is_year(room))):
        return None  # 12-3-2024 is a day
    values = {"building": building, "unit": unit} | ({"room": room} if room else {})
    return Part(match.start("b"), match.end(), "building", "room" if room else "unit", values)


def _part(words: str, match: re.Match[str], last: Part | None) -> Part | None:
    """What one match says; None when it only looks like a part. `last` is the part before it."""
    kind = match.lastgroup or ""
    start, end = match.span()
    near = last is not None and _NEAR.fullmatch(words, last.end, start) is not None
    if kind in ("d3", "e2", "f2"):
        return _dashed(match, kind)
    if kind == "letter":
        level = "unit" if near and last is not None and last.last == "building" else "building"
        return Part(start, end, level, level, {level: match["letter"].upper()})
    number = _number(match[kind if kind != "many" else "building"])
    if number is None:
        return None
    if kind in ("building", "many"):
        return None if _is_quantity(words, match) else Part(start, end, "building", "building", {"building": number})
    if kind == "unit" and _MANY.search(words, max(0, start - 2), start):
        return None
    if kind == "bare":
        if not near or last is None or last.last not in ("building", "unit", "floor"):
            return None
        ends = re.match(r"$|[室号,。]", words[end:]) is not None
        after_unit = last.last == "unit"
        if not (ends and after_unit and len(number) >= 3) and not _is_room(number, 99 if ends or after_unit else 40):
            return None
        if number in _EMERGENCY and match["bare"].isdigit() and not ends:
            return None
        kind = "room"
    return Part(start, end, kind, kind, {kind: number})


def _dashed(match: re.Match[str], kind: str) -> Part | None:
    group = kind[0]
    numbers = [_number(match[f"{group}{i}"]) for i in range(1, int(kind[1]) + 1)]
    if None in numbers:
        return None
    values = [number or "" for number in numbers]
    if int(values[0]) > 200:
        return None
    if kind == "f2":
        return Part(match.start(), match.end(), "building", "unit", {"building": values[0], "unit": values[1]})
    if not _is_room(values[-1], 99 if kind == "d3" else 40) or _is_year(values[-1]):
        return None
    if kind == "e2":
        return Part(match.start(), match.end(), "building", "room", {"building": values[0], "room": values[1]})
    named = {"building": values[0], "unit": values[1], "room": values[2]}
    return Part(match.start(), match.end(), "building", "room", named)


def _is_quantity(words: str, match: re.Match[str]) -> bool:
    """两幢楼, 有三栋楼, 一幢别墅, 三座桥: how many, not which."""
    before = words[max(0, match.start() - 2) : match.start()]
    said, sign = match["building"], words[match.end("building") : match.end()].strip()
    rest = words[match.end() :]
    below = _BELOW.match(rest) is not None
    if not below and (_MANY.search(before) or said in ("两", "万", "千", "百")):
        return True
    chinese = not said.isdigit()
    if match["many"] is not None and (before.endswith(("有", "等", "是")) or chinese and said in ("一", "几")):
        return True
    if chinese and sign == "座" and not below:
        return True
    return re.match(r"(?:房子|别墅|大楼|高楼|住宅|建筑|楼房|大山|桥)", rest) is not None
