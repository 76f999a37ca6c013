"""The moves of a ticket as they are typed: 接单 1234, 1234办结，灯管换好了, 灯管换好了，办结1234. No I/O."""

from __future__ import annotations

import re

from chinese.ticket_numbers import is_valid
from gateway.wecom.grammar import BEGIN, ME, PARTICLE, QUESTION, Command, Kind, any_of, ends, is_talk
from gateway.wecom.numbers import SEP, number_at
from gateway.wecom.typed import SEPARATORS, Typed

# What is enough by itself, and what needs a number right behind it.
VERBS = {
    Kind.ACCEPT: ("接单 接手 认领 抢单 接这单 接这个 接这件 这单接 这单我接 这个接 这个我接", "接 接受 接下"),
    Kind.START: ("到场 在现场 到现场 到达现场 到达 到了 开始处理 开始办理 正在处理 处理中", "到 开始"),
    Kind.RESOLVE: (
        "办结 办好了 办完了 办好 办完 搞定 处理好了 处理完了 处理完毕 处理好 处理完 修好了 修好 弄好了 解决了 结单 销单 完结 "
        "已处理 已解决 已完成 完成",
        "处理了 完工",
    ),
    Kind.RETURN_: ("申请退回 退回去 退回 退单 退掉", "退"),
    Kind.PAUSE: ("暂缓 缓办 先缓一缓 缓一缓 申请暂缓 挂起", "暂停 先停"),
    Kind.RESUME: ("恢复计时 恢复办理 恢复处理 结束暂缓 取消暂缓 解除暂缓 继续办理 接着办 恢复", "继续"),
    Kind.EXPLAIN: ("解释清楚 解释", "说明"),
}
_KIND_OF = {kind: any_of(*verbs) for kind, verbs in VERBS.items()}
_STRONG = {kind: any_of(verbs[0]) for kind, verbs in VERBS.items()}
_WITH_WORDS = re.compile(
    any_of("接单 到场 到现场 到达现场 到了 办结 结单 办好了 办完了 处理好了 修好了 退回去 退回 退单", "暂缓 缓办 解释清楚 解释")
    + r"(?:了|吧|啦|哈)?\Z"
)
"""Said without a number they may have words behind them: 完成，巡查了三处 is talk."""
_NEVER_ON = frozenset({Kind.ACCEPT, Kind.RESUME})
"""1234接单太慢, 1234恢复供水: what runs on behind these is about something else."""
_UNTIL = r"\s*(?:[到至等])"
"""暂缓到12月5日, 暂缓等配件: so a pause is said without a number."""


# --- the verb first ----------------------------------------------------------------------------------------------------


def behind_verb(typed: Typed) -> Command | None:
    text = typed.text
    for kind in VERBS:
        strong = re.match(rf"{BEGIN}{_STRONG[kind]}{PARTICLE}", text)
        match = strong or re.match(rf"{BEGIN}{_KIND_OF[kind]}{PARTICLE}", text)
        if match is None:
            continue
        if found := number_at(text, match.end()):
            number, end = found
            run_on = not strong and kind is not Kind.RETURN_ and not ends(text, end)
            return None if run_on or is_talk(text, end) else Command(kind, number, typed.words(end))
        return _without_number(typed, kind, match.end()) if strong else None
    return None


def _without_number(typed: Typed, kind: Kind, end: int) -> Command | None:
    text = typed.text
    if found := at_end(typed):
        return found
    # Digits that are no number of ours were meant as one: better ask than take the wrong ticket.
    begun = ends(text, end) or text[end].isdigit() or (kind is Kind.PAUSE and re.compile(_UNTIL).match(text, end))
    if not begun or QUESTION.search(text, end) or re.match(rf"{SEP}{{0,12}}\d{{4}}", text[end:]):
        return None
    if not _WITH_WORDS.search(text, 0, end) and typed.words(end).strip(SEPARATORS):
        return None
    # 办结 灯管已换 100019: only a number whose check digit is right, for there are other numbers to write.
    last = re.search(rf"{SEP}(?P<number>\d{{6,10}}){SEP}*\Z", text[end:])
    if last and is_valid(last["number"]):
        return Command(kind, last["number"], typed.words(end, end + last.start()))
    return Command(kind, words=typed.words(end))


# --- the number first --------------------------------------------------------------------------------------------------


def behind_number(typed: Typed) -> Command | None:
    text = typed.text
    begin = re.match(rf"{BEGIN}(?:把|将)?", text)
    found = number_at(text, begin.end() if begin else 0)
    if found is None:
        return None
    number, after = found
    for kind in VERBS:
        verb = rf"{ME}\s*(?:来|去)?(?:{_KIND_OF[kind]}){PARTICLE}"
        if match := re.compile(rf"{SEP}*{verb}").match(text, after):
            end = match.end()
            # 1234退回不归我们管 is how it is said; 1234接单太慢 is a complaint, 1234到现在没人来 another.
            runs_on = not ends(text, end) and (kind in _NEVER_ON or not re.search(_STRONG[kind], text[after:end]))
            if runs_on or is_talk(text, end):
                return None
            return Command(kind, number, typed.words(end))
    for kind in VERBS:
        if match := re.search(rf"{SEP}{ME}{_STRONG[kind]}{PARTICLE}[^\w?]*\Z", text[after:]):
            return Command(kind, number, typed.words(after, after + match.start()))
    if re.search(rf"{SEP}{ME}{_STRONG[Kind.PAUSE]}{_UNTIL}", text[after:]) and not text.rstrip().endswith("?"):
        # 1234 等配件，暂缓到12月5日: both the reason and the end are words.
        return Command(Kind.PAUSE, number, typed.words(after))
    return None


def at_end(typed: Typed) -> Command | None:
    """灯管换好了，办结1234: the command is the last part."""
    text = typed.text
    for kind in VERBS:
        for match in re.finditer(rf"{SEP}{ME}{_STRONG[kind]}{PARTICLE}(?=\W{{0,12}}\w{{3,20}}\W{{0,12}}\Z)", text):
            found = number_at(text, match.end())
            if found and not text[found[1] :].strip(SEPARATORS + " \n") and len(found[0]) > 2 and not text.rstrip().endswith("?"):
                return Command(kind, found[0], typed.words(0, match.start()))
    return None
