"""What a member of staff types or dictates to the app, in a hurry, as a command. No I/O.

A command begins the message, or stands behind the number that begins it, or ends it as a part of its own: 接单 in the middle of a
sentence is talk. In doubt it is talk: who meant a command is told what to type, while a ticket moved by mistake has to be moved back.
"""

from __future__ import annotations

import re

from gateway.wecom.category_words import category
from gateway.wecom.diary_words import about_note, diary
from gateway.wecom.grammar import ME, Command, Kind
from gateway.wecom.group_words import about_draft, group, quoted
from gateway.wecom.numbers import named, place
from gateway.wecom.passing import transfer
from gateway.wecom.typed import SEPARATORS, Typed
from gateway.wecom.verbs import at_end, behind_number, behind_verb

__all__ = ["Command", "Kind", "parse"]

_TODAY = re.compile(
    rf"{ME}(?:看看?|查看?|查一下|看一下|打开)?(?:我的?)?(?:(?:今日|今天|当天|现在|目前)的?)?(?:我的?|手上的?)?"
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


def parse(text: str) -> Command:
    """Never raises. Whatever stands neither for the command, the number nor the person is in `words`."""
    typed = Typed(text)
    if (said := group(text)) is not None:
        return said
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
    for read in (category, about_draft, diary, about_note, transfer, behind_verb, behind_number, at_end):
        if found := read(typed):
            return found
    if (said := quoted(text)) is not None:
        return said
    return Command(Kind.UNKNOWN, named(core), text.strip())
