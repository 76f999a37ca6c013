"""Who: telephone numbers and people, as residents name them: 幺三八…, 0575-83001234, 李奶奶, 我叫王秀英, 联系人陈建国."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chinese.normalise import Normalised, normalise
from chinese.numerals import DIGITS


@dataclass(frozen=True)
class PhoneMention:
    """`number` is digits only, without +86."""

    start: int
    end: int
    number: str
    mobile: bool


@dataclass(frozen=True)
class NameMention:
    """`name` is as it was said: 李奶奶, 王秀英; `title` is empty for a bare name."""

    start: int
    end: int
    name: str
    surname: str
    title: str = ""


_D = rf"[0-9{''.join(DIGITS)}]"
_PHONE = re.compile(
    rf"(?<![0-9])(?:\+?86[ -]?)?(?P<mobile>[1幺一][ -]?[3-9三四五六七八九](?:[ ,-]?{_D}){{9}})(?!{_D})"
    r"|(?<![0-9-])(?P<fixed>\(?0[1-9][0-9]{1,2}\)?[ -]?[2-9][0-9]{2,3}[ -]?[0-9]{4}|[48]00[ -]?[0-9]{3}[ -]?[0-9]{4})(?![0-9])"
    r"|(?:电话|座机|号码|打|联系方式|致电)[是为:, ]{0,2}(?P<local>[2-9][0-9]{2,3}[ -]?[0-9]{4})(?![0-9])"
)


def find_phones(text: str | Normalised) -> list[PhoneMention]:
    """Mobile numbers (spaced, dashed, dictated in Chinese digits), landlines with their area code, local ones after 电话."""
    flat = normalise(text)
    found = []
    for match in _PHONE.finditer(flat.text):
        group = match.lastgroup or ""
        digits = "".join(str(DIGITS.get(c, c)) for c in match[group] if c not in " ,-()")
        start = match.start() if group != "local" else match.start(group)
        found.append(PhoneMention(*flat.span(start, match.end()), digits, group == "mobile"))
    return found


_TITLES = (
    "老奶奶|老爷爷|奶奶|爷爷|阿姨|叔叔|大爷|大妈|大叔|大伯|大姐|大哥|大嫂|大娘|阿婆|阿公|婆婆|伯伯|师傅|师父|先生|女士|小姐|老师|"
    "医生|护士|主任|书记|经理|律师|队长|科长|所长|站长|组长|楼长|网格员|警官|同志|老板|姐|哥|婶|嫂|姨"
)
# The commonest surnames; those that are everyday words as well (和 时 都 有 从 关 向 能 水 车) are left out.
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
    "范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍"
    "韦申尤毕聂丛焦柳邢骆岳齐梅庄辛管祝左涂谷祁舒耿牟卜詹凌费纪靳盛童欧甄项裘竺屠裴楼寿应"
)
SURNAMES = _SURNAMES
_COMPOUND = "欧阳|司马|上官|诸葛|司徒|东方|独孤|南宫|夏侯|尉迟|皇甫|公孙|慕容"
_SURNAME = rf"(?:{_COMPOUND}|[{_SURNAMES}])"
_END = r"(?=$|[\s,.。!?;:、()的]|住|电话|手机|今年|家|在|是|我|这|他|她|您|号|已|也|就|想|要|报|反映|联系)"
_GIVEN = r"(?:(?![请问部门感谢的是人市省县区村路街镇工师州了你您])[\u4e00-\u9fff])"
_BEFORE = r"(?:(?<![\u4e00-\u9fff])|(?<=[找叫是跟和给请问的下上]))"
_NAME = re.compile(
    rf"(?:我叫|我是|名叫|名字[叫是]?|姓名|叫做|联系人|本人|户主|业主|住户|租客|当事人)[是为叫:, ]{{0,2}}"
    rf"(?P<full>(?P<s1>{_SURNAME}){_GIVEN}{{1,2}}?)(?P<t1>{_TITLES})?{_END}"
    rf"|(?P<called>(?:(?<![姓由终关对等至谢感])(?P<s2>{_SURNAME})|{_BEFORE}(?P<s5>{_SURNAME}){_GIVEN}{{1,2}}?)(?P<t2>{_TITLES}))(?![夫家铺拉])"
    rf"|(?<![养敬古])(?P<young>[老小](?P<s3>{_SURNAME}))(?=$|[\s,.。!?;、说讲来的他她在帮])"
    rf"|(?:我|免贵|本人|他|她)?姓(?P<only>(?P<s4>{_SURNAME}))(?![\u4e00-\u9fff]{{0,2}}名)"
)
_NOT_NAMES = re.compile(
    r"^(?:小区|小高|小金|老龙|小马路|小石|小白|老白|小毛|老毛|小方|老方|小龙|小安|小何|小文|小时|小常|老常|小康|小黄|老黄|小汤|小江|小田)$"
    r"|^(?:方|白|万|文|安|应|管|常|高|马|金|石|左|任|温|夏|毛|于|何|牛|易|盛|雷|田|江|武|康|严|章|龙|林|费|楼|施|程).+(?:姐|哥|姨)$"
    r"|^谢[谢你您了]|^(?:管理|应急|高级|施工|万能|工程|安装|楼上|楼下|楼里|楼道|石材|金牌|安保|于是|任何|何况|马上|马路|黄色|白天|白色|万一|方便|温馨|严重)"
)


def find_names(text: str | Normalised) -> list[NameMention]:
    """People by title (李奶奶, 陈建国师傅), by their own words (我叫王秀英), and by surname (老赵, 姓钱)."""
    flat = normalise(text)
    found = []
    at = 0
    while match := _NAME.search(flat.text, at):
        group = next(name for name in ("full", "called", "young", "only") if match[name])
        name, title = match[group], match["t1"] or match["t2"] or ""
        if _NOT_NAMES.search(name):
            at = match.start() + 1  # 楼上李奶奶: 楼 is a surname too
            continue
        at = match.end("t1") if match["t1"] else match.end(group)
        if match["t1"]:
            name += match["t1"]
        surname = match["s1"] or match["s2"] or match["s5"] or match["s3"] or match["s4"]
        found.append(NameMention(*flat.span(match.start(group), at), name, surname, title))
    return found


def find_activities(text: str | Normalised, names: tuple[str, ...]) -> list[tuple[int, int, str]]:
    """(start, end, name) of every activity named in `text`; the longest name wins where two share words."""
    flat = normalise(text)
    found: list[tuple[int, int, str]] = []
    taken: list[tuple[int, int]] = []
    for name in sorted({n for n in names if len(n) >= 2}, key=lambda n: (-len(n), n)):
        at = flat.text.find(name)
        while at >= 0:
            if not any(at < end and start < at + len(name) for start, end in taken):
                taken.append((at, at + len(name)))
                found.append((*flat.span(at, at + len(name)), name))
            at = flat.text.find(name, at + len(name))
    return sorted(found)
