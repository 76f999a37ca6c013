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
    "你好",
    "进度",
    "物业服务不好，可以不交物业费吗",
    "最近有什么志愿活动",
    "今天股票会涨吗",
    "我报了哪些活动",
    "你们几点上班",
    "谢谢",
    "你能做什么",
    "再见",
)
"""Repeated for the long conversation: turn 195 says what turn 5 said, so that the two can be compared."""
AHEAD = 190
