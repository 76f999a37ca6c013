"""Group intake 群消息: what neighbours wrote in a group becomes drafts that staff confirm. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chinese.address import find_places, main_place
from chinese.contacts import find_names
from chinese.group_talk import Saying, is_person
from chinese.masking import building_of
from chinese.normalise import normalise
from community.model.alike import ALIKE, alike
from community.model.category import RULES, Category, Urgency
from community.model.diary import WORDS_OF

SOURCE = "group"
MAX_WORDS = 500
SAME_BLOCK = timedelta(hours=24)
"""The same words of the same person in the same community within this are the same message, forwarded twice."""


class DraftState(StrEnum):
    OPEN = "open"
    FILED = "filed"
    MERGED = "merged"
    DROPPED = "dropped"


STATE_NAMES = {DraftState.OPEN: "待确认", DraftState.FILED: "已立单", DraftState.MERGED: "已并入", DraftState.DROPPED: "不要了"}


class DraftStep(StrEnum):
    TAKEN = "taken"
    AGAIN = "again"
    CHANGED = "changed"
    LINKED = "linked"
    FILED = "filed"
    MERGED = "merged"
    DROPPED = "dropped"
    UNDONE = "undone"


STEP_NAMES = {
    DraftStep.TAKEN: "转来", DraftStep.AGAIN: "又转来一次", DraftStep.CHANGED: "修改", DraftStep.LINKED: "对上居民",
    DraftStep.FILED: "立单", DraftStep.MERGED: "并入", DraftStep.DROPPED: "不要", DraftStep.UNDONE: "撤销",
}  # fmt: skip


@dataclass(eq=False)
class GroupDraft:
    """One problem out of a group, not a ticket before somebody says so. `who` and `words` are ciphers; `key` is unique (one draft a message
    a community and day), `mark` what `key` begins with. `also` counts neighbours who said the same. `danger` is a rule's code or ''.
    `resident_id` only ever by a member's own hand."""

    id: int
    key: str
    mark: str
    staff_id: int
    at: datetime
    who: str
    words: str
    said_at: str = ""
    also: int = 0
    state: DraftState = DraftState.OPEN
    category: Category = Category.OTHER
    urgency: Urgency = Urgency.NORMAL
    danger: str = ""
    place_id: int | None = None
    place_text: str = ""
    grid_id: int | None = None
    community_id: int | None = None
    resident_id: int | None = None
    ticket_id: int | None = None
    reason: str = ""
    decided_by: int | None = None
    decided_at: datetime | None = None
    version: int = 1


@dataclass(eq=False)
class GroupDraftEvent:
    """Append-only. `note` never says who wrote in the group."""

    id: int
    draft_id: int
    at: datetime
    staff_id: int
    what: DraftStep
    note: str = ""


@dataclass(frozen=True)
class Problem:
    """`text`: what was said of it, a line a saying. `also`: names of others who said the same, '' for who had none.
    `danger`: a rule's code."""

    who: str
    at: str
    text: str
    category: Category
    place: str = ""
    also: tuple[str, ...] = ()
    danger: str = ""


@dataclass(frozen=True)
class Reading:
    """`left` are sayings that were taken for talk: shown as a number, so that nobody believes all was read."""

    problems: tuple[Problem, ...]
    left: tuple[Saying, ...]


