"""Why a message did not get through, said to staff. The codes are those the gateway notes; pure functions."""

from __future__ import annotations

import re

from community.services.deadletters import DeadLetter

CHANNELS = {"webchat": "网页", "wechat": "公众号", "wecom_kf": "微信客服", "wecom": "企业微信"}
LONGEST = 120
"""Characters of a message that the list shows."""

_STALE = "微信平台的登录凭证失效了，请运维检查密钥设置"
_ADDRESS = "服务器的出口地址不在微信平台的白名单里，请运维添加"
_CLOSED = "对方太久没有说话，微信不让主动发"
_AWAY = "对方平台一直连不上，等了一天"
_CODES = {
    "unsubscribed": "对方已取消关注，重新关注后才收得到",
    "43004": "对方已取消关注，重新关注后才收得到",
    "40003": "微信里找不到这个人，可能换过公众号",
    "40096": "微信客服里找不到这个人",
    "84061": "微信客服里找不到这个人",
    "45002": "内容太长，微信不收",
    "44004": "内容是空的",
    "empty": "内容是空的",
    "40008": "微信不支持这种消息",
    "87014": "没有通过微信的内容检查",
    "40007": "照片在微信那边已经过期",
    "photo is not there": "照片文件不见了，重发也发不出",
    "45015": _CLOSED,
    "95002": _CLOSED,
    "45047": "对方说话之前能发的条数用完了",
    "95001": "对方说话之前能发的条数用完了",
    "95013": "这次微信客服会话已经结束",
    "95018": "这次微信客服会话已经结束，或在别人手里",
    "81013": "企业微信里没有这个人，或应用对他不可见",
    "invaliduser": "企业微信里没有这个人，或应用对他不可见",
    "60111": "企业微信里没有这个人",
    "40056": "企业微信的 AgentId 不对，请运维检查设置",
    "older than a day": "企业微信一天没有接通",
    "48001": "公众号没有主动发消息的权限",
    "40058": "微信客服说参数不对",
    "45033": "微信接口的调用太频繁",
    "60011": "没有调用这个接口的权限",
    "95000": "微信客服的账号不对，请运维检查设置",
    "95017": "微信客服没有开通接口，请运维检查设置",
    "48002": "没有调用这个接口的权限",
    "40037": "模板消息的编号不对，请运维检查设置",
    "photo before a word": "对方还没说过话，微信客服先发不了照片",
    "no template": "没有配置模板消息",
    "40013": "AppID（企业 ID）不对，请运维检查设置",
    "40125": "AppSecret 不对，请运维检查设置",
    "40164": _ADDRESS,
    "60020": _ADDRESS,
    "40001": _STALE,
    "40014": _STALE,
    "42001": _STALE,
    "no token": _STALE,
    "-1": "微信一直繁忙，等了一天",
    "45009": "微信接口的调用次数用完了",
    "45011": "微信接口的调用太频繁",
    "upload": "照片没能传到微信",
    "no sender for this channel": "这个渠道现在没有接通，请运维检查设置",
    "no sender": "这个渠道现在没有接通，请运维检查设置",
    "assistant away": "小邻一直没有运行，等了一天",
    "assistant broken": "小邻处理这句话时出错",
    "media away": "照片或语音一直取不下来",
    "gateway stopped": "处理到一半时服务停了",
    "unavailable": "有服务一直连不上，等了一天",
    "conflict": "总和别的操作冲突，没能办成",
}
_NETWORK = re.compile(r"Timeout|Client\w*Error|Disconnect|Connection|^status \d", re.ASCII)


def why_of(error: str) -> str:
    """The sentence for what the gateway noted."""
    noted = error.strip()
    if not noted:
        return "没有留下原因"
    for key in (noted, noted.partition(":")[0].strip(), noted.split()[0]):
        if key in _CODES:
            return _CODES[key]
    if re.match(r"-?\d+\b", noted):
        return "微信没有收下"
    return _AWAY if _NETWORK.search(noted) else "程序出错，请运维看日志"


def channel_name(channel: str) -> str:
    return CHANNELS.get(channel, channel)


def gist_of(letter: DeadLetter) -> str:
    """What it was, on one line."""
    words = " ".join(letter.text.split())
    if letter.photos:
        words = f"［照片{letter.photos}张］{words}"
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


FATES = {
    "pending": "已重发，正在路上",
    "sending": "已重发，正在路上",
    "waiting": "排好了，等对方下次说话时送出",
    "sent": "已送出",
    "new": "已重新交给小邻",
    "working": "小邻正在处理",
    "done": "已处理",
}
"""What became of a letter that was sent again, by its status. A dead one is back in the list."""


def is_over(status: str) -> bool:
    return status in ("sent", "done")
