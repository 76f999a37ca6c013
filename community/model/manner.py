"""How something is said to a resident who asked for large letters and few words. The one place where that is decided.

Replies of the assistant pass here in `actions/base.py`, news in `community/services/notify.py`; no action and no service knows of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

MOST_CHOICES = 4
"""The last one is mostly the way out: it is kept, and the first ones before it."""
BY_NUMBER = "回前面的数字就行。"
PLAIN = (
    ("工单号", "号码"), ("工单", "这件事"), ("承诺：", "说好："), ("承诺时限", "说好的时间"), ("负责人", "管这事的"), ("催办", "催一催"),
    ("受理", "收下"), ("派单", "派人"), ("转人工", "找人"), ("志愿活动", "做好事的活动"), ("法律咨询", "问法律"), ("候补", "排队"),
    ("绑定住址", "登记住址"), ("绑定", "登记"), ("授权", "同意"), ("调解", "说和"), ("链接", "网址"),
)  # fmt: skip
_QUOTED = re.compile(r"(“[^”]*”|《[^》\n]*》[^《（\n]*（[^）\n]*施行）(?:\n|：)[^\n]*|《[^》\n]*》|人民调解委员会)")
"""Also names of laws, the text of an article, and bodies that are called so."""
_ENDS = re.compile(r"(?<=[。！？!?])(?=[^\n”）)])")


def plainly(text: str) -> str:
    """Simple words, a sentence a line. What stands in “” is to be said as it is, and stays."""
    parts = _QUOTED.split(text)
    for n in range(0, len(parts), 2):
        for hard, easy in PLAIN:
            parts[n] = parts[n].replace(hard, easy)
    return _ENDS.sub("\n", "".join(parts))


def for_elder(text: str, buttons: Sequence[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """`text` and its choices (dicts with 'title') with fewer of them, numbered again, one a line, to be answered by a digit.

    Choices that are not written under the text with their numbers are left as they are.
    """
    listed = "".join(f"\n{n} {b['title']}" for n, b in enumerate(buttons, 1))
    if not buttons or not text.endswith(listed):
        return plainly(text), list(buttons)
    few = list(buttons) if len(buttons) <= MOST_CHOICES else [*buttons[: MOST_CHOICES - 1], buttons[-1]]
    kept = [{**b, "title": plainly(str(b["title"]))} for b in few]
    # Written as everywhere: channels that show choices by themselves know the lines by that.
    lines = "".join(f"\n{n} {b['title']}" for n, b in enumerate(kept, 1))
    return f"{plainly(text[: -len(listed)])}\n{BY_NUMBER}{lines}", kept
