"""The intents by the names a trainer reads. `tests/unit/community/test_teaching.py` holds them to the domain."""

from __future__ import annotations

INTENT_NAMES: dict[str, str] = {
    "report": "反映问题、报修",
    "ask_progress": "问工单进度",
    "urge": "催办",
    "add_note": "给工单补充",
    "withdraw_ticket": "撤回工单",
    "confirm_resolved": "说已经办好",
    "not_resolved": "说还没办好",
    "rate": "打分评价",
    "me_too": "我家也是",
    "need_help": "请人搭把手",
    "ask_legal": "问法律问题",
    "ask_lawyer": "找律师、约律师",
    "ask_mediation": "请人调解",
    "ask_guide": "问办事怎么办",
    "ask_notice": "问停水停电等通知",
    "ask_hours": "问上班、开门时间",
    "ask_person": "要找人工",
    "volunteer_list": "看志愿活动",
    "volunteer_signup": "报名活动",
    "volunteer_cancel": "取消报名",
    "volunteer_mine": "看我报的活动",
    "check_in": "签到",
    "ask_points": "问积分",
    "propose": "提议题",
    "ask_deliberation": "看议事会",
    "vote": "投票",
    "bind_home": "绑定住址",
    "link_person": "帮家人绑定",
    "my_data": "看、改、删我的资料",
    "elder_mode": "长辈模式",
    "help": "问能做什么",
    "greet": "打招呼",
    "bye": "再见",
    "thanks": "谢谢",
    "bot_challenge": "问是不是机器人",
    "abuse": "骂人、发火",
    "out_of_scope": "与社区无关",
    "affirm": "是、好的",
    "deny": "不是、不要",
    "cancel": "不填了、取消",
    "skip": "跳过",
    "inform": "回答问题（地点、时间、数目）",
}
"""In the order a trainer looks for them. What only a button sends (photo, answer_invitation, partly_resolved) cannot be taught."""

TOPICS: dict[str, tuple[str, tuple[str, ...]]] = {
    "report": ("报事", ("report", "me_too", "need_help")),
    "followup": (
        "办得怎么样", ("ask_progress", "urge", "add_note", "withdraw_ticket", "confirm_resolved", "not_resolved", "rate")
    ),
    "legal": ("法律", ("ask_legal", "ask_lawyer", "ask_mediation")),
    "guide": ("办事、通知", ("ask_guide", "ask_notice", "ask_hours")),
    "volunteer": ("志愿活动", ("volunteer_list", "volunteer_signup", "volunteer_cancel", "volunteer_mine", "check_in", "ask_points")),
    "deliberation": ("议事", ("propose", "ask_deliberation", "vote")),
    "household": ("住户资料", ("bind_home", "link_person", "my_data", "elder_mode")),
    "person": ("找人工", ("ask_person",)),
    "other": (
        "没听懂、闲聊",
        ("nlu_fallback", "", "help", "greet", "bye", "thanks", "bot_challenge", "abuse", "out_of_scope", "affirm", "deny", "cancel",
         "skip", "inform"),
    ),
}  # fmt: skip
"""Code: (name, intents), as trainers read the figures. '' is a session of buttons alone."""
