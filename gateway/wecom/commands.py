"""What a member of staff types or dictates to the app, in a hurry, as a command. No I/O.

A command begins the message, or stands behind the number that begins it, or ends it as a part of its own: 接单 in the middle of a
sentence is talk. In doubt it is talk: who meant a command is told what to type, while a ticket moved by mistake has to be moved back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from chinese.ticket_numbers import is_valid
from gateway.wecom.numbers import SEP, named, number_at, place
from gateway.wecom.typed import SEPARATORS, Typed


class Kind(StrEnum):
    TODAY = "today"
    ACCEPT = "accept"
    START = "start"
    RESOLVE = "resolve"
    RETURN_ = "return"
    TRANSFER = "transfer"
    DIARY = "diary"
    HELP = "help"
    NUMBER = "number"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Command:
    """`number`: ASCII digits as they were meant, a ticket's number, its tail, or a place in the list. `words`: all that was said
    beside, as it was written; of UNKNOWN the whole text. `to`: whom a ticket is to go to, as written. UNKNOWN may have a number
    too, when one ticket was named in full."""

    kind: Kind
    number: str | None = None
    words: str = ""
    to: str = ""


def _any(*words: str) -> str:
    """One of them, the longest first, also with spaces between the characters."""
    found = sorted((word for some in words for word in some.split()), key=len, reverse=True)
    return "(?:" + "|".join(r"\s*".join(map(re.escape, word)) for word in found) + ")"


# What is enough by itself, and what needs a number right behind it.
_VERBS = {
    Kind.ACCEPT: ("接单 接手 认领 抢单 接这单 接这个 接这件 这单接 这单我接 这个接 这个我接", "接 接受 接下"),
    Kind.START: ("到场 在现场 到现场 到达现场 到达 到了 开始处理 开始办理 正在处理 处理中", "到 开始"),
    Kind.RESOLVE: (
        "办结 办好了 办完了 办好 办完 搞定 处理好了 处理完了 处理完毕 处理好 处理完 修好了 修好 弄好了 解决了 结单 销单 完结 "
        "已处理 已解决 已完成 完成",
        "处理了 完工",
    ),
    Kind.RETURN_: ("申请退回 退回去 退回 退单 退掉", "退"),
}
_KIND_OF = {kind: _any(*verbs) for kind, verbs in _VERBS.items()}
_STRONG = {kind: _any(verbs[0]) for kind, verbs in _VERBS.items()}
_WITH_WORDS = re.compile(
    _any("接单 到场 到现场 到达现场 到了 办结 结单 办好了 办完了 处理好了 修好了 退回去 退回 退单") + r"(?:了|吧|啦|哈)?\Z"
)
"""Said without a number they may have words behind them: 完成，巡查了三处 is talk."""
_PASS_ON = _any("转派 转单 转办 转给 转交 改派 移交 派给 交给 转")
_PASS_ON_ALONE = _any("转派 转单 转办 转给 转交 改派 移交")

_HURRY = rf"(?:(?:好的?|好嘞|收到|嗯+|行|ok|okay|明白|知道了)(?:{SEP}+|(?=[接到办转退我])))*"
_ME = r"(?:我们?|咱们?|人)?(?:来|要|想|先|这边)?(?:已经?|都|刚刚?)?(?:请|帮我|帮忙|麻烦)?"
_BEGIN = rf"\A{SEP}*{_HURRY}{_ME}\s*(?:把?(?:这一?[单个件]|[这该]个?工单)(?:{SEP}*{_ME}))?"
_PARTICLE = r"(?:了|吧|啦|哈)?"

_TALK = re.compile(r"(?:的|太|又|还|吗|呢|没有?\W*\Z|了[吗没]|不了|不掉|时候?|之前|以前|之后|以后|后|前|率|慢|得)")
_QUESTION = re.compile(r"(?:吗|怎么|如何|为什么|为啥|是不是|能不能|谁)|[?]\s*\Z")

_TODAY = re.compile(
    rf"{_ME}(?:看看?|查看?|查一下|看一下|打开)?(?:我的?)?(?:(?:今日|今天|当天|现在|目前)的?)?(?:我的?|手上的?)?"
    r"(?:待办(?:事项|工单|列表)?|(?:未办|未完成的?|在办|手上的?)?工单(?:列表)?|单子|任务|活儿?|列表"
    r"|有没有(?:新的?)?(?:活儿?|工单|单子?|任务|待办)"
    r"|(?:还|都)?有(?:啥|什么|哪些|几个|多少|几)(?:活儿?|工单|单子?|事情?|任务|待办|[要没]办的?|[要没]做的?)?"
    r"|(?:要|该)(?:办|做|干)(?:啥|什么|哪些)(?:事|活)?)(?:呢|呀|啊|了)?"
)
_HELP = re.compile(
    r"(?:(?:使用)?帮助|help|怎么用|怎么操作|怎么弄|怎么使用|如何使用|使用说明|说明|菜单|指令|命令|功能|我?不会用"
    r"|你?(?:能|会|可以)(?:做|干)(?:什么|啥)|有(?:什么|哪些)(?:功能|命令|指令))(?:呢|呀|啊|一下)?",
    re.IGNORECASE,
)
_DIARY = re.compile(
    rf"\A{SEP}*(?:好的?{SEP}*)?(?:请|帮我)?(?:(?:写|记)?(?:一下)?(?:民情|工作|走访)?日[记志]|记录?一下|记录|记个?事|记下来|记下|记)"
    rf"(?:一下|一笔)?(?:{SEP}+|\Z|(?=走访|巡[查逻视]|上门|入户|探望|看望|排查|今天|昨天|上午|下午|刚才|\d))"
)
_DIARY_ENOUGH = re.compile(rf"{SEP}*(?:(?:写|记)?(?:民情|工作|走访)?日[记志]|记录?一下|记一笔){SEP}*|{SEP}*记\s*[:]\s*")


def parse(text: str) -> Command:
    """Never raises. Whatever stands neither for the command, the number nor the person is in `words`."""
    typed = Typed(text)
    core = typed.text.strip(SEPARATORS + " \n\t\r\f\v")
    if not core:
        return Command(Kind.HELP) if "?" in typed.text else Command(Kind.UNKNOWN, words=text.strip())
    if _HELP.fullmatch(core):
        return Command(Kind.HELP)
    if _TODAY.fullmatch(core):
        return Command(Kind.TODAY)
    # +1 says “me too”.
    if (chosen := place(core)) and not re.search(r"[-+=/*]", typed.text):
        return Command(Kind.NUMBER, chosen)
    for read in (_diary, _transfer, _behind_verb, _behind_number, _at_end):
        if found := read(typed):
            return found
    return Command(Kind.UNKNOWN, named(core), text.strip())


def _diary(typed: Typed) -> Command | None:
    match = _DIARY.match(typed.text)
    if match is None:
        return None
    words = typed.words(match.end())
    if not words and not _DIARY_ENOUGH.fullmatch(typed.text):
        return None
    if re.match("怎么|如何|在哪|什么", words):
        return None
    return Command(Kind.DIARY, words=words)


# --- the verb first ----------------------------------------------------------------------------------------------------


def _behind_verb(typed: Typed) -> Command | None:
    text = typed.text
    for kind in _VERBS:
        strong = re.match(rf"{_BEGIN}{_STRONG[kind]}{_PARTICLE}", text)
        match = strong or re.match(rf"{_BEGIN}{_KIND_OF[kind]}{_PARTICLE}", text)
        if match is None:
            continue
        if found := number_at(text, match.end()):
            number, end = found
            run_on = not strong and kind is not Kind.RETURN_ and not _ends(text, end)
            return None if run_on or _is_talk(text, end) else Command(kind, number, typed.words(end))
        return _without_number(typed, kind, match.end()) if strong else None
    return None


def _without_number(typed: Typed, kind: Kind, end: int) -> Command | None:
    text = typed.text
    if found := _at_end(typed):
        return found
    # Digits that are no number of ours were meant as one: better ask than take the wrong ticket.
    if not (_ends(text, end) or text[end].isdigit()) or _QUESTION.search(text, end) or re.match(rf"{SEP}{{0,12}}\d{{4}}", text[end:]):
        return None
    if not _WITH_WORDS.search(text, 0, end) and typed.words(end).strip(SEPARATORS):
        return None
    # 办结 灯管已换 100019: only a number whose check digit is right, for there are other numbers to write.
    last = re.search(rf"{SEP}(?P<number>\d{{6,10}}){SEP}*\Z", text[end:])
    if last and is_valid(last["number"]):
        return Command(kind, last["number"], typed.words(end, end + last.start()))
    return Command(kind, words=typed.words(end))


def _is_talk(text: str, end: int) -> bool:
    """1234接单了吗, 办结1234的时候: what stands right behind makes a sentence of it. A bare command with a question mark asks, too."""
    return bool(_TALK.match(text, end)) or bool(re.match(rf"{SEP}{{0,12}}[?]{SEP}*\Z", text[end:]))


def _ends(text: str, at: int) -> bool:
    """Whether nothing is written on to what ends at `at`."""
    return at >= len(text) or bool(re.match(SEP, text[at]))


# --- the number first --------------------------------------------------------------------------------------------------


def _behind_number(typed: Typed) -> Command | None:
    text = typed.text
    begin = re.match(rf"{_BEGIN}(?:把|将)?", text)
    found = number_at(text, begin.end() if begin else 0)
    if found is None:
        return None
    number, after = found
    for kind in _VERBS:
        verb = rf"{_ME}\s*(?:来|去)?(?:{_KIND_OF[kind]}){_PARTICLE}"
        if match := re.compile(rf"{SEP}*{verb}").match(text, after):
            end = match.end()
            # 1234退回不归我们管 is how it is said; 1234接单太慢 is a complaint, 1234到现在没人来 another.
            runs_on = not _ends(text, end) and (kind is Kind.ACCEPT or not re.search(_STRONG[kind], text[after:end]))
            if runs_on or _is_talk(text, end):
                return None
            return Command(kind, number, typed.words(end))
    for kind in _VERBS:
        if match := re.search(rf"{SEP}{_ME}{_STRONG[kind]}{_PARTICLE}[^\w?]*\Z", text[after:]):
            return Command(kind, number, typed.words(after, after + match.start()))
    return None


def _at_end(typed: Typed) -> Command | None:
    """灯管换好了，办结1234: the command is the last part."""
    text = typed.text
    for kind in _VERBS:
        for match in re.finditer(rf"{SEP}{_ME}{_STRONG[kind]}{_PARTICLE}(?=\W{{0,12}}\w{{3,20}}\W{{0,12}}\Z)", text):
            found = number_at(text, match.end())
            if found and not text[found[1] :].strip(SEPARATORS + " \n") and len(found[0]) > 2 and not text.rstrip().endswith("?"):
                return Command(kind, found[0], typed.words(0, match.start()))
    return None


# --- passing on --------------------------------------------------------------------------------------------------------

LONGEST_NAME = 6
"""Characters: 物业王经理, 剡溪社区."""
_NAME = re.compile(r"[\u4e00-\u9fff·]{2,}|[a-zA-Z][\w.@-]{1,63}")
_NO_NAME = re.compile(r"[不没这因应太我请无非已要需得那他她它]|一下|(?:告|发|账|弯|达|院|租|让|述|钱|变|换|圈|身|念|眼|载)")
_CUE = re.compile(r"请|让|叫他|麻烦|帮忙|帮着|处理|去看|去办|去修|看看|看一下|跟进|负责|跟一下|来办|办理|接手|吧|他|她")
_TO = rf"(?:{SEP}*(?:转给|转|给|由|到|让)(?!\d))?{SEP}*"


def _transfer(typed: Typed) -> Command | None:
    text = typed.text
    begin = re.match(rf"{_BEGIN}(?:把|将)?", text)
    assert begin is not None  # all of it may be absent
    if found := number_at(text, begin.end()):
        match = re.compile(rf"{SEP}*{_ME}\s*{_PASS_ON}{_PARTICLE}{_TO}").match(text, found[1])
        if match is None or _is_talk(text, match.end()):
            return None
        return _to_whom(typed, found[0], match.end())
    verb = re.compile(_PASS_ON).match(text, begin.end())
    if verb is None:
        return None
    if found := number_at(text, verb.end()):
        gap = re.compile(_TO).match(text, found[1])
        assert gap is not None  # all of it may be absent
        return None if _is_talk(text, found[1]) else _to_whom(typed, found[0], gap.end())
    return _person_first(typed, verb.end(), bool(re.compile(_PASS_ON_ALONE).match(text, begin.end())))


def _to_whom(typed: Typed, number: str, at: int) -> Command:
    end = _name_end(typed.text, at)
    return Command(Kind.TRANSFER, number, typed.words(end), typed.words(at, end))


def _name_end(text: str, at: int) -> int:
    """Where the name that begins at `at` ends; `at` itself when there is none: what is too long for a name is a sentence."""
    match = _NAME.match(text, at)
    if match is None or _NO_NAME.match(text, at):
        return at
    cue = _CUE.search(text, at + 2, match.end())
    end = cue.start() if cue else match.end()
    return at if text[at] >= "\u4e00" and end - at > LONGEST_NAME else end


def _person_first(typed: Typed, at: int, enough: bool) -> Command | None:
    """转张三 1234 请他看看; without a number only behind a verb that is `enough`."""
    text = typed.text
    gap = re.compile(rf"{_PARTICLE}{_TO}").match(text, at)
    assert gap is not None  # all of it may be absent
    start = gap.end()
    name = re.compile(rf"(?:[\u4e00-\u9fff·]{{2,6}}?|[a-z][a-z0-9_.@-]{{1,63}})(?={SEP}*(?:工单|单号)?\d)", re.I).match(text, start)
    if name and not _NO_NAME.match(text, start) and (found := number_at(text, name.end())):
        return Command(Kind.TRANSFER, found[0], typed.words(found[1]), typed.words(start, name.end()))
    if not enough or _QUESTION.search(text, at):
        return None
    end = _name_end(text, start)
    if end > start and _ends(text, end) and end - start <= 4:
        return Command(Kind.TRANSFER, words=typed.words(end), to=typed.words(start, end))
    if end == start and re.match(rf"{_PARTICLE}(?:{SEP}|\Z)", text[at:]):
        return Command(Kind.TRANSFER, words=typed.words(at))
    return None
