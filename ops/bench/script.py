"""What the bench's residents say: one mixed conversation, the same for both sides.

As the gateway passes messages on: a form's choices are written out, because it is the gateway that turns a typed number into them.
"""

from __future__ import annotations

CONVERSATION = (
    "你好",
    "剡溪花园3幢2单元楼道灯坏了，昨天晚上就不亮了",
    "跳过",
    "提交",
    "进度",
    "物业服务不好，可以不交物业费吗",
    "最近有什么志愿活动",
    "今天股票会涨吗",
    "谢谢",
    "我要报修",
    "电梯坏了，按了没反应",
    "剡溪花园3幢2单元",
    "今天刚发生",
    "跳过",
    "提交",
    "那个工单怎么样了",
    "催办",
    "楼上漏水把我家淹了，能要求赔偿吗",
    "我报了哪些活动",
    "再见",
)
"""Two reports from first word to filing, follow-up, legal questions, volunteering, small talk, one thing that is none of ours."""

LONG = (
    "你好呀，请问有人在吗",
    "我想看看我报的事情办到哪一步了",
    "物业服务不好，可以不交物业费吗",
    "最近有什么志愿活动可以参加",
    "今天股票会涨吗，帮我看一下",
    "我报名参加了哪些活动呢",
    "你们社区平时几点上班",
    "好的，麻烦你了谢谢",
    "请问你都能帮我做些什么",
    "那就先这样，再见了",
)
"""Repeated for the long conversation: turn 195 says what turn 5 said, so that the two can be compared. No line is so short that its
reading is remembered (bot/components/classifiers.py): whatever is read twice would else make the second time cheap.
"""
AHEAD = 190