_STICKER = re.compile(
    r"[\[［【](?:[^\[\]［］【】]{1,8})[\]］】]|(?:\+|＋)\s*1|@\S{1,20}(?:\s|\Z)|@所有人"
)
_GREETING = re.compile(
    r"(?:大家|各位|邻居们?|老师|亲们?|好的?|谢谢+|感谢|多谢|收到|辛苦了?|麻烦(?:了|你们?了|您了)?|早上好?|早安|早|上午好|中午好|下午好|晚上好|晚安|你们?好|您好|在吗|在不在"
    r"|嗯+|哦+|哈+|呵+|噢|是的?|对的?|对啊|ok|okay|了解|明白|知道了?|没事|不客气|好滴|好嘞|赞|加油|恭喜|节日快乐|新年快乐|顶|同意|支持|路过|哎+|唉+|啊+|呀|吧|了|的|呢"
    r"|[,，.。!！?？~～、…\s])+",
    re.IGNORECASE,
)
_SYSTEM = re.compile(
    r".{0,30}(?:撤回了一条消息|(?:邀请|加入了?|退出了?|移出了?)(?:.{0,20})群聊?|拍了拍|修改群名|开启了|发起了|红包|接龙).{0,20}"
)
_ME_TOO = re.compile(
    r"(?:(?:我|咱)们?(?:家|户|这(?:里|边|儿|栋|幢|层|楼|个单元)?|那边|单元|楼上|楼下|楼)?(?:这边|这里)?(?:[0-9一二三四五六七八九十]+(?:幢|栋|号楼?|单元|楼|室))*"
    r"|[0-9一二三四五六七八九十]+(?:幢|栋|号楼|单元|楼|室))?"
    r"(?:也(?:是|一样|这样|有|没有|停了?|没了?|坏了?|漏了?|堵了?|不亮|遇到|碰到|闻到了?|听到了?|看到了?)?(?:的|这样|这情况)?|一样|同样|同问|\+1|同上|同感)(?:的|啊|呢|哦|了|，|,|。|！|!|~|～|\s)*"
)
_TROUBLE = re.compile(
    r"坏|堵|漏|渗|停了|没电|没水|不亮|不灵|不工作|打不开|关不上|进不去|锁|卡住|困|脏|臭|味|吵|闹|噪|掉|破|断|裂|塌|积水|倒了|满了|没人|乱(?:停|扔|堆|搭)|占|堆|晃|响|冒烟"
    r"|着火|起火|滑|危险|松|生锈|爬|老鼠|蟑螂|抛|砸|偷|骗|摔|不制冷|不能用|用不了|故障|失灵|投诉|怎么(?:还|又)|又.{0,6}了|扰民|挡|太暗|烦死|受不了|没法睡|睡不"
)
_NOTICE = re.compile(
    r"^(?:各位|尊敬的|亲爱的|全体)(?:业主|居民|邻居|住户)|^(?:温馨)?(?:通知|公告|提示|提醒)|请(?:大家|各位|业主|居民|您)?(?:提前|相互转告|互相转告|知悉|周知)"
)
_AGREES = re.compile(r"确实|的确|真的|是的|对的|没错|也|还没|还是|又是|早就|一直")
_STILL = re.compile(r"还没(?:修|弄|好|来|通|有)|确实|的确")
_AND = re.compile(r"[。；;！!\n]+|(?:,|，)?\s*(?:还有|另外|再有|顺便(?:问下?|说下?)?|以及)[,，:：]?")
_MORE: dict[Category, str] = {
    Category.ELEVATOR: "升降机",
    Category.DRAINAGE: "下水道 污水 反水 冒水 窨井",
    Category.LEAK: "漏水 渗水 漏雨 滴水 水管爆 爆管",
    Category.LIGHTING: "楼道灯 路灯 灯不亮 灯坏 灯又坏 灯都坏 不亮了 太暗 感应灯",
    Category.DOOR_ACCESS: "门禁 单元门 大门 门锁 闸机 刷卡 刷脸 对讲",
    Category.EBIKE: "电瓶 电动车 飞线 充电",
    Category.FIRE_SAFETY: "消防 堵通道 堆满 杂物 楼道堆 通道堵",
    Category.PARKING: "停车 车位 乱停 挡住 堵车 占道",
    Category.SANITATION: "垃圾 乱扔 垃圾袋 卫生差 环境卫生 不卫生 没人扫 保洁 脏",
    Category.GREENING: "绿化 树 树倒 草坪 杂草",
    Category.NOISE: "噪音 太吵 扰民 好吵 广场舞 半夜吵 拖椅子 拖凳子 睡不着 吵死 装修声 弹琴 音响",
    Category.FUMES: "油烟 异味 臭",
    Category.PETS: "遛狗 狗叫 狗屎 没牵绳 宠物 流浪狗 流浪猫 狗",
    Category.PESTS: "老鼠 蟑螂 白蚁 蚊子",
    Category.FALLING_OBJECT: "抛物 坠物 扔下来 掉下来 外墙皮",
    Category.ROAD: "路面 井盖 道路 坑",
    Category.WATER_SUPPLY: "停水 没水 水压 水小",
    Category.POWER: "停电 没电 跳闸 电线",
    Category.GAS: "燃气 煤气 天然气",
    Category.PUBLIC_SECURITY: "小偷 被偷 诈骗 偷东西",
    Category.RENOVATION: "装修",
    Category.ILLEGAL_BUILDING: "违建 违章 私搭",
}


