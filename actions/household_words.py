"""What is read from words about one's own data, and how it is told. No services are called here."""

from __future__ import annotations

import re

from community.model.household import CONSENT_TEXT
from community.services.privacy import Mine, day_of, kept_and_why

PRIVACY = (
    f"{CONSENT_TEXT}\n电话加密存着，只有办这件事的人点开才看得到，每看一次都有记录。被反映的人看不到是谁说的。"
    "聊天存一年；不卖，不给推销的。"
)
_TASKS = {
    "my_data": (
        ("keep", r"(撤回|撤销|取消|停止|不).{0,4}(删|注销)|不(要)?删了|别删"),
        ("dissent", r"不同意|反悔|(撤回|收回|取消|撤).{0,10}(同意|授权|条款|权限)|(同意|授权).{0,12}(撤|收)回"),
        ("delete", r"删|注销|销户|销号|清空|抹|忘掉|清干净|清除|销毁|号消|注消|去掉我"),
        ("export", r"导|副本|下载|拷|打包|复制|一份"),
        ("seen", r"(谁|哪个|有没有人).{0,6}(看|查|翻)过|(看|查)过.{0,6}谁|给谁看"),
        ("phone", r"(电话|手机|号码|座机).{0,12}(改|换|更|新|旧)|(改|换|更新|修改).{0,8}(电话|手机|号码)"),
        ("name", r"(名字|姓名|名).{0,12}(改|错|更正|换)|(改|换|更正).{0,8}(名字|姓名)"),
        ("policy", r"隐私|保密|泄|卖|安全|看得到|看得见|会不会|存多久|多长时间|几年|存在?哪|录音|为什么|干什么用|怎么保护"),
    ),
    "link_person": (
        ("end", r"取消|解除|解绑|移除|移出|去掉|删|不让|不要再给|断开|离婚"),
        ("for", r"替.{0,6}报(事|修)?|代.{0,4}报|帮.{0,6}报(事|修)"),
        ("add", r"照看|照护|照料|我.{0,4}代|帮.{0,8}(绑|登记|连|加)|绑(定)?我(爸|妈|爹|娘|奶|爷|外|婆|公)|我是.{0,4}(儿子|女儿|护)"),
    ),
}


def task_of(intent: str, text: str) -> str:
    """What is to be done with one's data or people; '' when the words only name the topic."""
    for task, words in _TASKS.get(intent, ()):
        if re.search(words, text):
            return task
    return ""


def summary(mine: Mine) -> str:
    """What is kept, in a few lines."""
    homes = "；".join(home.text + ("" if home.verified else "（没核实）") for home in mine.homes)
    counts = "，".join(f"{name}{n}" for name, n in mine.counts.items() if n)
    lines = [
        "我这里存着您的：",
        f"名字：{mine.name or '没有'}　电话：{mine.phone or '没有'}",
        f"住址：{homes or '没有'}",
        f"记录：{counts or '没有'}",
    ]
    if mine.consent_at:
        lines.append(f"同意记录：{day_of(mine.consent_at)}")
    if mine.deletion_due:
        lines.append(f"您要求删除，{day_of(mine.deletion_due)}删。")
    lines.append("要做什么？")
    return "\n".join(lines)


def ask_to_erase(mine: Mine) -> str:
    """Read back before a deletion: what goes, what stays and why."""
    gone = "、".join(
        part for part in ("名字和电话" if mine.name or mine.phone else "", "住址" if mine.homes else "", "聊天和照片", "账号") if part
    )
    stays = "；".join(f"{what}：{why}" for what, why in kept_and_why())
    return (
        f"您要删除存在我这里的资料，对吗？\n会删：{gone}。工单里的话会遮掉名字、号码和门牌。\n会留：{stays}。\n"
        "删了以后找不回来，几天内可以撤回。"
    )
