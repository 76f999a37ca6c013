"""民情日记: what a member saw at somebody's door, when they mean to come again, and what was wanted. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from chinese.address import find_places
from chinese.contacts import find_names
from community.errors import InvalidInput
from community.model.calendar import SHANGHAI, IsWorkday, local
from community.model.category import RULES, Category
from community.model.when import find_day

MORNING = time(8, 30)
"""When the office opens: who has to go is told then."""
FURTHEST = timedelta(days=366)
MAX_WORDS, MAX_NEED = 2000, 200


@dataclass(eq=False)
class DiaryEntry:
    """A note. `text` and `need` are ciphers (`sealed`), they say things about a household; `place_id` is the node that it was about.

    `grid_id` and `community_id` are where it belongs: by its place, else by who wrote it. `follow_up` is a local day; `followed_at` when
    it was gone to; `remind_at` when the clock must tell the writer, None when it has, or need not.
    """

    id: int
    key: str
    staff_id: int
    at: datetime
    text: str
    place_id: int | None = None
    place_text: str = ""
    grid_id: int | None = None
    community_id: int | None = None
    need: str = ""
    follow_up: date | None = None
    followed_at: datetime | None = None
    remind_at: datetime | None = None
    ticket_id: int | None = None
    sealed: bool = True

    @property
    def waits(self) -> bool:
        """Whether somebody still means to go there."""
        return self.follow_up is not None and self.followed_at is None


@dataclass(frozen=True)
class Said:
    """What a note says besides where. Empty where nothing was found."""

    follow_up: date | None
    need: str
    who: str


_CLAUSE = re.compile(r"[,，.。;；!！?？\n]+")
_AGAIN = re.compile(r"再|回访|复查|复访|复诊|随访|跟进|提醒|联系|上门|下次|去(?:看|一趟|送|陪|接|办)|来(?:看|一趟)|看望|探望|陪|送")
_WANTS = re.compile(r"(?:想要?|希望|需要|要求|盼望?|申请|请求|缺少?|反映)[^\s]{2,}")
_NOT_WANTED = re.compile(r"不(?:想|需要|希望|缺)|没(?:有)?(?:需要|要求)|无需")


def read_note(text: str, now: datetime) -> Said:
    """When to come again, what was wanted and of whom it speaks. A day counts only where the same part of the sentence says that somebody
    goes there: 3月5日生日 is no appointment."""
    follow_up, need = None, ""
    for clause in _CLAUSE.split(text):
        again = _AGAIN.search(clause)
        if again and follow_up is None and (found := find_day(clause, now)) is not None:
            follow_up = found.day
        elif not need and not _NOT_WANTED.search(clause) and (wanted := _WANTS.search(clause)):
            need = wanted[0][:MAX_NEED]
    return Said(follow_up, need, who_in(text))


def who_in(text: str) -> str:
    """Of whom it speaks first, by title or surname: 李奶奶; '' when of nobody."""
    names = find_names(text)
    return names[0].name if names else ""


_ROOM_THEN_NAME = re.compile(
    r"((?:元|[幢栋号#-])\s*\d{3,4})\s*(?=[张万米][\u4e00-\u9fff]{0,2}(?:阿姨|奶奶|爷爷|大爷|大妈|大姐|大伯|师傅|老师|叔|婶|伯|家|住|说|[，,。；;\s]|\Z))"
)


def apart(text: str) -> str:
    """101张阿姨 is a room and a name: to who reads addresses it would be a hundred and one sheets."""
    return _ROOM_THEN_NAME.sub(r"\1室", text)


_AROUND = re.compile(r"(?:回访|提醒|改到|改成|改为|改|再去|去|到|是|在|户|地点|那天|就|吧|我|[:：,，。.\s])*")


def only_says(text: str, now: datetime) -> date | None:
    """The day, where nothing but a day is said: 12月1日, 改到下周三."""
    found = find_day(text, now)
    if found is None or not _AROUND.fullmatch(text[: found.start]) or not _AROUND.fullmatch(text[found.end :]):
        return None
    return found.day


def names_only_a_place(text: str, estates: Iterable[tuple[str, str]] = ()) -> bool:
    """剡溪花园3幢2单元502, 地点是5幢101李奶奶家: where, and at most whose."""
    text = apart(text).replace("家", "")
    spans = [(place.start, place.end) for place in find_places(text, estates) if place.depth]
    if not spans:
        return False
    spans += [(name.start, name.end) for name in find_names(text)]
    rest = "".join(char for at, char in enumerate(text) if not any(start <= at < end for start, end in spans))
    return _AROUND.fullmatch(rest) is not None


def check_day(day: date, now: datetime) -> None:
    """Raises InvalidInput for a day that is over, or further away than a year."""
    today = local(now).date()
    if day < today:
        raise InvalidInput("回访的日子已经过了，请选今天或以后的日子。")
    if day - today > FURTHEST:
        raise InvalidInput("回访的日子最远可以定到一年以后。")


def morning_for(day: date, now: datetime, is_workday: IsWorkday) -> datetime:
    """When to remind of a visit on `day`: that morning, or of a day off the last working morning before it. What is too late for that is
    told on the next working morning: late is better than never."""
    told, today = day, local(now).date()
    while not is_workday(told) and told > today:
        told -= timedelta(days=1)
    at = datetime.combine(told, MORNING, SHANGHAI)
    if is_workday(told) and at > now:
        return at
    return next_morning(now, is_workday)


def next_morning(now: datetime, is_workday: IsWorkday) -> datetime:
    day = local(now).date()
    while not is_workday(day) or datetime.combine(day, MORNING, SHANGHAI) <= now:
        day += timedelta(days=1)
    return datetime.combine(day, MORNING, SHANGHAI)


def day_name(day: date, today: date) -> str:
    """今天, 明天, 12月2日（周三）, 2027年1月3日（周日）."""
    near = {0: "今天", 1: "明天", -1: "昨天"}.get((day - today).days)
    year = "" if day.year == today.year else f"{day.year}年"
    return near or f"{year}{day.month}月{day.day}日（周{'一二三四五六日'[day.weekday()]}）"


WORDS_OF = {
    Category.ELEVATOR: "电梯",
    Category.LEAK: "漏水 渗水 滴水",
    Category.DRAINAGE: "下水 堵塞 堵了 马桶 地漏",
    Category.WATER_SUPPLY: "停水 水压 没水",
    Category.POWER: "停电 跳闸 电线 没电",
    Category.GAS: "燃气 煤气 灶具",
    Category.LIGHTING: "照明 路灯 楼道灯 灯不亮 灯坏",
    Category.DOOR_ACCESS: "门禁 单元门",
    Category.FIRE_SAFETY: "消防 灭火器 堆物 堵通道",
    Category.EBIKE: "电动车 电瓶车 充电桩",
    Category.PARKING: "停车 车位",
    Category.SANITATION: "垃圾 保洁 脏乱",
    Category.GREENING: "绿化 树枝 修剪",
    Category.NOISE: "噪音 太吵 扰民",
    Category.FUMES: "油烟 异味 臭味",
    Category.ILLEGAL_BUILDING: "违章 违建 搭建",
    Category.PETS: "宠物 遛狗 养狗",
    Category.PESTS: "老鼠 蟑螂 白蚁",
    Category.PROPERTY_SERVICE: "物业费 物业服务",
    Category.RENOVATION: "装修",
    Category.FALLING_OBJECT: "高空抛物 坠物",
    Category.ROAD: "道路 路面 井盖",
    Category.DISPUTE: "纠纷 吵架 调解",
    Category.ELDERLY_CARE: "为老 养老 助餐 送餐 送饭 助浴 扶手 适老 独居 陪护 轮椅 高龄",
    Category.PUBLIC_HEALTH: "公共卫生 疫苗 体检 义诊",
    Category.PUBLIC_SECURITY: "治安 诈骗 失窃 小偷",
    Category.OTHER: "其他",
}


def category_said(text: str) -> Category | None:
    """The category that the words name, by its own name or by a word for it; None when none or several are named."""
    named = {category for category, rule in RULES.items() if rule.name in text}
    found = named or {category for category, words in WORDS_OF.items() if any(word in text for word in words.split())}
    return found.pop() if len(found) == 1 else None