def category_of(text: str) -> Category | None:
    """The category of which the most, and the longest, words are said; the first named of equals. None when no word is."""
    flat = normalise(text).text
    best: tuple[int, int, Category] | None = None
    for category in Category:
        words = {word for some in (WORDS_OF.get(category, ""), _MORE.get(category, "")) for word in some.split()}
        hits = [word for word in words if word in flat]
        if not hits:
            continue

        score = (sum(map(len, hits)), -min(flat.find(word) for word in hits), category)
        if best is None or score[:2] > best[:2]:
            best = score
    return best[2] if best else None


def problems_in(
    sayings: Sequence[Saying],
    estates: Iterable[tuple[str, str]] = (),
    danger: Callable[[str], str] = lambda _text: "",
) -> Reading:
    """Who has which problem. `danger(text)` gives a rule's code or ''. A saying alone in its block is always a problem, whatever it says:
    somebody took the trouble to pass it on."""
    estates = tuple(estates)
    found: list[Problem] = []
    left: list[Saying] = []
    sayings = [replace(one, text=bare_words(one.text)) for one in sayings]
    sayings = [one for one in sayings if one.text and not _SYSTEM.fullmatch(one.text) and not _GREETING.fullmatch(one.text)]
    for saying in sayings:
        ring = danger(saying.text)
        if not ring and found and _has_it_too(saying.text):
            found[-1] = _joined(found[-1], saying.who)
            continue
        parts = _parts(saying.text, ring)
        for part in parts:
            code = danger(part) if ring else ""
            code = code or (ring if len(parts) == 1 else "")
            category = category_of(part)
            notice = not code and len(sayings) > 1 and _NOTICE.search(part) is not None
            if notice:
                left.append(replace(saying, text=part))
                continue
            trouble = bool(code) or (category is not None and _says_wrong(part)) or _TROUBLE.search(part) is not None
            mine = next((at for at in range(len(found) - 1, -1, -1) if found[at].who == saying.who and saying.who), None)
            where = _place(part, saying.who, estates)
            if not trouble and len(sayings) == 1:
                trouble = True
            if mine is not None and not code and (category is None or category is found[mine].category) and _fits(found[mine], where):
                # The same person goes on about the same thing: two days now; in building 3.
                found[mine] = replace(
                    found[mine], text=f"{found[mine].text}\n{part}"[:MAX_WORDS], place=found[mine].place or where
                )
                continue
            if not trouble and category is None and _STILL.search(part) and (same := _echoes(found, part, where)) is not None:
                found[same] = _joined(found[same], saying.who)
                continue
            if not trouble:
                left.append(replace(saying, text=part))
                continue
            same = next((at for at, one in enumerate(found) if category is one.category and _fits(one, where)), None)
            if same is not None and not code and category is not None:
                # A neighbour's own room is not where it is for all of them.
                found[same] = replace(_joined(found[same], saying.who), place=found[same].place or building_of(where))
                continue
            if not code and category is None and (same := _echoes(found, part, where)) is not None:
                found[same] = _joined(found[same], saying.who)
                continue
            found.append(Problem(saying.who, saying.at, part[:MAX_WORDS], category or Category.OTHER, where, (), code))
    return Reading(tuple(found), tuple(left))


