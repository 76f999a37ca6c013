"""Which number comes before any law: violence at home, a crime under way, money that has just gone.

Numbers: 110 police, 120 ambulance; 96110 is the police's line against fraud, 12338 the women's federation's, 12355 the youth's.
"""

from __future__ import annotations

import re

AT_HOME = "正有危险就先打110，受了伤打120；也可以打妇联热线12338，有人听您说。"
CHILD = "孩子正有危险就先打110；也可以打青少年服务热线12355。"
MONEY = "钱刚转出去，先打110或反诈专线96110请他们止付，越快越好。"
CRIME = "正在发生的事，先打110，别自己硬来，人安全最要紧。"

_BY_CODE = {
    AT_HOME: ("family-violence", "family-violence-leaving", "family-violence-not-spouse", "family-violence-warning",
              "family-protection-order", "family-protection-order-effect", "elderly-abuse"),
    CHILD: ("minors-sexual-abuse", "minors-abuse-report"),
}  # fmt: skip
_OF_CODE = {code: said for said, codes in _BY_CODE.items() for code in codes}

_WHO = (
    "老公|丈夫|爱人|老婆|妻子|媳妇|对象|男朋友|女朋友|男友|女友|前夫|前妻|前男友|公公|婆婆|公婆|岳父|岳母|爸爸?|妈妈?|父亲|母亲|继父|后爸|后妈|"
    "儿子|女儿|儿媳|女婿|家里人|家人|哥哥?|弟弟?|他|她"
)
_HITS = r"(?:打|揍|踹|掐|扇|砍|捅|殴打|暴打|毒打|动手|动刀|拿刀)"
_NOT_HITS = r"(?!篮|排球|羽毛|乒乓|电话|官司|工|印|算|听|扫|折|车|赌|牌|麻将|球|游戏|欠条|借条|条|款|钱|卡|分|水|针|疫苗|招呼|扰|架子鼓|架)"
_AT_HOME = re.compile(
    rf"家暴|家庭暴力|(?:{_WHO})[^，。？！]{{0,8}}{_HITS}{_NOT_HITS}[^，。？！]{{0,3}}(?:我|孩子|娃|老人|妈|爸|奶奶|爷爷)|"
    rf"被(?:我?(?:{_WHO}))[^，。？！]{{0,4}}{_HITS}{_NOT_HITS}|(?:{_WHO})[^，。？！]{{0,6}}(?:对我|跟我|冲我)动手"
)
_MONEY_GONE = re.compile(r"(?:刚刚?|刚才|今天|昨天|昨晚|现在|马上).{0,16}(?:骗|转(?:了|给|走|过去|出去)|汇|打款)|(?:被骗|上当).{0,10}刚")
_FRAUD = re.compile(r"骗|诈|冒充|安全账户|刷单|客服|公检法|贷款|投资|裸聊|拉黑")
_NOW = re.compile(r"正在|现在|这会儿|此刻|刚刚|还在|快来|马上就|又来了")
_CRIME = re.compile(r"撬|砸门|堵门|闯进|翻进|抢|偷|跟踪|绑|关着|扣住|不让走|不让我?出|持刀|拿刀|强行|围着|砍|捅")
_ASKS_WHAT_IT_COSTS = re.compile(r"判几年|判多|量刑|怎么判|坐几年|罪名|立案标准|构成.{0,6}罪")


def first_call(text: str, code: str = "") -> str:
    """What to say first, '' when nothing is urgent. `code` is that of the answer found."""
    if _OF_CODE.get(code):
        return _OF_CODE[code]
    if _ASKS_WHAT_IT_COSTS.search(text):
        return ""
    if _AT_HOME.search(text):
        return AT_HOME
    if _MONEY_GONE.search(text) and _FRAUD.search(text):
        return MONEY
    if _NOW.search(text) and _CRIME.search(text):
        return CRIME
    return ""
