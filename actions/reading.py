"""Reading short answers: pure functions over what a resident typed. No Rasa, no services."""

from __future__ import annotations

import re

from chinese.numerals import to_int

_SKIP = re.compile(
    r"^(0|零|跳过|略过|过|下一步|下一个|继续|无|没有|没|不用|不用了|不需要|不要|不留|不留了|不填|没有了|暂时没有|先不用|说不清|"
    r"不知道|不清楚|记不清|没有照片|没照片|没拍|没有图|不方便|都没有|都不用|不发了|不说了)(了|吧|谢谢|，谢谢|，继续)?[。.!！~～]*$"
)
_YES = re.compile(
    r"^(1|是|是的|对|对的|好|好的|好呀|好吧|行|可以|嗯+|恩+|确认|确定|没错|没问题|提交|提交吧|确认提交|就这样|要|要的|需要|ok|yes|y)"
    r"(了|吧|啊|呀|的|，?谢谢|，?提交|，?就这样)*[。.!！~～]*$",
    re.IGNORECASE,
)
_NO = re.compile(
    r"^(2|不|不是|不对|不要|不用|否|别|先不|先不要|不了|不撤|不撤了|错了|no|n)(了|吧|的|，?谢谢)*[。.!！~～]*$",
    re.IGNORECASE,
)
_PARTLY = re.compile(
    r"一半|部分(解决|办|修|弄|处理|好|完成)|(解决|办|修|弄|处理|完成)(好|完)?了?((一|大|小)?部分|一?些|一点(?!儿?[都也没用效不]))|"
    r"只(修|弄|办|拆|换|清|通|处理|解决)(好|完)?了(一?(部分|半|些|点))?|没有?(完全|全|全部|都|彻底)(修|弄|办|处理|解决|好)|"
    r"还有(一?点|一?些|部分|[几两一二三四五]?[个盏处块扇户段]).{0,6}(没|不)|还(差|剩)(一?点|一?些|个|[几两一二三四五])"
)
_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]?\d{7,8}|[2-9]\d{6,7})(?!\d)")
_TIME = re.compile(
    r"昨|今天|今早|今晚|前天|前晚|刚刚|刚才|早上|上午|中午|下午|晚上|半夜|凌晨|夜里|傍晚|上周|上个|上礼拜|这两天|这几天|最近|"
    r"[一二两三四五六七八九十几半多好\d]+\s*(?:多|来)?(?:个)?(?:天|日|周|星期|礼拜|月|年|小时|钟头|分钟|次|回)|一直|经常|每天|天天|每晚|"
    r"长期|好久|很久|\d+[号日]|\d+月|开始|以来|从.{1,8}起|反复|老是|总是|断断续续"
)
_DEGREE = re.compile(
    r"严重|厉害|很大|越来越|特别|非常|有点|轻微|不大|一点点|一大片|到处|全是|漫|淹|没法|不能|受不了|危险|吓|摔|受伤|差点|影响|"
    r"老人|小孩|孩子|孕妇|\d+\s*(?:户|家|平|厘米|公分|处)|整(?:个|幢|栋|层)"
)
_CONTENT = re.compile(r"[\w]", re.UNICODE)
_SCORE_WORDS = (
    (5, re.compile(r"非常满意|很满意|特别满意|十分满意|满分|五星|五分|好评|太好了|点赞|完美|顶呱呱")),
    (1, re.compile(r"非常不满|很不满意|太差|极差|差评|一星|一分|垃圾|糟糕透")),
    (2, re.compile(r"不满意|不太满意|不怎么样|较差|比较差|二星|两星|二分|两分")),
    (4, re.compile(r"比较满意|还不错|挺好|不错|四星|四分")),
    (3, re.compile(r"一般|还行|凑合|马马虎虎|普通|三星|三分|中评")),
    (5, re.compile(r"满意|好")),
)


def says_skip(text: str) -> bool:
    return bool(_SKIP.match(text.strip()))


def says_yes(text: str) -> bool:
    return bool(_YES.match(text.strip()))


def says_partly(text: str) -> bool:
    """Whether what was done is said to be done in part: 修了一半, 部分解决, 还有一点没弄好."""
    return bool(_PARTLY.search(text))


def only_partly(text: str) -> bool:
    """Whether `text` says that and no word of what is missing."""
    return len(without(_PARTLY.sub("", text), r"没|弄|好|办|修|完|了|的|只|是|才|就|工单|还|有|[\d\s，,。！!~]")) < 2


def says_no(text: str) -> bool:
    return bool(_NO.match(text.strip()))


def has_words(text: str) -> bool:
    """Whether there is anything to read: a letter, a digit, a Chinese character. Emoji and dots are not."""
    return bool(_CONTENT.search(text))


def find_phone(text: str) -> str | None:
    """The phone number in `text`, digits only."""
    match = _PHONE.search(text)
    return re.sub(r"\D", "", match.group(1)) if match else None


def tells_when_or_how_bad(text: str) -> bool:
    """Whether a report's words already say since when, or how bad."""
    return bool(_TIME.search(text) or _DEGREE.search(text))


def read_number(text: str, most: int) -> int | None:
    """A choice from 1 to `most`, typed as 2, ２, 二, 第二个, 2号; else None."""
    cleaned = re.sub(r"[第个号项选条件份。.!！、,，\s]", "", text)
    number = to_int(cleaned) if len(cleaned) <= 3 else None
    return number if number is not None and 1 <= number <= most else None


def read_score(text: str) -> int | None:
    """Stars or points from 1 to 5 out of digits or words; None when neither is there."""
    match = re.search(r"(?<!\d)([1-5１-５一二两三四五])\s*(?:分|星|颗星)", text) or re.match(
        r"^\s*([1-5１-５])\s*$", text
    )
    if match:
        return to_int(match.group(1))
    for score, pattern in _SCORE_WORDS:
        if pattern.search(text):
            return score
    return None


def without(text: str, pattern: str) -> str:
    """`text` with what `pattern` matches taken out, and the punctuation it leaves at the ends."""
    return re.sub(pattern, "", text).strip(" ，,。.：:；;、!！~～")