def _has_it_too(text: str) -> bool:
    """我家也是; and 我们也是，卫生间有味道, as long as what follows is no trouble of another kind."""
    head, _, rest = re.sub(r"[。！!~～]", "，", text).replace(",", "，").partition("，")
    return _ME_TOO.fullmatch(head + "，") is not None and (not rest or category_of(rest) is None)


def _echoes(found: Sequence[Problem], text: str, where: str) -> int | None:
    """Which problem is meant by somebody else's words that name no kind of trouble: 7幢确实不亮, 还没修好吗."""
    for at in range(len(found) - 1, -1, -1):
        near = bool(where) and bool(found[at].place) and _fits(found[at], where)
        if (near or not where) and (_AGREES.search(text) or alike(text, found[at].text) >= ALIKE):
            return at
    return None


def bare_words(text: str) -> str:
    """Without stickers, +1 and whom it is called to."""
    return _STICKER.sub(" ", text).strip(" \t,，")


def _says_wrong(text: str) -> bool:
    """物业电话多少 names a category and is a question, not a trouble."""
    return _TROUBLE.search(text) is not None or not re.search(r"多少|几点|什么时候|哪里|怎么办理|电话|谢|[?？]\s*\Z", text)


def _parts(text: str, ring: str) -> list[str]:
    """电梯坏了，还有楼道灯不亮 is two; what names nothing of its own stays with what stands before it."""
    pieces = [piece.strip(" ,，、") for piece in _AND.split(text) if piece and piece.strip(" ,，、")]
    if len(pieces) < 2:
        return pieces or [text]
    out: list[str] = []
    last: Category | None = None
    for piece in pieces:
        category = category_of(piece)
        if out and (category is None or last is None or category is last):
            out[-1] += f"，{piece}"
        else:
            out.append(piece)
        last = category or last
    return out if len(out) > 1 else [text]


def _place(text: str, who: str, estates: tuple[tuple[str, str], ...]) -> str:
    """The words of `text` that say where, else of the name (3-502王建国), as the place reader takes them; '' when neither does."""
    for words in (text, who):
        main = main_place(find_places(words, estates))
        if main is not None and (main.building or main.estate):
            parts = ((main.building, "幢"), (main.unit, "单元"), (main.room, "室"))
            return (main.estate or "") + "".join(f"{number}{suffix}" for number, suffix in parts if number)
    return ""


def _fits(problem: Problem, where: str) -> bool:
    """Whether both may be of one place: one of them is not said, or they are the same building."""
    if not problem.place or not where:
        return True
    return building_in(problem.place) == building_in(where)


def building_in(place: str) -> str:
    match = re.search(r"(\d+)幢", place)
    return match[1] if match else place


def _joined(problem: Problem, who: str) -> Problem:
    if who and (who == problem.who or who in problem.also):
        return problem
    return replace(problem, also=(*problem.also, who))


def urgency_of(category: Category, danger: str) -> Urgency:
    return Urgency.DANGER if danger else RULES[category].urgency


def masked_who(who: str) -> str:
    """王建国 is 王某, 张阿姨 张阿姨 (a title names nobody), anything else 一位邻居."""
    flat = normalise(who).text
    for name in find_names(flat):
        if name.title and len(name.name) <= len(name.surname) + len(name.title):
            return name.name
        return f"{name.surname}某"
    if (bare := re.sub(r"[\d\W_]+|幢|栋|单元|室|号楼?", "", flat)) and is_person(bare):
        called = find_names(f"我叫{bare}。")
        return f"{called[0].surname if called else bare[:1]}某"
    return "一位邻居"


def ticket_words(who: str, said_at: str, words: str, also: int) -> str:
    """What the ticket says: who said it only as far as it names nobody."""
    more = f"（另有{also}户也说）" if also else ""
    when = f"{said_at}" if said_at else ""
    return f"群里{masked_who(who) if who else '有邻居'}{when}反映：{words}{more}"
