"""A guide as a resident reads it."""

from __future__ import annotations

from datetime import date

from community.model.guide import Guide
from community.model.revision import due

CONFIRM = "各地规定不一样，去之前打个电话或拨12345问准。"
OLD = "这条有一阵没核对了，可能变过，去之前一定打个电话或拨12345问准。"


def whole(guide: Guide, today: date, near: str = "") -> str:
    """All of it; `near` is the counter of the resident's own community, '' where none is known."""
    lines = [f"【{guide.title}】", f"去哪：{guide.where}"]
    if guide.papers:
        lines.append(f"带上：{'、'.join(guide.papers)}")
    parts = (("费用", guide.fee), ("多久", guide.takes), ("手机上", guide.online), ("代办", guide.others), ("留意", guide.note))
    lines += [f"{name}：{said}" for name, said in parts if said]
    if near:
        lines.append(f"您附近：{near}")
    return "\n".join([*lines, OLD if due(guide.expires_on, today) else CONFIRM])
