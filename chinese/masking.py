"""Personal data in free text made unreadable: telephone, identity, card and other long numbers, plates, names, and rooms.

The one place where this is decided: for what is kept so that an assistant may be taught, for what a lawyer reads before an appointment,
and for what is left of a resident who had their data deleted. What is not a number of a known shape, a name after 我叫, or a name or home
that the caller knows or that stands where names of others stand, stays: this is care, not anonymity.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from chinese.contacts import find_phones

SOMEBODY = "某"
_NAME = re.compile(r"(?<=我叫)[一-龥]{2,4}(?=$|[，,。.!！;； 0-9住电是])")
_SURNAME = (
    "[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊"
    "金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文]"
)
_NO_NAME = "(?!师傅|老师|阿姨|先生|女士|大[爷妈姐哥]|奶奶|爷爷|[叔婶伯总姐哥某家姓工]|经理|主任|医生|书记|律师)"
_KIN = (
    "妈妈|爸爸|[妈爸]|老[伴公婆板]|丈夫|妻子|[儿孙]子|女儿|孙女|婆婆|公公|岳[母父]|哥哥|弟弟|姐姐|妹妹|邻居|房东|对方|同事|户主|联系人|业主|租客|名叫|姓名"
)
_OTHERS = re.compile(
    rf"((?:{_KIN})(?:是|叫|：|:)?){_SURNAME}{_NO_NAME}[一-龥]{{1,2}}(?=$|[，,。.！!；;、\s（(]|的?(?:电话|手机|号码)|［电话］|今年|住)"
)
_BY_PHONE = re.compile(
    rf"(^|[，,。；;：:\s]){_SURNAME}{_NO_NAME}[一-龥]{{1,2}}(?=[，,：:\s]*(?:的?(?:电话|手机号?|联系电话))?[是：:\s]*［电话］)"
)
"""Names of others, behind what they are to who speaks and before a telephone. Of 18,907 texts (data/nlu and real messages) these find seven
names and nothing that is none."""
_ID_CARD = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_PHONES = (
    re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"),
    re.compile(r"(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)"),
)
_CARD = re.compile(r"(?<!\d)\d{4}(?:[ -]?\d{4}){2,3}(?:[ -]?\d{1,3})?(?!\d)")
_LONG = re.compile(r"(?<![\d.])\d{7,}(?!\d)(?!\s*(?:元|块|万|平))")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·. ]?[A-Z0-9]{5,6}(?![A-Za-z0-9])"
)
_LINK = re.compile(r"(?:https?://|/my-data/)[^\s，。）)“”]+")
"""An address may let in whoever has it: the one to a resident's own data does."""
_ROOM_BEHIND = re.compile(r"([0-9]+[幢栋号]楼?)[0-9]{3,4}室?(?![0-9])")
_ROOM_ALONE = re.compile(
    r"(?<![0-9.])[0-9]{1,3}-[0-9]{1,2}-[0-9]{3,4}(?![0-9])|(?<=住)[0-9]{3,4}(?![0-9元块天年])|(?<![0-9.])[0-9]{3,4}(?=室)"
)
_ONLY_ROOM = re.compile(r"^\s*[0-9]{3,4}室?\s*$")
_ROOM = re.compile(r"(?:[0-9一二三四五六七八九十百]+单元)?[0-9]{3,4}室?(?:房)?$")
_ROOM_IN = re.compile(r"([0-9]+[幢栋号]楼?)[0-9]+单元[0-9]{3,4}室?")


def mask(text: str, names: Collection[str] = (), rooms: Collection[str] | None = None) -> str:
    """`text` with each such piece put in words of what it was: ［电话］. `names` of two characters and more become 李某.

    `rooms` (full names of homes) are cut to the building, and with them every 3幢2单元502 there is; None leaves places alone.
    """
    text = _LINK.sub("［链接］", text)
    text = _ID_CARD.sub("［身份证号］", text)
    for shape in _PHONES:
        text = shape.sub("［电话］", text)
    text = _CARD.sub("［卡号］", text)
    for phone in sorted(find_phones(text), key=lambda one: -one.start):
        text = text[: phone.start] + "［电话］" + text[phone.end :]
    text = _LONG.sub("［号码］", text)
    text = _NAME.sub("［姓名］", _PLATE.sub("［车牌］", text))
    text = _BY_PHONE.sub(r"\1［姓名］", _OTHERS.sub(r"\1［姓名］", text))
    if rooms is not None:
        for room in rooms:
            if room:
                text = text.replace(room, building_of(room))
        text = _ROOM_BEHIND.sub(r"\1", _ROOM_IN.sub(r"\1", text))
        text = _ROOM_ALONE.sub("［门牌］", "［门牌］" if _ONLY_ROOM.match(text) else text)
    for name in sorted((one for one in names if len(one) >= 2), key=len, reverse=True):
        text = text.replace(name, name[0] + SOMEBODY)
    return text


def building_of(place_text: str) -> str:
    """剡溪花园3幢2单元502室 -> 剡溪花园3幢. A place without a room is left as it is."""
    return _ROOM.sub("", place_text.strip())
