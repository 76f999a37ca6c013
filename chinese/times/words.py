"""The words of time, one by one. What they mean together, days.py, clocks.py and lengths.py say."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chinese.numerals import CHARS, DIGITS

_D = "".join(DIGITS)
N = rf"(?:[0-9]{{1,4}}|[{CHARS}]{{1,5}})"
_N2 = rf"(?:[0-9]{{1,2}}|[{CHARS}]{{1,3}})"
_LEVEL = r"(?:上上上?|下下|上|下|这|本|当)"
_DAY = "3[01]|[12][0-9]|0?[1-9]|三十一?|二?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|[一二三四五六七八九]"
_BARE_DAY = "3[01]|[12][0-9]|0?[1-9]|三十一?|二?十[一二三四五六七八九]?|廿[一二三四五六七八九]?"
_NOT_DAY = r"(?![楼线门机位厅库桌房院区井泵梯铺店车球]|电梯|车位|单元|公馆)"
PARTS = {
    "凌晨": (0, 6), "清晨": (5, 8), "清早": (5, 8), "大清早": (5, 8), "一大早": (5, 8), "早晨": (8, 12), "早上": (8, 12), "早间": (8, 12),
    "早": (8, 12), "一早": (5, 8), "晨": (0, 8),
    "上午": (8, 12), "中午": (11, 14), "正午": (11, 14), "午间": (11, 14), "午后": (12, 18), "下午": (12, 18),
    "下半天": (12, 18), "下半日": (12, 18), "上半日": (8, 12), "上半天": (8, 12),
    "傍晚": (17, 20), "黄昏": (17, 20), "晚上": (18, 24), "晚间": (18, 24), "晚": (18, 24),
    "夜": (18, 24), "夜里": (20, 30), "夜间": (20, 30), "半夜": (23, 29), "深夜": (22, 28), "大半夜": (23, 29), "下半夜": (24, 30),
    "后半夜": (24, 30), "上半夜": (20, 24), "前半夜": (20, 24), "三更半夜": (23, 29), "夜头": (20, 30), "白天": (6, 18), "午夜": (23, 25),
}  # fmt: skip
"""Hours from and to; beyond 24 is the next morning."""
_PART = "|".join(sorted((p for p in PARTS if len(p) > 1), key=len, reverse=True))
HOLIDAYS = (
    "元旦|春节|过年|大年初一|除夕|大年三十|年三十|元宵|清明|五一|劳动节|端午|六一|儿童节|七夕|中元|中秋|国庆|重阳|腊八|教师节|妇女节|"
    "三八节|植树节|青年节|建党节|建军节|情人节|平安夜|圣诞"
)
UNITS = {
    "年": "Y", "月": "M", "周": "W", "星期": "W", "礼拜": "W", "天": "D", "日": "D", "小时": "H", "钟头": "H", "时": "H", "刻钟": "Q",
    "分钟": "m", "分": "m", "秒": "S", "秒钟": "S", "晚上": "D", "晚": "D", "季度": "T",
}  # fmt: skip
_UNIT = (
    r"(?:个(?:多|半)?(?:月(?!子)|星期|礼拜|小时|钟头|季度|晚上)|小时|钟头|刻钟|分钟|秒钟?|年(?!级|纪|龄|代|[初底中末])|"
    r"天(?!然|气|井|花|台|空)|周(?!边|围|[一二三四五六日末年])|(?:星期|礼拜)(?![一二三四五六日天]))"
)
LENGTH_AMOUNT = rf"(?:[0-9]+(?:\.[0-9]+)?|[{CHARS}]{{1,5}}|半|好?几|数|大半|小半|多)"

_WEEKDAY = "[一二三四五六日天]"
_WEEK = "(?:周|星期|礼拜)"
_SHORT_MONTH = rf"1[0-2]|0?[1-9]|[{_D}]|十[一二]?"
_HOUR = "[一二三四五六七八][两二三四五六七八九](?=点)|2[0-4]|1[0-9]|0?[0-9]|二?十[一二三四]?|二十|[零〇一二两三四五六七八九]"
_POINTS = "意见|要求|建议|问题|说明|疑问|疑虑|原因|想法|希望|情况|诉求|理由|看法|感[受想]|教训|好处"
_KINDS = {
    # How often: 每天, 每隔三天, 每周六, 三天两头.
    "every": rf"每隔?(?:(?P<every_n>{_N2})?个?(?P<every_unit>天|日|{_WEEK}(?!{_WEEKDAY}|末)|月|年|小时|钟头|分钟|季度?|早|晚|夜)"
    rf"|逢?{_WEEK}(?P<every_day>[一二三四五六日天末]))",
    "often": "一天(?:二十四|24)小时|一日到夜|三天两头|隔三差五|隔三岔五|三日两头|天天|日日|夜夜|一天到晚|时不时|隔天|隔日|年年|月月",
    # Days in figures.
    "years": r"(?<![0-9])(?P<years_a>(?:19|20)[0-9]{2})\s*[-~至到]\s*(?P<years_b>(?:19|20)[0-9]{2})年",
    "ymd": r"(?<![0-9.])(?P<ymd_y>(?:19|20)[0-9]{2})(?P<ymd_s>[-/.])(?P<ymd_m>1[0-2]|0?[1-9])(?P=ymd_s)"
    r"(?P<ymd_d>3[01]|[12][0-9]|0?[1-9])(?![0-9.])",
    "dmy": r"(?<![0-9./])(?P<dmy_d>[0-9]{1,2})/(?P<dmy_m>1[0-2]|0?[1-9])/(?P<dmy_y>(?:19|20)[0-9]{2})(?![0-9])",
    "slash": r"(?<![0-9./-])(?P<slash_m>1[0-2]|0?[1-9])/(?P<slash_d>3[01]|[12][0-9]|0?[1-9])(?![0-9/.%]|以上|以下|的业主)",
    # Years and what they are made of.
    "century": rf"(?P<century_n>{_N2})世纪(?:(?P<decade_n>[0-9{_D}]0?十?)年代)?",
    "year": rf"(?:(?P<year_n>(?<![0-9])(?:[12][0-9]{{3}}|[{_D}]{{4}})"
    rf"|(?<![0-9{CHARS}])(?:[0-9]{{2}}|[{_D}]{{2}})(?=年(?:{_N2}月|[底初]|[上下]半年|[春夏秋冬])))\s*年(?!级|龄)"
    r"|(?P<year_rel>大前年|前年|去年|旧年|今年|本年|明年|后年|上一?年(?!级|纪)))(?P<year_tail>[底初末]|中(?!旬|[心学秋]))?",
    # How long: before what else begins with a number.
    "length": rf"(?<![第0-9.])(?:(?P<length_n>{LENGTH_AMOUNT})\s*(?P<length_many>[多几来])?\s*(?P<length_unit>{_UNIT})"
    r"|(?P<half_unit>半)(?P<half_of>天|年|月))(?P<length_tail>[多半])?",
    "lunar": rf"(?:农历|阴历)\s*(?P<lunar_n>{_N2})月|正月|腊月|冬月",
    "month": rf"(?P<month_n>{_SHORT_MONTH})\s*月份?(?![票卡薪租供])(?P<month_tail>[初底末]|中(?!旬|[心学秋]))?"
    rf"|{_LEVEL}个?月(?:份)?(?!半)",
    "initial": "大?年?初(?P<initial_n>十|[一二三四五六七八九])",
    "month_half": "(?P<month_half_w>[上下])半个?月",
    "year_half": "(?P<year_half_w>上个|下个|这个|上|下)半年",
    "week_half": "(?P<week_half_w>[上下])半(?:周|星期)",
    "season": "(?P<season_w>[春夏秋冬])(?:天|季(?!度))",
    "quarter": rf"第?(?P<quarter_n>[1-4一二三四])季度|{_LEVEL}个?季度",
    "nth": rf"(?:第(?P<nth_n>{_N2})|(?P<nth_last>最后一))个?(?P<nth_unit>{_WEEK}(?P<nth_day>{_WEEKDAY})|周|星期|礼拜|月)",
    "some": rf"(?P<some_w>最后|头|(?<![以之])前|最近|(?<![最附])近|过去|未来|接下来|今后)的?\s*"
    rf"(?P<some_n>{_N2}|几)\s*(?P<some_unit>个?(?:天|{_WEEK}|月|年))",
    "month_part": r"年(?P<year_part_w>初|中|底|末)|月(?P<month_part_w>初|中|底|末)|(?P<decade_part>上旬|中旬|下旬)",
    # Days.
    "day": rf"(?<![0-9{CHARS}.])(?P<day_n>{_DAY})\s*(?:日(?!常|本|光|子|到[夜晚]|三餐|游|要|里)|号{_NOT_DAY})"
    rf"|(?<=[0-9{CHARS}正腊冬]月)(?P<day_b>{_BARE_DAY})(?![0-9{CHARS}.年月日个多家人元块楼幢栋点号])",
    "day_rel": "大前[天日]|前[天日]|昨[天日儿]|昨(?=[早晚夜晨])|今[天日儿朝]|大后天|后[天日]|明[天日儿朝]|今(?=[早晚夜晨])|明(?=[早晚])"
    "|当[天日](?!然)|前(?=[晚夜])|同一天",
    "week": rf"(?P<week_w>(?:上上上?|下下|上一?|下一?|这一?|本|当)?个?){_WEEK}(?P<week_day>[一二三四五六日天末](?!期))"
    rf"|(?P<week_rel>(?:上上上?|下下|上一?|下一?|这一?|本|当)个?){_WEEK}(?![一二三四五六日天末])|周末|双休日?",
    "holiday": rf"(?P<holiday_w>{HOLIDAYS}|十一(?=假|黄金|长假|期间|放假|小长假))节?"
    "(?P<holiday_whole>(?:小?长假|黄金周|假期|期间|放假|假日|假里))?",
    # Hours.
    "part": rf"{_PART}|(?:(?<=[日号天今昨明前儿朝])|(?<=[周期拜][一二三四五六]))[早晚夜晨](?!一?点|饭|高峰|餐|班|会|安|期|年)",
    "clock": rf"(?<![0-9{CHARS}.:第])(?P<clock_h>{_HOUR})\s*(?:"
    r":(?P<clock_m>[0-5][0-9])(?::(?P<clock_s>[0-5][0-9]))?(?:\s*(?P<clock_ampm>[ap]\.?m\.?))?(?![0-9:])"
    rf"|(?:点钟?(?!{_POINTS})|时(?![候间常不代长段限期节差而]))"
    rf"(?:(?P<clock_half>半|整|[一二三]刻)|\s*(?P<clock_mm>[0-5]?[0-9](?!个)|[{CHARS}]{{1,3}})\s*"
    rf"(?:分(?!钟)|(?<=[0-9{CHARS}][0-9{CHARS}])(?=$|[^0-9{CHARS}个米块元人户条度天年月]))(?:\s*(?P<clock_ss>{_N2})秒)?)?"
    "(?P<clock_about>钟?(?:多|左右|来钟|钟|敲过))?)",
    "clock_noon": "正午|零点",
    # What leaves it open.
    "lasting": "最近|近来|近期|近日|这几[天日]|这两[天日]|前几[天日]|前两[天日]|前些[天日]|这段时间|这阵子|这一阵|前阵子|"
    "前段时间|这些天|过几天",
    "now": "刚刚|刚才|现在|目前|此刻|眼下|方才|这会儿",
    "hour_rel": "(?P<hour_rel_w>上|下)个?(?:小时|钟头)",
}
"""The order decides where two could begin at one place."""
_FIRST = (
    "今昨前去大明后上本当这下正腊冬农春夏秋元除端清国重中平圣儿教劳妇植青建情过年月周星礼最近刚现目以此凌早晨午傍黄晚夜半深天每"
    "隔时还未第好几数小白初即同双旧方头廿眼接阴逢"
)
"""With what a word of time can begin, besides a number: asked first, it spares all the rest."""
_WORDS = re.compile(
    rf"(?=[0-9{CHARS}{_FIRST}])(?:" + "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items()) + ")"
)


@dataclass
class Word:
    """One word of time at words[start:end]; `said` holds the groups of its pattern without the kind in front of their names."""

    kind: str
    start: int
    end: int
    said: dict[str, str]


def find_words(words: str) -> list[Word]:
    """The words of time in `words` (normalised), left to right, none within another."""
    found = []
    for match in _WORDS.finditer(words):
        kind = match.lastgroup or ""
        said = {name: value for name, value in match.groupdict().items() if value is not None}
        found.append(Word(kind, match.start(), match.end(), said))
    return found
